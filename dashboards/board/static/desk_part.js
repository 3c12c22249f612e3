// A part of the desk.
import { el, put, set } from "./dom.js";
import { panel } from "./panel.js";
import { t } from "./words.js";

// A panel with its heading, rows, and a line for the answer; `press` makes a button that asks for `action()`.
export function part(key, act) {
  const { node, heading } = panel("part");
  const rows = el("div", "rows");
  const answer = el("p", "answer");
  put(heading, t(key));
  set(answer, "role", "status");
  node.append(rows, answer);
  return {
    node,
    rows,
    press(text, action) {
      const button = el("button", "press", text);
      button.addEventListener("click", async () => {
        button.disabled = true;
        const { accepted, detail } = await act(action());
        button.disabled = false;
        set(answer, "data-good", String(accepted));
        put(answer, [t(accepted ? "desk.accepted" : "desk.refused"), detail].join(" "));
      });
      return button;
    },
  };
}
