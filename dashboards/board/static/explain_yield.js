// A yield opened: of how many units that came for the first time how many passed, station by station, multiplied.
import { address, asked } from "./ask.js";
import { el, fill, put, style } from "./dom.js";
import { workedOut } from "./explain_terms.js";
import { headline, whole } from "./explain_whole.js";
import { clock, day, finePercent, number, percent } from "./format.js";
import { panel } from "./panel.js";
import { table } from "./table.js";
import { name, t } from "./words.js";

export function page(root) {
  return whole(root, [chooser(), divided(), flow(), sums("products"), sums("slices")]);
}

function chooser() {
  const counted = el("p", "what");
  const { node, heading, numeral, verdict } = headline(counted);
  return {
    node,
    update({ data }) {
      const { kind, order, value, stations } = data;
      put(heading, t(kind === "machine" ? "yield.fpy_of" : "yield.rty_of", { name: kind === "order" ? t("pace.order", { order }) : name(data.name) }));
      put(numeral, percent(value));
      put(verdict, t(`yield.${kind}_is`));
      const own = stations[0];
      put(counted, !own ? t("quality.no_units") : kind === "machine" ? "" : t("yield.factors", { count: number(stations.filter((one) => one.in_flow).length) }));
    },
  };
}

// The two counts of one machine.
function divided() {
  const shown = workedOut();
  return {
    node: shown.node,
    update({ data: { kind, stations: [own], value } }) {
      shown.node.hidden = kind !== "machine" || !own;
      if (shown.node.hidden) return;
      shown.show("by", [[t("quality.passed"), number(own.good)], [t("quality.first"), number(own.first)], [t("figure.fpy"), finePercent(value)]]);
    },
  };
}

// Every station cuts its share off what came to it; what is left at the end is the number.
function flow() {
  const { node, heading } = panel("passes");
  const list = el("ol", "ladder");
  const heads = [t("pick.machine"), t("quality.first"), t("quality.passed"), t("quality.rejected"), t("figure.fpy"), t("head.product_of")];
  const all = table(t("yield.stations"), heads, ["explain_yield", "stations"]);
  put(heading, t("yield.stations"));
  node.append(list, all.node);
  return {
    node,
    update({ data, line }) {
      const { kind, stations, names, value } = data;
      node.hidden = kind === "machine" || !stations.length;
      const order = asked().get("order");
      const where = (station) => !order && kind === "line" && { line, machine: station, span: asked().get("span") };
      let before = 1;
      fill(list, stations.length + 1, rung).forEach((item, n) => {
        const one = stations[n];
        if (one) item.show(name(names[one.station]), one, before, where(one.station));
        else item.result(value);
        if (one?.in_flow) before = one.so_far;
      });
      all.update(stations.map((one) => [
        name(names[one.station]), number(one.first), number(one.good), number(one.first - one.good), finePercent(one.fpy),
        one.in_flow ? finePercent(one.so_far) : t("explain.off_flow"),
      ]));
    },
  };
}

function rung() {
  const what = el("a", "what");
  const count = el("span", "count");
  const value = el("span", "value");
  const share = el("span", "share");
  const rest = el("span", "rest");
  const cut = el("span", "cut fill-defects");
  const item = el("li", "rung", what, count, value, share, el("span", "stair", rest, cut));
  item.show = (who, one, before, where) => {
    const after = one.in_flow ? one.so_far : before;
    item.className = `rung taken${one.in_flow ? "" : " off"}${one.good < one.first ? " loses" : ""}`;
    put(what, who);
    if (where) what.href = address("/explain/yield", where);
    else what.removeAttribute("href");
    put(count, t("yield.of", { good: number(one.good), first: number(one.first) }));
    put(value, t(one.in_flow ? "yield.times" : "yield.alone", { share: finePercent(one.fpy) }));
    put(share, one.in_flow ? t("yield.so_far", { share: finePercent(after) }) : t("explain.off_flow"));
    style(rest, "width", `${100 * after}%`);
    style(cut, "left", `${100 * after}%`);
    style(cut, "width", `${100 * (before - after)}%`);
  };
  item.result = (ratio) => {
    item.className = "rung left good";
    put(what, t("figure.rty"));
    what.removeAttribute("href");
    put(count, "");
    put(value, "");
    put(share, finePercent(ratio));
    style(rest, "width", `${100 * (ratio ?? 0)}%`);
    style(cut, "width", "0%");
  };
  return item;
}

// The counts of one machine by product, or over time: so much, and so far.
function sums(kind) {
  const { node, heading } = panel(`by-${kind}`);
  const isTime = kind === "slices";
  const title = t(isTime ? "yield.over" : "quality.products");
  const heads = [t(isTime ? "head.began" : "head.product"), t("quality.first"), t("quality.passed"), t("quality.rejected"), t("quality.false_calls"), t("figure.fpy"), t("head.sum")];
  const all = table(title, heads, ["explain_yield", isTime ? "hours" : "products"]);
  all.node.open = true;
  put(heading, title);
  node.append(all.node);
  return {
    node,
    update({ data, tz }) {
      const found = data[kind].filter((one) => one.first);
      node.hidden = !found.length;
      let [first, good] = [0, 0];
      const rows = found.map((one) => {
        first += one.first;
        good += one.good;
        const what = isTime ? `${day(one.from_us, tz)} ${clock(one.from_us, tz)}` : data.known[one.product] ? name(data.known[one.product]) : one.product;
        return [
          what, number(one.first), number(one.good), number(one.first - one.good), number(one.false_calls), finePercent(one.first ? one.good / one.first : null),
          t("yield.of", { good: number(good), first: number(first) }),
        ];
      });
      const whole = [t("counted.sum"), number(first), number(good), number(first - good), number(found.reduce((sum, one) => sum + one.false_calls, 0)), finePercent(first ? good / first : null), ""];
      all.update(found.length > 1 ? [...rows, whole] : rows);
    },
  };
}
