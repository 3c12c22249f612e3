// A lot: where it was loaded, and every unit it went into, to be called back.
import { goes } from "./ask.js";
import { cells } from "./cells.js";
import { el, fill, put } from "./dom.js";
import { instant, number } from "./format.js";
import { panel } from "./panel.js";
import { download, table } from "./table.js";
import { name, t } from "./words.js";

const SHOWN = 60;
const FATES = ["left", "in process", "made into others", "scrap", "not kept"];

export function lotOf() {
  const { node, heading } = panel("recall");
  const fates = cells(FATES.map((fate) => t(`fate.${key(fate)}`)));
  const where = el("ul", "loaded-at");
  const list = el("ul", "near");
  const more = el("p", "what");
  const heads = [t("head.unit"), t("head.via"), t("head.product"), t("orders.order"), t("head.where"), t("head.ended"), t("head.fate")];
  const all = table(t("trace.recall"), heads, ["trace", "recall"]);
  const file = download("trace", "feeders");
  node.append(el("p", "what", t("trace.recall_is")), fates.node, where, file.node, list, more, all.node);
  return {
    node,
    update({ data: { recalled, fates: counts, names, products, lot }, tz }) {
      node.hidden = !recalled;
      if (!recalled) return;
      put(heading, t("trace.lot_of", { lot, count: number(recalled.units.length) }));
      fates.update(FATES.map((fate) => number(counts[fate] ?? 0)));
      fill(where, recalled.feeders.length, () => el("li", "what")).forEach((item, n) => put(item, feeder(recalled.feeders[n], names, tz)));
      file.node.hidden = !recalled.feeders.length;
      file.update();
      const shown = recalled.units.slice(0, SHOWN);
      fill(list, shown.length, () => el("li", "", el("a", "choice"), el("span", "what"))).forEach((item, n) => {
        put(item.firstChild, shown[n].unit);
        goes(item.firstChild, { unit: shown[n].unit, lot: null });
        put(item.lastChild, t(`fate.${key(shown[n].fate)}`));
      });
      more.hidden = recalled.units.length <= SHOWN;
      put(more, t("trace.more", { count: number(recalled.units.length - SHOWN) }));
      all.update(recalled.units.map((one) => [
        one.unit, one.via, products[one.product] ? name(products[one.product]) : one.product, one.order, called(names, one.machine), one.ended_us ? instant(one.ended_us, tz) : t("format.absent"), t(`fate.${key(one.fate)}`),
      ]));
    },
  };
}

function key(fate) {
  return fate.replaceAll(" ", "_");
}

function called(names, path) {
  return names[path] ? name(names[path]) : path.split("/").at(-1);
}

function feeder(one, names, tz) {
  const until = one.empty_us === null ? t("trace.left", { pieces: number(one.remaining) }) : t("trace.empty", { time: instant(one.empty_us, tz) });
  const since = one.loaded_us === null ? "" : t("trace.since", { time: instant(one.loaded_us, tz) });
  return [called(names, one.machine), one.slot, one.material, since, until].filter(Boolean).join(" · ");
}
