// Where it hurts: the causes that cost this shift most, the largest first.
import { el, fill, icon, put, set, setIcon, style } from "./dom.js";
import { opener, opens } from "./explain_link.js";
import { fit } from "./fit.js";
import { duration } from "./format.js";
import { panel } from "./panel.js";
import { name, reasonName, t } from "./words.js";

// `span`: its words are about a span that is said elsewhere, not about this shift.
export function pareto(span = false) {
  const { node, heading } = panel("pareto");
  const list = el("ol", "bars");
  const none = el("p", "calm");
  node.append(list, none);
  return {
    node,
    update(line) {
      const { causes, window } = line.shift;
      const names = new Map(line.stations.map((station) => [station.id, name(station.name)]));
      put(heading, t(span ? "pareto.span" : window ? "pareto.title" : "pareto.hour"));
      none.hidden = causes.length > 0;
      put(none, t(span || !window ? "pareto.none_span" : "pareto.none"));
      fill(list, causes.length, bar).forEach((item, n) => item.show(causes[n], causes[0].lost_s, names, line.where));
      fit(list.querySelectorAll(".why, .who"));
    },
  };
}

function bar() {
  const sign = icon("breakdown");
  const why = el("span", "why");
  const who = el("span", "who");
  const lost = el("strong", "lost");
  const times = el("span", "times");
  const length = el("span", "length");
  const link = opener("", sign, why, lost, who, times, el("span", "rail", length));
  const item = el("li", "cause", link);
  item.show = (cause, most, names, where) => {
    opens(link, where && { ...where, machine: cause.station }, { code: cause.category });
    set(item, "data-category", cause.category);
    setIcon(sign, cause.category);
    put(why, reasonName(cause));
    put(who, names.get(cause.station) ?? cause.station);
    put(lost, duration(cause.lost_s));
    put(times, t("pareto.stops", { count: cause.stops }));
    set(length, "class", `length fill-${cause.category}`);
    style(length, "width", `${(100 * cause.lost_s) / most}%`);
  };
  return item;
}
