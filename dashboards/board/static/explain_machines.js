// Every station's own number: what a mean or the least of them is made of, and why neither is the line's.
import { address, asked } from "./ask.js";
import { el, fill, put, set, style } from "./dom.js";
import { percent } from "./format.js";
import { panel } from "./panel.js";
import { table } from "./table.js";
import { name, t } from "./words.js";

export function machines() {
  const { node, heading } = panel("machines-of");
  const say = el("p", "what");
  const list = el("ol", "bars");
  const rulers = el("ol", "limits");
  const all = table(t("explain.machines"), [t("head.what"), ...["tpm", "nee", "ooe", "teep"].map((key) => t(`definition.${key}`))], ["explain", "machines"]);
  node.append(say, rulers, list, all.node);
  return {
    node,
    update({ data, line }) {
      const { each, definition, ratios, mean, least, names, subject } = data;
      const several = subject.kind === "lines";
      node.hidden = !each.length;
      put(heading, t(several ? "together.lines" : "explain.machines"));
      put(say, t(several ? "together.mistakes" : "explain.mistakes"));
      const told = [["constraint", ratios], ["mean", mean], ["min", least]];
      fill(rulers, told.length, ruler).forEach((item, n) => item.show(told[n][0], told[n][1][definition], told[n][0] === data.basis, several));
      fill(list, each.length, bar).forEach((item, n) => item.show(each[n], definition, names, (id) => several ? { line: id } : { line, machine: id }));
      all.update(each.map((one) => [name(names[one.machine]), percent(one.ratios.tpm), percent(one.ratios.nee), percent(one.ratios.ooe), percent(one.ratios.teep)]));
    },
  };
}

function ruler() {
  const what = el("span", "");
  const value = el("strong", "");
  const item = el("li", "limit", what, value);
  item.show = (key, ratio, isShown, several) => {
    put(what, several ? t(`together.${key}`) : t(`basis.${key}`));
    put(value, percent(ratio));
    set(item, "data-basis", key);
    item.classList.toggle("shown-now", isShown);
  };
  return item;
}

function bar() {
  const who = el("a", "who");
  const how = el("span", "how");
  const length = el("span", "length good");
  const item = el("li", "ruler", who, how, el("span", "rail", length));
  item.show = (one, definition, names, where) => {
    const ratio = one.ratios[definition];
    put(who, name(names[one.machine]));
    who.href = address("/explain", { ...where(one.machine), span: asked().get("span"), definition });
    put(how, [percent(ratio), one.is_flow ? "" : t("explain.off_flow")].filter(Boolean).join(" · "));
    style(length, "width", `${Math.min(100, 100 * (ratio ?? 0))}%`);
    item.classList.toggle("off", !one.is_flow);
  };
  return item;
}
