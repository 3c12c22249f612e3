// How a number is worked out, where two others make it: a + b, a − b or a ÷ b.
import { el, fill, put, set } from "./dom.js";
import { panel } from "./panel.js";
import { t } from "./words.js";

export function workedOut() {
  const { node, heading } = panel("formula");
  const list = el("ol", "terms");
  put(heading, t("explain.formula"));
  node.append(list);
  return {
    node,
    // `sign`: plus, minus or by; `terms`: [what, how much] of each, the result last.
    show(sign, terms) {
      set(list, "data-sign", sign);
      fill(list, terms.length, () => el("li", "term", el("span", "what"), el("strong", "value"))).forEach((item, n) => {
        put(item.firstChild, terms[n][0]);
        put(item.lastChild, terms[n][1]);
        item.classList.toggle("result", n === terms.length - 1);
      });
    },
  };
}
