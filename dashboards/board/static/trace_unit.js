// The path of a unit, step by step: how long it waited and was worked on, what was found, measured and put in.
import { goes } from "./ask.js";
import { el, fill, icon, put, set, setIcon, style } from "./dom.js";
import { cycle, duration, instant, measured, number } from "./format.js";
import { panel } from "./panel.js";
import { table } from "./table.js";
import { has, name, t } from "./words.js";

const ICONS = { pass: "passed", fail: "breakdown", scrap: "breakdown", rework: "setup" };

export function unitOf() {
  const side = el("span", "");
  const { node, heading } = panel("path", side);
  const about = el("p", "what");
  const list = el("ol", "path-of");
  const heads = [t("pick.machine"), t("head.began"), t("head.worked"), t("head.waited"), t("head.attempt"), t("head.result"), t("head.defect"), t("head.lots")];
  const steps = table(t("trace.path"), heads, ["trace", "steps"]);
  const values = table(t("machine.values"), [t("pick.machine"), t("head.what"), t("head.value"), t("limit.low"), t("limit.high")], ["trace", "values"]);
  const kin = { parents: family("parents"), children: family("children") };
  node.append(about, list, steps.node, values.node);
  const whole = el("div", "unit-of", node, kin.parents.node, kin.children.node);
  return {
    node: whole,
    update({ data: { traced, products }, tz }) {
      whole.hidden = !traced;
      if (!traced) return;
      const product = products[traced.product] ? name(products[traced.product]) : traced.product;
      put(heading, [t("trace.unit_of", { unit: traced.unit }), product].filter(Boolean).join(" · "));
      put(side, traced.took_s === null ? "" : t("trace.took", { time: duration(traced.took_s) }));
      put(about, [traced.order && t("pace.order", { order: traced.order }), t("trace.steps", { count: number(traced.steps.length) })].filter(Boolean).join(" · "));
      const longest = Math.max(...traced.steps.map((one) => one.worked_s + Math.max(0, one.waited_s ?? 0)), 1);
      fill(list, traced.steps.length, step).forEach((item, n) => item.show(traced.steps[n], longest, tz));
      steps.update(traced.steps.map((one) => [
        called(one), instant(one.began_us, tz), cycle(one.worked_s), one.waited_s === null ? t("format.absent") : cycle(one.waited_s),
        number(one.attempt), result(one), one.defects.map(name).join(", "), one.lots.join(", "),
      ]));
      const told = traced.steps.flatMap((one) => one.values.map((value) => [called(one), value]));
      values.node.hidden = !told.length;
      values.update(told.map(([who, one]) => [who, one.name ? name(one.name) : one.code, measured(one.value, one.unit), measured(one.lsl), measured(one.usl)]));
      for (const [way, part] of Object.entries(kin)) part.update(traced[way]);
    },
  };
}

function called(one) {
  return one.name ? name(one.name) : one.machine.split("/").at(-1);
}

function result(one) {
  const word = has(`result.${one.result}`) ? t(`result.${one.result}`) : one.result;
  return one.false_call ? `${word} · ${t("trace.false_call")}` : word;
}

function step() {
  const sign = icon("passed");
  const who = el("strong", "who");
  const when = el("time", "when");
  const how = el("span", "how");
  const waited = el("span", "waited");
  const worked = el("span", "worked");
  const found = el("p", "found");
  const values = el("p", "values-of");
  const lots = el("p", "lots");
  const item = el("li", "passed", el("span", "badge", sign), who, when, how, el("span", "rail", waited, worked), found, values, lots);
  item.show = (one, longest, tz) => {
    set(item, "data-result", one.result);
    setIcon(sign, ICONS[one.result] ?? "passed");
    put(who, called(one));
    put(when, instant(one.began_us, tz));
    const again = one.attempt > 1 ? t("trace.attempt", { n: number(one.attempt) }) : "";
    const waits = one.waited_s > 0 ? t("trace.waited", { time: cycle(one.waited_s) }) : "";
    put(how, [result(one), again, t("trace.worked", { time: cycle(one.worked_s) }), waits].filter(Boolean).join(" · "));
    style(waited, "width", `${(100 * Math.max(0, one.waited_s ?? 0)) / longest}%`);
    style(worked, "width", `${(100 * one.worked_s) / longest}%`);
    put(found, one.defects.map(name).join(", "));
    fill(values, one.values.length, () => el("span", "value-of")).forEach((node, n) => {
      const value = one.values[n];
      put(node, [`${value.name ? name(value.name) : value.code} ${measured(value.value, value.unit)}`, value.is_out ? t("trace.out") : ""].filter(Boolean).join(" · "));
      set(node, "data-out", String(value.is_out));
    });
    fill(lots, one.lots.length, () => el("a", "lot")).forEach((link, n) => {
      put(link, one.lots[n]);
      goes(link, { lot: one.lots[n], unit: null });
    });
    for (const part of [found, values, lots]) part.hidden = !part.textContent;
  };
  return item;
}

// Units it was made of, or made into; indented by generation.
function family(way) {
  const count = el("span", "");
  const { node, heading } = panel("family", count);
  const list = el("ul", "near");
  put(heading, t(`trace.${way}`));
  node.append(list);
  return {
    node,
    update(found) {
      node.hidden = !found.length;
      put(count, number(found.length));
      fill(list, found.length, () => el("li", "", el("a", "choice"), el("span", "what"))).forEach((item, n) => {
        const one = found[n];
        put(item.firstChild, one.unit);
        goes(item.firstChild, { unit: one.unit });
        style(item, "margin-left", `${16 * (one.depth - 1)}px`);
        put(item.lastChild, one.steps ? (has(`result.${one.result}`) ? t(`result.${one.result}`) : one.result) : t("trace.forgotten"));
      });
    },
  };
}
