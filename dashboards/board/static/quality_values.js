// One process value, piece by piece: what it does by itself, what it must keep, and which rules of Nelson it breaks.
import { go } from "./ask.js";
import { cells } from "./cells.js";
import { el, fill, put, set } from "./dom.js";
import { hundredths, instant, measured, number } from "./format.js";
import { panel } from "./panel.js";
import { runChart } from "./run_chart.js";
import { table } from "./table.js";
import { name, t } from "./words.js";

const INDICES = ["cp", "cpk", "pp", "ppk"];

export function chosenValue() {
  const select = el("select", "");
  const { node, heading } = panel("value", el("label", "field", el("span", "", t("quality.value")), select));
  const figures = cells(INDICES.map((key) => t(`quality.${key}`)));
  const verdict = el("p", "what");
  const chart = runChart();
  const rules = el("ol", "rules");
  const none = el("p", "calm", t("machine.no_values"));
  const all = table(t("machine.values"), [t("head.ended"), t("head.unit"), t("head.value"), t("head.rules")], ["quality", "values"]);
  select.onchange = () => go({ code: select.value });
  put(heading, t("quality.stable"));
  node.append(figures.node, verdict, chart.node, rules, none, all.node);
  return {
    node,
    update(answer) {
      const { values, chosen, names } = answer.data;
      select.parentNode.hidden = !values.length;
      if (select.length !== values.length) select.replaceChildren(...values.map(() => el("option", "")));
      values.forEach((one, n) => {
        set(select.options[n], "value", one.key);
        put(select.options[n], [name(names[one.station]), name(one.name)].join(" · "));
      });
      if (chosen) select.value = chosen.key;
      none.hidden = Boolean(chosen?.points.length);
      for (const part of [chart.node, all.node, figures.node, verdict, rules]) part.hidden = !none.hidden;
      if (none.hidden) show(chosen, answer);
    },
  };

  function show(found, answer) {
    put(heading, name(found.name));
    figures.update(INDICES.map((key) => hundredths(found.capability[key])));
    put(verdict, able(found.capability.cpk));
    const broken = Object.entries(found.rules);
    fill(rules, broken.length || 1, () => el("li", "rule", el("span", "mark-of"), el("span", ""))).forEach((item, n) => {
      const [rule, count] = broken[n] ?? [null, 0];
      set(item, "data-broken", String(rule !== null));
      put(item.lastChild, rule === null ? t("machine.stable", { measured: number(found.measured) }) : t("quality.rule", { rule, what: t(`nelson.${rule}`), count: number(count) }));
    });
    chart.update({ points: found.points, lines: limits(found), answer, label: `${name(found.name)}. ${[...rules.children].map((item) => item.textContent).join(". ")}` });
    all.update(found.points.toReversed().map((one) => [
      instant(one.ts_us, answer.tz), one.unit, measured(one.value, found.unit), one.rules.map((rule) => t(`nelson.${rule}`)).join("; "),
    ]), name(found.name));
  }
}

// 1.33 is what a customer commonly asks for, 1 is where the limits touch.
function able(cpk) {
  if (cpk === null) return t("quality.no_limits");
  return t(cpk >= 1.33 ? "quality.able" : cpk >= 1 ? "quality.barely" : "quality.unable", { cpk: hundredths(cpk) });
}

function limits({ chart, lsl, usl, target }) {
  const line = (value, kind, word) => ({ value, kind, text: t(`limit.${word}`, { value: measured(value) }) });
  const own = chart ? [line(chart.upper, "control", "upper"), line(chart.centre, "centre", "centre"), line(chart.lower, "control", "lower")] : [line(target, "target", "target")];
  return [...own, ...[[usl, "usl"], [lsl, "lsl"]].filter(([value]) => value !== null).map(([value, word]) => line(value, "spec", word))];
}
