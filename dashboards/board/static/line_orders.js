// How far the line's orders are: what is under way or done in the span, and what comes next.
import { el, fill, put, set, style } from "./dom.js";
import { duration, instant, number } from "./format.js";
import { panel } from "./panel.js";
import { name, t } from "./words.js";

export function orders() {
  const good = el("strong", "");
  const { node, heading } = panel("orders", el("p", "oee", el("span", "", t("orders.good")), good));
  const list = el("ol", "bars");
  const none = el("p", "calm", t("orders.none"));
  put(heading, t("orders.progress"));
  node.append(list, none);
  return {
    node,
    update({ data, tz }) {
      put(good, number(data.good));
      none.hidden = data.orders.length > 0;
      fill(list, data.orders.length, row).forEach((item, n) => item.show(data.orders[n], data.forecasts[n], tz));
    },
  };
}

function row() {
  const who = el("strong", "who");
  const what = el("span", "product");
  const how = el("span", "how");
  const done = el("span", "length good");
  const item = el("li", "ruler order", who, what, how, el("span", "rail", done));
  item.show = (one, forecast, tz) => {
    const late = forecast ? forecast.late_us : one.late_us;
    const foreseen = forecast?.finish_us ? t("order.forecast", { time: instant(forecast.finish_us, tz) }) : "";
    put(who, one.order);
    put(what, one.product_name ? name(one.product_name) : one.product);
    put(how, [t("orders.of", { good: number(one.good), quantity: number(one.quantity) }), t(`orders.${one.state}`), foreseen, lateness(late)].filter(Boolean).join(" · "));
    set(item, "data-late", String(late > 0));
    style(done, "width", `${one.quantity ? Math.min(100, (100 * one.good) / one.quantity) : 0}%`);
  };
  return item;
}

function lateness(late) {
  if (late === null || late === 0) return "";
  return t(late > 0 ? "orders.late" : "orders.early", { time: duration(Math.abs(late) / 1e6) });
}
