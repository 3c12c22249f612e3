// The frame of every picture.
import { el } from "./dom.js";

// A panel with its heading; `side` is what stands at the right of it.
export function panel(className, side = "") {
  const heading = el("h2", "");
  const node = el("section", `panel ${className}`, el("div", "head", heading, side));
  return { node, heading };
}
