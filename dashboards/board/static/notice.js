// Over the charts, for everybody: a story's caption, time that does not go as usual, and the last thing that was done.
import { doneText } from "./done.js";
import { el, put, set } from "./dom.js";
import { name, t } from "./words.js";

const SHOWN_MS = 60_000;
const SHOWN_US = SHOWN_MS * 1_000;

export function notices() {
  const caption = el("p", "caption");
  const title = el("span", "title");
  const time = el("span", "pace-of-time");
  const deed = el("span", "did");
  const node = el("aside", "notice", caption, el("p", "small", title, time, deed));
  set(node, "role", "status");
  node.hidden = true;
  document.body.append(node);
  const notes = new Map(); // line → the newest command there, and until when it is shown
  let said = { title: null, caption: null, speed: 1, jumps: false, did: null };

  function draw() {
    put(caption, said.caption ? name(said.caption) : "");
    put(title, said.title ? name(said.title) : "");
    put(time, timeText(said));
    put(deed, said.did && said.did.what !== "speed" ? doneText(said.did) : newest(notes));
    node.hidden = !node.textContent;
    document.body.classList.toggle("noticed", !node.hidden);
  }

  return {
    heard(next) {
      said = next;
      draw();
    },
    // `isNew`: the page knows no more than this; then only what has just happened is news.
    update(tick, isNew) {
      for (const { path, note, stations } of tick.lines) {
        const key = note ? `${note.ts_us} ${note.path} ${note.verb}` : "";
        if (!note || notes.get(path)?.key === key) continue;
        const late = isNew && tick.now_us - note.ts_us > SHOWN_US;
        notes.set(path, { key, text: noteText(note, stations), at: note.ts_us, until: late ? 0 : performance.now() + SHOWN_MS });
      }
      draw();
    },
  };
}

function timeText({ speed, jumps }) {
  if (jumps) return t("notice.jumps");
  if (speed === 0) return t("notice.paused");
  return speed === 1 ? "" : speed === null ? t("notice.fastest") : t("desk.times", { n: speed });
}

function noteText(note, stations) {
  const station = stations.find((one) => note.path.endsWith(`/${one.id}`));
  const text = doneText({ what: note.verb, name: station?.name ?? { en: t("desk.line"), vi: t("desk.line") } });
  return note.accepted ? text : [text, t("history.refused")].join(" · ");
}

function newest(notes) {
  const shown = [...notes.values()].filter((note) => note.until > performance.now());
  return shown.toSorted((a, b) => b.at - a.at)[0]?.text ?? "";
}
