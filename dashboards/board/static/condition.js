// The state of the data in a few words, on every page: who is silent, what is missing of the span, what was refused.
import { el, put, set } from "./dom.js";
import { duration, elapsed, number, percent } from "./format.js";
import { t } from "./words.js";

// It stands where the way to data health is, and else beside the age of the data.
export function badge() {
  const node = document.querySelector(".way a[href='/health']") ?? el("a", "");
  node.classList.add("condition");
  set(node, "href", "/health");
  if (!node.isConnected) document.getElementById("live").after(node);
  put(node, t("health.title"));
  set(node, "title", t("health.title"));
  // `found`: of one page, or of each line on the wall.
  return (found, nowUs) => {
    const all = found.reduce(together);
    put(node, [silence(all, nowUs), missing(all), refused(all)].filter(Boolean).join(" · ") || t("condition.complete"));
    set(node, "data-state", all.silent ? "silent" : all.unknown_s > 0 ? "missing" : "complete");
  };
}

// Refusals belong to the store, not to a line.
function together(one, other) {
  return {
    unknown_s: one.unknown_s + other.unknown_s, due_s: one.due_s + other.due_s, silent: one.silent + other.silent,
    heard_us: Math.min(one.heard_us || other.heard_us, other.heard_us || one.heard_us), refused: Math.max(one.refused, other.refused),
  };
}

function silence({ silent, heard_us: heard }, nowUs) {
  if (!silent) return "";
  const seconds = (nowUs - heard) / 1e6;
  return t("condition.silent", { count: number(silent), age: heard ? (seconds < 3600 ? elapsed(seconds) : duration(seconds)) : "" });
}

function missing({ unknown_s: unknown, due_s: due }) {
  return due && unknown / due >= 0.0005 ? t("condition.missing", { share: percent(unknown / due) }) : "";
}

function refused({ refused: count }) {
  return count ? t("condition.refused", { count: number(count) }) : "";
}
