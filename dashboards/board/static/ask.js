// What the address asks for. Everything shown is in it, so that it can be sent to somebody.

const listeners = [];

// The parameters of the address, without the language: that is the reader's own.
export function asked(changes = {}) {
  const params = new URLSearchParams(location.search);
  params.delete("lang");
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === "") params.delete(key);
    else params.set(key, value);
  }
  return params;
}

// Ask for something else on this page.
export function go(changes) {
  const query = asked(changes).toString();
  history.pushState(null, "", query ? `?${query}` : location.pathname);
  for (const listener of listeners) listener();
}

export function onGo(listener) {
  listeners.push(listener);
  addEventListener("popstate", listener);
}

// The address of another page with these parameters; paths stay readable.
export function address(path, parameters = {}) {
  const given = Object.entries(parameters).filter(([, value]) => value);
  const query = new URLSearchParams(given).toString().replaceAll("%2F", "/");
  return query ? `${path}?${query}` : path;
}

// A link that asks for something else without loading the page again; with a modifier it is a link like any other.
export function goes(link, changes) {
  link.href = `?${asked(changes)}`;
  link.onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(changes);
  };
}
