// Stations over the span, one strip each: under it a band where it was the bottleneck, above all what was commanded.
import { el, fill, put } from "./dom.js";
import { parseLanes } from "./lanes.js";
import { doneList, marks } from "./marks.js";
import { panel } from "./panel.js";
import { drawAxis, lane, legend } from "./strips.js";
import { timeTable } from "./time_table.js";
import { name, t } from "./words.js";

export function history() {
  const { node, heading } = panel("timeline history");
  const lanes = el("ol", "lanes");
  const axis = el("div", "axis");
  const done = marks(lanes);
  const listed = doneList("line");
  const key = legend();
  axis.setAttribute("aria-hidden", "true");
  put(heading, t("history.title"));
  key.append(el("li", "", el("span", "swatch sole"), t("flow.bottleneck")), el("li", "", el("span", "swatch shifting"), t("history.shifting")));
  const times = timeTable("line");
  node.append(done.node, lanes, axis, key, ...listed.nodes, times.node);
  let last = null;
  const redraw = () => {
    if (!last) return;
    draw(last, lanes, axis);
    done.show(last.data.notes, last, last.data.now.stations);
  };
  new ResizeObserver(redraw).observe(lanes);
  return {
    node,
    update(answer) {
      last = answer;
      redraw();
      times.show(...spent(answer.data));
      listed.show(answer.data.notes, answer.tz, answer.data.now.stations);
    },
  };
}

function spent({ lanes: shape, now }) {
  const codes = parseLanes(shape.lanes, shape.from_us, shape.step_us);
  return [now.stations.map((station) => [name(station.name), codes.get(station.id) ?? new Map()]), shape];
}

function draw(answer, lanes, axis) {
  const { lanes: shape, now, rulings } = answer.data;
  const codes = parseLanes(shape.lanes, shape.from_us, shape.step_us);
  fill(lanes, now.stations.length, lane).forEach((row, n) => {
    const station = now.stations[n];
    put(row.label, name(station.name));
    const own = rulings.filter((one) => one.station === station.id);
    row.draw(codes.get(station.id) ?? new Map(), shape, name(station.name), own);
  });
  drawAxis(axis, answer);
}
