// Figures side by side, each under its word.
import { el, put } from "./dom.js";

export function cells(heads) {
  const values = heads.map((text) => ({ head: text, value: el("dd", "") }));
  const node = el("dl", "cells", ...values.map(({ head, value }) => el("div", "", el("dt", "", head), value)));
  return {
    node,
    update(texts) {
      values.forEach(({ value }, n) => put(value, texts[n]));
    },
  };
}
