// Why there is nothing to show: what is wrong, what to do about it, and the way on.
import { el } from "./dom.js";
import { t } from "./words.js";

// What is wrong and what to do about it, in one line.
export function troubleText({ reason, places = {} }) {
  return `${t(`trouble.${reason}`)}. ${t(`trouble.${reason}.hint`, places)}`;
}

export function troubleBox({ reason, places = {}, lasting = false, detail = "" }) {
  const way = lasting ? el("a", "", t("trouble.start")) : t("trouble.again");
  if (lasting) way.href = location.pathname;
  const said = [el("h2", "", t(`trouble.${reason}`)), el("p", "", t(`trouble.${reason}.hint`, places)), el("p", "", way)];
  return el("section", "message", ...said, ...(detail ? [el("small", "detail", detail)] : []));
}
