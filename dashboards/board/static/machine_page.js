// One machine over any span.
import { cycleChart, valueCharts } from "./machine_charts.js";
import { figures, feeders } from "./machine_figures.js";
import { machineNow } from "./machine_now.js";
import { stopList } from "./machine_stops.js";
import { explainLink, here } from "./explain_link.js";
import { lossTable } from "./line_tables.js";
import { pareto } from "./pareto.js";
import { staircase } from "./staircase.js";
import { strip } from "./machine_strip.js";

// The machine of what was asked for, as it stands now.
export function stand({ now }, line) {
  Object.assign(now, line.stations.find((station) => station.id === now.id));
}

export function page(root) {
  const now = machineNow();
  const wide = [strip(), figures(), stopList(), cycleChart(), feeders()];
  const [time, counted, list, cycles, material] = wide;
  const stairs = staircase(true);
  const causes = pareto(true);
  const losses = lossTable("machine");
  const values = valueCharts();
  const why = explainLink(true);
  stairs.node.append(losses.node, why.node);
  root.className = "machine-page";
  const order = [now, time, counted, stairs, causes, list, cycles];
  root.append(...order.map((picture) => picture.node), values.node, material.node);
  let last = null;
  return {
    update(answer) {
      last = answer;
      const { data } = answer;
      const like = { shift: data.shift, stations: [data.now], where: here(answer, true) };
      for (const picture of [stairs, causes]) picture.update(like);
      for (const picture of [...wide, values, why]) picture.update(answer);
      losses.show({ now: like });
      this.tick(answer.now_us);
    },
    tick(nowUs) {
      if (last) now.update(last, nowUs);
    },
  };
}
