// A forecast opened: what is left of the orders, at the pace of late, laid into planned time.
import { adding } from "./adding.js";
import { el, fill, put, style } from "./dom.js";
import { workedOut } from "./explain_terms.js";
import { headline, whole } from "./explain_whole.js";
import { between, clock, cycle, day, duration, exact, instant, number, percent } from "./format.js";
import { panel } from "./panel.js";
import { table } from "./table.js";
import { name, t } from "./words.js";

const SECOND_US = 1e6;

export function page(root) {
  return whole(root, [chooser(), pace(), left(), ahead()]);
}

function chooser() {
  const due = el("p", "what");
  const { node, heading, numeral, verdict } = headline(due);
  return {
    node,
    update({ data, tz, now_us: now }) {
      const { finish_us: finish, due_us: wanted, late_us: late } = data;
      put(heading, data.order ? t("forecast.of", { order: data.order, name: name(data.name) }) : t("orders.plan"));
      put(numeral, finish === null ? t("format.absent") : clock(finish, tz));
      put(verdict, !data.order ? t("forecast.none") : finish === null ? t("forecast.beyond") : t("forecast.is", { day: day(finish, tz), now: clock(now, tz) }));
      const state = late > 0 ? "late" : late < 0 ? "early" : "even";
      const kept = late === null ? "" : state === "even" ? t("forecast.even") : t(`orders.${state}`, { time: duration(Math.abs(late) / 1e6) });
      put(due, wanted === null ? "" : [t("forecast.due", { time: instant(wanted, tz) }), kept].filter(Boolean).join(" · "));
    },
  };
}

function pace() {
  const shown = workedOut();
  const ideal = el("p", "what", t("forecast.ideal"));
  shown.node.append(ideal);
  return {
    node: shown.node,
    update({ data }) {
      ideal.hidden = !data.is_ideal;
      shown.node.hidden = !data.order;
      shown.show("by", data.is_ideal ? [[t("forecast.pace"), percent(1)]] : [
        [t("forecast.made"), exact(data.made_us / 1e6)], [t("forecast.planned"), exact(data.planned_us / 1e6)], [t("forecast.pace"), percent(data.pace)],
      ]);
    },
  };
}

function left() {
  const { node, heading } = panel("users");
  const list = el("ol", "bars");
  const heads = [t("orders.order"), t("head.product"), t("forecast.left"), t("head.ideal"), t("forecast.needs"), t("head.sum")];
  const all = table(t("forecast.orders"), heads, ["explain_forecast", "orders"]);
  all.node.open = true;
  put(heading, t("forecast.orders"));
  node.append(list, all.node);
  return {
    node,
    update({ data }) {
      node.hidden = !data.order;
      const needed = adding(data.orders.map((one) => one.needed_us), SECOND_US);
      const most = Math.max(...needed) || 1;
      let sum = 0;
      fill(list, needed.length, order).forEach((item, n) => item.show(data.orders[n], needed[n], most, data.pace));
      all.update(data.orders.map((one, n) => {
        sum += needed[n];
        return [one.order, name(one.name), number(one.remaining), cycle(one.ideal_us / 1e6), exact(needed[n] / 1e6), exact(sum / 1e6)];
      }));
    },
  };
}

function order() {
  const who = el("strong", "who");
  const how = el("span", "how");
  const length = el("span", "length good");
  const item = el("li", "ruler", who, how, el("span", "rail", length));
  item.show = (one, needed, most, share) => {
    put(who, [one.order, name(one.name)].join(" · "));
    put(how, t("forecast.each", { parts: number(one.remaining), ideal: cycle(one.ideal_us / 1e6), pace: percent(share), time: exact(needed / 1e6) }));
    style(length, "width", `${(100 * needed) / most}%`);
  };
  return item;
}

function ahead() {
  const { node, heading } = panel("ahead");
  const all = table(t("forecast.ahead"), [t("forecast.piece"), t("head.time"), t("head.sum")], ["explain_forecast", "planned"]);
  all.node.open = true;
  put(heading, t("forecast.ahead"));
  node.append(all.node);
  return {
    node,
    update({ data, tz }) {
      node.hidden = !data.ahead.length;
      const pieces = adding(data.ahead.map((one) => one.to_us - one.from_us), SECOND_US);
      let sum = 0;
      all.update(data.ahead.map((one, n) => {
        sum += pieces[n];
        return [between(one.from_us, one.to_us, tz), exact(pieces[n] / 1e6), exact(sum / 1e6)];
      }));
    },
  };
}
