// One line: its six pictures, in the order in which a person asks.
import { el, set } from "./dom.js";
import { present } from "./explain_link.js";
import { flow } from "./flow.js";
import { pace } from "./pace.js";
import { pareto } from "./pareto.js";
import { staircase } from "./staircase.js";
import { stops } from "./stops.js";
import { timeline } from "./timeline.js";
import { name } from "./words.js";

export function lineSection() {
  const pictures = [stops(), pace(), staircase(), flow(), timeline(), pareto()];
  const node = el("section", "line", ...pictures.map((picture) => picture.node));
  return {
    node,
    update(line, nowUs) {
      set(node, "aria-label", name(line.name));
      line.where ??= present(line);
      for (const picture of pictures) picture.update(line, nowUs);
    },
  };
}
