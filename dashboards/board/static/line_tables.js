// The tables behind the pictures of a line.
import { duration, number, percent } from "./format.js";
import { table } from "./table.js";
import { name, reasonName, t } from "./words.js";

// `page`: whose sheet is downloaded.
export function lossTable(page = "line") {
  const made = table(t("stairs.title"), [t("head.step"), t("head.time"), t("head.share")], [page, "losses"]);
  return {
    node: made.node,
    show({ now: { shift, where } }) {
      const rows = [["ppt", t("stairs.planned"), shift.planned_s], ...steps(shift.steps), ["good", t("stairs.good"), shift.good_s]];
      made.update(rows.map(([code, what, s]) => [what, [duration(s), where, { code }], percent(shift.planned_s ? s / shift.planned_s : null)]));
    },
  };
}

function steps(found) {
  return Object.entries(found).map(([step, seconds]) => [step, t(`step.${step}`), seconds]);
}

export function causeTable() {
  const heads = [t("head.reason"), t("pick.machine"), t("head.category"), t("head.time"), t("head.stops")];
  const made = table(t("pareto.span"), heads, ["line", "causes"]);
  return {
    node: made.node,
    show({ now }) {
      const names = new Map(now.stations.map((station) => [station.id, name(station.name)]));
      made.update(now.shift.causes.map((one) => [
        reasonName(one), names.get(one.station) ?? one.station, t(`category.${one.category}`),
        [duration(one.lost_s), { ...now.where, machine: one.station }, { code: one.category }], number(one.stops),
      ]));
    },
  };
}

export function stationTable() {
  const heads = [
    t("pick.machine"), t("oee.name"), t("oee.availability"), t("oee.performance"), t("oee.quality"), t("head.good"), t("head.scrap"),
    t("head.coverage"), t("head.sole"), t("history.shifting"),
  ];
  const made = table(t("head.stations"), heads, ["line", "stations"]);
  return {
    node: made.node,
    show({ now, stations }) {
      const names = new Map(now.stations.map((station) => [station.id, name(station.name)]));
      made.update(stations.map((one) => [
        names.get(one.station) ?? one.station, ...explained(one, { ...now.where, machine: one.station }), duration(one.sole_s), duration(one.shifting_s),
      ]));
    },
  };
}

// A station's figures, each with the way to what is behind it.
function explained(one, where) {
  return [
    [percent(one.oee), where], ...["availability", "performance", "quality"].map((factor) => [percent(one[factor]), where, { factor }]),
    [number(one.good), where, { code: "good" }], [number(one.scrap), where, { code: "defects" }], [percent(one.coverage), where, { code: "unknown" }],
  ];
}
