// Figures side by side, each under its word.
import { el, put } from "./dom.js";
import { opener, opens } from "./explain_link.js";

export function cells(heads) {
  const values = heads.map((text) => ({ head: text, value: opener("") }));
  const node = el("dl", "cells", ...values.map(({ head, value }) => el("div", "", el("dt", "", head), el("dd", "", value))));
  return {
    node,
    // `led`: place of a figure that can be explained → [where, what] as of explain_link.js.
    update(texts, led = {}) {
      values.forEach(({ value }, n) => {
        put(value, texts[n]);
        opens(value, ...(led[n] ?? []));
      });
    },
  };
}
