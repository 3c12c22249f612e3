// The table behind a timeline: how long each station was in each category.
import { duration } from "./format.js";
import { CATEGORY_OF, parts } from "./lanes.js";
import { table } from "./table.js";
import { t } from "./words.js";

const CATEGORIES = Object.values(CATEGORY_OF);

// `page`: whose sheet is downloaded.
export function timeTable(page) {
  const heads = [t("pick.machine"), ...CATEGORIES.map((category) => t(`category.${category}`))];
  const made = table(t("history.title"), heads, [page, "times"]);
  return {
    node: made.node,
    // `rows`: [name, Map start of the step → code]; `shape`: as of strips.js.
    show(rows, shape) {
      made.update(rows.map(([title, codes]) => [title, ...CATEGORIES.map((category) => duration(total(codes, category, shape)))]));
    },
  };
}

// A code is in sixtieths of its step.
function total(codes, wanted, { step_us: step }) {
  let sixtieths = 0;
  for (const code of codes.values()) {
    for (const [category, share] of parts(code)) if (category === wanted) sixtieths += share;
  }
  return (sixtieths * step) / 60e6;
}
