// Every station's last hours on the wall: lanes that grow minute by minute.
import { el, fill, put, style } from "./dom.js";
import { fit, label } from "./fit.js";
import { MINUTE_US, MINUTES, parts } from "./lanes.js";
import { marks } from "./marks.js";
import { panel } from "./panel.js";
import { plan } from "./plan.js";
import { drawAxis, explainOnly, lane, legend } from "./strips.js";
import { name, t } from "./words.js";

const WALL_LANES = 10;
const SHARED_LANES = 2; // where two lines share a wall
const LETTERS = 28; // of a longer name the brackets are left out
const OWN = ["breakdown", "setup", "waiting", "minor_stop"];

export function timeline() {
  const { node, heading } = panel("timeline");
  const lanes = el("ol", "lanes");
  const axis = el("div", "axis");
  axis.setAttribute("aria-hidden", "true");
  put(heading, t("timeline.title"));
  const done = marks(lanes);
  const key = legend();
  node.append(done.node, lanes, axis, key);
  let last = null;
  const span = () => ({ from_us: last.from_us, to_us: last.from_us + MINUTES * MINUTE_US, tz: last.tz });
  const hours = () => {
    drawAxis(axis, span());
    done.show(last.notes, span(), last.stations);
  };
  const redraw = () => {
    if (!last) return;
    draw(lanes, last, true);
    explainOnly(key, lanes);
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
      explainOnly(key, lanes);
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
    label(row.label, name(station.name));
    if (all || line.minutes?.[station.id]) Object.assign(row, { lost: row.draw(codes, shape, name(station.name)), own: own(codes) });
  });
  choose(rows, line.stations);
  style(lanes.parentNode, "--letters", letters(rows.filter((row) => !row.classList.contains("spare"))));
  style(lanes.parentNode, "--letters-first", letters(rows.filter((row) => row.classList.contains("first"))));
  for (const row of rows) fit([row.label], row.isNew);
}

// How much room the names of these rows ask for.
function letters(rows) {
  const texts = rows.map(({ label: { textContent: text } }) => (text.length > LETTERS ? text.replace(/\s*\([^()]*\)$/u, "") : text));
  return String(Math.max(0, ...texts.map((text) => text.length)));
}

// What a station lost by itself, s.
function own(codes) {
  let lost = 0;
  for (const code of codes.values()) for (const [category, seconds] of parts(code)) if (OWN.includes(category)) lost += seconds;
  return lost;
}

// A wall has room for so many lanes: those of the main flow that lost most. A phone scrolls through all.
function choose(rows, stations) {
  const { places } = plan(stations);
  const main = rows.filter((_, n) => places.get(stations[n].id).row === "main");
  const kept = new Set(main.toSorted((a, b) => b.lost - a.lost).slice(0, WALL_LANES));
  const first = new Set(main.toSorted((a, b) => b.own - a.own).slice(0, SHARED_LANES));
  for (const row of rows) {
    const before = row.className;
    row.classList.toggle("spare", !kept.has(row));
    row.classList.toggle("first", first.has(row));
    row.isNew = row.className !== before;
  }
}
