// Time as strips: a column a step, stacked by category; what nobody knows is a gap with a dotted edge.
import { el, icon, set, style, svg } from "./dom.js";
import { clock, day, localInput, percent } from "./format.js";
import { parts } from "./lanes.js";
import { t } from "./words.js";

const STACK = ["execute", "planned", "starved", "blocked", "waiting", "setup", "minor_stop", "breakdown"];
const LABEL_PX = 84;
const M = 60_000_000;
const DAY_US = 1440 * M;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440, 2880, 5760, 10080].map((minutes) => minutes * M);

// One strip with its name. `shape`: {from_us, step_us, count}; `marks`: [{from_us, to_us, is_sole}] under it.
export function lane() {
  const label = el("span", "name");
  const picture = svg("svg", { class: "strip", role: "img" });
  const row = el("li", "lane", label, picture);
  row.label = label;
  row.draw = (codes, shape, title, marks = []) => {
    const { width, height } = picture.getBoundingClientRect();
    if (!width) return 0;
    set(picture, "viewBox", `0 0 ${width} ${height}`);
    const { paths, running, known } = columns(codes, shape, width / shape.count, height);
    picture.replaceChildren(
      ...STACK.filter((category) => paths[category]).map((category) =>
        svg("path", { class: `fill-${category}`, d: paths[category] })),
      ...gaps(codes, shape, width / shape.count, height),
      ...marks.map((mark) => underline(mark, shape, width, height)),
    );
    set(picture, "aria-label", t("timeline.label", { name: title, share: percent(known ? running / known : null) }));
    return known - running;
  };
  return row;
}

// One path a category: runs of equal steps become one rectangle.
function columns(codes, shape, wide, high) {
  const paths = {};
  let running = 0;
  let known = 0;
  for (const { code, start, length } of runs(codes, shape)) {
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

function gaps(codes, shape, wide, high) {
  return [...runs(codes, shape)]
    .filter(({ code, start, length }) => !code && (length > 1 || start < shape.count - 1)) // the step that runs is not unknown
    .map(({ start, length }) => svg("rect", {
      class: "gap", x: (start * wide + 0.5).toFixed(2), y: 0.5,
      width: Math.max(1, length * wide - 1).toFixed(2), height: high - 1,
    }));
}

function underline({ from_us: from, to_us: to, is_sole: sole }, { from_us: begin, step_us: step, count }, width, height) {
  const x = ((from - begin) / step / count) * width;
  const wide = ((to - from) / step / count) * width;
  return svg("rect", { class: sole ? "sole" : "shifting", x: x.toFixed(2), y: height - 4, width: wide.toFixed(2), height: 4 });
}

function* runs(codes, { from_us: from, step_us: step, count }) {
  let start = 0;
  for (let n = 1; n <= count; n++) {
    const code = codes.get(from + start * step);
    if (n < count && codes.get(from + n * step) === code) continue;
    yield { code, start, length: n - start };
    start = n;
  }
}

// Round times of the plant's own clock, as many as there is room for.
export function drawAxis(axis, { from_us: from, to_us: to, tz }) {
  const wide = axis.clientWidth || 600;
  const room = Math.max(2, Math.floor(wide / LABEL_PX));
  const step = STEPS.find((each) => (to - from) / each <= room) ?? STEPS.at(-1);
  const ahead = Date.parse(`${localInput(from, tz)}Z`) * 1000 - Math.floor(from / M) * M;
  const marks = [];
  for (let us = Math.ceil((from + ahead) / step) * step - ahead; us < to; us += step) {
    const place = (us - from) / (to - from);
    if (Math.min(place, 1 - place) * wide < LABEL_PX / 3) continue;
    const isDay = step >= DAY_US || (us + ahead) % DAY_US === 0;
    const mark = el("span", "hour", isDay ? day(us, tz) : clock(us, tz));
    style(mark, "left", `${100 * place}%`);
    marks.push(mark);
  }
  axis.replaceChildren(...marks);
}

export function legend() {
  const entries = ["execute", "breakdown", "minor_stop", "setup", "waiting", "starved", "blocked", "planned", "unknown"];
  return el("ul", "legend", ...entries.map((category) =>
    el("li", "", el("span", `swatch fill-${category}`), icon(category), t(`category.${category}`))));
}

// Of a legend what its lanes show: a wall has no room for more.
export function explainOnly(key, lanes) {
  for (const entry of key.children) {
    const [, fill] = entry.firstChild.classList;
    entry.hidden = !lanes.querySelector(fill === "fill-unknown" ? ".strip .gap" : `.lane:not(.spare) .${fill}`);
  }
}
