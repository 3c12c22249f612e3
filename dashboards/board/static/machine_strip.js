// The machine's time as one tall strip, and what was commanded.
import { el, fill, put } from "./dom.js";
import { parseLanes } from "./lanes.js";
import { doneList, marks } from "./marks.js";
import { panel } from "./panel.js";
import { drawAxis, lane, legend } from "./strips.js";
import { timeTable } from "./time_table.js";
import { name, t } from "./words.js";

export function strip() {
  const { node, heading } = panel("timeline tall");
  const lanes = el("ol", "lanes");
  const axis = el("div", "axis");
  const done = marks(lanes);
  const listed = doneList("machine");
  axis.setAttribute("aria-hidden", "true");
  put(heading, t("machine.time"));
  const times = timeTable("machine");
  node.append(done.node, lanes, axis, legend(), ...listed.nodes, times.node);
  let last = null;
  const redraw = () => {
    if (!last) return;
    const { lanes: shape, now } = last.data;
    const [row] = fill(lanes, 1, lane);
    const codes = parseLanes(shape.lanes, shape.from_us, shape.step_us).get(now.id);
    row.draw(codes, shape, name(now.name));
    times.show([[name(now.name), codes]], shape);
    drawAxis(axis, last);
    done.show(last.data.notes, last, []);
  };
  new ResizeObserver(redraw).observe(lanes);
  return {
    node,
    update(answer) {
      last = answer;
      redraw();
      listed.show(answer.data.notes, answer.tz, []);
    },
  };
}
