// From all time down to good parts. A step is a link: it opens the intervals or lines behind it, which add up to it.
import { adding } from "./adding.js";
import { address, asked, goes } from "./ask.js";
import { el, fill, put, set, style } from "./dom.js";
import { clock, day, exact, number, percent } from "./format.js";
import { download, table } from "./table.js";
import { has, name, t } from "./words.js";

const TENTH_US = 1e5;
// They are no part of the planned production time, which is the whole.
const BEFORE = new Set(["span", "unknown", "planned"]);

export function ladder() {
  const node = el("ol", "ladder");
  const heads = [t("head.step"), t("head.time"), t("head.sum"), t("head.share"), t("head.factor")];
  const all = table(t("explain.down"), heads, ["explain", "steps"]);
  return {
    nodes: [node, all.node],
    update(answer) {
      const { rows } = answer.data;
      const kept = rows.filter((row) => row.us || row.is_left || ["planned", answer.data.opened].includes(row.kind));
      const shown = rounded(kept);
      const cut = (kind) => rows.find((row) => row.kind === kind).us;
      const scale = Math.max(cut("span") - cut("unknown"), ...kept.filter((row) => row.is_left && row.kind !== "span").map((row) => row.us)) || 1;
      const planned = cut("ppt");
      let left = kept[0].us;
      fill(node, kept.length, rung).forEach((item, n) => {
        const row = kept[n];
        item.show(row, shown[n], { left, scale, planned }, answer);
        if (!row.is_left) left -= row.us;
      });
      all.update(kept.map((row, n) => [
        t(`rung.${row.kind}`), row.is_left ? "" : signed(shown[n]), row.is_left ? exact(shown[n]) : "", shareOf(row, planned), row.blame && t(`blame.${row.blame}`),
      ]));
    },
  };
}

function shareOf(row, planned) {
  return planned && !BEFORE.has(row.kind) ? percent(row.us / planned) : "";
}

// What is left is rounded to the second, a step is the difference of two remainders: what is shown always adds up.
function rounded(rows) {
  const round = (us) => Math.round(us / 1e6);
  let left = rows[0].us;
  return rows.map((row) => {
    if (row.is_left) return round(row.us);
    const cut = round(left) - round(left - row.us);
    left -= row.us;
    return cut;
  });
}

function rung() {
  const what = el("a", "what");
  const value = el("span", "value");
  const share = el("span", "share");
  const blame = el("abbr", "blame");
  const rest = el("span", "rest");
  const cut = el("span", "cut");
  const box = behind();
  const item = el("li", "rung", what, value, share, blame, el("span", "stair", rest, cut), box.node);
  item.show = (row, seconds, { left, scale, planned }, answer) => {
    const isOpen = row.kind === answer.data.opened;
    const after = row.is_left ? row.us : left - row.us;
    put(what, t(`rung.${row.kind}`));
    put(value, row.is_left ? exact(seconds) : signed(seconds));
    put(share, shareOf(row, planned));
    put(blame, row.blame);
    blame.title = row.blame ? t(`blame.${row.blame}`) : "";
    blame.hidden = !row.blame;
    goes(what, { code: isOpen ? null : row.kind });
    set(what, "aria-expanded", String(isOpen));
    set(item, "class", `rung ${row.is_left ? "left" : "taken"} ${row.kind}${isOpen ? " open" : ""}`);
    style(rest, "width", wide(Math.min(left, after), scale));
    style(cut, "left", wide(Math.min(left, after), scale));
    style(cut, "width", row.is_left ? "0%" : wide(Math.min(Math.max(left, after), scale) - Math.min(left, after), scale));
    set(cut, "class", `cut fill-${row.kind}`);
    box.node.hidden = !isOpen;
    if (isOpen) box.update(row, answer);
  };
  return item;
}

function signed(seconds) {
  if (!seconds) return exact(0);
  return seconds > 0 ? `−${exact(seconds)}` : `+${exact(-seconds)}`;
}

function wide(us, scale) {
  return `${Math.max(0, Math.min(100, (100 * us) / scale))}%`;
}

// What is behind the open step: who and why, then interval by interval.
function behind() {
  const say = el("p", "told");
  const reasons = el("ol", "reasons");
  const heads = [t("head.began"), t("head.ended"), t("pick.machine"), t("head.state"), t("head.reason"), t("head.time"), t("head.sum")];
  const all = table(t("explain.intervals"), heads, ["explain", "intervals"]);
  const sheet = download("explain", "reasons");
  const means = el("p", "");
  const node = el("div", "behind", say, means, reasons, sheet.node, all.node);
  all.node.open = true;
  return {
    node,
    update(row, answer) {
      const { data, tz } = answer;
      const total = row.reasons.reduce((sum, one) => sum + one.us, 0);
      const count = row.reasons.reduce((sum, one) => sum + one.intervals, 0);
      put(means, row.kind === "breakdown" && data.subject.kind === "machine" ? reliability(row.us, data) : "");
      means.hidden = !means.textContent;
      const adds = data.subject.kind === "lines" ? "together.adds" : "explain.adds";
      const longest = Math.max(...row.reasons.map((one) => Math.abs(one.us)));
      put(say, row.reasons.length ? t(adds, { count: number(count), sum: exact(total / 1e6, true) }) : t(`why.${row.kind}`, says(data)));
      const times = adding(row.reasons.map((one) => one.us), TENTH_US);
      fill(reasons, row.reasons.length, reason).forEach((item, n) => item.show(row.reasons[n], times[n], longest, data));
      sheet.node.hidden = !row.reasons.length;
      sheet.update();
      all.node.hidden = !data.pieces.length;
      all.update(intervals(data, tz), t("explain.intervals"));
    },
  };
}

// What a machine's MTBF and MTTR divide.
function reliability(down, { rows, breakdowns }) {
  if (!breakdowns) return "";
  const run = rows.find((row) => row.kind === "execute").us;
  const [total, broken, mtbf, mttr] = [run, down, run / breakdowns, down / breakdowns].map((us) => exact(us / 1e6));
  return t("explain.reliability", { run: total, down: broken, count: number(breakdowns), mtbf, mttr });
}

function says({ rows }) {
  const us = Object.fromEntries(rows.map((row) => [row.kind, row.us]));
  const write = (amount) => exact(amount / 1e6, true);
  return {
    execute: write(us.execute), ideal: write(us.execute - us.speed), made: write(us.made), good: write(us.good), ppt: write(us.ppt),
    span: write(us.span), unknown: write(us.unknown), planned: write(us.planned), rejected: write(us.made - us.good),
  };
}

// A machine and why; of several lines one, which leads on to the same step of its own.
function reason() {
  const who = el("a", "who");
  const how = el("span", "how");
  const length = el("span", "length");
  const item = el("li", "ruler", who, how, el("span", "rail", length));
  item.show = (one, us, longest, data) => {
    const time = exact(us / 1e6, true);
    const isLine = data.subject.kind === "lines";
    put(who, [data.names[one.machine] ? name(data.names[one.machine]) : one.machine, word(one, data)].filter(Boolean).join(" · "));
    if (isLine) who.href = address("/explain", { line: one.machine, span: asked().get("span"), definition: data.definition, code: data.opened });
    else who.removeAttribute("href");
    put(how, isLine ? time : t("explain.times", { count: number(one.intervals), time }));
    set(length, "class", `length fill-${data.opened}`);
    style(length, "width", `${longest ? (100 * Math.abs(one.us)) / longest : 0}%`);
  };
  return item;
}

function word({ machine, reason: code }, { reasons }) {
  const own = reasons[machine]?.[code];
  if (own) return name(own);
  return has(`reason.${code}`) ? t(`reason.${code}`) : code;
}

function intervals({ pieces, names, reasons, more, more_us: rest }, tz) {
  let sum = 0;
  const times = adding([...pieces.map((one) => one.to_us - one.from_us), rest], TENTH_US);
  const rows = pieces.map((one, n) => {
    const lasted = times[n];
    sum += lasted;
    const who = names[one.machine] ? name(names[one.machine]) : one.machine;
    const at = `${day(one.from_us, tz)} ${clock(one.from_us, tz, true)}`;
    return [at, clock(one.to_us, tz, true), who, has(`state.${one.state}`) ? t(`state.${one.state}`) : one.state, word(one, { reasons }), exact(lasted / 1e6, true), exact(sum / 1e6, true)];
  });
  if (more) rows.push([t("explain.more", { count: number(more) }), "", "", "", "", exact(times.at(-1) / 1e6, true), exact((sum + times.at(-1)) / 1e6, true)]);
  return rows;
}
