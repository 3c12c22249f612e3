// A part of the desk, and the numbers that are filled in there.
import { detailText, doneText, whyText } from "./done.js";
import { el, put, set } from "./dom.js";
import { measured, number } from "./format.js";
import { panel } from "./panel.js";
import { name, t } from "./words.js";

// What was filled in cannot be meant: said here, and the server is not asked.
class Mistake extends Error {
  constructor(box, said) {
    super(said);
    this.box = box;
  }
}

// A field for a number from `min` to `max`, whole ones where it goes in steps of 1; `read` gives it.
export function numeric(key, { min, max, value, step = "any" }) {
  const box = el("input");
  for (const [attribute, text] of Object.entries({ type: "number", min, max, step, value })) set(box, attribute, String(text));
  box.addEventListener("input", () => box.removeAttribute("aria-invalid"));
  return {
    box,
    node: el("label", "field", t(key), box),
    read() {
      const found = box.valueAsNumber;
      if (found >= min && found <= max && (step === "any" || Number.isInteger(found))) return found;
      set(box, "aria-invalid", "true");
      const [word, shown] = step === "any" ? ["desk.number", measured] : ["desk.whole", number];
      throw new Mistake(box, t(word, { name: t(key), from: shown(min), to: shown(max) }));
    },
  };
}

// A panel with its heading, rows, and a line for the answer; `press` makes a button that asks for `action()`, `ask` asks.
export function part(key, act) {
  const { node, heading } = panel("part");
  const rows = el("div", "rows");
  const answer = el("p", "answer");
  put(heading, t(key));
  set(answer, "role", "status");
  node.append(rows, answer);
  function say(good, text) {
    set(answer, "data-good", String(good));
    put(answer, text);
  }
  async function ask(action) {
    const { accepted, detail, why, did } = await act(action);
    say(accepted, accepted ? doneNow(did) : [t("desk.refused"), whyText(why, detail)].join(" "));
    return accepted;
  }
  return {
    node,
    rows,
    say,
    ask,
    // A button that is pressed again before there is an answer asks once. It keeps the focus meanwhile. `action` may give
    // nothing: then it has said what it waits for.
    press(text, action) {
      const button = el("button", "press", text);
      button.addEventListener("click", async () => {
        if (button.getAttribute("aria-disabled") === "true") return;
        set(button, "aria-disabled", "true");
        try {
          const asked = action(say);
          if (asked) await ask(asked);
        } catch (mistake) {
          if (!(mistake instanceof Mistake)) throw mistake;
          say(false, mistake.message);
          mistake.box.focus();
        } finally {
          set(button, "aria-disabled", "false");
        }
      });
      return button;
    },
  };
}

function doneNow(did) {
  if (!did) return t("desk.accepted");
  const what = [doneText(did.note, did.who ? name(did.who) : ""), detailText(did.note)].filter(Boolean).join(" · ");
  return [t("desk.accepted"), what].join(" ");
}
