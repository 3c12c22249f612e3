// The parts behind good and rejected time: so many, each worth its ideal time.
import { cycle, exact, number } from "./format.js";
import { table } from "./table.js";
import { name, t } from "./words.js";

export function partsTable() {
  const heads = [t("head.counted"), t("pick.machine"), t("head.product"), t("head.parts"), t("head.ideal"), t("head.time")];
  const made = table(t("explain.counts"), heads, ["explain", "parts"]);
  made.node.open = true;
  return {
    node: made.node,
    update({ data }) {
      const rows = [...counted("good", data.good, data), ...counted("rejected", data.rejected, data)];
      const [good, rejected] = data.off_us;
      if (good) rows.push(off("good", good));
      if (rejected) rows.push(off("rejected", rejected));
      made.update(rows.length ? rows : [[t("explain.nothing"), "", "", "", "", ""]]);
    },
  };
}

function counted(kind, found, { names, products }) {
  const rows = found.map((one) => [
    t(`counted.${kind}`), names[one.machine] ? name(names[one.machine]) : one.machine,
    products[one.product] ? name(products[one.product]) : one.product, number(one.parts), cycle(one.each_us / 1e6), exact(one.us / 1e6, true),
  ]);
  if (found.length < 2) return rows;
  const whole = found.reduce((sum, one) => sum + one.us, 0);
  const parts = found.reduce((sum, one) => sum + one.parts, 0);
  return [...rows, [t("counted.sum"), t(`counted.${kind}`), "", number(parts), "", exact(whole / 1e6, true)]];
}

function off(kind, us) {
  return [t(`counted.${kind}`), t("explain.off"), "", "", "", exact(us / 1e6, true)];
}
