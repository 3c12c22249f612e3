// One line over any span.
import { flow } from "./flow.js";
import { pareto } from "./pareto.js";
import { staircase } from "./staircase.js";
import { stops } from "./stops.js";

export function page(root) {
  const pictures = [stops(), flow(), staircase(), pareto()];
  root.append(...pictures.map((picture) => picture.node));
  let last = null;
  return {
    update(answer) {
      last = answer;
      this.tick(answer.now_us);
    },
    tick(nowUs) {
      if (last) for (const picture of pictures) picture.update(last.data.now, nowUs);
    },
  };
}
