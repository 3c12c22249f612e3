// Energy opened: running and standing still, machine by machine and hour by hour, until the sum is the number.
import { adding } from "./adding.js";
import { go, goes } from "./ask.js";
import { el, fill, put, set, style } from "./dom.js";
import { amount, stepOf, wattHours, watts } from "./energy_units.js";
import { workedOut } from "./explain_terms.js";
import { headline, whole } from "./explain_whole.js";
import { clock, day, exact, number, percent } from "./format.js";
import { panel } from "./panel.js";
import { table } from "./table.js";
import { name, t } from "./words.js";

const FIGURES = ["used", "lost", "share", "per_good", "power"];
const KWH_J = 3.6e6;

export function page(root) {
  return whole(root, [chooser(), formula(), byMachine(), byHour()]);
}

function ratio(above, below) {
  return below ? above / below : null;
}

// Each figure as it stands where somebody clicked it.
function said(figure, { used_j: used, idle_j: idle, good, known_us: known }) {
  if (figure === "used") return amount(used / KWH_J);
  if (figure === "lost") return amount(idle / KWH_J);
  if (figure === "share") return percent(ratio(idle, used));
  if (figure === "per_good") return amount(used ? ratio(used / KWH_J, good) : null);
  return watts(ratio(used * 1e3, known));
}

function chooser() {
  const precise = el("p", "what");
  const select = el("select", "");
  const subject = el("label", "field", el("span", "", t("explain.subject")), select);
  const kinds = el("nav", "spans");
  set(kinds, "aria-label", t("energy.figures"));
  select.onchange = () => go({ machine: select.value });
  const { node, heading, numeral, verdict } = headline(precise, subject, kinds);
  return {
    node,
    update({ data, line, lines }) {
      const { figure, machine, names } = data;
      put(heading, t("explain.of", { what: t(`energy.${figure}`), name: name(data.name) }));
      put(numeral, said(figure, data));
      put(verdict, t(`energy.${figure}_is`));
      put(precise, t("energy.exact", { joules: number(data.used_j), idle: number(data.idle_j) }));
      const found = [["", t("explain.line", { name: name(lines.find((one) => one.path === line).name) })], ...Object.entries(names).map(([id, one]) => [id, name(one)])];
      fill(select, found.length, () => el("option", "")).forEach((option, n) => {
        set(option, "value", found[n][0]);
        put(option, found[n][1]);
      });
      select.value = machine;
      const shown = FIGURES.filter((one) => machine || one !== "power");
      fill(kinds, shown.length, () => el("a", "choice", el("span", ""), el("strong", ""))).forEach((link, n) => {
        put(link.firstChild, t(`energy.${shown[n]}`));
        put(link.lastChild, said(shown[n], data));
        goes(link, { code: shown[n] });
        if (shown[n] === figure) set(link, "aria-current", "true");
        else link.removeAttribute("aria-current");
      });
    },
  };
}

// Running + standing still = all; or one number divided by another.
function formula() {
  const shown = workedOut();
  return {
    node: shown.node,
    update({ data }) {
      const { figure, used_j: used, idle_j: idle, good, known_us: known } = data;
      const step = stepOf(used);
      const [running, still] = [used - idle, idle].map((joules) => Math.round(joules / step) * step);
      const all = [t("energy.used"), wattHours(running + still, step)];
      const terms = {
        used: [[t("energy.making"), wattHours(running, step)], [t("energy.still"), wattHours(still, step)], all],
        lost: [all, [t("energy.making"), wattHours(running, step)], [t("energy.still"), wattHours(still, step)]],
        share: [[t("energy.still"), wattHours(still, step)], all, [t("energy.share"), said(figure, data)]],
        per_good: [all, [t("used.good"), number(good)], [t("energy.per_good"), said(figure, data)]],
        power: [all, [t("energy.known"), exact(known / 1e6)], [t("energy.power"), said(figure, data)]],
      }[figure];
      shown.show(figure === "used" ? "plus" : figure === "lost" ? "minus" : "by", terms);
    },
  };
}

// Both columns rounded so that they add up to their sums.
function columns(found, whole) {
  const step = stepOf(whole);
  const running = adding(found.map((one) => one.used_j - one.idle_j), step);
  const still = adding(found.map((one) => one.idle_j), step);
  let sum = 0;
  return found.map((one, n) => {
    sum += running[n] + still[n];
    return [running[n], still[n], running[n] + still[n], sum].map((joules) => wattHours(joules, step));
  });
}

function summed(found, data) {
  const step = stepOf(data.used_j);
  const total = (joules) => Math.round(joules / step) * step;
  const [running, still] = [total(data.used_j - data.idle_j), total(data.idle_j)];
  return found.length > 1 ? [[t("counted.sum"), ...[running, still, running + still].map((joules) => wattHours(joules, step)), ""]] : [];
}

const HEADS = ["energy.making", "energy.still", "head.together", "head.sum"];

function byMachine() {
  const { node, heading } = panel("users");
  const list = el("ol", "bars");
  const key = el("ul", "legend", ...[["fill-execute", "energy.making"], ["idle-part", "energy.idle"]].map(([kind, word]) => el("li", "", el("span", `swatch ${kind}`), t(word))));
  const all = table(t("energy.machines"), [t("pick.machine"), ...HEADS.map((word) => t(word))], ["explain_energy", "machines"]);
  all.node.open = true;
  put(heading, t("energy.machines"));
  node.append(list, key, all.node);
  return {
    node,
    update({ data }) {
      const { machines, names } = data;
      const told = columns(machines, data.used_j);
      const most = machines[0]?.used_j || 1;
      list.hidden = key.hidden = machines.length < 2;
      fill(list, machines.length, user).forEach((item, n) => item.show(machines[n], told[n], most, data));
      all.update([...machines.map((one, n) => [name(names[one.machine]), ...told[n]]), ...summed(machines, data)]);
    },
  };
}

function user() {
  const who = el("a", "who");
  const how = el("span", "how");
  const running = el("span", "length fill-execute");
  const still = el("span", "length idle-part");
  const item = el("li", "ruler", who, how, el("span", "rail", running, still));
  item.show = (one, [, , together], most, { names }) => {
    put(who, name(names[one.machine]));
    goes(who, { machine: one.machine });
    put(how, together);
    style(running, "width", `${(100 * (one.used_j - one.idle_j)) / most}%`);
    style(still, "width", `${(100 * one.idle_j) / most}%`);
  };
  return item;
}

function byHour() {
  const { node, heading } = panel("over-time");
  const all = table(t("energy.over"), [t("head.began"), ...HEADS.map((word) => t(word))], ["explain_energy", "hours"]);
  all.node.open = true;
  put(heading, t("energy.over"));
  node.append(all.node);
  return {
    node,
    update({ data, tz }) {
      const known = data.slices.filter((one) => one.used_j);
      const told = columns(known, data.used_j);
      all.update([...known.map((one, n) => [`${day(one.from_us, tz)} ${clock(one.from_us, tz)}`, ...told[n]]), ...summed(known, data)]);
    },
  };
}
