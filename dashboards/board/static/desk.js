// The instructor's desk: log in with the PIN, then everything that can be done to the plant, and what was done.
import { repeat } from "./asking.js";
import { parts } from "./desk_parts.js";
import { el, put, ready, set } from "./dom.js";
import { clock } from "./format.js";
import { showHere } from "./here.js";
import { loadWords, t } from "./words.js";

const EVERY_MS = 1_000;
const PATIENCE_MS = 10_000;
const root = document.getElementById("desk");
const now = document.getElementById("clock");
let view = null;

// Whether this browser has logged in: who has not is asked for the PIN, and the server is not asked in vain.
const LOGGED_IN = "desk-logged-in";
// That somebody was logged in before this page was loaded again: then the page says why it asks for the PIN.
const EXPIRED = "desk-expired";

async function look() {
  const answer = await send("/desk/state.json");
  if (answer?.status === 401) {
    localStorage.removeItem(LOGGED_IN);
    sessionStorage.setItem(EXPIRED, "1");
    return location.reload();
  }
  ready(root);
  const lost = !answer?.ok;
  set(document.body, "data-state", lost ? "lost" : "live");
  set(now, "data-state", lost ? "lost" : "live");
  if (lost) return put(now, t("live.lost"));
  const state = await answer.json();
  if (!view) {
    view = parts(act);
    root.replaceChildren(...view.nodes, leave());
  }
  put(now, clock(state.now_us, state.tz, true));
  view.update(state);
  return EVERY_MS;
}

// What the server says, or null where it is away.
async function send(path, body) {
  const headers = { "Content-Type": "application/json" };
  const how = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) };
  try {
    return await fetch(path, { ...how, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    return null;
  }
}

async function act(action) {
  const answer = await send("/desk/do", action);
  if (!answer) return { accepted: false, detail: t("live.lost") };
  return answer.json();
}

function leave() {
  const button = el("button", "press", t("desk.log_out"));
  button.addEventListener("click", async () => {
    if (!(await send("/desk/logout", {}))?.ok) return;
    localStorage.removeItem(LOGGED_IN);
    location.reload();
  });
  return el("p", "leave", button);
}

function logIn() {
  ready(root);
  const pin = el("input");
  for (const [name, value] of Object.entries({ inputmode: "numeric", autocomplete: "off", maxlength: "12", name: "pin" })) set(pin, name, value);
  const button = el("button", "press", t("desk.log_in"));
  const wrong = el("p", "answer");
  set(wrong, "role", "alert");
  if (sessionStorage.getItem(EXPIRED)) put(wrong, t("desk.expired"));
  sessionStorage.removeItem(EXPIRED);
  const form = el("form", "panel log-in", el("label", "field", t("desk.pin"), pin), el("p", "hint", t("desk.where")), button, wrong);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    const answer = await send("/desk/login", { pin: pin.value });
    button.disabled = false;
    pin.value = "";
    put(wrong, answer?.ok ? "" : t(answer?.status === 429 ? "desk.too_many" : answer ? "desk.wrong" : "live.lost"));
    if (!answer?.ok) return pin.focus();
    localStorage.setItem(LOGGED_IN, "1");
    location.reload();
  });
  root.replaceChildren(form);
  pin.focus();
}

showHere();
await loadWords();
if (localStorage.getItem(LOGGED_IN)) repeat(look);
else logIn();
