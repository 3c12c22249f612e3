// A page that opens one number: the number itself, large, and beneath it what it is made of.
import { el } from "./dom.js";
import { panel } from "./panel.js";

export function whole(root, parts) {
  root.className = "explain-page";
  root.append(...parts.map((part) => part.node));
  return {
    update(answer) {
      for (const part of parts) part.update(answer);
    },
  };
}

// The number, what it says in a sentence, and `more` beneath that.
export function headline(...more) {
  const { node, heading } = panel("chooser");
  const numeral = el("strong", "numeral");
  const verdict = el("p", "verdict");
  node.append(el("div", "headline", numeral, el("div", "how", verdict, ...more)));
  return { node, heading, numeral, verdict };
}
