// The words of the chosen language, and names that the wire brings in both.

let words = {};
export const language = document.documentElement.lang;

export async function loadWords() {
  const answer = await fetch(`/words/${language}.json`);
  words = await answer.json();
}

export function t(key, values = {}) {
  return words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export function has(key) {
  return key in words;
}

// A name from the wire: {en, vi}.
export function name(both) {
  return both[language] || both.en;
}

// What a stop is called: the machine's own word, else the reserved one, else the bare code, else its category.
export function reasonName(stop) {
  if (stop.reason_name) return name(stop.reason_name);
  if (stop.reason && has(`reason.${stop.reason}`)) return t(`reason.${stop.reason}`);
  return stop.reason || t(`category.${stop.category}`);
}
