// What is done to a machine and to a line, with what each of them has to choose from.
import { numeric, part } from "./desk_part.js";
import { el, set } from "./dom.js";
import { name, t } from "./words.js";

export function fields(act) {
  return [machinePart(act), linePart(act)];
}

function select(key) {
  const box = el("select");
  return {
    box,
    node: el("label", "field", t(key), box),
    // As it was where that is still there; names come from the plant and go in as text.
    offer(choices, id) {
      const wanted = choices.map((one) => `${one[id]} ${name(one.name)}`).join("\n");
      if (box.dataset.wanted === wanted) return;
      const before = box.value;
      box.dataset.wanted = wanted;
      const of = new Map();
      for (const one of choices) of.set(one.line, [...(of.get(one.line) ?? []), option(one[id], name(one.name))]);
      box.replaceChildren(...[...of].flatMap(([line, options]) => (of.size > 1 ? [group(line, options)] : options)));
      if (choices.some((one) => one[id] === before)) box.value = before;
    },
  };
}

// Under the name of their line.
function group(line, options) {
  const node = el("optgroup", "", ...options);
  node.label = name(line);
  return node;
}

function option(value, text) {
  const node = el("option", "", text);
  node.value = value;
  return node;
}

const minutes = (value) => numeric("desk.minutes", { min: 0.1, max: 1440, value });

function machinePart(act) {
  const { node, rows, press } = part("desk.machine", act);
  const which = select("desk.machine");
  const fault = select("desk.fault");
  const slot = select("desk.slot");
  const [broken, starved] = [minutes(5), minutes(10)];
  const scrap = numeric("desk.scrap", { min: 0, max: 100, value: 20 });
  const speed = numeric("desk.speed", { min: 10, max: 1000, value: 50 });
  const asked = (verb, more = {}) => ({ do: "command", path: which.box.value, verb, ...more });
  const breaks = press(t("desk.break"), () => asked("break", { code: fault.box.value, duration_s: 60 * broken.read() }));
  const starves = press(t("desk.starve"), () => asked("starve", { code: slot.box.value, duration_s: 60 * starved.read() }));
  const faults = el("div", "deed", fault.node, broken.node, breaks);
  const slots = el("div", "deed", slot.node, starved.node, starves);
  set(which.box, "id", "machine");
  rows.append(
    el("div", "deed", which.node, press(t("desk.repair"), () => asked("repair"))),
    faults,
    slots,
    el("div", "deed", scrap.node, press(t("desk.set"), () => asked("set_scrap", { value: scrap.read() / 100 })), press(t("desk.normal"), () => asked("set_scrap"))),
    el("div", "deed", speed.node, press(t("desk.set"), () => asked("set_speed", { value: speed.read() / 100 })), press(t("desk.normal"), () => asked("set_speed"))),
  );
  let machines = [];
  const choose = () => {
    const machine = machines.find((one) => one.path === which.box.value);
    if (!machine) return;
    fault.offer(machine.faults, "id");
    slot.offer(machine.slots, "id");
    faults.hidden = !machine.faults.length;
    slots.hidden = !machine.slots.length;
  };
  which.box.addEventListener("change", choose);
  return {
    node,
    update(state) {
      machines = state.lines.flatMap((line) => line.machines.map((one) => ({ ...one, line: line.name })));
      which.offer(machines, "path");
      choose();
    },
  };
}

function linePart(act) {
  const { node, rows, press } = part("desk.line", act);
  const which = select("desk.line");
  const product = select("desk.product");
  const rest = minutes(10);
  const quantity = numeric("desk.quantity", { min: 1, max: 1_000_000, step: 1, value: 200 });
  const order = (verb) => () => ({ do: "command", path: which.box.value, verb, order: number(), product: product.box.value, quantity: quantity.read() });
  rows.append(
    el("div", "deed", which.node),
    el("div", "deed", rest.node, press(t("desk.rest"), () => ({ do: "command", path: which.box.value, verb: "break_line", duration_s: 60 * rest.read() }))),
    el("div", "deed", product.node, quantity.node),
    el("div", "deed", press(t("desk.order"), order("order")), press(t("desk.add_order"), order("add_order"))),
  );
  let lines = [];
  const choose = () => product.offer(lines.find((one) => one.path === which.box.value)?.products ?? [], "id");
  which.box.addEventListener("change", choose);
  return {
    node,
    update(state) {
      lines = state.lines;
      which.offer(lines, "path");
      choose();
    },
  };
}

// An id that no order had before.
function number() {
  return `DESK-${Date.now().toString(36).toUpperCase()}`;
}
