// What the machine does now, and its line to go to.
import { address } from "./ask.js";
import { el, icon, put, set, setIcon } from "./dom.js";
import { opener, opens } from "./explain_link.js";
import { panel } from "./panel.js";
import { reasonText, standing } from "./stops.js";
import { name, t } from "./words.js";

export function machineNow() {
  const way = el("a", "plain");
  const { node, heading } = panel("stops now", way);
  const sign = icon("execute");
  const what = el("span", "who");
  const why = el("span", "why");
  const since = el("time", "since");
  const link = opener("", el("span", "badge", sign), what, why, since);
  const row = el("p", "stop", link);
  node.append(row);
  return {
    node,
    update({ data, line, lines }, nowUs) {
      const own = lines.find((one) => one.path === line);
      put(heading, name(data.now.name));
      put(way, name(own.name));
      set(way, "href", address("/line", { line }));
      set(row, "data-category", data.now.category);
      set(row, "data-station", data.now.id);
      set(row, "data-since", String(data.now.since_us));
      opens(link, { line, machine: data.now.id, span: data.shift.window ? "shift" : "hour" }, { code: data.now.category });
      setIcon(sign, data.now.category);
      put(what, t(`category.${data.now.category}`));
      put(why, data.now.category === "execute" ? "" : reasonText(data.now));
      put(since, standing(data.now, nowUs));
    },
  };
}
