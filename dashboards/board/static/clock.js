// Event time between two ticks. The store's newest event is the present; only when event time has been passing about as
// fast as the wall clock does the page count on by itself, and only for as long as a machine may be between heartbeats.

const TRUST_MS = 90_000;
const KEPT = 12;
let seen = [];
let shownUs = 0;

export function heard(nowUs, restart) {
  if (restart || (seen.length && nowUs < seen[seen.length - 1].us)) {
    seen = [];
    shownUs = 0;
  }
  seen.push({ us: nowUs, at: performance.now() });
  if (seen.length > KEPT) seen.shift();
}

export function nowUs() {
  if (!seen.length) return 0;
  const last = seen[seen.length - 1];
  const since = Math.min(performance.now() - last.at, TRUST_MS);
  shownUs = Math.max(shownUs, isRealTime() ? last.us + since * 1000 : last.us);
  return shownUs;
}

function isRealTime() {
  const first = seen[0];
  const last = seen[seen.length - 1];
  const wall = (last.at - first.at) * 1000;
  if (wall < 1_500_000) return false;
  const speed = (last.us - first.us) / wall;
  return speed > 0.5 && speed < 2;
}
