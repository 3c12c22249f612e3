// Energy of a line: how much, how much of it for nothing, when, and by whom.
import { bars } from "./energy_bars.js";
import { cells } from "./cells.js";
import { el, fill, put, style } from "./dom.js";
import { here, opener, opens } from "./explain_link.js";
import { amount, column, watts } from "./energy_units.js";
import { number, percent } from "./format.js";
import { panel } from "./panel.js";
import { table } from "./table.js";
import { name, t } from "./words.js";

export function page(root) {
  const { node, heading } = panel("whole");
  const figures = cells(["kwh", "idle", "idle_kwh", "per_good", "good"].map((key) => t(`used.${key}`)));
  const loss = el("p", "calm loss");
  const none = el("p", "calm", t("energy.none"));
  const over = bars();
  const by = users();
  put(heading, t("energy.whole"));
  node.append(figures.node, loss, none);
  root.className = "energy-page";
  root.append(node, over.node, by.node);
  return {
    update(answer) {
      const { energy, good, idle_parts: parts } = answer.data;
      const where = here(answer);
      none.hidden = energy.kwh > 0;
      for (const part of [figures.node, loss, over.node, by.node]) part.hidden = !none.hidden;
      if (!none.hidden) return;
      figures.update([
        amount(energy.kwh), percent(energy.idle_share), amount(energy.idle_kwh), amount(energy.kwh_per_good), number(good),
      ], [...["used", "share", "lost", "per_good"].map((code) => [where, opened(code)]), [where, { code: "good" }]]);
      put(loss, parts === null ? t("energy.nothing_good") : t("energy.loss", { kwh: amount(energy.idle_kwh), parts: number(parts) }));
      over.update(answer);
      by.update(answer);
    },
  };
}

function opened(code) {
  return { page: "energy", code };
}

function users() {
  const { node, heading } = panel("users");
  const list = el("ol", "bars");
  const heads = [t("pick.machine"), t("used.kwh"), t("used.idle_kwh"), t("used.idle"), t("used.per_good"), t("figure.power")];
  const all = table(t("energy.machines"), heads, ["energy", "machines"]);
  put(heading, t("energy.machines"));
  node.append(list, all.node);
  return {
    node,
    update(answer) {
      const { machines, names } = answer.data;
      const where = here(answer);
      const most = machines[0]?.energy.kwh || 1;
      fill(list, machines.length, user).forEach((item, n) => item.show(machines[n], most, names, where));
      const [used, lost] = ["kwh", "idle_kwh"].map((key) => column(machines.map(({ energy }) => energy[key])));
      all.update(machines.map(({ machine, energy, mean_w: mean }) => {
        const cell = (text, code) => [text, { ...where, machine }, opened(code)];
        return [
          name(names[machine]), cell(used(energy.kwh), "used"), cell(lost(energy.idle_kwh), "lost"), cell(percent(energy.idle_share), "share"),
          cell(amount(energy.kwh_per_good), "per_good"), cell(watts(mean === null ? null : mean / 1000), "power"),
        ];
      }));
    },
  };
}

function user() {
  const who = el("strong", "who");
  const how = opener("how");
  const made = el("span", "length fill-execute");
  const idle = el("span", "length idle-part");
  const item = el("li", "ruler", who, how, el("span", "rail", made, idle));
  item.show = ({ machine, energy }, most, names, where) => {
    opens(how, { ...where, machine }, opened("used"));
    put(who, name(names[machine]));
    put(how, t("energy.user", { kwh: amount(energy.kwh), idle: percent(energy.idle_share) }));
    style(made, "width", `${(100 * (energy.kwh - energy.idle_kwh)) / most}%`);
    style(idle, "width", `${(100 * energy.idle_kwh) / most}%`);
  };
  return item;
}
