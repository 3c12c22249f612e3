// Which line and which machine a page is about.
import { address, asked, go } from "./ask.js";
import { el, put, set } from "./dom.js";
import { spanPicker } from "./span.js";
import { name, t } from "./words.js";

export function pickers(wanted, node) {
  const made = wanted.map((kind) => (kind === "span" ? spanPicker() : choice(kind)));
  node.replaceChildren(...made.map((one) => one.node));
  return {
    update(answer) {
      for (const one of made) one.update(answer);
    },
  };
}

const LISTS = { line: "lines", machine: "machines" };

function choice(kind) {
  const select = el("select", "");
  const node = el("label", `field ${kind}`, el("span", "", t(`pick.${kind}`)), select);
  // Another line has other machines and orders.
  select.onchange = () => go(kind === "line" ? { line: select.value, machine: null, order: null, of: null } : { machine: select.value });
  return {
    node,
    update(answer) {
      const found = answer[LISTS[kind]];
      const many = new Set(found.map((one) => one.plant && name(one.plant))).size > 1;
      if (select.length !== found.length) select.replaceChildren(...found.map(() => el("option", "")));
      found.forEach((one, n) => {
        const option = select.options[n];
        set(option, "value", ids(found, one));
        put(option, many ? `${name(one.plant)} · ${name(one.name)}` : name(one.name));
      });
      select.value = ids(found, found.find((one) => one.path === answer[kind]));
      node.hidden = found.length < 2 || asked().has("of"); // several lines together are none of them
    },
  };
}

// The pages of the navigation keep what they understand of what is chosen here.
export function keepLinks(nav, answer) {
  const params = asked();
  if (answer?.line) params.set("line", ids(answer.lines, answer.lines.find((one) => one.path === answer.line)));
  for (const link of nav.querySelectorAll("[data-pickers]")) {
    const names = link.dataset.pickers.split(" ").filter(Boolean);
    const wanted = answer?.line ? names.filter((name) => name !== "machine" || answer.machine) : names;
    link.href = address(new URL(link.href).pathname, Object.fromEntries(wanted.map((name) => [name, params.get(name)])));
  }
}

// Short where that says it all.
function ids(found, one) {
  return found.filter((other) => other.id === one.id).length > 1 ? one.path : one.id;
}
