// Asking the server, while somebody looks: a class opens many tabs, and a browser has few connections for all of them.

const RETRY_MS = 2_000;

// `begin` whenever the page is seen, `end` when it no longer is.
export function whileSeen(begin, end) {
  const change = () => (document.hidden ? end() : begin());
  document.addEventListener("visibilitychange", change);
  change();
}

// `look` again and again: it gives for how many ms that is enough, or nothing where it failed, and is told how to find
// out that its answer comes too late. Gives what looks at once.
export function repeat(look) {
  let timer = 0;
  let turns = 0;

  function rest() {
    clearTimeout(timer);
    turns++;
  }

  async function again() {
    rest();
    const turn = turns;
    let wait = RETRY_MS;
    try {
      wait = (await look(() => turn !== turns)) ?? wait;
    } finally {
      if (turn === turns) timer = setTimeout(again, wait);
    }
  }

  whileSeen(again, rest);
  return again;
}

// What the server says, or null where it is away.
export async function answered(path, patienceMs) {
  try {
    const answer = await fetch(path, { signal: AbortSignal.timeout(patienceMs) });
    return await answer.json();
  } catch {
    return null;
  }
}
