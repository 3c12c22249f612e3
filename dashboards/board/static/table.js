// The data behind a chart, for whoever would rather read it, and as a file for a spreadsheet.
import { asked } from "./ask.js";
import { el, fill, put } from "./dom.js";
import { opener, opens } from "./explain_link.js";
import { t } from "./words.js";

// `sheet`: [page, name of the sheet] to download, or nothing.
export function table(caption, heads, sheet) {
  const label = el("caption", "");
  const body = el("tbody", "");
  const row = el("tr", "", ...heads.map((text) => th(text, "col")));
  const grid = el("table", "", label, el("thead", "", row), body);
  const file = sheet && download(...sheet);
  const frame = el("div", "grid", grid);
  frame.tabIndex = 0; // it may be wider than the page: then it is moved with the keyboard
  frame.setAttribute("role", "region");
  const node = el("details", "data", el("summary", "", t("table.show")), frame);
  if (sheet) node.append(file.node);
  let rows = [];
  const draw = () => node.open && fill(body, rows.length, () => el("tr", "")).forEach((line, n) => cells(line, rows[n]));
  node.ontoggle = draw;
  return {
    node,
    // `text`: the caption; every row is a list of texts, the first says what the row is. A number that can be explained
    // is [text, where, what] as of explain_link.js.
    update(next, text = caption) {
      rows = next;
      put(label, text);
      frame.setAttribute("aria-label", text);
      file?.update();
      draw();
    },
  };
}

// Takes one table of a page away, as it is asked for now.
export function download(page, name) {
  const node = el("a", "download", t("table.csv"));
  node.setAttribute("download", "");
  return {
    node,
    update() {
      node.href = `/api/${page}.csv?${asked({ table: name })}`;
    },
  };
}

function th(text, scope) {
  const cell = el("th", "", text);
  cell.scope = scope;
  return cell;
}

function cells(line, texts) {
  fill(line, texts.length, (n) => (n ? el("td", "") : th("", "row"))).forEach((cell, n) => say(cell, texts[n]));
}

function say(cell, said) {
  if (!Array.isArray(said)) return put(cell, said);
  const [text, where, what] = said;
  if (!cell.firstElementChild) cell.replaceChildren(opener(""));
  put(cell.firstElementChild, text);
  opens(cell.firstElementChild, where, what);
}
