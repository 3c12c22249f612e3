// The number itself, large; what it is of, by which definition, and whether a line is taken for what it is.
import { go, goes } from "./ask.js";
import { el, fill, put, set } from "./dom.js";
import { percent, points } from "./format.js";
import { panel } from "./panel.js";
import { name, t } from "./words.js";

const BASES = ["constraint", "mean", "min"];

export function chooser() {
  const { node, heading } = panel("chooser");
  const numeral = el("strong", "numeral");
  const verdict = el("p", "verdict");
  const select = el("select", "");
  const subject = el("label", "field", el("span", "", t("explain.subject")), select);
  const kinds = el("nav", "spans");
  const bases = el("nav", "spans");
  set(kinds, "aria-label", t("explain.definition"));
  set(bases, "aria-label", t("explain.basis"));
  select.onchange = () => go({ machine: select.value, code: null });
  node.append(el("div", "headline", numeral, el("div", "how", verdict, subject, kinds, bases)));
  return {
    node,
    update(answer) {
      const { data } = answer;
      const { definition, basis, ratios } = data;
      put(heading, t("explain.of", { what: t(`definition.${definition}`), name: name(data.name) }));
      put(numeral, percent(numbers(data)[basis]));
      node.classList.toggle("mistake", basis !== "constraint");
      put(verdict, says(data));
      subjects(select, data, answer);
      choices(kinds, Object.keys(ratios), (key) => [t(`definition.${key}`), ratios[key], { definition: key }, key === definition, false]);
      bases.hidden = !data.each.length;
      choices(bases, BASES, (key) => [t(`basis.${key}`), numbers(data)[key], { basis: key }, key === basis, key !== "constraint"]);
    },
  };
}

function numbers({ definition, ratios, mean, least }) {
  return { constraint: ratios[definition], mean: mean[definition], min: least[definition] };
}

function says(data) {
  const { constraint: right, [data.basis]: shown } = numbers(data);
  if (data.basis === "constraint") return t(`definition.${data.definition}_is`);
  const away = right === null || shown === null ? t("format.absent") : points(shown - right);
  return t(`basis.${data.basis}_is`, { away, right: percent(right) });
}

function subjects(select, data, answer) {
  const ids = Object.keys(data.names);
  if (select.length !== ids.length + 1) select.replaceChildren(...["", ...ids].map(() => el("option", "")));
  const line = answer.lines.find((one) => one.path === answer.line);
  ["", ...ids].forEach((id, n) => {
    set(select.options[n], "value", id);
    put(select.options[n], id ? name(data.names[id]) : t("explain.line", { name: name(line.name) }));
  });
  select.value = data.each.length ? "" : data.turns[0]?.machine ?? "";
}

function choices(node, keys, told) {
  fill(node, keys.length, () => el("a", "choice", el("span", ""), el("strong", ""))).forEach((link, n) => {
    const [text, value, changes, isCurrent, isWrong] = told(keys[n]);
    put(link.firstChild, text);
    put(link.lastChild, percent(value));
    goes(link, changes);
    link.classList.toggle("wrong", isWrong);
    if (isCurrent) set(link, "aria-current", "true");
    else link.removeAttribute("aria-current");
  });
}
