// Energy over the span: a bar an hour, what was used while nothing was made on top of it.
import { el, put, set, svg } from "./dom.js";
import { column, watts } from "./energy_units.js";
import { clock, day } from "./format.js";
import { panel } from "./panel.js";
import { drawAxis } from "./strips.js";
import { table } from "./table.js";
import { t } from "./words.js";

const HIGH = 180;
const HOUR_US = 3.6e9;

export function bars() {
  const { node, heading } = panel("over-time");
  const picture = svg("svg", { class: "run columns", role: "img" });
  const axis = el("div", "axis");
  const chart = el("div", "run-chart", picture, axis);
  const key = el("ul", "legend", ...[["fill-execute", "energy.making"], ["idle-part", "energy.idle"]].map(([kind, word]) => el("li", "", el("span", `swatch ${kind}`), t(word))));
  const all = table(t("energy.over"), [t("head.began"), t("used.kwh"), t("used.idle_kwh")], ["energy", "hours"]);
  let last = null;
  axis.setAttribute("aria-hidden", "true");
  put(heading, t("energy.over"));
  node.append(chart, key, all.node);
  const redraw = () => last && draw(picture, axis, last);
  new ResizeObserver(redraw).observe(chart);
  return {
    node,
    update(answer) {
      last = answer;
      const found = answer.data.bars;
      const most = Math.max(...found.map(power));
      set(picture, "aria-label", t("energy.label", { kw: watts(most) }));
      redraw();
      const [used, lost] = ["kwh", "idle_kwh"].map((key) => column(found.map((one) => one[key])));
      all.update(found.map((one) => [`${day(one.from_us, answer.tz)} ${clock(one.from_us, answer.tz)}`, used(one.kwh), lost(one.idle_kwh)]));
    },
  };
}

// Bars of different lengths are compared by their mean power, kW.
function power({ kwh, from_us: from, to_us: to }) {
  return kwh / ((to - from) / HOUR_US);
}

function draw(picture, axis, answer) {
  const { bars: found } = answer.data;
  const width = picture.parentNode.clientWidth;
  if (!width) return;
  const most = Math.max(...found.map(power)) || 1;
  const x = (us) => ((us - answer.from_us) / (answer.to_us - answer.from_us)) * width;
  const column = (one, kind, from, to) => svg("rect", {
    class: kind, x: x(one.from_us) + 1, width: Math.max(1, x(one.to_us) - x(one.from_us) - 2),
    y: HIGH - (to / most) * (HIGH - 20), height: Math.max(0, ((to - from) / most) * (HIGH - 20)),
  });
  const label = svg("text", { x: 4, y: 13 });
  put(label, watts(most));
  set(picture, "viewBox", `0 0 ${width} ${HIGH}`);
  picture.replaceChildren(
    ...found.flatMap((one) => {
      const making = power(one) * (one.kwh ? 1 - one.idle_kwh / one.kwh : 0);
      return [column(one, "fill-execute", 0, making), column(one, "idle-part", making, power(one))];
    }),
    svg("line", { class: "control", x1: 0, x2: width, y1: HIGH - (HIGH - 20), y2: HIGH - (HIGH - 20) }),
    label,
  );
  drawAxis(axis, answer);
}
