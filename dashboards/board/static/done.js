// What was done at the desk, in words.
import { has, name, t } from "./words.js";

export function doneText(deed) {
  const who = name(deed.name);
  if (has(`did.${deed.what}`)) return t(`did.${deed.what}`, { name: has(`mess.${who}`) ? t(`mess.${who}`) : who });
  return [who, has(`verb.${deed.what}`) ? t(`verb.${deed.what}`) : deed.what].join(": ");
}
