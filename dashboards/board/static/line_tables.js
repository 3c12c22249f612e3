// The tables behind the pictures of a line.
import { duration, number, percent } from "./format.js";
import { table } from "./table.js";
import { name, reasonName, t } from "./words.js";

// `page`: whose sheet is downloaded.
export function lossTable(page = "line") {
  const made = table(t("stairs.title"), [t("head.step"), t("head.time"), t("head.share")], [page, "losses"]);
  return {
    node: made.node,
    show({ now: { shift } }) {
      const rows = [[t("stairs.planned"), shift.planned_s], ...steps(shift.steps), [t("stairs.good"), shift.good_s]];
      made.update(rows.map(([what, s]) => [what, duration(s), percent(shift.planned_s ? s / shift.planned_s : null)]));
    },
  };
}

function steps(found) {
  return Object.entries(found).map(([step, seconds]) => [t(`step.${step}`), seconds]);
}

export function causeTable() {
  const heads = [t("head.reason"), t("pick.machine"), t("head.category"), t("head.time"), t("head.stops")];
  const made = table(t("pareto.span"), heads, ["line", "causes"]);
  return {
    node: made.node,
    show({ now }) {
      const names = new Map(now.stations.map((station) => [station.id, name(station.name)]));
      made.update(now.shift.causes.map((one) => [
        reasonName(one), names.get(one.station) ?? one.station, t(`category.${one.category}`), duration(one.lost_s), number(one.stops),
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
        names.get(one.station) ?? one.station, ...[one.oee, one.availability, one.performance, one.quality].map(percent),
        number(one.good), number(one.scrap), percent(one.coverage), duration(one.sole_s), duration(one.shifting_s),
      ]));
    },
  };
}
