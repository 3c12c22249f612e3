// Beside the charts, for everybody: a story's caption, what was said, time that does not go as usual, the last deed.
import { detailText, doneText } from "./done.js";
import { el, icon, put, set } from "./dom.js";
import { number } from "./format.js";
import { whoOf } from "./marks.js";
import { name, t } from "./words.js";

const SHOWN_MS = 60_000;
const SHOWN_US = SHOWN_MS * 1_000;

export function notices() {
  const caption = el("p", "caption");
  const words = el("span", "");
  const speech = el("p", "said", icon("speech"), words);
  const title = el("span", "title");
  const time = el("span", "pace-of-time");
  const deed = el("span", "did");
  const node = el("section", "notice", speech, caption, el("p", "small", title, time, deed));
  set(node, "role", "status");
  node.hidden = true;
  document.querySelector("main").before(node);
  const newest = new Map(); // line → the newest command there, and until when it is shown
  let told = { title: null, caption: null, said: null, speed: 1, jumps: false, did: null };

  function draw() {
    put(words, told.said ? name(told.said) : "");
    speech.hidden = !told.said;
    put(caption, told.caption && !told.said ? name(told.caption) : ""); // the instructor speaks: the film is silent
    put(title, told.title ? name(told.title) : "");
    put(time, timeText(told));
    put(deed, deedText(told, newest));
    node.hidden = !node.textContent;
  }

  return {
    heard(next) {
      told = next;
      draw();
    },
    // `isNew`: the page knows no more than this; then only what has just happened is news.
    update(tick, isNew) {
      for (const { path, notes, stations } of tick.lines) {
        const note = notes.at(-1);
        const key = note ? `${note.ts_us} ${note.path} ${note.asked.id}` : "";
        if (!note || newest.get(path)?.key === key) continue;
        const late = isNew && tick.now_us - note.ts_us > SHOWN_US;
        newest.set(path, { key, note, who: whoOf(note, stations), until: late ? 0 : performance.now() + SHOWN_MS });
      }
      draw();
    },
  };
}

function timeText({ speed, jumps }) {
  if (jumps) return t("notice.jumps");
  if (speed === 0) return t("notice.paused");
  return speed === 1 ? "" : speed === null ? t("notice.fastest") : t("did.speed", { name: number(speed) });
}

// The newest that is not said in another place: time, a story and words are seen as they are, and what a story does is
// told by its captions when it wants that known.
function deedText({ did }, newest) {
  const shown = [...newest.values()].filter((one) => one.until > performance.now());
  const all = did ? [...shown, { note: did.note, who: did.who ? name(did.who) : "" }] : shown;
  const [last] = all.filter(({ note }) => !isSeen(note.asked)).toSorted((a, b) => b.note.ts_us - a.note.ts_us);
  return last ? [doneText(last.note, last.who), detailText(last.note)].filter(Boolean).join(" · ") : "";
}

function isSeen({ verb, code = "", by }) {
  return by === "story" || (verb === "note" && (!code || ["speed", "pause", "jump", "story"].includes(code.split(".")[0])));
}
