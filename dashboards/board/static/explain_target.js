// A target opened: the planned time of each order's turn ÷ its takt, added up; and what came of it.
import { adding } from "./adding.js";
import { goes } from "./ask.js";
import { el, fill, put, set, style } from "./dom.js";
import { workedOut } from "./explain_terms.js";
import { headline, whole } from "./explain_whole.js";
import { between, clock, exact, instant, measured, number, signed, tenths } from "./format.js";
import { panel } from "./panel.js";
import { table } from "./table.js";
import { name, t } from "./words.js";

export function page(root) {
  return whole(root, [chooser(), gap(), wanted(), came()]);
}

function chooser() {
  const scope = el("p", "what");
  const kinds = el("nav", "spans");
  set(kinds, "aria-label", t("target.which"));
  const { node, heading, numeral, verdict } = headline(scope, kinds);
  return {
    node,
    update({ data, span, now_us: now, tz }) {
      put(heading, t(data.is_shift ? "target.of_shift" : "target.of", { name: name(data.name) }));
      put(numeral, data.target === null ? t("format.absent") : number(Math.floor(data.target)));
      put(verdict, t(data.target === null ? "target.none" : "target.is"));
      put(scope, [between(data.from_us, data.until_us, tz), data.is_shift ? t("target.goes_on", { time: clock(now, tz) }) : ""].filter(Boolean).join(" · "));
      kinds.hidden = span !== "shift";
      fill(kinds, 2, () => el("a", "choice")).forEach((link, n) => {
        put(link, t(n ? "pace.shift" : "pace.target"));
        goes(link, { code: n ? "shift" : null });
        if (data.is_shift === Boolean(n)) set(link, "aria-current", "true");
        else link.removeAttribute("aria-current");
      });
    },
  };
}

function gap() {
  const shown = workedOut();
  return {
    node: shown.node,
    update({ data: { target, good, is_shift: isShift } }) {
      shown.node.hidden = target === null;
      const due = Math.floor(target ?? 0);
      const [made, wanted] = [[t("used.good"), number(good)], [t(isShift ? "pace.shift" : "target.due"), number(due)]];
      if (isShift) shown.show("minus", [wanted, made, [t("target.to_go"), number(due - good)]]);
      else shown.show("minus", [made, wanted, [t("target.gap"), signed(good - due)]]);
    },
  };
}

function wanted() {
  const { node, heading } = panel("users");
  const list = el("ol", "bars");
  const heads = [t("orders.order"), t("head.product"), t("head.began"), t("head.ended"), t("target.planned"), t("target.takt"), t("target.due"), t("head.sum")];
  const all = table(t("target.orders"), heads, ["explain_target", "orders"]);
  all.node.open = true;
  put(heading, t("target.orders"));
  node.append(list, all.node);
  return {
    node,
    update({ data, tz }) {
      node.hidden = !data.wanted.length;
      // Cut to tenths, not rounded: of a part that is not yet due there is none.
      const parts = adding(data.wanted.map((one) => one.due), 0.1, Math.floor);
      const most = Math.max(...parts) || 1;
      let sum = 0;
      fill(list, parts.length, turn).forEach((item, n) => item.show(data.wanted[n], parts[n], most));
      all.update(data.wanted.map((one, n) => {
        sum += parts[n];
        return [
          one.order, name(one.name), instant(one.from_us, tz), clock(one.to_us, tz), exact(one.planned_us / 1e6), takt(one), tenths(parts[n]), tenths(sum),
        ];
      }));
    },
  };
}

function takt({ takt_us: us }) {
  return measured(us / 1e6, t("target.s_each"));
}

function turn() {
  const who = el("strong", "who");
  const how = el("span", "how");
  const length = el("span", "length good");
  const item = el("li", "ruler", who, how, el("span", "rail", length));
  item.show = (one, due, most) => {
    put(who, [one.order, name(one.name)].filter(Boolean).join(" · "));
    put(how, t("target.turn", { time: exact(one.planned_us / 1e6), takt: takt(one), due: tenths(due) }));
    style(length, "width", `${(100 * due) / most}%`);
  };
  return item;
}

function came() {
  const { node, heading } = panel("came");
  const all = table(t("target.came"), [t("orders.order"), t("used.good"), t("head.sum")], ["explain_target", "good"]);
  all.node.open = true;
  put(heading, t("target.came"));
  node.append(all.node);
  return {
    node,
    update({ data }) {
      let sum = 0;
      all.update(data.came.map((one) => [one.order || t("target.no_order"), number(one.good), number((sum += one.good))]));
      node.hidden = !data.came.length;
    },
  };
}
