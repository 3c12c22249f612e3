// Every line of every site: who wins, who stands, who is best and who is worst; the line itself is one step away.
import { address, asked } from "./ask.js";
import { cells } from "./cells.js";
import { el, fill, icon, put, set, setIcon } from "./dom.js";
import { opener, opens } from "./explain_link.js";
import { duration, elapsed, number, percent, signed } from "./format.js";
import { panel } from "./panel.js";
import { table } from "./table.js";
import { name, reasonName, t } from "./words.js";

export function page(root) {
  const { node, heading } = panel("park-of");
  const figures = cells(["lines", "stopped", "behind", "oee"].map((key) => t(`park.${key}`)));
  const extremes = el("p", "what");
  const sites = el("div", "sites");
  const heads = [t("pick.line"), t("park.site"), t("orders.good"), t("pace.target"), t("oee.name"), t("oee.availability"), t("oee.performance"), t("oee.quality"), t("park.lost"), t("flow.bottleneck")];
  const all = table(t("park.table"), heads, ["park", "lines"]);
  put(heading, t("park.title"));
  node.append(figures.node, extremes, all.node);
  root.className = "park-page";
  root.append(node, sites);
  let last = null;
  const draw = (nowUs) => fill(sites, last.data.sites.length, site).forEach((item, n) => item.show(last.data.sites[n], last.data, nowUs));
  return {
    update(answer) {
      last = answer;
      const { data } = answer;
      const lines = data.sites.flatMap((one) => one.lines);
      figures.update([number(data.lines), number(data.stopped), number(data.behind), percent(data.oee)], { 3: [together("park")] });
      extremes.hidden = !data.best;
      if (data.best) put(extremes, t("park.extremes", said(lines, data)));
      all.update(data.sites.flatMap((one) => one.lines.map((line) => row(line, one))));
      draw(answer.now_us);
    },
    tick(nowUs) {
      if (last) draw(nowUs);
    },
  };
}

function together(of) {
  return { of, span: asked().get("span") };
}

function said(lines, { best, worst }) {
  const first = lines.find((one) => one.path === best);
  const least = lines.find((one) => one.path === worst);
  return { best: name(first.name), best_oee: percent(first.oee), worst: name(least.name), worst_oee: percent(least.oee) };
}

function row(line, { name: of }) {
  const where = { line: line.path, span: asked().get("span") };
  const factors = ["availability", "performance", "quality"].map((factor) => [percent(line[factor]), where, { factor }]);
  return [
    name(line.name), name(of), number(line.good), line.target_now ? number(line.target_now) : t("format.absent"), [percent(line.oee), where],
    ...factors, [duration(line.lost_s), where, { code: "ppt" }], line.bottleneck ? name(line.bottleneck.name) : t("format.absent"),
  ];
}

function site() {
  const heading = el("h2", "");
  const oee = opener("oee-of");
  const list = el("ol", "tiles");
  const node = el("section", "site-of", el("div", "head", heading, oee), list);
  node.show = (found, data, nowUs) => {
    put(heading, name(found.name));
    set(node, "data-lines", found.lines.length > 3 ? "more" : String(found.lines.length));
    put(oee, t("park.site_oee", { oee: percent(found.oee) }));
    opens(oee, together(found.path));
    fill(list, found.lines.length, lineTile).forEach((item, n) => item.show(found.lines[n], data, nowUs));
  };
  return node;
}

function lineTile() {
  const who = el("a", "who");
  const mark = el("span", "rank");
  const gap = opener("gap-of");
  const sign = icon("even");
  const verdict = el("span", "");
  const good = opener("good-of");
  const oee = opener("oee-of");
  const badge = icon("execute");
  const what = el("strong", "");
  const since = opener("since");
  const silent = el("span", "silent");
  const narrow = el("a", "narrow");
  const item = el("li", "panel tile-of", el("div", "head", who, mark), el("p", "beat", sign, gap, verdict), good, el("p", "now-of", el("span", "badge", badge), what, since), silent, narrow, oee);
  item.show = (line, { best, worst }, nowUs) => {
    const here = { line: line.path, span: asked().get("span") };
    put(who, name(line.name));
    who.href = address("/line", here);
    put(mark, line.path === best ? t("park.best") : line.path === worst ? t("park.worst") : "");
    mark.hidden = !mark.textContent;
    const pace = line.gap === null ? "even" : line.gap < 0 ? "behind" : line.gap > 0 ? "ahead" : "even";
    setIcon(sign, pace);
    set(item, "data-pace", line.gap === null ? "none" : pace);
    put(gap, line.gap === null ? t("format.absent") : signed(line.gap));
    put(verdict, line.gap === null ? t("park.no_target") : t(`pace.${pace}`));
    put(good, line.gap === null ? t("park.good", { good: number(line.good) }) : t("park.of", { good: number(line.good), target: number(line.target_now) }));
    const state = line.stop?.category ?? (line.unknown === line.stations ? "unknown" : "execute");
    set(item, "data-category", state);
    setIcon(badge, state);
    put(what, line.stop ? `${name(line.stop.name)} · ${reasonName(line.stop)}` : t(state === "unknown" ? "category.unknown" : "park.running"));
    put(since, line.stop ? [elapsed((nowUs - line.stop.since_us) / 1e6), line.stopped > 1 ? t("stops.more", { count: number(line.stopped - 1) }) : ""].filter(Boolean).join(" · ") : "");
    silent.hidden = !line.unknown;
    put(silent, t("park.silent", { count: number(line.unknown), stations: number(line.stations) }));
    put(narrow, line.bottleneck ? t("park.bottleneck", { name: name(line.bottleneck.name) }) : "");
    if (line.bottleneck) narrow.href = address("/machine", { ...here, machine: line.bottleneck.id });
    put(oee, t(line.oee > 1 ? "park.over" : "park.line_oee", { oee: percent(line.oee) }));
    opens(oee, here);
    opens(gap, line.gap !== null && { line: line.path, span: "shift" }, { page: "target" });
    opens(good, { ...here, span: line.gap === null ? "hour" : "shift" }, { code: "good" });
    opens(since, line.stop && { line: line.path, machine: line.stop.id, span: line.gap === null ? "hour" : "shift" }, { code: line.stop?.category });
  };
  return item;
}
