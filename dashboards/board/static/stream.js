// The one connection of the page: snapshot first, then ticks. A gap in the ids, silence or an end means: start again.
import { answered, whileSeen } from "./asking.js";

const SILENCE_MS = 15_000;
const RETRY_MS = 2_000;
const FULL_RETRY_MS = 30_000;
const PATIENCE_MS = 2_000;

export function connect(on) {
  let source = null;
  let watchdog = 0;
  let retry = 0;
  let expected = 0;

  function open() {
    if (source) return;
    source = new EventSource("/events");
    source.addEventListener("snapshot", (event) => take(event, on.snapshot, true));
    source.addEventListener("trouble", (event) => take(event, on.trouble, true));
    source.addEventListener("tick", (event) => take(event, on.tick, false));
    source.addEventListener("notice", (event) => {
      listen();
      on.notice(JSON.parse(event.data));
    });
    source.addEventListener("beat", (event) => {
      listen();
      on.beat(JSON.parse(event.data));
    });
    source.onerror = lost;
    listen();
  }

  function take(event, handler, anyId) {
    const id = Number(event.lastEventId);
    if (!anyId && id !== expected) return lost();
    expected = id + 1;
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
