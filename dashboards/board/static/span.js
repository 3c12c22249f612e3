// Which stretch of time: the last hour, this shift, today, seven days, or one that is written down.
import { asked, go, goes } from "./ask.js";
import { el, put, set } from "./dom.js";
import { between, localInput } from "./format.js";
import { t } from "./words.js";

const SPANS = ["hour", "shift", "today", "7d"];

export function spanPicker() {
  const links = SPANS.map((span) => {
    const link = el("a", "choice", t(`span.${span}`));
    link.dataset.span = span;
    return link;
  });
  const from = field("span.from");
  const to = field("span.to");
  const form = el("form", "range", from.node, to.node, el("button", "choice", t("span.show")));
  const box = el("details", "chosen", el("summary", "choice", t("span.chosen")), form);
  const shown = el("p", "shown");
  const report = el("a", "choice report", t("span.report"));
  const node = el("nav", "spans", ...links, box, shown, report);
  set(node, "aria-label", t("span.title"));
  form.onsubmit = (event) => {
    event.preventDefault();
    if (!from.input.value || !to.input.value) return;
    box.open = false;
    go({ span: `${from.input.value}..${to.input.value}` });
  };
  return {
    node,
    update(answer) {
      for (const link of links) {
        goes(link, { span: link.dataset.span });
        mark(link, link.dataset.span === answer.span);
      }
      mark(box.firstChild, answer.span === "chosen");
      report.href = `/report?${asked({ line: answer.line })}`;
      put(shown, between(answer.from_us, answer.to_us, answer.tz));
      if (box.open) return;
      from.input.value = localInput(answer.from_us, answer.tz);
      to.input.value = localInput(answer.to_us, answer.tz);
    },
  };
}

function mark(node, isCurrent) {
  if (isCurrent) set(node, "aria-current", "true");
  else node.removeAttribute("aria-current");
}

function field(key) {
  const input = el("input", "");
  input.type = "datetime-local";
  return { input, node: el("label", "field", el("span", "", t(key)), input) };
}
