// The factors of the chosen definition, each with the two numbers that it is made of.
import { el, fill, put } from "./dom.js";
import { exact, number, percent } from "./format.js";
import { panel } from "./panel.js";
import { name, t } from "./words.js";

export function formula() {
  const { node, heading } = panel("formula");
  const list = el("ol", "terms");
  const whose = el("p", "what");
  put(heading, t("explain.formula"));
  node.append(list, whose);
  return {
    node,
    update({ data }) {
      const last = { key: data.definition, value: data.ratios[data.definition] };
      fill(list, data.factors.length + 1, term).forEach((item, n) => item.show(data.factors[n] ?? last, data.definition));
      put(whose, t(`whose.${data.subject.kind}`, { machines: whom(data), count: number(data.each.length) }));
    },
  };
}

function whom({ turns, names }) {
  const ids = [...new Set(turns.map((one) => one.machine))];
  return ids.map((id) => (names[id] ? name(names[id]) : id)).join(", ");
}

function term() {
  const what = el("span", "what");
  const value = el("strong", "value");
  const above = el("span", "above");
  const below = el("span", "below");
  const item = el("li", "term", what, value, el("span", "fraction", above, below));
  item.show = (one, definition) => {
    const isLast = one.above === undefined;
    item.id = isLast ? definition : one.key;
    const write = (amount) => (isLast ? "" : one.in_parts ? t("explain.parts", { n: number(amount) }) : exact(amount / 1e6));
    put(what, isLast ? t(`definition.${definition}`) : t(`factor.${one.key}`));
    put(value, percent(one.value));
    put(above, write(one.above));
    put(below, write(one.below));
    item.classList.toggle("result", isLast);
  };
  return item;
}
