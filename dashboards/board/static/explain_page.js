// Any number opened: what is cut away from all time, interval by interval, until good parts are left.
import { panel } from "./panel.js";
import { chooser } from "./explain_choose.js";
import { formula } from "./explain_formula.js";
import { ladder } from "./explain_ladder.js";
import { machines } from "./explain_machines.js";
import { partsTable } from "./explain_parts.js";
import { put } from "./dom.js";
import { t } from "./words.js";

export function page(root) {
  const { node, heading } = panel("explained");
  const parts = [chooser(), formula(), ladder(), machines()];
  const [choose, how, down, each] = parts;
  const counted = partsTable();
  put(heading, t("explain.down"));
  node.append(...down.nodes, counted.node);
  root.className = "explain-page";
  root.append(choose.node, how.node, node, each.node);
  let arrived = false;
  return {
    update(answer) {
      for (const part of [...parts, counted]) part.update(answer);
      if (!arrived) arrive(root);
      arrived = true;
    },
  };
}

// Whoever came from a number sees what is behind it: the step that is open, or the factor that the address names.
function arrive(root) {
  const target = document.getElementById(location.hash.slice(1)) ?? root.querySelector(".rung.open");
  target?.classList.add("arrived");
  target?.scrollIntoView({ block: "center" });
}
