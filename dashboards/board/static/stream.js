// The one connection of the page: snapshot first, then ticks. A gap in the ids, silence or an end means: start again.

const SILENCE_MS = 15_000;
const RETRY_MS = 2_000;
const FULL_RETRY_MS = 30_000;
const PATIENCE_MS = 2_000;

export function connect(on) {
  let source = null;
  let watchdog = 0;
  let expected = 0;

  function open() {
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

  async function lost() {
    if (!source) return;
    clearTimeout(watchdog);
    source.close();
    source = null;
    const full = await isFull();
    on.lost(full);
    // Not all at once: many pages may have lost the same board, or wait for room in it.
    setTimeout(open, (full ? FULL_RETRY_MS : RETRY_MS) * (0.75 + Math.random() / 2));
  }

  open();
}

// A refused stream does not say why; the server's health does.
async function isFull() {
  try {
    const answer = await fetch("/healthz", { signal: AbortSignal.timeout(PATIENCE_MS) });
    return (await answer.json()).full;
  } catch {
    return false;
  }
}
