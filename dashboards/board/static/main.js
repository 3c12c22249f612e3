// The page: words, then the stream, then everything drawn again whenever something was heard or a second has passed.
import { heard, nowUs } from "./clock.js";
import { badge } from "./condition.js";
import { el } from "./dom.js";
import { header } from "./header.js";
import { lineSection } from "./line.js";
import { lineList } from "./line_list.js";
import { notices } from "./notice.js";
import { connect } from "./stream.js";
import { foldMinutes } from "./lanes.js";
import { troubleBox } from "./trouble.js";
import { picked, turns } from "./turns.js";
import { loadWords, t } from "./words.js";

const root = document.getElementById("lines");
const sections = new Map();
const top = {};
let tick = null;

function onTick(next, isSnapshot) {
  foldMinutes(next, isSnapshot ? null : tick);
  heard(next.now_us, isSnapshot);
  tick = next;
  top.header.heard(0);
  top.notices.update(next, isSnapshot);
  document.body.dataset.state = "live";
  draw();
}

function draw() {
  if (!tick) return;
  const now = nowUs();
  const shown = top.turns.shown(picked(tick.lines));
  top.header.update({ lines: shown }, now);
  if (tick.lines.length) top.condition(tick.lines.map((line) => line.shift.condition), now);
  if (!tick.lines.length) return message("empty", () => troubleBox({ reason: "empty" }));
  forget(new Set(tick.lines.map((line) => line.path)));
  const isList = top.turns.isList(shown);
  const nodes = isList ? [top.list.node] : shown.map((line) => sectionOf(line.path).node);
  if (root.children.length !== nodes.length || nodes.some((node, n) => root.children[n] !== node)) root.replaceChildren(...nodes);
  root.dataset.lines = String(shown.length);
  if (isList) return top.list.update(shown, now);
  for (const line of shown) sectionOf(line.path).update(line, now);
}

function sectionOf(path) {
  if (!sections.has(path)) sections.set(path, lineSection());
  return sections.get(path);
}

function forget(present) {
  for (const path of sections.keys()) if (!present.has(path)) sections.delete(path);
}

function message(key, make) {
  if (root.dataset.message === key && root.firstChild?.classList.contains("message")) return;
  root.dataset.message = key;
  root.replaceChildren(make());
}

function onTrouble(trouble) {
  tick = null;
  document.body.dataset.state = "trouble";
  message(trouble.reason, () => troubleBox(trouble));
}

function onLost(full) {
  document.body.dataset.state = "lost";
  top.header.lost(full);
  if (full && !tick) message("full", () => el("section", "message", el("h2", "", t("live.full")), el("p", "", t("stream.full"))));
}

await loadWords();
top.header = header();
top.condition = badge();
top.list = lineList();
top.notices = notices();
top.turns = turns(document.getElementById("turns"), draw);
connect({
  snapshot: (next) => onTick(next, true),
  tick: (next) => onTick(next, false),
  trouble: onTrouble,
  notice: (notice) => {
    top.notices.heard(notice);
    top.turns.stay(notice.stage);
    draw();
  },
  beat: (beat) => top.header.heard(beat.age_s),
  lost: onLost,
});
setInterval(() => {
  top.header.age();
  draw();
}, 1000);
matchMedia("print").addEventListener("change", draw); // paper has another shape
