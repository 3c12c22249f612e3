// Notices for pages that follow no line: a connection of their own while somebody looks, where the board has a desk.
import { notices } from "./notice.js";

const RETRY_MS = 5_000;

export function listen() {
  if (!document.querySelector('a[href="/desk"]')) return;
  const shown = notices();
  let source = null;
  let timer = 0;

  // A browser has few connections for all its tabs: who is not seen needs none.
  function follow() {
    clearTimeout(timer);
    source?.close();
    source = null;
    if (document.hidden) return;
    source = new EventSource("/notices");
    source.addEventListener("notice", (event) => shown.heard(JSON.parse(event.data)));
    source.onerror = () => {
      source.close();
      timer = setTimeout(follow, RETRY_MS);
    };
  }

  document.addEventListener("visibilitychange", follow);
  follow();
}
