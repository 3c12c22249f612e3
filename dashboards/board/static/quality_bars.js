// Yields and defects, the worst as the longest bar.
import { goes } from "./ask.js";
import { el, fill, put, set, style } from "./dom.js";
import { here, opener, opens } from "./explain_link.js";
import { measured, number, percent } from "./format.js";
import { panel } from "./panel.js";
import { table } from "./table.js";
import { name, t } from "./words.js";

const DEFECTS = 10;
const OPENED = { page: "yield" };

export function yields() {
  const rty = el("strong", "");
  const whole = opener("oee", el("abbr", "", t("figure.rty")), rty);
  const { node, heading } = panel("yields", whole);
  const list = el("ol", "bars");
  const none = el("p", "calm", t("quality.no_units"));
  const heads = [t("pick.machine"), t("quality.first"), t("quality.passed"), t("figure.fpy"), t("quality.defects"), t("quality.false_calls"), t("quality.dpmo")];
  const all = table(t("quality.yields"), heads, ["quality", "stations"]);
  put(heading, t("quality.yields"));
  whole.firstChild.title = t("quality.rty");
  node.append(list, none, el("p", "what", t("quality.bar")), all.node);
  return {
    node,
    update(answer) {
      const { data } = answer;
      const where = here(answer);
      put(rty, percent(data.rty));
      opens(whole, data.rty !== null && where, OPENED);
      none.hidden = data.stations.length > 0;
      all.node.hidden = !none.hidden;
      const most = Math.max(...data.stations.map((one) => 1 - one.fpy), 1e-9);
      fill(list, data.stations.length, station).forEach((item, n) => item.show(data.stations[n], most, data, where));
      all.update(data.stations.map((one) => [
        name(data.names[one.station]), number(one.first), number(one.first_good), [percent(one.fpy), { ...where, machine: one.station }, OPENED], number(one.defects),
        number(one.false_calls), measured(one.dpmo),
      ]));
    },
  };
}

function station() {
  const who = el("a", "who");
  const how = el("span", "how");
  const value = opener("lost");
  const length = el("span", "length fill-defects");
  const item = el("li", "ruler fpy", who, value, how, el("span", "rail", length));
  item.show = (one, most, { names, shares }, where) => {
    put(who, name(names[one.station]));
    goes(who, { machine: one.station });
    if (shares?.station === one.station) set(who, "aria-current", "true");
    else who.removeAttribute("aria-current");
    put(value, percent(one.fpy));
    opens(value, { ...where, machine: one.station }, OPENED);
    const rejected = one.first - one.first_good;
    put(how, t("quality.of", { rejected: number(rejected), first: number(one.first) }));
    style(length, "width", `${(100 * (1 - one.fpy)) / most}%`);
  };
  return item;
}

export function defects() {
  const count = el("span", "");
  const { node, heading } = panel("pareto defects", count);
  const list = el("ol", "bars");
  const none = el("p", "calm", t("quality.no_defects"));
  const heads = [t("head.defect"), t("pick.machine"), t("head.product"), t("head.number"), t("head.share"), t("head.cumulative")];
  const all = table(t("quality.pareto"), heads, ["quality", "defects"]);
  put(heading, t("quality.pareto"));
  node.append(list, none, all.node);
  return {
    node,
    update({ data }) {
      put(count, t("quality.count", { count: number(data.defects) }));
      none.hidden = data.pareto.length > 0;
      all.node.hidden = !none.hidden;
      const shown = data.pareto.slice(0, DEFECTS);
      fill(list, shown.length, defect).forEach((item, n) => item.show(shown[n], shown[0].count, data));
      all.update(data.pareto.map((one) => [
        called(one), name(data.names[one.station]), title(one, data), number(one.count), percent(one.share), percent(one.cumulative),
      ]));
    },
  };
}

function called(one) {
  return one.name ? name(one.name) : one.code;
}

function title({ product }, { products: known }) {
  const found = known.find((one) => one.product === product)?.name;
  return found ? name(found) : product;
}

function defect() {
  const why = el("span", "why");
  const who = el("span", "who");
  const count = el("strong", "lost");
  const share = el("span", "times");
  const length = el("span", "length fill-execute");
  const upTo = el("span", "up-to");
  const item = el("li", "cause defect", el("p", "", why, count, who, share, el("span", "rail", length, upTo)));
  item.show = (one, most, data) => {
    put(why, called(one));
    put(who, [name(data.names[one.station]), title(one, data)].join(" · "));
    put(count, number(one.count));
    put(share, t("quality.cumulative", { share: percent(one.cumulative) }));
    style(length, "width", `${(100 * one.count) / most}%`);
    style(upTo, "left", `${100 * (one.cumulative ?? 0)}%`);
  };
  return item;
}

export function products() {
  const { node, heading } = panel("by-product");
  const heads = [t("head.product"), t("figure.rty"), t("head.parts"), t("quality.defects"), t("quality.dpmo")];
  const all = table(t("quality.products"), heads, ["quality", "products"]);
  put(heading, t("quality.products"));
  all.node.open = true;
  node.append(all.node);
  return {
    node,
    update(answer) {
      const { data } = answer;
      node.hidden = !data.products.length;
      all.update(data.products.map((one) => [
        one.name ? name(one.name) : one.product, [percent(one.rty), one.rty !== null && here(answer), { ...OPENED, code: one.product }], number(one.parts), number(one.defects), measured(one.dpmo),
      ]));
    },
  };
}
