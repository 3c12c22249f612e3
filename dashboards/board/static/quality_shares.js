// The p-chart of a station: what share did not pass the first time, sample by sample, against limits of each sample's size.
import { el, put, set, svg } from "./dom.js";
import { clock, day, number, percent } from "./format.js";
import { panel } from "./panel.js";
import { drawAxis } from "./strips.js";
import { table } from "./table.js";
import { name, t } from "./words.js";

const HIGH = 170;

export function shares() {
  const side = el("span", "");
  const { node, heading } = panel("shares", side);
  const picture = svg("svg", { class: "run", role: "img" });
  const axis = el("div", "axis");
  const chart = el("div", "run-chart", picture, axis);
  const verdict = el("p", "what");
  const none = el("p", "calm", t("quality.no_units"));
  const heads = [t("head.began"), t("quality.first"), t("quality.rejected"), t("head.share"), t("head.lower"), t("head.upper")];
  const all = table(t("quality.shares"), heads, ["quality", "shares"]);
  let last = null;
  axis.setAttribute("aria-hidden", "true");
  node.append(chart, verdict, none, all.node);
  const redraw = () => last?.data.shares && draw(picture, axis, last);
  new ResizeObserver(redraw).observe(chart);
  return {
    node,
    update(answer) {
      last = answer;
      const { shares: found, names } = answer.data;
      none.hidden = Boolean(found?.samples.some((one) => one.n));
      chart.hidden = verdict.hidden = all.node.hidden = !none.hidden;
      put(heading, found ? t("quality.shares_of", { name: name(names[found.station]) }) : t("quality.shares"));
      put(side, found ? t("quality.centre", { share: percent(found.centre) }) : "");
      if (!none.hidden) return;
      const out = found.samples.filter((one) => one.is_out).length;
      put(verdict, t(out ? "quality.out" : "quality.in", { out: number(out), samples: number(found.samples.filter((one) => one.n).length) }));
      set(picture, "aria-label", `${heading.textContent}: ${verdict.textContent}`);
      redraw();
      all.update(found.samples.map((one) => [
        `${day(one.from_us, answer.tz)} ${clock(one.from_us, answer.tz)}`, number(one.n), number(one.rejected), percent(one.share),
        percent(one.lower), percent(one.upper),
      ]));
    },
  };
}

function draw(picture, axis, answer) {
  const { samples, centre } = answer.data.shares;
  const width = picture.parentNode.clientWidth;
  if (!width) return;
  const known = samples.filter((one) => one.n);
  const high = Math.max(...known.flatMap((one) => [one.share, Math.min(one.upper, 4 * Math.max(centre, 0.002))]), 1e-6) * 1.08;
  const x = (us) => ((us - answer.from_us) / (answer.to_us - answer.from_us)) * width;
  const y = (share) => HIGH - 6 - (Math.min(share, high) / high) * (HIGH - 14);
  const middle = (one) => (x(one.from_us) + x(one.to_us)) / 2;
  const path = known.map((one, n) => `${n ? "L" : "M"}${middle(one).toFixed(1)} ${y(one.share).toFixed(1)}`).join("");
  set(picture, "viewBox", `0 0 ${width} ${HIGH}`);
  picture.replaceChildren(
    ...known.map((one) => svg("rect", { class: "within", x: x(one.from_us), width: Math.max(1, x(one.to_us) - x(one.from_us) - 2), y: y(one.upper), height: Math.max(0, y(one.lower) - y(one.upper)) })),
    ...known.flatMap((one) => [one.upper, one.lower].map((limit) => svg("line", { class: "control", x1: x(one.from_us), x2: x(one.to_us) - 2, y1: y(limit), y2: y(limit) }))),
    svg("line", { class: "centre", x1: 0, x2: width, y1: y(centre), y2: y(centre) }),
    svg("path", { class: "trail", d: path }),
    ...known.map((one) => mark(middle(one), y(one.share), one.is_out)),
  );
  drawAxis(axis, answer);
}

function mark(x, y, isOut) {
  if (isOut) return svg("rect", { class: "broken", x: x - 5, y: y - 5, width: 10, height: 10 });
  return svg("circle", { class: "point", cx: x, cy: y, r: 4 });
}
