// The line as it stands: stations left to right, the parts that wait between them, a quiet band under the bottleneck.
import { address } from "./ask.js";
import { el, fill, icon, put, set, setIcon, style } from "./dom.js";
import { fit, label } from "./fit.js";
import { number } from "./format.js";
import { panel } from "./panel.js";
import { plan } from "./plan.js";
import { ECHOES, standing } from "./stops.js";
import { name, t } from "./words.js";

// Running and resting are not counted; waiting some seconds for a neighbour is breathing, and stays uncoloured.
const SILENT = new Set(["execute", "planned"]);
const BRIEF_S = 15;
const DENSE = 11; // stations side by side beyond which their letters get smaller

export function flow() {
  const { node, heading } = panel("flow");
  const list = el("ol", "stations");
  const band = el("div", "band", el("span", "", t("flow.bottleneck")));
  const track = el("div", "track", list, band);
  put(heading, t("flow.title"));
  node.append(track);
  const place = () => moveBand(list, band);
  const texts = () => list.querySelectorAll(".tile :is(.name, .word)");
  let written = "";
  new ResizeObserver(() => {
    fit(texts(), true);
    place();
  }).observe(list);
  return {
    node,
    update(line, nowUs) {
      const items = fill(list, line.stations.length, station);
      const { columns, places } = plan(line.stations);
      style(list, "--columns", String(columns));
      list.classList.toggle("dense", columns > DENSE);
      list.classList.toggle("layered", [...places.values()].some((place) => place.row !== "main"));
      items.forEach((item, n) => item.show(line.stations[n], nowUs, places.get(line.stations[n].id), line.path));
      const names = items.map((item) => [item.dataset.row, item.dataset.station, item.querySelector(".tile").textContent.length]).join();
      if (names !== written) fit(texts(), true);
      written = names;
      place();
    },
  };
}

// The band travels: it is one element that moves to whichever station is the bottleneck.
function moveBand(list, band) {
  const tile = list.querySelector(".bottleneck .tile");
  band.hidden = !tile;
  band.classList.toggle("aside", tile?.parentNode.dataset.row !== "main"); // there is no room for its word
  if (!tile) return;
  const over = (band.firstChild.offsetWidth - tile.offsetWidth) / 2; // what its word is wider than the tile, on each side
  const beyond = tile.offsetLeft + tile.offsetWidth + over > band.parentNode.offsetWidth;
  style(band, "justify-content", tile.offsetLeft < over ? "start" : beyond ? "end" : "center");
  style(band, "width", `${tile.offsetWidth}px`);
  style(band, "transform", `translate(${tile.offsetLeft}px, ${tile.offsetTop + tile.offsetHeight}px)`);
}

function station() {
  const queue = buffer();
  const sign = icon("unknown");
  const title = el("span", "name");
  const word = el("span", "word");
  const since = el("time", "since");
  const mark = el("span", "mark", t("flow.bottleneck"));
  const tile = el("a", "tile", sign, title, word, since);
  const item = el("li", "station", queue.node, tile, mark);
  item.show = (now, nowUs, place, path) => {
    set(tile, "href", address("/machine", { machine: `${path}/${now.id}` }));
    set(item, "data-row", place.row);
    item.classList.toggle("narrow", place.row !== "main" && place.span === 1);
    style(item, "--column", `${place.column} / span ${place.span}`);
    set(item, "data-category", now.category);
    set(item, "data-station", now.id);
    set(item, "data-since", String(now.since_us));
    item.classList.toggle("bottleneck", now.bottleneck);
    setIcon(sign, now.category);
    label(title, name(now.name));
    put(word, t(`category.${now.category}`));
    // Waiting for seconds is breathing; a bench with nothing to repair is good news, however long.
    const isIdleBench = place.row === "bench" && now.category === "starved";
    const brief = isIdleBench || (ECHOES.has(now.category) && (nowUs - now.since_us) / 1e6 < BRIEF_S);
    item.classList.toggle("brief", brief);
    put(since, brief || SILENT.has(now.category) ? "" : standing(now, nowUs));
    since.classList.toggle("long", since.textContent.length > "00:00".length);
    queue.update(now);
  };
  return item;
}

// Parts that wait before a station; full to the brim when it blocks whoever comes before.
function buffer() {
  const level = el("span", "level");
  const tube = el("span", "tube", level);
  const count = el("span", "count");
  const node = el("span", "buffer", tube, count);
  set(node, "role", "img");
  return {
    node,
    update({ buffer: waiting, capacity, name: both }) {
      node.classList.toggle("none", waiting === null);
      if (waiting === null) return;
      node.classList.toggle("open", !capacity);
      node.classList.toggle("full", Boolean(capacity) && waiting >= capacity);
      style(level, "height", capacity ? `${Math.min(100, (100 * waiting) / capacity)}%` : "0");
      put(count, number(waiting));
      const values = { count: number(waiting), capacity: number(capacity ?? 0), name: name(both) };
      set(node, "aria-label", t(capacity ? "flow.buffer_of" : "flow.buffer", values));
    },
  };
}
