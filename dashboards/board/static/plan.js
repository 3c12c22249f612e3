// Where each station stands on the wall: the main flow in one row, what is joined into it above, rework below it.

// id → { column (from 1), span, row: "branch" | "main" | "bench" }, and how many columns there are.
export function plan(stations) {
  const flow = stations.filter((station) => !station.off_flow);
  const depths = depthsOf(flow);
  const columns = Math.max(0, ...depths.values()) + 1;
  const main = mainFlow(flow, depths);
  const places = new Map();
  for (const station of flow) {
    const column = columns - (depths.get(station.id) ?? 0);
    places.set(station.id, { column, row: main.has(station.id) ? "main" : "branch" });
  }
  // A bench stands under the station it follows in the file: the one that rejects.
  let column = 1;
  for (const station of stations) {
    if (station.off_flow) places.set(station.id, { column, row: "bench" });
    else if (main.has(station.id)) column = places.get(station.id).column;
  }
  widen(places);
  return { columns, places };
}

// What stands aside has a name too: it reaches back over a free place before it.
function widen(places) {
  const taken = new Set([...places.values()].map(({ row, column }) => `${row} ${column}`));
  for (const place of places.values()) {
    const free = place.row !== "main" && place.column > 1 && !taken.has(`${place.row} ${place.column - 1}`);
    place.span = free ? 2 : 1;
    place.column -= free ? 1 : 0;
  }
}

// How many stations are still ahead of each, at most; a line that never said how it flows goes as it is listed.
function depthsOf(flow) {
  const known = flow.some((station) => station.downstream.length);
  const depths = new Map();
  const ahead = new Map(flow.map((station) => [station.id, station.downstream]));
  const depth = (id, seen) => {
    if (depths.has(id)) return depths.get(id);
    const next = (ahead.get(id) ?? []).filter((other) => ahead.has(other) && !seen.has(other));
    const found = next.length ? 1 + Math.max(...next.map((other) => depth(other, new Set([...seen, id])))) : 0;
    depths.set(id, found);
    return found;
  };
  flow.forEach((station, place) => (known ? depth(station.id, new Set()) : depths.set(station.id, flow.length - 1 - place)));
  return depths;
}

// From the exit back along the longest way; of equals the first in the file.
function mainFlow(flow, depths) {
  const lengths = new Map();
  const feeders = (id) => flow.filter((station) => station.downstream.includes(id));
  const length = (id, seen) => {
    if (!lengths.has(id)) {
      const ways = feeders(id).filter((other) => !seen.has(other.id));
      lengths.set(id, ways.length ? 1 + Math.max(...ways.map((other) => length(other.id, new Set([...seen, id])))) : 0);
    }
    return lengths.get(id);
  };
  const main = new Set();
  let here = flow.findLast((station) => depths.get(station.id) === 0);
  if (!flow.some((station) => station.downstream.length)) return new Set(flow.map((station) => station.id));
  while (here && !main.has(here.id)) {
    main.add(here.id);
    const ways = feeders(here.id);
    here = ways.reduce((best, way) => (!best || length(way.id, new Set()) > length(best.id, new Set()) ? way : best), null);
  }
  return main;
}
