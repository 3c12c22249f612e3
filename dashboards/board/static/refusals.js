// What was refused lately: why in the reader's words, whose it was, and what the message itself says.
import { el, fill, put } from "./dom.js";
import { instant } from "./format.js";
import { t } from "./words.js";

export function refusals() {
  const list = el("ol", "refusals");
  const none = el("p", "calm", t("health.none"));
  return {
    nodes: [list, none],
    // What one reason means is said once.
    show(records, tz) {
      none.hidden = records.length > 0;
      const said = new Set();
      fill(list, records.length, refusal).forEach((item, n) => {
        const { reason } = records[n];
        item.show(records[n], tz, !said.has(reason));
        said.add(reason);
      });
    },
  };
}

function refusal() {
  const why = el("strong", "why");
  const when = el("time", "when");
  const who = el("span", "who");
  const hint = el("span", "hint");
  const detail = el("code", "detail");
  detail.lang = "en"; // names and numbers of the message, and where it could not even be read the words of who tried
  const item = el("li", "refusal", why, who, hint, detail, when);
  item.show = (record, tz, isFirst) => {
    put(why, t(`refusal.${record.reason}`));
    put(when, record.received_us === null ? "" : instant(record.received_us, tz));
    put(who, record.sender || t("health.no_topic"));
    put(hint, isFirst ? t(`refusal.${record.reason}.hint`) : "");
    put(detail, record.detail);
  };
  return item;
}
