// The orders of a line: in time or late, how far, and where the time of one of them went.
import { cells } from "./cells.js";
import { el, put } from "./dom.js";
import { duration, instant, number, percent } from "./format.js";
import { panel } from "./panel.js";
import { ends, plan } from "./orders_plan.js";
import { staircase } from "./staircase.js";
import { download, table } from "./table.js";
import { name, t } from "./words.js";

export function page(root) {
  const book = plan();
  const stairs = staircase(true);
  const side = el("span", "");
  const { node, heading } = panel("order-of", side);
  const facts = cells(["quantity", "made", "scrap", "rty", "due", "finish"].map((key) => t(`order.${key}`)));
  const heads = [
    t("orders.order"), t("head.product"), t("head.state"), t("order.quantity"), t("order.made"), t("order.scrap"), t("head.began"),
    t("order.finish"), t("order.due"), t("order.late"), t("oee.name"), t("figure.rty"),
  ];
  const all = table(t("orders.progress"), heads, ["orders", "orders"]);
  const losses = download("orders", "losses");
  node.append(facts.node);
  stairs.node.append(losses.node);
  book.node.append(all.node);
  root.className = "orders-page";
  root.append(book.node, node, stairs.node);
  return {
    update(answer) {
      const { data, tz } = answer;
      book.update(answer);
      all.update(data.orders.map((one) => row(one, answer)));
      const { opened } = data;
      node.hidden = stairs.node.hidden = !opened;
      if (!opened) return;
      losses.update();
      const found = data.orders.find((one) => one.order.order === opened.order);
      const order = found?.order ?? null;
      put(heading, t("order.opened", { order: opened.order }));
      put(side, t("order.constraint", { machine: data.names[opened.constraint] ? name(data.names[opened.constraint]) : opened.constraint }));
      facts.update([
        order ? number(order.quantity) : t("format.absent"), order ? number(order.good) : t("format.absent"), number(opened.scrap),
        percent(opened.rty), when(order?.due_us ?? null, tz), when(found ? ends(found) : null, tz),
      ], {
        1: [opened.oee.oee !== null && order && { line: answer.line, order: opened.order }, { code: "good" }],
        5: [found?.forecast?.finish_us && { line: answer.line, order: opened.order }, { page: "forecast" }],
        3: [opened.rty !== null && { line: answer.line, order: opened.order }, { page: "yield" }],
      });
      stairs.update({ shift: opened, where: found && { line: answer.line, order: opened.order } });
    },
  };
}

function when(us, tz) {
  return us === null ? t("format.absent") : instant(us, tz);
}

function row(told, { line, tz }) {
  const { order: one, oee, rty, late_us: lateUs } = told;
  const product = one.product_name ? name(one.product_name) : one.product;
  const late = lateUs === null ? t("format.absent") : duration(lateUs / 1e6);
  return [
    one.order, product, t(`orders.${one.state}`), number(one.quantity), number(one.good), number(one.scrap), when(one.began_us, tz),
    [when(ends(told), tz), told.forecast?.finish_us && { line, order: one.order }, { page: "forecast" }], when(one.due_us, tz), late, ...[[oee, {}], [rty, { page: "yield" }]].map(([ratio, what]) => [percent(ratio), ratio !== null && { line, order: one.order }, what]),
  ];
}
