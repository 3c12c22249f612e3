// Who was the bottleneck, and for how long: alone, and while it was shifting.
import { address } from "./ask.js";
import { el, fill, put, set, style } from "./dom.js";
import { duration } from "./format.js";
import { panel } from "./panel.js";
import { name, t } from "./words.js";

const SHOWN = 8;

export function rulers() {
  const { node, heading } = panel("rulers");
  const list = el("ol", "bars");
  const none = el("p", "calm", t("rulers.none"));
  put(heading, t("rulers.title"));
  node.append(list, none);
  return {
    node,
    update({ data, line }) {
      const names = new Map(data.now.stations.map((station) => [station.id, name(station.name)]));
      const found = data.stations.filter((one) => whole(one) > 0).toSorted((a, b) => whole(b) - whole(a)).slice(0, SHOWN);
      none.hidden = found.length > 0;
      fill(list, found.length, bar).forEach((item, n) => item.show(found[n], whole(found[0]), names, line));
    },
  };
}

function whole(one) {
  return one.sole_s + one.shifting_s;
}

function bar() {
  const who = el("a", "who");
  const how = el("span", "how");
  const sole = el("span", "length sole");
  const shifting = el("span", "length shifting");
  const item = el("li", "ruler", who, how, el("span", "rail", sole, shifting));
  item.show = (one, most, names, line) => {
    put(who, names.get(one.station) ?? one.station);
    set(who, "href", address("/machine", { machine: `${line}/${one.station}` }));
    put(how, t("rulers.how", { sole: duration(one.sole_s), shifting: duration(one.shifting_s) }));
    style(sole, "width", `${(100 * one.sole_s) / most}%`);
    style(shifting, "width", `${(100 * one.shifting_s) / most}%`);
  };
  return item;
}
