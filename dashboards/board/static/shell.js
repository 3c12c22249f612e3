// The frame of every page but the wall: words, navigation, what is chosen, and the answer again every few seconds.
import { asked, onGo } from "./ask.js";
import { heard, nowUs } from "./clock.js";
import { ready } from "./dom.js";
import { badge } from "./condition.js";
import { follow } from "./follow.js";
import { showHere } from "./here.js";
import { keepLinks, pickers } from "./pickers.js";
import { troubleBox } from "./trouble.js";
import { loadWords } from "./words.js";

const ASKED = { everyMs: 4_000, patienceMs: 20_000 };
const { page: name, module, pickers: wanted } = document.body.dataset;
const root = document.getElementById("page");
const nav = document.getElementById("pages");
let view = null;
let last = null;
let standing = null; // how the stations stand, where the page follows that

const loaded = import(`./${module}`);
await loadWords();
const { page, stand } = await loaded;
const condition = badge();
const choose = pickers(wanted.split(" ").filter(Boolean), document.getElementById("pickers"));

function draw(answer) {
  if (!view) {
    root.replaceChildren();
    view = page(root);
  }
  if (isNewer(answer, standing)) heard(answer.now_us, last === null);
  else freshen(answer);
  condition([answer.condition], answer.now_us);
  last = answer;
  links();
  choose.update(answer);
  view.update(answer);
  ready(root);
}

// Answers may be some seconds old when they come: what the stream told since then stays.
function isNewer(answer, frame) {
  return !frame || answer.now_us > frame.now_us;
}

function onNow(next) {
  standing = next;
  if (!last || isNewer(last, next)) return;
  heard(next.now_us, false);
  freshen(last);
  condition([last.condition], next.now_us);
  view?.tick(nowUs());
}

// The answer as if it were given now: its stations, and who of them is silent, as the stream last told it.
function freshen(answer) {
  const line = standing.lines.find((one) => one.path === answer.line);
  if (!line) return;
  stand(answer.data, line);
  const silent = line.stations.filter((one) => one.category === "unknown").map((one) => one.heard_us);
  answer.now_us = standing.now_us;
  Object.assign(answer.condition, { silent: silent.length, heard_us: silent.length ? Math.min(...silent) : 0 });
}

function trouble(found) {
  view = null;
  root.replaceChildren(troubleBox(found));
  ready(root);
}

function links() {
  keepLinks(nav, last);
  for (const link of document.querySelectorAll(".languages a")) {
    link.href = `?${new URLSearchParams([...asked(), ["lang", link.lang]])}`;
  }
}

setInterval(() => view?.tick?.(nowUs()), 1000);
// Charts are drawn as wide as they stand, which on paper is less.
matchMedia("print").addEventListener("change", () => last && view?.update(last));
links();
showHere();
const asks = { answer: draw, trouble, now: onNow };
const again = follow(() => `/api/${name}.json?${asked()}`, asks, { ...ASKED, only: stand ? "now" : "beside" });
onGo(() => {
  links();
  again();
});
