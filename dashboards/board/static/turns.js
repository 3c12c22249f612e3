// A wall with more lines than it can show takes turns: two lines of one plant at a time, a dot for each turn.
import { el, fill, icon, set, setIcon } from "./dom.js";
import { name, t } from "./words.js";

const EVERY_MS = 12_000;
const TOGETHER = 2;
const FEW = 3; // so many lines a phone shows one after the other; of more it shows a list
const RESTED_MS = 120_000; // whoever chose a turn wants to look at it
const wall = matchMedia("(min-width: 1100px) and (min-aspect-ratio: 4/3)");
const still = matchMedia("(prefers-reduced-motion: reduce)");

// `node`: where the dots go; `again`: called when another turn began.
export function turns(node, again) {
  const dots = el("span", "dots");
  const hold = el("button", "hold", icon("pause"));
  let place = 0;
  let count = 1;
  let paused = still.matches;
  let rest = 0;
  let stage = "";
  set(node, "aria-label", t("turns.title"));
  node.replaceChildren(dots, hold);

  function turn(to, byHand) {
    place = (to + count) % count;
    if (byHand) rest = performance.now() + RESTED_MS;
    again();
  }

  hold.onclick = () => {
    paused = !paused;
    rest = 0;
    again();
  };
  addEventListener("keydown", ({ key, target }) => {
    if (count < 2 || target.closest("input, select, textarea")) return;
    if (key === "ArrowRight") turn(place + 1, true);
    if (key === "ArrowLeft") turn(place - 1, true);
  });
  wall.addEventListener("change", again);
  setInterval(() => {
    if (count > 1 && !paused && !stage && performance.now() > rest) turn(place + 1, false);
  }, EVERY_MS);

  return {
    // Whether a phone shows a list instead of each line.
    isList: (lines) => !wall.matches && lines.length > FEW,
    // The line at `path`, where a story plays, stays in sight; an empty one: none.
    stay(path) {
      stage = path;
    },
    // Of all lines those whose turn it is; on a phone all of them.
    shown(lines) {
      const groups = wall.matches ? grouped(lines) : [lines];
      count = groups.length;
      const played = groups.findIndex((group) => group.some((line) => line.path === stage));
      place = played < 0 ? Math.min(place, count - 1) : played;
      node.hidden = count < 2;
      set(hold, "aria-label", t(paused ? "turns.go" : "turns.hold"));
      setIcon(hold.firstChild, paused ? "execute" : "pause");
      fill(dots, count, dot).forEach((one, n) => {
        if (n === place) set(one, "aria-current", "true");
        else one.removeAttribute("aria-current");
        set(one, "aria-label", groups[n].map((line) => name(line.name)).join(", "));
        one.onclick = () => turn(n, true);
      });
      return groups[place];
    },
  };
}

function dot() {
  return el("button", "dot");
}

function grouped(lines) {
  if (lines.length <= TOGETHER) return [lines];
  const plants = new Map();
  for (const line of lines) {
    const plant = line.path.split("/").slice(0, 2).join("/");
    plants.set(plant, [...(plants.get(plant) ?? []), line]);
  }
  return [...plants.values()].flatMap((own) =>
    Array.from({ length: Math.ceil(own.length / TOGETHER) }, (_, n) => own.slice(n * TOGETHER, (n + 1) * TOGETHER)));
}

// `?lines=a,b`: only these, by their ids or paths; names that no line has are passed over.
export function picked(lines) {
  const wanted = (new URLSearchParams(location.search).get("lines") ?? "").split(",").filter(Boolean);
  const found = lines.filter((line) => wanted.some((one) => line.path === one || line.path.endsWith(`/${one}`)));
  return found.length ? found : lines;
}
