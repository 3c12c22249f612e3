// The signature: planned time at the top, each loss cut away as a step with its minutes, good parts at the bottom.
import { el, put, set, style } from "./dom.js";
import { opener, opens } from "./explain_link.js";
import { duration, elapsed, percent } from "./format.js";
import { panel } from "./panel.js";
import { t } from "./words.js";

const FACTORS = ["availability", "performance", "quality"];
// Below this planned time, steps are shown to the second.
const SHORT_S = 1800;

// `span`: its words are about a span that is said elsewhere, not about this shift.
export function staircase(span = false) {
  const oee = el("strong", "");
  const whole = opener("oee", el("span", "", t("oee.name")), oee);
  const { node, heading } = panel("stairs", whole);
  const list = el("ol", "steps");
  const none = el("p", "calm", t(span ? "stairs.none_span" : "stairs.none"));
  const factors = FACTORS.map((factor) => {
    const value = el("strong", "");
    return { factor, value, node: opener("factor", el("span", "", t(`oee.${factor}`)), value) };
  });
  const over = el("p", "what", t("stairs.over"));
  node.append(list, none, over, el("p", "factors", ...factors.map((each) => each.node)));
  let rows = null;
  return {
    node,
    // `where`: what explains these numbers, if anything does.
    update({ shift, where }) {
      put(heading, t(span || shift.window ? "stairs.title" : "stairs.hour"));
      put(oee, percent(shift.oee.oee));
      opens(whole, where);
      for (const { factor, value, node: link } of factors) {
        put(value, percent(shift.oee[factor]));
        opens(link, where, { factor });
      }
      rows ??= makeRows(list, Object.keys(shift.steps));
      over.hidden = !(shift.oee.oee > 1 && shift.steps.in_process < 0);
      none.hidden = shift.planned_s > 0;
      list.hidden = !none.hidden;
      draw(rows, shift);
      for (const row of rows) opens(row.link, row.isZero ? null : where, { code: row.kind === "planned" ? "ppt" : row.kind });
    },
  };
}

function makeRows(list, steps) {
  const rows = ["planned", ...steps, "good"].map(step);
  list.append(...rows.map((row) => row.node));
  return rows;
}

function step(kind) {
  const value = el("span", "value");
  const rest = el("span", "rest");
  const cut = el("span", `cut fill-${kind}`);
  const key = kind === "planned" || kind === "good" ? `stairs.${kind}` : `step.${kind}`;
  const link = opener("", el("span", "what", t(key)), value, el("span", "stair", rest, cut));
  return { kind, node: el("li", `step ${kind}`, link), link, value, rest, cut, isZero: false };
}

// What remains is rounded and a step is the difference of two remainders: what is shown always adds up.
function draw(rows, shift) {
  const unit = shift.planned_s < SHORT_S ? 1 : 60;
  const round = (seconds) => Math.round(seconds / unit) * unit;
  const write = unit === 1 ? signedClock : duration;
  const top = Math.max(shift.planned_s, ...remainders(shift)) || 1;
  let left = shift.planned_s;
  for (const row of rows) {
    const lost = shift.steps[row.kind] ?? 0;
    const shown = row.kind in shift.steps ? round(left) - round(left - lost) : round(left);
    const from = Math.min(left, left - lost);
    put(row.value, minutes(row.kind, shown, write));
    style(row.rest, "width", `${(100 * Math.max(0, from)) / top}%`);
    style(row.cut, "left", `${(100 * Math.max(0, from)) / top}%`);
    style(row.cut, "width", `${(100 * Math.abs(lost)) / top}%`);
    row.isZero = row.kind in shift.steps && shown === 0;
    set(row.node, "data-zero", String(row.isZero));
    row.node.classList.toggle("gain", lost < 0);
    left -= lost;
  }
}

function remainders(shift) {
  let left = shift.planned_s;
  return Object.values(shift.steps).map((lost) => (left -= lost));
}

// A loss is taken away; time given back is added.
function minutes(kind, seconds, write) {
  if (kind === "planned" || kind === "good") return write(seconds);
  if (seconds === 0) return "0";
  return seconds > 0 ? `−${write(seconds)}` : `+${write(-seconds)}`;
}

function signedClock(seconds) {
  return elapsed(Math.abs(seconds));
}
