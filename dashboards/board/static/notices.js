// Notices for pages that follow no line: a connection of their own, where the board has a desk.
import { whileSeen } from "./asking.js";
import { notices } from "./notice.js";

const RETRY_MS = 5_000;

export function listen() {
  if (!document.querySelector('a[href="/desk"]')) return;
  const shown = notices();
  let source = null;
  let timer = 0;

  function open() {
    source = new EventSource("/notices");
    source.addEventListener("notice", (event) => shown.heard(JSON.parse(event.data)));
    source.onerror = () => {
      close();
      timer = setTimeout(open, RETRY_MS);
    };
  }

  function close() {
    clearTimeout(timer);
    source?.close();
  }

  whileSeen(open, close);
}
