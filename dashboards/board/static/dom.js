// Making and changing elements. Text only ever goes in as text: names come from the wire.

const SVG = "http://www.w3.org/2000/svg";
// What would turn round the order of everything that stands after it.
const OVERRIDES = /[\u202a-\u202e\u2066-\u2069]/g;

function plain(text) {
  return typeof text === "string" ? text.replace(OVERRIDES, "") : text;
}

export function el(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children.map(plain));
  return node;
}

export function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export function icon(name) {
  const use = svg("use", { href: `/static/icons.svg#${name}` });
  return svg("svg", { class: "icon", "aria-hidden": "true" }, use);
}

export function setIcon(node, name) {
  set(node.firstChild, "href", `/static/icons.svg#${name}`);
}

// The three below touch the page only where something changed.
export function put(node, text) {
  const shown = plain(text);
  if (node.textContent !== shown) node.textContent = shown;
}

export function set(node, attribute, value) {
  if (node.getAttribute(attribute) !== value) node.setAttribute(attribute, value);
}

export function style(node, property, value) {
  if (node.style.getPropertyValue(property) !== value) node.style.setProperty(property, value);
}

// What was waited for is there.
export function ready(node) {
  node.removeAttribute("aria-busy");
  node.removeAttribute("aria-label");
}

// As many children as there are items, made once and then reused.
export function fill(parent, count, make) {
  while (parent.children.length > count) parent.lastChild.remove();
  while (parent.children.length < count) parent.append(make(parent.children.length));
  return [...parent.children];
}
