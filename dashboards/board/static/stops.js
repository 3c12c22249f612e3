// What stands still now, and why: what needs a person first and large, what only waits for a neighbour after it.
import { el, fill, icon, put, set, setIcon } from "./dom.js";
import { opener, opens, present } from "./explain_link.js";
import { fit } from "./fit.js";
import { elapsed } from "./format.js";
import { panel } from "./panel.js";
import { name, reasonName, t } from "./words.js";

const SHOWN = 3;
export const ECHOES = new Set(["starved", "blocked"]);

export function stops() {
  const more = el("span", "more");
  const { node, heading } = panel("stops", more);
  const list = el("ol", "rows");
  const calm = el("p", "calm", icon("execute"), el("span", ""));
  put(heading, t("stops.title"));
  node.append(list, calm);
  return {
    node,
    update(line, nowUs) {
      const byId = new Map(line.stations.map((station) => [station.id, station]));
      const all = line.stops.map((id) => byId.get(id));
      const rows = fill(list, Math.min(all.length, SHOWN), row);
      rows.forEach((item, place) => item.show(all[place], nowUs, line));
      fit(list.querySelectorAll(".who, .why"));
      const hidden = all.length - (rows.filter((item) => item.offsetParent).length || rows.length); // a shared wall shows fewer
      put(more, hidden > 0 ? t("stops.more", { count: hidden }) : "");
      calm.hidden = all.length > 0;
      setIcon(calm.firstChild, line.rest ? "planned" : "execute");
      put(calm.lastChild, line.rest ? t("stops.rest", { name: name(line.rest.name) }) : t("stops.none"));
    },
  };
}

function row() {
  const sign = icon("breakdown");
  const badge = el("span", "badge", sign);
  const who = el("span", "who");
  const why = el("span", "why");
  const since = el("time", "since");
  const link = opener("", badge, who, why, since);
  const item = el("li", "stop", link);
  item.show = (station, nowUs, line) => {
    opens(link, present(line, station.id), { code: station.category });
    set(item, "data-category", station.category);
    item.classList.toggle("echo", ECHOES.has(station.category));
    setIcon(sign, station.category);
    put(who, name(station.name));
    put(why, reasonText(station));
    put(since, standing(station, nowUs));
  };
  return item;
}

export function standing(station, nowUs) {
  const from = station.category === "unknown" ? station.heard_us : station.since_us;
  return from ? elapsed((nowUs - from) / 1e6) : "";
}

// A fault has the machine's own name, so the state is said too; reserved reasons say it themselves.
export function reasonText(station) {
  const state = t(`category.${station.category}`);
  if (station.category === "unknown" || ECHOES.has(station.category)) return state;
  return station.reason_name ? `${reasonName(station)} · ${state}` : reasonName(station);
}
