// Where each station stands on the wall: the main flow in one row, what is joined into it above, rework below it.

// id → { column (from 1), span, row: "upper" | "branch" | "main" | "bench" }, and how many columns there are.
export function plan(stations) {
  const flow = stations.filter((station) => !station.off_flow);
  const depths = depthsOf(flow);
  const columns = Math.max(0, ...depths.values()) + 1;
  const main = mainFlow(flow, depths);
  const places = new Map();
  for (const station of flow) {
    const column = columns - (depths.get(station.id) ?? 0);
    const beside = [...places.values()].some((place) => place.row === "branch" && place.column === column);
    places.set(station.id, { column, row: main.has(station.id) ? "main" : beside ? "upper" : "branch" });
  }
  // A bench stands under the station it follows in the file: the one that rejects.
  let column = 1;
  for (const station of stations) {
    if (station.off_flow) places.set(station.id, { column, row: "bench" });
    else if (main.has(station.id)) column = places.get(station.id).column;
  }
  widen(places, columns);
  return { columns, places };
}

// What stands aside has a name too: it reaches over a free place before it, else over the one after it.
function widen(places, columns) {
  const taken = new Set([...places.values()].map(({ row, column }) => `${row} ${column}`));
  for (const place of places.values()) {
    const isFree = (column) => place.row !== "main" && column >= 1 && column <= columns && !taken.has(`${place.row} ${column}`);
    const before = isFree(place.column - 1);
    const wider = before ? place.column - 1 : place.column + 1;
    place.span = before || isFree(wider) ? 2 : 1;
    if (place.span === 2) taken.add(`${place.row} ${wider}`);
    place.column -= before ? 1 : 0;
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
