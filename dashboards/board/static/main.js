// The page: words, then the stream, then everything drawn again whenever something was heard or a second has passed.
import { heard, nowUs } from "./clock.js";
import { el, put } from "./dom.js";
import { header } from "./header.js";
import { lineSection } from "./line.js";
import { connect } from "./stream.js";
import { foldMinutes } from "./lanes.js";
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
  document.body.dataset.state = "live";
  draw();
}

function draw() {
  if (!tick) return;
  const now = nowUs();
  top.header.update(tick, now);
  if (!tick.lines.length) return message("empty.title", "", "empty.hint");
  if (root.firstChild?.className !== "line") root.replaceChildren();
  root.dataset.lines = String(tick.lines.length);
  for (const line of tick.lines) sectionOf(line.path).update(line, now);
  forget(new Set(tick.lines.map((line) => line.path)));
}

function sectionOf(path) {
  if (!sections.has(path) || !sections.get(path).node.isConnected) {
    const section = lineSection();
    sections.set(path, section);
    root.append(section.node);
  }
  return sections.get(path);
}

function forget(present) {
  for (const [path, section] of sections) {
    if (present.has(path)) continue;
    section.node.remove();
    sections.delete(path);
  }
}

function message(title, detail, hint) {
  const key = `${title} ${detail}`;
  if (root.dataset.message === key && root.firstChild?.classList.contains("message")) return;
  root.dataset.message = key;
  const box = el("section", "message", el("h2", "", t(title)), el("p", "detail"), el("p", "", t(hint)));
  put(box.children[1], detail);
  root.replaceChildren(box);
}

function onTrouble(trouble) {
  tick = null;
  document.body.dataset.state = "trouble";
  message(`trouble.${trouble.reason}`, trouble.detail, "trouble.again");
}

function onLost(full) {
  document.body.dataset.state = "lost";
  top.header.lost(full);
}

await loadWords();
top.header = header();
connect({
  snapshot: (next) => onTick(next, true),
  tick: (next) => onTick(next, false),
  trouble: onTrouble,
  beat: (beat) => top.header.heard(beat.age_s),
  lost: onLost,
});
setInterval(() => {
  top.header.age();
  draw();
}, 1000);
