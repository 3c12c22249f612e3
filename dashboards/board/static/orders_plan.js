// Orders on the clock: what was worked, what is still to come by the forecast, and the date each was promised for.
import { goes } from "./ask.js";
import { cells } from "./cells.js";
import { opener, opens } from "./explain_link.js";
import { el, fill, icon, put, set, setIcon, style } from "./dom.js";
import { duration, instant, number, percent } from "./format.js";
import { panel } from "./panel.js";
import { drawAxis } from "./strips.js";
import { name, t } from "./words.js";

const COUNTS = ["late", "in_time", "running", "complete", "waiting"];
const SIGNS = { late: "behind", early: "ahead", even: "even", undated: "waiting" };

export function plan() {
  const { node, heading } = panel("plan");
  const counts = cells(COUNTS.map((key) => t(`count.${key}`)));
  const list = el("ol", "promised");
  const axis = el("div", "axis");
  const none = el("p", "calm", t("orders.none"));
  const key = el("ul", "legend", ...["worked", "to_come", "promised"].map((kind) => el("li", "", el("span", `swatch ${kind}`), t(`order.${kind}`))));
  const more = el("p", "what");
  const assumes = el("p", "what");
  let last = null;
  axis.setAttribute("aria-hidden", "true");
  put(heading, t("orders.plan"));
  node.append(counts.node, list, axis, key, none, more, assumes);
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
      assumes.hidden = !data.orders.some((one) => one.forecast);
      put(assumes, data.is_ideal ? t("order.assumes_ideal") : t("order.assumes", { pace: percent(data.pace) }));
      more.hidden = !data.waiting_more;
      put(more, t("orders.more", { count: number(data.waiting_more) }));
      if (data.orders.length) drawAxis(axis, span);
    },
  };
}

// From the begin of the first to the last date or end, and a little more.
function reach({ data, now_us: now, from_us: from, tz, line }) {
  const lasts = data.orders.flatMap((one) => [ends(one), one.order.due_us]).filter(Boolean);
  const begins = data.orders.map(({ order: one }) => one.began_us).filter(Boolean);
  const begin = Math.max(from, Math.min(now, ...begins));
  const end = Math.max(now, ...lasts);
  return { from_us: begin, to_us: end + (end - begin) / 40, now, tz, line };
}

// When it was complete, or will be by its forecast.
export function ends({ order, forecast }) {
  return forecast ? forecast.finish_us : order.finish_us;
}

function row() {
  const who = el("a", "who");
  const what = el("span", "product");
  const how = opener("how");
  const sign = icon("even");
  const word = opener("");
  const chip = el("span", "promise", sign, word);
  const worked = el("span", "worked");
  const rest = el("span", "to_come");
  const now = el("span", "present");
  const due = el("span", "due promised");
  const item = el("li", "order-row", who, what, how, chip, el("span", "track-of", worked, rest, due, now));
  item.show = (told, span, chosen) => {
    const { order: one, forecast, oee, late_us: late } = told;
    put(who, one.order);
    goes(who, { order: one.order });
    if (one.order === chosen) set(who, "aria-current", "true");
    else who.removeAttribute("aria-current");
    put(what, one.product_name ? name(one.product_name) : one.product);
    put(how, [t("orders.of", { good: number(one.good), quantity: number(one.quantity) }), oee === null ? "" : t("order.oee", { oee: percent(oee) })].filter(Boolean).join(" · "));
    const where = { line: span.line, order: one.order };
    opens(how, oee !== null && where);
    opens(word, forecast?.finish_us && where, { page: "forecast" });
    const state = late === null ? "undated" : late > 0 ? "late" : late < 0 ? "early" : "even";
    set(chip, "data-state", state);
    setIcon(sign, SIGNS[state]);
    put(word, said(told, state, span.tz));
    const place = (us) => (100 * (Math.max(span.from_us, Math.min(span.to_us, us)) - span.from_us)) / (span.to_us - span.from_us);
    const until = forecast ? span.now : one.finish_us;
    bar(worked, one.began_us === null ? null : place(one.began_us), place(until));
    const isForeseen = Boolean(forecast?.finish_us);
    bar(rest, isForeseen ? place(Math.max(until, forecast.start_us)) : null, isForeseen ? place(forecast.finish_us) : 0);
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

function said({ order, forecast, late_us: late }, is, tz) {
  const done = forecast?.finish_us ? t("order.forecast", { time: instant(forecast.finish_us, tz) }) : "";
  const told = is === "late" || is === "early" ? t(`orders.${is}`, { time: duration(Math.abs(late) / 1e6) }) : "";
  return [t(`orders.${order.state}`), done, told].filter(Boolean).join(" · ");
}
