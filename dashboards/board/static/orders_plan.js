// Orders on the clock: what was worked, what is still to come at the pace planned, and the date each was promised for.
import { goes } from "./ask.js";
import { cells } from "./cells.js";
import { el, fill, icon, put, set, setIcon, style } from "./dom.js";
import { duration, number, percent } from "./format.js";
import { panel } from "./panel.js";
import { drawAxis } from "./strips.js";
import { name, t } from "./words.js";

const COUNTS = ["late", "in_time", "running", "complete", "waiting"];

export function plan() {
  const { node, heading } = panel("plan");
  const counts = cells(COUNTS.map((key) => t(`count.${key}`)));
  const list = el("ol", "promised");
  const axis = el("div", "axis");
  const none = el("p", "calm", t("orders.none"));
  const key = el("ul", "legend", ...["worked", "to_come", "promised"].map((kind) => el("li", "", el("span", `swatch ${kind}`), t(`order.${kind}`))));
  const more = el("p", "what");
  let last = null;
  axis.setAttribute("aria-hidden", "true");
  put(heading, t("orders.plan"));
  node.append(counts.node, list, axis, key, none, more);
  new ResizeObserver(() => last && drawAxis(axis, reach(last))).observe(axis);
  return {
    node,
    update(answer) {
      last = answer;
      const { data } = answer;
      const span = reach(answer);
      counts.update(COUNTS.map((one) => number(data[one])));
      none.hidden = data.orders.length > 0;
      list.hidden = axis.hidden = key.hidden = !none.hidden;
      fill(list, data.orders.length, row).forEach((item, n) => item.show(data.orders[n], span, data.opened?.order));
      more.hidden = !data.waiting_more;
      put(more, t("orders.more", { count: number(data.waiting_more) }));
      if (data.orders.length) drawAxis(axis, span);
    },
  };
}

// From the begin of the first to the last date or end, and a little more.
function reach({ data, now_us: now, from_us: from, tz }) {
  const ends = data.orders.flatMap(({ order: one }) => [one.finish_us, one.due_us]).filter(Boolean);
  const begins = data.orders.map(({ order: one }) => one.began_us).filter(Boolean);
  const begin = Math.max(from, Math.min(now, ...begins));
  const end = Math.max(now, ...ends);
  return { from_us: begin, to_us: end + (end - begin) / 40, now, tz };
}

function row() {
  const who = el("a", "who");
  const what = el("span", "product");
  const how = el("span", "how");
  const sign = icon("even");
  const word = el("span", "");
  const chip = el("span", "promise", sign, word);
  const worked = el("span", "worked");
  const rest = el("span", "to_come");
  const now = el("span", "present");
  const due = el("span", "due promised");
  const item = el("li", "order-row", who, what, how, chip, el("span", "track-of", worked, rest, due, now));
  item.show = ({ order: one, oee }, span, chosen) => {
    put(who, one.order);
    goes(who, { order: one.order });
    if (one.order === chosen) set(who, "aria-current", "true");
    else who.removeAttribute("aria-current");
    put(what, one.product_name ? name(one.product_name) : one.product);
    put(how, [t("orders.of", { good: number(one.good), quantity: number(one.quantity) }), oee === null ? "" : t("order.oee", { oee: percent(oee) })].filter(Boolean).join(" · "));
    const state = standing(one);
    set(chip, "data-state", state);
    setIcon(sign, state === "late" ? "behind" : state === "early" ? "ahead" : state === "even" ? "even" : "waiting");
    put(word, said(one, state));
    const place = (us) => (100 * (Math.max(span.from_us, Math.min(span.to_us, us)) - span.from_us)) / (span.to_us - span.from_us);
    const until = one.state === "running" ? Math.min(span.now, one.finish_us) : one.finish_us;
    bar(worked, one.began_us === null ? null : place(one.began_us), place(until));
    bar(rest, one.state === "running" ? place(until) : null, place(one.finish_us));
    due.hidden = one.due_us === null;
    style(due, "left", `${place(one.due_us ?? 0)}%`);
    style(now, "left", `${place(span.now)}%`);
  };
  return item;
}

function bar(node, from, to) {
  node.hidden = from === null;
  if (from === null) return;
  style(node, "left", `${from}%`);
  style(node, "width", `${Math.max(0.3, to - from)}%`);
}

function standing({ state, late_us: late }) {
  if (late === null) return state === "waiting" ? "waiting" : "undated";
  return late > 0 ? "late" : late < 0 ? "early" : "even";
}

function said({ state, late_us: late }, is) {
  const told = is === "late" || is === "early" ? t(`orders.${is}`, { time: duration(Math.abs(late) / 1e6) }) : "";
  return [t(`orders.${state}`), told].filter(Boolean).join(" · ");
}
