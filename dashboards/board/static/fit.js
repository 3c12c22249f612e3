// Text that its place on the wall has no room for is written smaller, until it fits; then without what stands in brackets.
import { el, set } from "./dom.js";

const SIZES = ["", "tight", "tighter", "tightest"];
const SLACK_PX = 4; // marks above and below letters reach out of their line
const fitted = new WeakMap();

// Each node only when its text or the screen has changed, unless `again`.
export function fit(nodes, again = false) {
  for (const node of nodes) {
    const shown = `${node.textContent} ${innerWidth} ${innerHeight}`;
    if (!again && fitted.get(node) === shown) continue;
    fitted.set(node, shown);
    for (const size of SIZES) {
      set(node, "data-fit", size);
      if (node.scrollHeight <= node.clientHeight + SLACK_PX && node.scrollWidth <= node.clientWidth) break;
    }
  }
}

// A name that can be shown without its last brackets: "Pick and place 2 (ICs)".
export function label(node, text) {
  if (node.textContent === text) return;
  const [, start, brackets] = /^(.*?)(\s*\([^()]*\))?$/su.exec(text);
  node.replaceChildren(el("span", "", start), el("span", "brackets", brackets ?? ""));
}
