// A serial and its whole life, or a lot and everything it went into.
import { go, goes } from "./ask.js";
import { el, fill, put } from "./dom.js";
import { instant } from "./format.js";
import { panel } from "./panel.js";
import { lotOf } from "./trace_lot.js";
import { unitOf } from "./trace_unit.js";
import { has, t } from "./words.js";

export function page(root) {
  const { node, heading } = panel("ask");
  const unit = search("unit");
  const lot = search("lot");
  const found = [unitOf(), lotOf()];
  const none = missing();
  const start = beginnings();
  put(heading, t("trace.title"));
  node.append(el("div", "searches", unit.node, lot.node));
  root.className = "trace-page";
  root.append(node, none.node, ...found.map((part) => part.node), start.node);
  return {
    update(answer) {
      unit.update(answer.data.unit);
      lot.update(answer.data.lot);
      for (const part of [...found, none, start]) part.update(answer);
    },
  };
}

const OTHER = { unit: "lot", lot: "unit" };

function search(kind) {
  const input = el("input", "");
  const form = el("form", "search", el("label", "field", el("span", "", t(`trace.${kind}`)), input), el("button", "choice", t("trace.look")));
  input.type = "search";
  input.maxLength = 300;
  input.autocomplete = "off";
  input.spellcheck = false;
  let shown = "";
  form.onsubmit = (event) => {
    event.preventDefault();
    go({ [kind]: input.value.trim(), [OTHER[kind]]: null });
  };
  return {
    node: form,
    update(asked) {
      if (asked !== shown) input.value = asked;
      shown = asked;
    },
  };
}

// Nothing is known of it: what comes near.
function missing() {
  const { node, heading } = panel("missing");
  const why = el("p", "what");
  const near = el("ul", "near");
  node.append(why, near);
  return {
    node,
    update({ data }) {
      node.hidden = !data.unknown;
      const kind = data.unit ? "unit" : "lot";
      put(heading, t(`trace.no_${kind}`, { name: data.unit || data.lot }));
      put(why, t(data.near.length ? "trace.near" : "trace.none_near"));
      fill(near, data.near.length, () => el("li", "", el("a", "choice"))).forEach((item, n) => {
        put(item.firstChild, data.near[n]);
        goes(item.firstChild, { [kind]: data.near[n] });
      });
    },
  };
}

function beginnings() {
  const units = panel("beginning");
  const lots = panel("beginning");
  const newest = el("ul", "near");
  const loaded = el("ul", "near");
  const node = el("div", "beginnings", units.node, lots.node);
  put(units.heading, t("trace.newest"));
  put(lots.heading, t("trace.loaded"));
  const none = el("p", "calm", t("trace.no_units_yet"));
  units.node.append(newest, none);
  lots.node.append(loaded);
  return {
    node,
    update({ data, tz }) {
      node.hidden = Boolean(data.unit || data.lot);
      none.hidden = data.recent.length > 0;
      lots.node.hidden = !data.lots.length;
      fill(newest, data.recent.length, () => el("li", "", el("a", "choice"), el("span", "what"))).forEach((item, n) => {
        const { unit, ended_us: at, result } = data.recent[n];
        put(item.firstChild, unit);
        goes(item.firstChild, { unit });
        put(item.lastChild, [instant(at, tz), has(`result.${result}`) ? t(`result.${result}`) : result].join(" · "));
      });
      fill(loaded, data.lots.length, () => el("li", "", el("a", "choice"))).forEach((item, n) => {
        put(item.firstChild, data.lots[n]);
        goes(item.firstChild, { lot: data.lots[n] });
      });
    },
  };
}
