// One line: how it stands now, and over any span where its time went, who was the bottleneck and how far its orders are.
import { flow } from "./flow.js";
import { lossTable, causeTable, stationTable } from "./line_tables.js";
import { orders } from "./line_orders.js";
import { pareto } from "./pareto.js";
import { history } from "./history.js";
import { explainLink, here } from "./explain_link.js";
import { rulers } from "./rulers.js";
import { staircase } from "./staircase.js";
import { stops } from "./stops.js";

// The stations of what was asked for, as they stand now; one that was not there then comes with the next answer.
export function stand({ now }, line) {
  const byId = new Map(line.stations.map((station) => [station.id, station]));
  for (const station of now.stations) Object.assign(station, byId.get(station.id));
  const known = new Set(now.stations.map((station) => station.id));
  Object.assign(now, { stops: line.stops.filter((id) => known.has(id)), rest: line.rest });
}

export function page(root) {
  const now = [stops(), flow()];
  const spanned = [staircase(true), pareto(true)];
  const wide = [orders(), history(), rulers()];
  const [stairs, causes] = spanned;
  const tables = [[stairs.node, lossTable()], [causes.node, causeTable()], [wide[2].node, stationTable()]];
  for (const [node, one] of tables) node.append(one.node);
  const why = explainLink();
  stairs.node.append(why.node);
  root.className = "line-page";
  root.append(...[now[0], wide[0], now[1], wide[1], stairs, causes, wide[2]].map((picture) => picture.node));
  let last = null;
  return {
    update(answer) {
      last = answer;
      answer.data.now.where = here(answer);
      for (const picture of spanned) picture.update(answer.data.now);
      for (const picture of [...wide, why]) picture.update(answer);
      for (const [, one] of tables) one.show(answer.data);
      this.tick(answer.now_us);
    },
    tick(nowUs) {
      if (last) for (const picture of now) picture.update(last.data.now, nowUs);
    },
  };
}
