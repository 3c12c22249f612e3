// The strip at the top: where, which shift and how far, the plant's clock, and how old what you see is.
import { el, put, set, style } from "./dom.js";
import { clock, day, duration } from "./format.js";
import { liveness } from "./live.js";
import { name, t } from "./words.js";

export function header() {
  const site = document.getElementById("site");
  const clockBox = document.getElementById("clock");
  const shift = shiftClock(document.getElementById("shift"));
  const today = el("span", "day");
  const time = el("span", "time");
  clockBox.replaceChildren(today, time);

  return {
    ...liveness(),
    update(tick, nowUs) {
      const line = tick.lines[0];
      if (!line) return;
      const plants = new Set(tick.lines.map((one) => name(one.plant)));
      put(site, plants.size > 1 ? t("park.title") : name(line.plant));
      put(today, day(nowUs, line.tz));
      put(time, clock(nowUs, line.tz, true));
      shift.update(line, nowUs);
    },
  };
}

function shiftClock(box) {
  const label = el("span", "name");
  const left = el("span", "left");
  const gone = el("span", "gone");
  const bar = el("span", "bar", gone);
  set(bar, "role", "img");
  set(bar, "aria-label", t("shift.progress"));
  bar.hidden = true; // until it is known how far the shift is
  box.replaceChildren(label, bar, left);
  return {
    update(line, nowUs) {
      const window = line.shift.window;
      bar.hidden = !window;
      if (!window) {
        put(label, t("shift.none"));
        return put(left, "");
      }
      const hours = { from: clock(window.start_us, line.tz), to: clock(window.end_us, line.tz) };
      put(label, t("format.shift", { name: name(window.name), ...hours }));
      style(gone, "width", `${(100 * (nowUs - window.start_us)) / (window.end_us - window.start_us)}%`);
      put(left, line.rest ? restUntil(line) : t("shift.left", { left: duration((window.end_us - nowUs) / 1e6) }));
    },
  };
}

function restUntil(line) {
  return t("rest.until", { name: name(line.rest.name), time: clock(line.rest.end_us, line.tz) });
}
