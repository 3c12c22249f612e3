// Energy of a line: how much, how much of it for nothing, when, and by whom.
import { bars } from "./energy_bars.js";
import { cells } from "./cells.js";
import { el, fill, put, style } from "./dom.js";
import { here, opener, opens } from "./explain_link.js";
import { measured, number, percent } from "./format.js";
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
      none.hidden = energy.kwh > 0;
      for (const part of [figures.node, loss, over.node, by.node]) part.hidden = !none.hidden;
      if (!none.hidden) return;
      figures.update([
        measured(energy.kwh, t("measure.kwh")), percent(energy.idle_share), measured(energy.idle_kwh, t("measure.kwh")), each(energy), number(good),
      ], { 4: [here(answer), { code: "good" }] });
      put(loss, parts === null ? t("energy.nothing_good") : t("energy.loss", { kwh: measured(energy.idle_kwh, t("measure.kwh")), parts: number(parts) }));
      over.update(answer);
      by.update(answer);
    },
  };
}

function each({ kwh_per_good: kwh }) {
  if (kwh === null) return t("format.absent");
  return kwh < 1 ? measured(kwh * 1000, t("measure.wh")) : measured(kwh, t("measure.kwh"));
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
      all.update(machines.map(({ machine, energy, mean_w: watts }) => [
        name(names[machine]), measured(energy.kwh, t("measure.kwh")), measured(energy.idle_kwh, t("measure.kwh")),
        [percent(energy.idle_share), { ...where, machine }, { code: "execute" }], each(energy), measured(watts === null ? null : Math.round(watts), t("measure.w")),
      ]));
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
    opens(how, { ...where, machine }, { code: "execute" });
    put(who, name(names[machine]));
    put(how, t("energy.user", { kwh: measured(energy.kwh, t("measure.kwh")), idle: percent(energy.idle_share) }));
    style(made, "width", `${(100 * (energy.kwh - energy.idle_kwh)) / most}%`);
    style(idle, "width", `${(100 * energy.idle_kwh) / most}%`);
  };
  return item;
}
