// What was done, in words: commands to machines and lines, and notes of what was done to the whole plant.
import { duration, number, percent } from "./format.js";
import { has, name, t } from "./words.js";

// `who`: whom it was done to, where that is not plain.
export function doneText({ asked }, who = "") {
  if (asked.verb === "note") return markText(asked);
  return [who, has(`verb.${asked.verb}`) ? t(`verb.${asked.verb}`) : asked.verb].filter(Boolean).join(": ");
}

function markText({ code = "", value, text }) {
  const [kind, what] = code.split(/\.(.*)/);
  const said = text ? name(text) : "";
  if (!kind) return said;
  if (kind === "mess") return t(value ? "did.mess_on" : "did.mess_off", { name: has(`mess.${what}`) ? t(`mess.${what}`) : what });
  if (kind === "speed" && value === undefined) return t("notice.fastest");
  if (has(`did.${kind}`)) return t(`did.${kind}`, { name: said || what || (value === undefined ? "" : number(value)) });
  return [code, value, said].filter(Boolean).join(" ");
}

// More about it: which fault, for how long, how much, or why not.
export function detailText({ asked, accepted, why, detail, code_name: named }) {
  if (!accepted) return [t("history.refused"), whyText(why, detail)].join(": ");
  if (asked.verb === "note") return "";
  const { verb, code, duration_s: lasts, value, order, quantity, product } = asked;
  const much = value === undefined ? (verb.startsWith("set_") ? t("desk.normal") : "") : percent(value);
  const what = named ? name(named) : product || code;
  if (order) return [order, quantity ? t("desk.ordered", { count: number(quantity), product: what }) : what].filter(Boolean).join(" · ");
  return [what, lasts ? duration(lasts) : "", much].filter(Boolean).join(" · ");
}

// Why it was refused: in the reader's words where there are some, else as it was said.
export function whyText(why, detail) {
  return has(`why.${why}`) ? t(`why.${why}`) : detail;
}

const SIGNS = { mess: "mess", speed: "time", pause: "time", jump: "time", reset: "again", story: "story", story_end: "story" };

// The sign of what was done, of icons.svg.
export function signOf({ asked, accepted }) {
  if (!accepted) return "refused";
  if (asked.verb !== "note") return "hand";
  return SIGNS[(asked.code ?? "").split(".")[0]] ?? "speech";
}
