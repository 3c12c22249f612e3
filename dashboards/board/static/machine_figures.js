// Counts, reliability and energy of the span; what is on the feeders now.
import { cells } from "./cells.js";
import { el, fill, put, set, style } from "./dom.js";
import { amount, watts } from "./energy_units.js";
import { here } from "./explain_link.js";
import { duration, instant, measured, number, percent } from "./format.js";
import { panel } from "./panel.js";
import { table } from "./table.js";
import { has, name, t } from "./words.js";

const SHOWN = ["good", "scrap", "rework", "fpy", "rate", "mtbf", "mttr", "breakdowns", "minor_stops", "coverage", "kwh", "idle", "per_good", "power"];
const METERED = new Set(["kwh", "idle", "per_good", "power"]);
// The step of the explanation in which a figure is found again, or the page that opens it.
const OPENED = {
  good: { code: "good" }, scrap: { code: "defects" }, rework: { code: "defects" }, rate: { code: "good" }, mtbf: { code: "breakdown" },
  mttr: { code: "breakdown" }, breakdowns: { code: "breakdown" }, minor_stops: { code: "minor_stop" }, coverage: { code: "unknown" }, fpy: { page: "yield" },
  kwh: { page: "energy", code: "used" }, idle: { page: "energy", code: "share" }, per_good: { page: "energy", code: "per_good" }, power: { page: "energy", code: "power" },
};

export function figures() {
  const { node, heading } = panel("figures-of");
  const shown = cells(SHOWN.map((key) => t(`figure.${key}`)));
  put(heading, t("machine.figures"));
  node.append(shown.node);
  return {
    node,
    update(answer) {
      const where = here(answer, true);
      shown.update(SHOWN.map((key) => text(key, answer.data.counted)), SHOWN.map((key) => [where, OPENED[key]]));
    },
  };
}

function text(key, counted) {
  const { energy } = counted;
  if (METERED.has(key) && !energy.kwh) return t("format.absent"); // nothing runs without power: it has no meter
  if (key === "fpy" || key === "coverage") return percent(counted[key]);
  if (key === "mtbf" || key === "mttr") return reliability(counted[`${key}_s`], counted.breakdowns);
  if (key === "rate") return measured(counted.throughput_per_h);
  if (key === "kwh") return amount(energy.kwh);
  if (key === "idle") return percent(energy.idle_share);
  if (key === "per_good") return amount(energy.kwh_per_good);
  if (key === "power") return watts(counted.mean_w === null ? null : counted.mean_w / 1000);
  return number(counted[key]);
}

// A mean says of how many failures it is; of none there is none.
function reliability(seconds, failures) {
  return seconds === null ? t("format.absent") : t("figure.of", { time: duration(seconds), count: number(failures) });
}

export function feeders() {
  const { node, heading } = panel("feeders");
  const list = el("ol", "bars");
  const heads = [t("head.slot"), t("head.material"), t("head.lot"), t("head.remaining"), t("head.loaded")];
  const all = table(t("machine.feeders"), heads, ["machine", "materials"]);
  const alarms = el("ol", "alarms");
  put(heading, t("machine.feeders"));
  node.append(alarms, list, all.node);
  return {
    node,
    update({ data, tz }) {
      node.hidden = !data.loaded.length && !data.alarms.length;
      fill(alarms, data.alarms.length, () => el("li", "alarm")).forEach((item, n) => {
        const { code, subject, raised_us: since } = data.alarms[n];
        const slot = data.loaded.find((one) => one.slot === subject);
        const what = has(`alarm.${code}`) ? t(`alarm.${code}`) : code;
        put(item, [what, slot ? name(slot.name) : subject, instant(since, tz)].filter(Boolean).join(" · "));
      });
      fill(list, data.loaded.length, feeder).forEach((item, n) => item.show(data.loaded[n]));
      all.update(data.loaded.map((one) => [
        name(one.name), one.material, one.lot || t("format.absent"), pieces(one), one.loaded_us === null ? t("format.absent") : instant(one.loaded_us, tz),
      ]));
    },
  };
}

function pieces(one) {
  return t("orders.of", { good: number(one.remaining), quantity: number(one.quantity) });
}

function feeder() {
  const who = el("strong", "who");
  const how = el("span", "how");
  const left = el("span", "length good");
  const item = el("li", "ruler feeder", who, how, el("span", "rail", left));
  item.show = (one) => {
    const isLow = !one.lot || one.low_us !== null;
    put(who, name(one.name));
    put(how, [one.lot, one.lot ? pieces(one) : t("machine.empty"), one.lot && isLow ? t("machine.low") : ""].filter(Boolean).join(" · "));
    set(item, "data-low", String(isLow));
    style(left, "width", `${one.quantity ? (100 * one.remaining) / one.quantity : 0}%`);
  };
  return item;
}
