// The panels of the desk.
import { fields } from "./desk_fields.js";
import { detailText, doneText, signOf } from "./done.js";
import { numeric, part } from "./desk_part.js";
import { el, fill, icon, put, set, setIcon } from "./dom.js";
import { clock } from "./format.js";
import { language, name, t } from "./words.js";

const SPEEDS = [0, 1, 10, 60, 600];
// For so long a second press means what the first has only asked.
const SURE_MS = 8_000;

export function parts(act) {
  const all = [time(act), stories(act), say(act), ...fields(act), done(), mess(act)];
  return { nodes: all.map((part) => part.node), update: (state) => all.forEach((part) => part.update(state)) };
}

function time(act) {
  const { node, rows, press } = part("desk.time", act);
  let isPaused = false;
  let went = 1; // how fast time went before it was paused
  const speeds = SPEEDS.map((value) => press(value ? t("desk.times", { n: value }) : t("desk.pause"), () => ({ do: "speed", value: value || !isPaused ? value : went })));
  const seed = numeric("desk.seed", { min: 0, max: 999_999, step: 1, value: 7 });
  const jump = press(t("desk.jump"), () => ({ do: "jump" }));
  let until = 0;
  const reset = press(t("desk.reset"), (say) => {
    const action = { do: "reset", seed: seed.read() };
    const isSure = performance.now() < until;
    until = isSure ? 0 : performance.now() + SURE_MS;
    if (!isSure) say(true, t("desk.reset_sure"));
    return isSure ? action : null;
  });
  const busy = el("p", "answer");
  rows.append(el("div", "deed speeds", ...speeds), el("div", "deed", jump), el("div", "deed", seed.node, reset), busy);
  return {
    node,
    update(state) {
      isPaused = state.speed === 0;
      if (state.speed) went = state.speed;
      put(speeds[0], t(isPaused ? "desk.go_on" : "desk.pause"));
      speeds.forEach((button, n) => set(button, "aria-pressed", String(!state.jumps && state.speed === SPEEDS[n])));
      set(jump, "aria-pressed", String(state.jumps));
      jump.disabled = state.jumps;
      reset.disabled = seed.box.disabled = state.busy || Boolean(state.no_reset);
      put(busy, state.busy ? t("desk.busy") : state.no_reset ? t(`why.${state.no_reset}`) : "");
    },
  };
}

function mess(act) {
  const { node, rows, ask } = part("desk.mess", act);
  const kinds = el("div", "kinds");
  const way = el("a", "plain", t("desk.mess_seen"));
  way.href = "/health";
  rows.append(kinds, el("p", "hint", way));
  return {
    node,
    update(state) {
      fill(kinds, state.mess.length, (n) => kindBox(state.mess[n].kind, ask)).forEach((label, n) => {
        label.firstChild.checked = state.mess[n].rate > 0;
      });
    },
  };
}

function kindBox(kind, ask) {
  const box = el("input");
  set(box, "type", "checkbox");
  set(box, "name", kind);
  box.addEventListener("change", () => ask({ do: "mess", kind, on: box.checked }));
  return el("label", "kind", box, el("span", "", t(`mess.${kind}`)));
}

function stories(act) {
  const { node, rows, press } = part("desk.stories", act);
  return {
    node,
    update(state) {
      const found = state.stories;
      fill(rows, found.length || 1, (n) => (found.length ? storyRow(found[n], press) : el("p", "calm", t("desk.no_story")))).forEach((row, n) =>
        row.show?.(state.story === found[n].name, state.caption),
      );
    },
  };
}

function storyRow(story, press) {
  let plays = false;
  const button = press(t("desk.play"), () => ({ do: "story", name: plays ? "" : story.name }));
  const about = el("p", "");
  const row = el("div", "story", el("div", "", el("strong", "", name(story.title)), about), button);
  row.show = (isPlaying, caption) => {
    plays = isPlaying;
    put(about, name((plays && caption) || story.about));
    set(row, "data-plays", String(plays));
    put(button, t(plays ? "desk.stop" : "desk.play"));
    set(button, "aria-pressed", String(plays));
  };
  return row;
}

// Words of the instructor's own; whoever reads the other language sees those of this one where that is empty.
function say(act) {
  const { node, rows, press, ask, say: tell } = part("desk.say_title", act);
  const [en, vi] = ["en", "vi"].map((one) => {
    const box = el("input");
    for (const [key, value] of Object.entries({ type: "text", maxlength: "200", name: `say-${one}`, lang: one })) set(box, key, value);
    return box;
  });
  const fields = [el("label", "field", t("desk.say_en"), en), el("label", "field", t("desk.say_vi"), vi)];
  if (language === "vi") fields.reverse(); // the reader's own comes first
  const boxes = fields.map((field) => field.lastChild);
  const form = el("form", "rows", ...fields);
  const said = el("button", "press", t("desk.say"));
  form.append(el("div", "deed", said, press(t("desk.unsay"), () => ({ do: "say", text: { en: "", vi: "" } }))), el("p", "hint", t("desk.say_hint")));
  form.querySelector(".deed").lastChild.type = "button";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!boxes.some((box) => box.value.trim())) {
      tell(false, t("desk.say_nothing"));
      return boxes[0].focus();
    }
    const text = { en: en.value, vi: vi.value };
    en.value = vi.value = ""; // before it is asked: a second press says nothing twice
    if (!(await ask({ do: "say", text }))) [en.value, vi.value] = [text.en, text.vi];
  });
  rows.append(form);
  return { node, update() {} };
}

function done() {
  const { node, rows } = part("desk.done");
  const deeds = el("ol", "deeds");
  const none = el("p", "hint", t("desk.nothing"));
  set(deeds, "tabindex", "0");
  set(deeds, "aria-label", t("desk.done"));
  rows.append(none, deeds);
  return {
    node,
    update(state) {
      none.hidden = state.done.length > 0;
      fill(deeds, state.done.length, () => el("li", "", icon("hand"), el("time"), el("span"))).forEach((item, n) => {
        const { note, who } = state.done[n];
        setIcon(item.children[0], signOf(note));
        put(item.children[1], clock(note.ts_us, state.tz, true));
        put(item.children[2], [doneText(note, who ? name(who) : ""), detailText(note)].filter(Boolean).join(" · "));
      });
    },
  };
}
