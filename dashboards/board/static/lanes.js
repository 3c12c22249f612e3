// The timeline's minutes: a snapshot brings each lane as text, every tick after it only the minutes that changed.
// A minute is {letter: seconds}; the text is described in dashboards/board/timeline.py.

export const CATEGORY_OF = {
  e: "execute", u: "setup", b: "breakdown", m: "minor_stop", s: "starved", k: "blocked", w: "waiting", p: "planned",
};
export const MINUTE_US = 60_000_000;
export const MINUTES = 480;

// Gives every line of `next` its full lanes, Map station → Map minute µs → code, and its notes; `isNoted`: new ones.
export function foldMinutes(next, before) {
  for (const line of next.lines) {
    const known = before?.lines.find((other) => other.path === line.path);
    if (line.lanes) line.codes = parseLanes(line.lanes, line.from_us);
    else line.codes = merged(known?.codes ?? new Map(), line);
    line.isNoted = Boolean(line.notes);
    line.notes ??= known?.notes ?? [];
  }
}

// Station → text of its lane → Map station → Map start of the step µs → code.
export function parseLanes(texts, fromUs, stepUs = MINUTE_US) {
  const lanes = new Map();
  for (const [station, text] of Object.entries(texts)) {
    const codes = new Map();
    let minute = fromUs;
    for (const run of text.split(",")) {
      const [code, count = 1] = run.split("*");
      for (let n = 0; n < count; n++, minute += stepUs) if (code) codes.set(minute, code);
    }
    lanes.set(station, codes);
  }
  return lanes;
}

function merged(lanes, line) {
  for (const [station, news] of Object.entries(line.minutes ?? {})) {
    const codes = lanes.get(station) ?? new Map();
    for (const [minute, code] of Object.entries(news)) codes.set(Number(minute), code);
    for (const minute of codes.keys()) if (minute < line.from_us) codes.delete(minute);
    lanes.set(station, codes);
  }
  return lanes;
}

// "e52s8" → [["execute", 52], ["starved", 8]]; a letter alone fills the minute.
export function parts(code) {
  return [...code.matchAll(/([a-z])(\d*)/g)].map(([, letter, seconds]) => [CATEGORY_OF[letter], Number(seconds || 60)]);
}
