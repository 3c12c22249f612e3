// Values one after the other, with their limits: what breaks a rule is a filled square, what lies beyond the picture an arrow.
import { el, put, set, svg } from "./dom.js";
import { drawAxis } from "./strips.js";

const HIGH = 170;
const LABELS = 138;
const LETTERS = 16;

// `write`: a value as text.
export function runChart() {
  const picture = svg("svg", { class: "run", role: "img" });
  const axis = el("div", "axis");
  axis.setAttribute("aria-hidden", "true");
  const node = el("div", "run-chart", picture, axis);
  let last = null;
  const redraw = () => last && draw(picture, axis, last);
  new ResizeObserver(redraw).observe(node);
  return {
    node,
    // {points: [{ts_us, value, rules}], lines: [{value, kind, text}], answer, label, most}
    update(next) {
      last = next;
      set(picture, "aria-label", next.label);
      redraw();
    },
  };
}

function draw(picture, axis, { points, lines, answer, most }) {
  const width = picture.parentNode.clientWidth;
  if (!width) return;
  const wide = width - LABELS;
  set(picture, "viewBox", `0 0 ${width} ${HIGH}`);
  const [low, high] = reach(points, lines, most);
  const x = (us) => ((us - answer.from_us) / (answer.to_us - answer.from_us)) * (wide - 8) + 4;
  const y = (value) => HIGH - 8 - ((Math.min(value, high) - low) / (high - low)) * (HIGH - 16);
  const path = points.map((one, n) => `${n ? "L" : "M"}${x(one.ts_us).toFixed(1)} ${y(one.value).toFixed(1)}`).join("");
  picture.replaceChildren(
    ...lines.map((line) => svg("line", { class: line.kind, x1: 0, x2: wide, y1: y(line.value), y2: y(line.value) })),
    svg("path", { class: "trail", d: path }),
    ...points.map((one) => mark(x(one.ts_us), y(one.value), one.rules.length > 0, one.value > high)),
    ...labels(lines, y, wide),
  );
  axis.style.setProperty("margin-right", `${LABELS}px`);
  drawAxis(axis, answer);
}

function reach(points, lines, most) {
  const values = [...points.map((one) => one.value), ...lines.map((line) => line.value)];
  const high = Math.min(Math.max(...values), most ?? Infinity);
  const low = Math.min(...values);
  const room = (high - low || Math.abs(high) || 1) * 0.05;
  return [low - room, high + room];
}

function mark(x, y, broken, beyond) {
  if (beyond) return svg("path", { class: "beyond", d: `M${x - 4} 8h8l-4 -6z` });
  if (broken) return svg("rect", { class: "broken", x: x - 3.5, y: y - 3.5, width: 7, height: 7 });
  return svg("circle", { class: "point", cx: x, cy: y, r: 1.8 });
}

// What each line is, at its end; pushed apart where they would lie on each other.
function labels(lines, y, wide) {
  const placed = lines.map((line) => ({ text: line.text, at: y(line.value) + 4 })).toSorted((a, b) => a.at - b.at);
  placed.forEach((label, n) => {
    label.at = Math.max(label.at, n ? placed[n - 1].at + LETTERS : 11);
  });
  const over = Math.max(0, (placed.at(-1)?.at ?? 0) - (HIGH - 2));
  return placed.map((label) => {
    const node = svg("text", { x: wide + 8, y: label.at - over });
    put(node, label.text);
    return node;
  });
}
