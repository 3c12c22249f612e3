// How long each unit took, and what was measured on it.
import { el, fill, put, set, style } from "./dom.js";
import { cycle, hundredths, instant, measured, number } from "./format.js";
import { panel } from "./panel.js";
import { runChart } from "./run_chart.js";
import { table } from "./table.js";
import { name, t } from "./words.js";

export function cycleChart() {
  const side = el("span", "");
  const { node, heading } = panel("cycles", side);
  const chart = runChart();
  const none = el("p", "calm", t("machine.no_units"));
  const all = table(t("machine.cycles"), [t("head.ended"), t("head.unit"), t("head.time")], ["machine", "cycles"]);
  put(heading, t("machine.cycles"));
  const bins = histogram();
  node.append(chart.node, bins.node, none, all.node);
  return {
    node,
    update(answer) {
      const { cycles, counted } = answer.data;
      bins.node.hidden = !cycles.length;
      none.hidden = cycles.length > 0;
      chart.node.hidden = all.node.hidden = !none.hidden;
      put(side, cycles.length ? t("machine.median", { time: cycle(counted.cycle_s), ideal: cycle(counted.ideal_s) }) : "");
      if (!cycles.length) return;
      const lines = [line(counted.cycle_s, "centre", "median", cycle), line(counted.ideal_s, "target", "ideal", cycle)];
      chart.update({ points: cycles, lines, answer, label: side.textContent, most: 1.5 * Math.max(counted.cycle_s, counted.ideal_s) });
      bins.update(answer.data);
      all.update(cycles.toReversed().map((one) => [instant(one.ts_us, answer.tz), one.unit, cycle(one.value)]));
    },
  };
}

function line(value, kind, word, write) {
  return { value, kind, text: t(`limit.${word}`, { value: write(value) }) };
}

// How many parts took how long: a bar a step, with the ideal, the median and what 95 of 100 keep within.
function histogram() {
  const bars = el("div", "histogram");
  const marks = el("div", "histogram-marks");
  const node = el("div", "distribution", el("h3", "", t("machine.spread")), bars, marks);
  const all = table(t("machine.spread"), [t("head.time"), t("head.parts")], ["machine", "spread"]);
  set(bars, "role", "img");
  node.append(all.node);
  return {
    node,
    update({ spread, counted }) {
      const most = Math.max(...spread.map((one) => one.parts));
      const [low, step] = [spread[0].from_s, spread[0].to_s - spread[0].from_s];
      const place = (seconds) => Math.max(0, Math.min(100, (100 * (seconds - low)) / (step * spread.length)));
      const told = [["ideal", counted.ideal_s], ["median", counted.cycle_s], ["p95", counted.p95_s]];
      fill(bars, spread.length, () => el("span", "")).forEach((bar, n) => style(bar, "height", `${(100 * spread[n].parts) / most}%`));
      fill(marks, told.length, () => el("span", "")).forEach((mark, n) => {
        const [word, seconds] = told[n];
        put(mark, t(`limit.${word}`, { value: cycle(seconds) }));
        set(mark, "class", `${word}${place(seconds) > 60 ? " left" : ""}`);
        style(mark, "left", `${place(seconds)}%`);
      });
      set(bars, "aria-label", told.map(([word, seconds]) => t(`limit.${word}`, { value: cycle(seconds) })).join(", "));
      all.update(spread.map((one) => [`${cycle(one.from_s)} – ${cycle(one.to_s)}`, number(one.parts)]));
    },
  };
}

export function valueCharts() {
  const node = el("div", "values");
  return {
    node,
    update(answer) {
      fill(node, answer.data.values.length, valueChart).forEach((one, n) => one.show(answer.data.values[n], answer));
    },
  };
}

function valueChart() {
  const side = el("span", "");
  const { node, heading } = panel("value", side);
  const chart = runChart();
  const none = el("p", "calm", t("machine.no_values"));
  const broken = el("p", "what");
  const all = table(t("machine.values"), [t("head.ended"), t("head.unit"), t("head.value"), t("head.rules")], ["machine", "values"]);
  node.append(chart.node, none, broken, all.node);
  node.show = (found, answer) => {
    const write = (value) => measured(value, found.unit);
    const { cp, cpk, pp, ppk } = found.capability;
    none.hidden = found.points.length > 0;
    chart.node.hidden = all.node.hidden = broken.hidden = !none.hidden;
    put(heading, name(found.name));
    put(side, t("machine.capability", { cp: hundredths(cp), cpk: hundredths(cpk), pp: hundredths(pp), ppk: hundredths(ppk) }));
    put(broken, found.broken ? t("machine.broken", { count: number(found.broken), measured: number(found.measured) }) : t("machine.stable", { measured: number(found.measured) }));
    if (!found.points.length) return;
    chart.update({ points: found.points, lines: limits(found, measured), answer, label: t("machine.value_label", { name: name(found.name), count: number(found.measured), broken: number(found.broken) }) });
    const rows = found.points.toReversed().map((one) => [instant(one.ts_us, answer.tz), one.unit, write(one.value), one.rules.join(" ")]);
    all.update(rows, name(found.name));
  };
  return node;
}

function limits({ chart, lsl, usl, target }, write) {
  const own = chart ? [line(chart.upper, "control", "upper", write), line(chart.centre, "centre", "centre", write), line(chart.lower, "control", "lower", write)] : [];
  const asked = [[usl, "usl"], [lsl, "lsl"]].filter(([value]) => value !== null);
  return [...own, ...asked.map(([value, word]) => line(value, "spec", word, write)), ...(chart ? [] : [line(target, "target", "target", write)])];
}
