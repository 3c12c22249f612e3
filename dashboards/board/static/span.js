// Which stretch of time: the last hour, this shift, today, seven days, or one that is written down.
import { address, asked, go, goes } from "./ask.js";
import { el, put, set } from "./dom.js";
import { clock, day, localInput } from "./format.js";
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
  const node = el("nav", "spans", ...links, box, shown);
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
      put(shown, `${instant(answer.from_us, answer.tz)} – ${until(answer)}`);
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

function instant(us, tz) {
  return `${day(us, tz)} ${clock(us, tz)}`;
}

// The day once where it is the same.
function until({ from_us: from, to_us: to, tz }) {
  return day(from, tz) === day(to, tz) ? clock(to, tz) : instant(to, tz);
}

function field(key) {
  const input = el("input", "");
  input.type = "datetime-local";
  return { input, node: el("label", "field", el("span", "", t(key)), input) };
}

// The pages of the navigation keep what they understand of what is asked for here.
export function keepLinks(nav) {
  const params = asked();
  for (const link of nav.querySelectorAll("[data-pickers]")) {
    const names = link.dataset.pickers.split(" ").filter(Boolean);
    const parameters = Object.fromEntries(names.map((name) => [name, params.get(name)]));
    link.href = address(new URL(link.href).pathname, parameters);
  }
}
