// What was done, over a timeline: a sign at its time with its words where there is room; neighbours share one.
import { doneText, detailText, signOf } from "./done.js";
import { el, fill, icon, put, set, setIcon, style } from "./dom.js";
import { clock, instant } from "./format.js";
import { table } from "./table.js";
import { name, t } from "./words.js";

const SIGN_PX = 30;
const WORDS_PX = 120;
const LIST_SHOWN = 4;

// `lanes`: what a mark's line goes down through.
export function marks(lanes) {
  const node = el("ol", "marks");
  set(node, "aria-label", t("marks.title"));
  return {
    node,
    show(notes, { from_us: from, to_us: to, tz }, stations) {
      const wide = node.clientWidth;
      if (!wide) return;
      const groups = grouped(notes.filter((one) => one.ts_us >= from && one.ts_us <= to), (us) => ((us - from) / (to - from)) * wide);
      style(node, "--deep", `${lanes.offsetHeight}px`);
      fill(node, groups.length, mark).forEach((one, n) => one.show(groups, n, wide, tz, stations));
    },
  };
}

// Neighbours that would hide each other become one, at the place of the newest.
function grouped(notes, place) {
  const groups = [];
  for (const note of notes) {
    const x = place(note.ts_us);
    const last = groups.at(-1);
    if (last && x - last.x < SIGN_PX) Object.assign(last, { x, notes: [...last.notes, note] });
    else groups.push({ x, notes: [note] });
  }
  return groups;
}

// The first has its words after it where there is more room than before it; then the next has only half of that.
function isEarly(groups, wide) {
  return groups[0].x < roomAfter(groups, wide);
}

function roomAfter(groups, wide) {
  return groups.length > 1 ? (groups[1].x - groups[0].x) / 2 : wide - groups[0].x - SIGN_PX;
}

function mark() {
  const sign = icon("hand");
  const text = el("span", "what");
  const more = el("span", "more");
  const item = el("li", "mark", text, more, sign);
  item.show = (groups, n, wide, tz, stations) => {
    const { x, notes } = groups[n];
    const newest = notes.at(-1);
    // Time comes from the right, and so do the words: what was done last is at the edge.
    const isAfter = n === 0 && isEarly(groups, wide);
    const room = n === 1 && isEarly(groups, wide) ? (x - groups[0].x) / 2 : isAfter ? roomAfter(groups, wide) : x - (n ? groups[n - 1].x : 0) - SIGN_PX / 2;
    setIcon(sign, signOf(newest));
    // What a story does is for its captions to tell: who wants to know it now has to ask.
    const what = newest.asked.by === "story" ? t("marks.story") : doneText(newest, whoOf(newest, stations));
    put(text, [clock(newest.ts_us, tz), what].join(" "));
    put(more, notes.length > 1 ? t("marks.more", { n: notes.length - 1 }) : "");
    set(item, "title", notes.map((note) => [clock(note.ts_us, tz, true), doneText(note, whoOf(note, stations)), detailText(note)].filter(Boolean).join(" · ")).join("\n"));
    item.classList.toggle("after", isAfter);
    text.hidden = room < WORDS_PX;
    style(item, isAfter ? "left" : "right", `${isAfter ? x : wide - x}px`);
    item.style.removeProperty(isAfter ? "right" : "left");
    style(item, "--room", `${Math.max(SIGN_PX, room)}px`);
  };
  return item;
}

// The newest of them in words, and behind that a table of all; `page`: whose sheet is downloaded.
export function doneList(page) {
  const list = el("ol", "notes");
  const heads = [t("head.began"), t("marks.what"), t("marks.more_of"), t("marks.by")];
  const all = table(t("marks.title"), heads, [page, "marks"]);
  return {
    nodes: [list, all.node],
    show(notes, tz, stations) {
      const newest = notes.toReversed();
      all.node.hidden = !notes.length;
      fill(list, Math.min(LIST_SHOWN, newest.length), entry).forEach((item, n) => item.show(newest[n], tz, stations));
      all.update(newest.map((note) => [instant(note.ts_us, tz), doneText(note, whoOf(note, stations)), detailText(note), byText(note)]));
    },
  };
}

function entry() {
  const sign = icon("hand");
  const when = el("time", "when");
  const what = el("strong", "what");
  const more = el("span", "where");
  const item = el("li", "note", sign, when, what, more);
  item.show = (note, tz, stations) => {
    setIcon(sign, signOf(note));
    put(when, instant(note.ts_us, tz));
    put(what, doneText(note, whoOf(note, stations)));
    put(more, [detailText(note), byText(note)].filter(Boolean).join(" · "));
  };
  return item;
}

function byText({ asked: { by = "" } }) {
  return by === "desk" ? t("desk.title") : by === "story" ? t("marks.story") : by;
}

// The name of the station that was commanded; a line's own commands say nothing of it.
export function whoOf({ path }, stations) {
  const station = stations.find((one) => path.endsWith(`/${one.id}`));
  return station ? name(station.name) : "";
}
