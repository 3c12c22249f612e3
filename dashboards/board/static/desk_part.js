// A part of the desk.
import { whyText } from "./done.js";
import { el, put, set } from "./dom.js";
import { panel } from "./panel.js";
import { t } from "./words.js";

// A panel with its heading, rows, and a line for the answer; `press` makes a button that asks for `action()`, `ask` asks.
export function part(key, act) {
  const { node, heading } = panel("part");
  const rows = el("div", "rows");
  const answer = el("p", "answer");
  put(heading, t(key));
  set(answer, "role", "status");
  node.append(rows, answer);
  async function ask(action) {
    const { accepted, detail, why } = await act(action);
    set(answer, "data-good", String(accepted));
    put(answer, accepted ? t("desk.accepted") : [t("desk.refused"), whyText(why, detail)].join(" "));
    return accepted;
  }
  return {
    node,
    rows,
    ask,
    press(text, action) {
      const button = el("button", "press", text);
      button.addEventListener("click", async () => {
        button.disabled = true;
        await ask(action());
        button.disabled = false;
      });
      return button;
    },
  };
}
