// The number itself, large; what it is of, by which definition, and whether a line is taken for what it is.
import { asked, go, goes } from "./ask.js";
import { el, fill, put, set } from "./dom.js";
import { between, exact, number, percent, points } from "./format.js";
import { panel } from "./panel.js";
import { name, t } from "./words.js";

const BASES = ["constraint", "mean", "min"];

export function chooser() {
  const { node, heading } = panel("chooser");
  const numeral = el("strong", "numeral");
  const verdict = el("p", "verdict");
  const scope = el("p", "what");
  const over = el("p", "what");
  const select = el("select", "");
  const subject = el("label", "field", el("span", "", t("explain.subject")), select);
  const kinds = el("nav", "spans");
  const bases = el("nav", "spans");
  set(kinds, "aria-label", t("explain.definition"));
  set(bases, "aria-label", t("explain.basis"));
  node.append(el("div", "headline", numeral, el("div", "how", verdict, scope, over, subject, kinds, bases)));
  return {
    node,
    update(answer) {
      const { data } = answer;
      const { definition, basis, ratios } = data;
      put(heading, t("explain.of", { what: t(`definition.${definition}`), name: called(data.subject) }));
      put(numeral, percent(numbers(data)[basis]));
      node.classList.toggle("mistake", basis !== "constraint");
      put(verdict, says(data));
      told(scope, limits(answer));
      told(over, surplus(data));
      subjects(select, answer);
      choices(kinds, Object.keys(ratios), (key) => [t(`definition.${key}`), ratios[key], { definition: key }, key === definition, false]);
      bases.hidden = !data.each.length;
      choices(bases, BASES, (key) => [t(`${words(data)}.${key}`), numbers(data)[key], { basis: key }, key === basis, key !== "constraint"]);
    },
  };
}

// Who the number is of.
export function called(subject) {
  if (subject.kind === "order") return t("pace.order", { order: subject.id });
  return subject.name ? name(subject.name) : t("explain.all_lines");
}

function told(node, text) {
  node.hidden = !text;
  put(node, text);
}

function words({ subject }) {
  return subject.kind === "lines" ? "together" : "basis";
}

function numbers({ definition, ratios, mean, least }) {
  return { constraint: ratios[definition], mean: mean[definition], min: least[definition] };
}

function says(data) {
  const { constraint: right, [data.basis]: shown } = numbers(data);
  if (data.basis === "constraint") return t(`definition.${data.definition}_is`);
  const away = right === null || shown === null ? t("format.absent") : points(shown - right);
  return t(`${words(data)}.${data.basis}_is`, { away, right: percent(right) });
}

// What has a time of its own says so.
function limits({ data: { subject, each, names, turns }, tz }) {
  if (subject.kind === "lines") return t("together.is", { count: number(each.length) });
  if (subject.kind !== "order") return "";
  if (subject.from_us === null) return t("order.not_there");
  const machine = turns[0]?.machine;
  return t("order.life", { machine: names[machine] ? name(names[machine]) : machine, span: between(subject.from_us, subject.to_us, tz) });
}

// More than 100 % is no error, but wants a word: either older parts came out, or the ideal time is wrong.
function surplus({ ratios, definition, rows }) {
  if ((ratios[definition] ?? 0) <= 1) return "";
  const { us } = rows.find((row) => row.kind === "in_process");
  return us < 0 ? t("explain.came_out", { time: exact(-us / 1e6) }) : t("explain.too_fast");
}

// Other subjects of the same kind, by what asks for them.
function subjects(select, { data, line, lines }) {
  const { subject, names, groups } = data;
  const own = lines.find((one) => one.path === line);
  const several = subject.kind === "lines";
  const found = several
    ? Object.entries(groups).map(([of, group]) => [of, group ? name(group) : t("explain.all_lines")])
    : [["", t("explain.line", { name: name(own.name) })], ...Object.entries(names).map(([id, one]) => [id, name(one)])];
  select.parentNode.hidden = subject.kind === "order";
  select.onchange = () => go(several ? { of: select.value } : { machine: select.value, code: null });
  fill(select, found.length, () => el("option", "")).forEach((option, n) => {
    set(option, "value", found[n][0]);
    put(option, found[n][1]);
  });
  select.value = several ? asked().get("of") : subject.kind === "machine" ? subject.id : "";
}

function choices(node, keys, choice) {
  fill(node, keys.length, () => el("a", "choice", el("span", ""), el("strong", ""))).forEach((link, n) => {
    const [text, value, changes, isCurrent, isWrong] = choice(keys[n]);
    put(link.firstChild, text);
    put(link.lastChild, percent(value));
    goes(link, changes);
    link.classList.toggle("wrong", isWrong);
    if (isCurrent) set(link, "aria-current", "true");
    else link.removeAttribute("aria-current");
  });
}
