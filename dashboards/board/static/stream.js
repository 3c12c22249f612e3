// The one connection of the page. All of the stream: snapshot first, then ticks, and a gap in the ids means: start again,
// as do silence and an end. A page that asks for its numbers gets `only` a part, of which any may be missed.
import { answered, whileSeen } from "./asking.js";

const SILENCE_MS = 15_000;
const RETRY_MS = 2_000;
const FULL_RETRY_MS = 30_000;
const PATIENCE_MS = 2_000;

export function connect(on, only = "") {
  let source = null;
  let watchdog = 0;
  let retry = 0;
  let expected = 0;

  function open() {
    if (source) return;
    source = new EventSource(only ? `/events?only=${only}` : "/events");
    source.addEventListener("snapshot", (event) => take(event, on.snapshot, true));
    source.addEventListener("trouble", (event) => take(event, on.trouble, true));
    source.addEventListener("tick", (event) => take(event, on.tick, false));
    for (const kind of ["now", "notice", "beat"]) source.addEventListener(kind, (event) => hear(event, on[kind]));
    source.onerror = lost;
    listen();
  }

  function take(event, handler, anyId) {
    const id = Number(event.lastEventId);
    if (!anyId && id !== expected) return lost();
    expected = id + 1;
    hear(event, handler);
  }

  function hear(event, handler) {
    listen();
    handler(JSON.parse(event.data));
  }

  function listen() {
    clearTimeout(watchdog);
    watchdog = setTimeout(lost, SILENCE_MS);
  }

  function close() {
    clearTimeout(watchdog);
    clearTimeout(retry);
    source?.close();
    source = null;
  }

  async function lost() {
    if (!source) return;
    close();
    const full = await isFull();
    if (source || document.hidden) return; // nobody looked for a while
    on.lost(full);
    // Not all at once: many pages may have lost the same board, or wait for room in it.
    retry = setTimeout(open, (full ? FULL_RETRY_MS : RETRY_MS) * (0.75 + Math.random() / 2));
  }

  whileSeen(open, close);
}

// A refused stream does not say why; the server's health does.
async function isFull() {
  return Boolean((await answered("/healthz", PATIENCE_MS))?.full);
}
