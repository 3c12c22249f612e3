// Are we winning the shift? One big number, what it should be by now, and how far the shift has to go.
import { address } from "./ask.js";
import { el, icon, put, set, setIcon, style } from "./dom.js";
import { opener, opens, present } from "./explain_link.js";
import { fit } from "./fit.js";
import { number, percent, signed } from "./format.js";
import { panel } from "./panel.js";
import { name, t } from "./words.js";

export function pace() {
  const order = el("span", "order");
  const ratio = el("strong", "");
  const whole = opener("oee", el("span", "", t("oee.name")), ratio);
  const { node, heading } = panel("pace", order);
  const way = el("a", "way-in");
  const good = opener("numeral");
  const sign = icon("even");
  const gap = opener("gap");
  const verdict = el("span", "verdict");
  const chip = el("p", "chip", sign, gap, verdict);
  const now = figure("pace.target");
  const all = figure("pace.shift");
  const done = el("span", "done");
  const due = el("span", "due");
  const bar = el("div", "bar", done, due);
  set(bar, "role", "img");
  const title = el("span", "what");
  const figures = el("div", "figures", good, title, chip, now.node, whole);
  heading.append(way);
  node.append(figures, el("div", "way-of", bar, all.node));
  return {
    node,
    update(line) {
      const shift = line.shift;
      put(way, name(line.name));
      set(way, "href", address("/line", { line: line.path }));
      put(order, orderText(shift));
      put(title, t(shift.window ? "pace.title" : "pace.hour"));
      put(good, number(shift.good));
      opens(good, present(line), { code: "good" });
      node.classList.toggle("aimless", !shift.target_shift);
      const difference = shift.good - shift.target_now;
      const state = difference > 0 ? "ahead" : difference < 0 ? "behind" : "even";
      set(chip, "data-state", state);
      setIcon(sign, state);
      put(gap, signed(difference));
      const target = shift.target_shift ? present(line) : null;
      opens(gap, target, { page: "target" });
      // As large as their panel is wide: how many letters the two large numbers have.
      style(figures, "--good", String(good.textContent.length));
      style(figures, "--gap-of", String(gap.textContent.length));
      put(ratio, percent(shift.oee.oee));
      opens(whole, present(line));
      put(verdict, t(`pace.${state}`));
      now.update(shift.target_now, target, "");
      all.update(shift.target_shift, target, "shift");
      drawBar(shift);
      fit([order]);
    },
  };

  function drawBar(shift) {
    const whole = Math.max(shift.target_shift, shift.good, 1);
    style(done, "width", `${(100 * shift.good) / whole}%`);
    style(due, "left", `${(100 * shift.target_now) / whole}%`);
    const figures = { good: number(shift.good), target: number(shift.target_shift), now: number(shift.target_now) };
    set(bar, "aria-label", t("pace.bar", figures));
  }
}

function orderText(shift) {
  return shift.order ? `${t("pace.order", { order: shift.order })} · ${name(shift.product)}` : "";
}

function figure(key) {
  const value = el("strong", "");
  const link = opener("", value);
  return {
    node: el("p", "figure", link, el("span", "", t(key))),
    update(count, where, code) {
      put(value, number(count));
      opens(link, where, { page: "target", code });
    },
  };
}
