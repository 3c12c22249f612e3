// From a number to the page that opens it.
import { address, asked } from "./ask.js";
import { el, put, set } from "./dom.js";
import { t } from "./words.js";

// A number that leads to what is behind it, once it is told where that is; until then it is plain text.
export function opener(className, ...children) {
  return el("a", `opens ${className}`, ...children);
}

// `where`: {line, machine, order, of, span} that the number is about; `code`: the step to open, or `factor`: the one to
// go to; `page`: which of the pages that explain, where it is not about time.
export function opens(link, where, { code = "", factor = "", page = "" } = {}) {
  if (!where) return link.removeAttribute("href");
  set(link, "href", address(page ? `/explain/${page}` : "/explain", { ...where, code }) + (factor && `#${factor}`));
  set(link, "title", t("explain.link"));
}

// What a page is about, for the numbers on it; `ofMachine`: the machine it shows, else its line.
export function here(answer, ofMachine = false) {
  return { line: answer.line, machine: ofMachine ? answer.machine : "", span: asked().get("span") };
}

// What a line is in the middle of: its shift, and outside the shifts its last hour.
export function present(line, machine = "") {
  return { line: line.path, machine, span: line.shift.window ? "shift" : "hour" };
}

export function explainLink(ofMachine = false) {
  const link = el("a", "plain explain");
  put(link, t("explain.link"));
  return {
    node: link,
    update(answer) {
      link.href = address("/explain", here(answer, ofMachine));
    },
  };
}
