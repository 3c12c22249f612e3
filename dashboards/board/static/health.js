// The page "data health": asks for everything every few seconds and draws what changed.
import { el, fill, put, ready, set, style } from "./dom.js";
import { follow } from "./follow.js";
import { duration, elapsed, number, offset, percent } from "./format.js";
import { showHere } from "./here.js";
import { panel } from "./panel.js";
import { refusals } from "./refusals.js";
import { troubleBox, troubleText } from "./trouble.js";
import { loadWords, name, t } from "./words.js";

const ASKED = { everyMs: 3_000, patienceMs: 10_000 };
const STRANGERS_SHOWN = 5;
const COUNTS = ["lost", "late", "duplicates", "reordered", "quarantined"];
const FIGURES = ["unknown", "behind", "skew", ...COUNTS];
const PROOF = ["oee", "true_oee", "verdict"];
// A lag shorter than this is how machines take turns to speak.
const PROMPT_S = 90;

const root = document.getElementById("health");
let page = null;

function makePage() {
  const lines = el("div", "lines");
  const plant = el("span", "plant");
  const machines = panel("machines", plant);
  const proof = el("p", "proof");
  const nobody = el("p", "nobody");
  const strangers = el("p", "nobody");
  machines.node.append(proof, lines, nobody, strangers, download("machines"));
  const refused = panel("refused");
  const list = refusals();
  refused.node.append(...list.nodes, download("refused"));
  put(machines.heading, t("health.machines"));
  put(refused.heading, t("health.refused"));
  root.replaceChildren(machines.node, refused.node);
  return { plant, lines, proof, nobody, strangers, list };
}

// What is shown, as a file for a spreadsheet.
function download(table) {
  const link = el("a", "plain download", t("table.csv"));
  link.href = `/health.csv?table=${table}`;
  set(link, "download", "");
  return link;
}

function draw(data) {
  page ??= makePage();
  put(page.plant, name(data.plant));
  const proved = data.passed !== null;
  put(page.proof, proofText(data));
  set(page.proof, "data-state", data.passed === false ? "wrong" : "right");
  page.proof.hidden = !page.proof.textContent;
  fill(page.lines, data.lines.length, lineTable).forEach((table, n) => table.show(data.lines[n], proved, data.lines.length > 1));
  put(page.nobody, data.nobody ? t("health.nobody", { count: number(data.nobody) }) : "");
  const names = data.strangers.slice(0, STRANGERS_SHOWN).join(", ");
  put(page.strangers, names && t("health.strangers", { count: number(data.strangers.length), names }));
  page.list.show(data.refusals, data.tz);
  ready(root);
}

function proofText(data) {
  if (data.proof_trouble) return troubleText(data.proof_trouble);
  if (data.passed === null) return "";
  return t(data.passed ? "health.proved" : "health.disproved");
}

function lineTable() {
  const title = el("h3", "");
  const list = el("ol", "table");
  const node = el("section", "line-health", title, list);
  node.show = (line, proved, several) => {
    put(title, name(line.name));
    title.hidden = !several;
    list.classList.toggle("proved", proved);
    const rows = fill(list, line.machines.length + 1, (n) => (n ? machine() : heads()));
    rows.slice(1).forEach((row, n) => row.show(line.machines[n], proved));
  };
  return node;
}

function heads() {
  const words = ["machine", "known", ...FIGURES, ...PROOF].map((key) => el("span", `head-of ${key}`, t(`health.${key}`)));
  const row = el("li", "heads", ...words);
  set(row, "aria-hidden", "true"); // every figure below says its own word
  return row;
}

function machine() {
  const title = el("strong", "name");
  const length = el("span", "length");
  const known = el("strong", "value");
  const cover = el("span", "cover", el("span", "label", t("health.known")), el("span", "rail", length), known);
  const figures = [...FIGURES, ...PROOF].map(figure);
  const row = el("li", "machine", title, cover, ...figures.map((one) => one.node));
  row.show = (now, proved) => {
    set(row, "data-machine", now.id);
    put(title, name(now.name));
    style(length, "width", `${100 * (now.coverage ?? 0)}%`);
    put(known, percent(now.coverage));
    for (const one of figures) one.show(now, proved);
  };
  return row;
}

function figure(key) {
  const value = el("strong", "value");
  const node = el("span", `cell ${key}`, el("span", "label", t(`health.${key}`)), value);
  return {
    node,
    show(now, proved) {
      node.hidden = PROOF.includes(key) && !proved;
      put(value, text(key, now));
      set(node, "data-zero", String(COUNTS.includes(key) ? now[key] === 0 : key === "unknown" && now.unknown_s === 0));
      set(node, "data-state", key === "behind" && now.silent ? "silent" : key === "verdict" ? (now.proof?.verdict ?? "") : "");
    },
  };
}

function text(key, now) {
  if (key === "unknown") return duration(now.unknown_s);
  if (key === "behind") return now.behind_s < PROMPT_S ? elapsed(now.behind_s) : duration(now.behind_s);
  if (key === "skew") return now.skew_s === null ? t("format.absent") : offset(now.skew_s);
  if (key === "verdict") return now.proof ? t(`verdict.${now.proof.verdict}`) : t("format.absent");
  if (PROOF.includes(key)) return percent(now.proof?.[key] ?? null);
  return number(now[key]);
}

function trouble(found) {
  page = null;
  root.replaceChildren(troubleBox(found));
  ready(root);
}

showHere();
await loadWords();
follow(() => "/health.json", { answer: draw, trouble }, ASKED);
