// Every station's last hours, a column a minute, stacked by category; what nobody knows is a gap with a dotted edge.
import { el, fill, icon, put, set, style, svg } from "./dom.js";
import { clock, percent } from "./format.js";
import { MINUTE_US, MINUTES, parts } from "./lanes.js";
import { panel } from "./panel.js";
import { plan } from "./plan.js";
import { name, t } from "./words.js";

const STACK = ["execute", "planned", "starved", "blocked", "waiting", "setup", "minor_stop", "breakdown"];
const WALL_LANES = 10;
const HOUR_US = 60 * MINUTE_US;

export function timeline() {
  const { node, heading } = panel("timeline");
  const lanes = el("ol", "lanes");
  const axis = el("div", "axis");
  axis.setAttribute("aria-hidden", "true");
  put(heading, t("timeline.title"));
  node.append(lanes, axis, legend());
  let last = null;
  const redraw = () => last && draw(lanes, last, true);
  new ResizeObserver(redraw).observe(lanes);
  return {
    node,
    update(line) {
      if (last === line) return;
      const isNew = last?.from_us !== line.from_us || last?.path !== line.path;
      const resized = last?.stations.length !== line.stations.length;
      last = line;
      draw(lanes, line, isNew || resized || Boolean(line.lanes));
      if (isNew) drawAxis(axis, line);
    },
  };
}

function draw(lanes, line, all) {
  const rows = fill(lanes, line.stations.length, lane);
  rows.forEach((row, n) => {
    const station = line.stations[n];
    const codes = line.codes.get(station.id) ?? new Map();
    put(row.label, name(station.name));
    if (all || line.minutes?.[station.id]) row.lost = row.draw(codes, line.from_us, name(station.name));
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

function lane() {
  const label = el("span", "name");
  const picture = svg("svg", { class: "strip", role: "img" });
  const row = el("li", "lane", label, picture);
  row.label = label;
  row.draw = (codes, fromUs, title) => {
    const { width, height } = picture.getBoundingClientRect();
    if (!width) return 0;
    set(picture, "viewBox", `0 0 ${width} ${height}`);
    const { paths, running, known } = columns(codes, fromUs, width / MINUTES, height);
    picture.replaceChildren(
      ...STACK.filter((category) => paths[category]).map((category) =>
        svg("path", { class: `fill-${category}`, d: paths[category] })),
      ...gaps(codes, fromUs, width / MINUTES, height),
    );
    set(picture, "aria-label", t("timeline.label", { name: title, share: percent(known ? running / known : null) }));
    return known - running;
  };
  return row;
}

// One path a category: runs of equal minutes become one rectangle.
function columns(codes, fromUs, wide, high) {
  const paths = {};
  let running = 0;
  let known = 0;
  for (const { code, start, length } of runs(codes, fromUs)) {
    if (!code) continue;
    const seconds = Object.fromEntries(parts(code));
    let base = high;
    for (const category of STACK) {
      if (!seconds[category]) continue;
      const tall = (seconds[category] / 60) * high;
      base -= tall;
      paths[category] = (paths[category] ?? "") + box(start * wide, base, length * wide, tall);
      known += seconds[category] * length;
    }
    running += (seconds.execute ?? 0) * length;
  }
  return { paths, running, known };
}

function box(x, y, width, height) {
  return `M${x.toFixed(2)} ${y.toFixed(2)}h${width.toFixed(2)}v${height.toFixed(2)}h${(-width).toFixed(2)}z`;
}

function gaps(codes, fromUs, wide, high) {
  return [...runs(codes, fromUs)]
    .filter(({ code, start, length }) => !code && (length > 1 || start < MINUTES - 1)) // the minute that runs is not unknown
    .map(({ start, length }) => svg("rect", {
      class: "gap", x: (start * wide + 0.5).toFixed(2), y: 0.5,
      width: Math.max(1, length * wide - 1).toFixed(2), height: high - 1,
    }));
}

function* runs(codes, fromUs) {
  let start = 0;
  for (let n = 1; n <= MINUTES; n++) {
    const code = codes.get(fromUs + start * MINUTE_US);
    if (n < MINUTES && codes.get(fromUs + n * MINUTE_US) === code) continue;
    yield { code, start, length: n - start };
    start = n;
  }
}

// Whole hours of the plant's own clock, where there is room for their words.
function drawAxis(axis, line) {
  const marks = [];
  const edge = 0.75 * HOUR_US;
  const end = line.from_us + MINUTES * MINUTE_US - edge;
  for (let us = Math.ceil((line.from_us + edge) / HOUR_US) * HOUR_US; us <= end; us += HOUR_US) {
    const mark = el("span", "hour", clock(us, line.tz));
    style(mark, "left", `${((us - line.from_us) / MINUTE_US / MINUTES) * 100}%`);
    marks.push(mark);
  }
  axis.replaceChildren(...marks);
}

function legend() {
  const entries = ["execute", "breakdown", "minor_stop", "setup", "waiting", "starved", "blocked", "planned", "unknown"];
  return el("ul", "legend", ...entries.map((category) =>
    el("li", "", el("span", `swatch fill-${category}`), icon(category), t(`category.${category}`))));
}
