// From a number to the page that opens it.
import { address, asked } from "./ask.js";
import { el, put } from "./dom.js";
import { t } from "./words.js";

// `ofMachine`: of the machine that the page is about, else of its line.
export function explainLink(ofMachine = false) {
  const link = el("a", "plain explain");
  put(link, t("explain.link"));
  return {
    node: link,
    update(answer) {
      const machine = ofMachine ? answer.machine : "";
      link.href = address("/explain", { line: answer.line, machine, span: asked().get("span") });
    },
  };
}
