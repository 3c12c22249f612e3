// The frame of every page but the wall: words, navigation, what is chosen, and the answer again every few seconds.
import { asked, onGo } from "./ask.js";
import { answered, repeat } from "./asking.js";
import { heard, nowUs } from "./clock.js";
import { ready, set } from "./dom.js";
import { badge } from "./condition.js";
import { liveness } from "./live.js";
import { listen } from "./notices.js";
import { keepLinks, pickers } from "./pickers.js";
import { troubleBox } from "./trouble.js";
import { loadWords } from "./words.js";

const EVERY_MS = 4_000;
const PATIENCE_MS = 20_000;
const { page: name, module, pickers: wanted } = document.body.dataset;
const root = document.getElementById("page");
const nav = document.getElementById("pages");
let view = null;
let last = null;

const loaded = import(`./${module}`);
await loadWords();
const live = liveness();
const condition = badge();
const choose = pickers(wanted.split(" ").filter(Boolean), document.getElementById("pickers"));

async function look(isLate) {
  const answer = await answered(`/api/${name}.json?${asked()}`, PATIENCE_MS);
  if (isLate()) return null; // something else was asked for meanwhile
  if (!answer) return lost();
  set(document.body, "data-state", answer.trouble ? "trouble" : "live");
  live.heard(answer.age_s ?? 0);
  if (answer.trouble) trouble(answer.trouble);
  else await draw(answer, isLate);
  ready(root);
  return answer.trouble ? null : EVERY_MS;
}

// What is drawn stays, grey, with its age.
function lost() {
  set(document.body, "data-state", "lost");
  live.lost(false);
}

async function draw(answer, isLate) {
  const { page } = await loaded;
  if (isLate()) return;
  if (!view) {
    root.replaceChildren();
    view = page(root);
  }
  heard(answer.now_us, last === null);
  condition([answer.condition], answer.now_us);
  last = answer;
  links();
  choose.update(answer);
  view.update(answer);
}

function trouble(found) {
  view = null;
  root.replaceChildren(troubleBox(found));
}

function links() {
  keepLinks(nav, last);
  for (const link of document.querySelectorAll(".languages a")) {
    link.href = `?${new URLSearchParams([...asked(), ["lang", link.lang]])}`;
  }
}

setInterval(() => {
  live.age();
  view?.tick?.(nowUs());
}, 1000);
// Charts are drawn as wide as they stand, which on paper is less.
matchMedia("print").addEventListener("change", () => last && view?.update(last));
links();
listen();
nav.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
const again = repeat(look);
onGo(() => {
  links();
  again();
});
