// Many lines on a phone: one row each, what it does now, its pace and its OEE; the line itself is one step away.
import { address } from "./ask.js";
import { el, fill, icon, put, set, setIcon } from "./dom.js";
import { number, percent, signed } from "./format.js";
import { panel } from "./panel.js";
import { ECHOES, standing } from "./stops.js";
import { name, reasonName, t } from "./words.js";

export function lineList() {
  const { node, heading } = panel("all-lines");
  const list = el("ol", "line-rows");
  put(heading, t("park.table"));
  node.append(list);
  return {
    node,
    update(lines, nowUs) {
      fill(list, lines.length, row).forEach((item, n) => item.show(lines[n], nowUs));
    },
  };
}

function row() {
  const sign = icon("execute");
  const badge = el("span", "badge", sign);
  const who = el("strong", "who");
  const what = el("span", "why");
  const gap = el("span", "gap");
  const oee = el("span", "oee-of");
  const link = el("a", "", badge, who, gap, what, oee);
  const item = el("li", "line-row", link);
  item.show = (line, nowUs) => {
    set(link, "href", address("/line", { line: line.path }));
    const { category, text } = doing(line, nowUs);
    set(item, "data-category", category);
    setIcon(sign, category);
    put(who, name(line.name));
    put(what, text);
    const { good, target_now: target, target_shift: all, oee: ratios } = line.shift;
    set(gap, "data-state", !all ? "none" : good < target ? "behind" : "ahead");
    put(gap, all ? signed(good - target) : number(good));
    put(oee, t("park.line_oee", { oee: percent(ratios.oee) }));
  };
  return item;
}

// The stop that needs a person, else whether anybody is heard at all.
function doing(line, nowUs) {
  const first = line.stations.find((station) => station.id === line.stops[0]);
  if (first && !ECHOES.has(first.category)) {
    return { category: first.category, text: [name(first.name), reasonName(first), standing(first, nowUs)].filter(Boolean).join(" · ") };
  }
  if (line.rest) return { category: "planned", text: t("stops.rest", { name: name(line.rest.name) }) };
  return { category: "execute", text: t("park.running") };
}
