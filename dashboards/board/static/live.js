// How old what you see is, and whether it still comes.
import { el, put, set } from "./dom.js";
import { duration, elapsed } from "./format.js";
import { t } from "./words.js";

const OLD_S = 90;
const WORD = { connecting: "connecting", live: "now", old: "old", lost: "lost", full: "full" };

export function liveness() {
  const node = document.getElementById("live");
  const word = el("span", "word");
  const aged = el("span", "age");
  set(word, "role", "status"); // the word is news to a screen reader, the seconds beside it are not
  node.replaceChildren(el("span", "dot"), word, aged);
  let ageS = null;
  let since = performance.now();
  let state = "connecting";

  function age() {
    const seconds = ageS === null ? null : ageS + (performance.now() - since) / 1000;
    const shown = state === "live" && seconds > OLD_S ? "old" : state;
    set(node, "data-state", shown);
    put(word, t(`live.${WORD[shown]}`));
    put(aged, seconds === null ? "" : ageText(shown, seconds));
  }

  return {
    age,
    heard(seconds, full = false) {
      ageS = seconds;
      since = performance.now();
      state = full ? "full" : "live";
      age();
    },
    lost(full) {
      state = full ? "full" : "lost";
      age();
    },
  };
}

function ageText(state, seconds) {
  if (state === "lost" || state === "full") return t("live.age", { age: ago(seconds) });
  return state === "old" ? ago(seconds) : duration(Math.floor(seconds));
}

function ago(seconds) {
  return seconds < 3600 ? elapsed(seconds) : duration(seconds);
}
