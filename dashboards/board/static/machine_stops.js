// Every stop of the span, the newest first.
import { el, fill, icon, put, set, setIcon } from "./dom.js";
import { here, opener, opens } from "./explain_link.js";
import { duration, instant, number } from "./format.js";
import { panel } from "./panel.js";
import { table } from "./table.js";
import { reasonName, t } from "./words.js";

const SHOWN = 10;

export function stopList() {
  const count = el("span", "count");
  const { node, heading } = panel("stop-list", count);
  const list = el("ol", "rows");
  const none = el("p", "calm", t("pareto.none_span"));
  const heads = [t("head.began"), t("head.reason"), t("head.category"), t("head.time")];
  const all = table(t("machine.stops"), heads, ["machine", "stops"]);
  put(heading, t("machine.stops"));
  node.append(list, none, all.node);
  return {
    node,
    update(answer) {
      const { data: { stops }, tz } = answer;
      const where = here(answer, true);
      put(count, number(stops.length));
      none.hidden = stops.length > 0;
      fill(list, Math.min(SHOWN, stops.length), row).forEach((item, n) => item.show(stops[n], tz, where));
      all.update(stops.map((one) => [instant(one.began_us, tz), reasonName(one), t(`category.${one.category}`), [lasted(one), where, { code: one.category }]]));
    },
  };
}

function lasted(one) {
  return one.goes_on ? t("machine.goes_on", { time: duration(one.lasted_s) }) : duration(one.lasted_s);
}

function row() {
  const sign = icon("breakdown");
  const why = el("strong", "why");
  const when = el("time", "when");
  const time = el("span", "lost");
  const link = opener("", el("span", "badge", sign), why, time, when);
  const item = el("li", "stopped", link);
  item.show = (one, tz, where) => {
    opens(link, where, { code: one.category });
    set(item, "data-category", one.category);
    setIcon(sign, one.category);
    put(why, reasonName(one));
    put(when, instant(one.began_us, tz));
    put(time, lasted(one));
  };
  return item;
}
