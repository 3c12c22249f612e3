// Quality of a line: who lets how many through the first time, which defects, and whether its processes are stable.
import { chosenValue } from "./quality_values.js";
import { defects, products, yields } from "./quality_bars.js";
import { shares } from "./quality_shares.js";

export function page(root) {
  const parts = [yields(), defects(), shares(), chosenValue(), products()];
  root.className = "quality-page";
  root.append(...parts.map((part) => part.node));
  return {
    update(answer) {
      for (const part of parts) part.update(answer);
    },
  };
}
