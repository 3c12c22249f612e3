// Stations over the span, one strip each: under it a band where it was the bottleneck, above all what was commanded.
import { el, fill, put, style } from "./dom.js";
import { instant } from "./format.js";
import { parseLanes } from "./lanes.js";
import { panel } from "./panel.js";
import { drawAxis, lane, legend } from "./strips.js";
import { timeTable } from "./time_table.js";
import { has, name, t } from "./words.js";

export function history() {
  const { node, heading } = panel("timeline history");
  const flags = el("div", "flags");
  const lanes = el("ol", "lanes");
  const axis = el("div", "axis");
  const notes = el("ol", "notes");
  const key = legend();
  for (const part of [flags, axis]) part.setAttribute("aria-hidden", "true");
  put(heading, t("history.title"));
  key.append(el("li", "", el("span", "swatch sole"), t("flow.bottleneck")), el("li", "", el("span", "swatch shifting"), t("history.shifting")));
  const times = timeTable();
  node.append(flags, lanes, axis, key, notes, times.node);
  let last = null;
  const redraw = () => last && draw(last, lanes, axis);
  new ResizeObserver(redraw).observe(lanes);
  return {
    node,
    update(answer) {
      last = answer;
      redraw();
      times.show(...spent(answer.data));
      const found = answer.data.notes;
      fill(flags, found.length, () => el("span", "flag")).forEach((flag, n) => {
        style(flag, "left", `${(100 * (found[n].ts_us - answer.from_us)) / (answer.to_us - answer.from_us)}%`);
      });
      fill(notes, found.length, note).forEach((item, n) => item.show(found[n], answer.tz, stationOf(found[n], answer.data.now.stations)));
    },
  };
}

function spent({ lanes: shape, now }) {
  const codes = parseLanes(shape.lanes, shape.from_us, shape.step_us);
  return [now.stations.map((station) => [name(station.name), codes.get(station.id) ?? new Map()]), shape];
}

function draw(answer, lanes, axis) {
  const { lanes: shape, now, rulings } = answer.data;
  const codes = parseLanes(shape.lanes, shape.from_us, shape.step_us);
  fill(lanes, now.stations.length, lane).forEach((row, n) => {
    const station = now.stations[n];
    put(row.label, name(station.name));
    const own = rulings.filter((one) => one.station === station.id);
    row.draw(codes.get(station.id) ?? new Map(), shape, name(station.name), own);
  });
  drawAxis(axis, answer);
}

// A command that was given; `station`: who to, where that is not plain.
export function note() {
  const when = el("time", "when");
  const what = el("strong", "what");
  const where = el("span", "where");
  const item = el("li", "note", when, what, where);
  item.show = (found, tz, station = "") => {
    put(when, instant(found.ts_us, tz));
    put(what, has(`verb.${found.verb}`) ? t(`verb.${found.verb}`) : found.verb);
    put(where, [station, found.by, found.accepted ? "" : t("history.refused"), found.detail].filter(Boolean).join(" · "));
  };
  return item;
}

function stationOf(found, stations) {
  const station = stations.find((one) => found.path.endsWith(`/${one.id}`));
  return station ? name(station.name) : "";
}
