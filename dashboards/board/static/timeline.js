// Every station's last hours on the wall: lanes that grow minute by minute.
import { el, fill, put } from "./dom.js";
import { fit } from "./fit.js";
import { MINUTE_US, MINUTES } from "./lanes.js";
import { marks } from "./marks.js";
import { panel } from "./panel.js";
import { plan } from "./plan.js";
import { drawAxis, lane, legend } from "./strips.js";
import { name, t } from "./words.js";

const WALL_LANES = 10;

export function timeline() {
  const { node, heading } = panel("timeline");
  const lanes = el("ol", "lanes");
  const axis = el("div", "axis");
  axis.setAttribute("aria-hidden", "true");
  put(heading, t("timeline.title"));
  const done = marks(lanes);
  node.append(done.node, lanes, axis, legend());
  let last = null;
  const span = () => ({ from_us: last.from_us, to_us: last.from_us + MINUTES * MINUTE_US, tz: last.tz });
  const hours = () => {
    drawAxis(axis, span());
    done.show(last.notes, span(), last.stations);
  };
  const redraw = () => {
    if (!last) return;
    draw(lanes, last, true);
    hours();
  };
  new ResizeObserver(redraw).observe(lanes);
  return {
    node,
    update(line) {
      if (last === line) return;
      const isNew = last?.from_us !== line.from_us || last?.path !== line.path;
      const resized = last?.stations.length !== line.stations.length;
      last = line;
      draw(lanes, line, isNew || resized || Boolean(line.lanes));
      if (isNew || line.isNoted) hours();
    },
  };
}

function draw(lanes, line, all) {
  const rows = fill(lanes, line.stations.length, lane);
  const shape = { from_us: line.from_us, step_us: MINUTE_US, count: MINUTES };
  rows.forEach((row, n) => {
    const station = line.stations[n];
    const codes = line.codes.get(station.id) ?? new Map();
    put(row.label, name(station.name));
    fit([row.label]);
    if (all || line.minutes?.[station.id]) row.lost = row.draw(codes, shape, name(station.name));
  });
  choose(rows, line.stations);
}

// A wall has room for so many lanes: those of the main flow that lost most. A phone scrolls through all.
function choose(rows, stations) {
  const { places } = plan(stations);
  const main = rows.filter((_, n) => places.get(stations[n].id).row === "main");
  const kept = new Set(main.toSorted((a, b) => b.lost - a.lost).slice(0, WALL_LANES));
  for (const row of rows) row.classList.toggle("spare", !kept.has(row));
}
