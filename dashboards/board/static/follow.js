// Beside the wall every page asks for its numbers again and again, and follows the stream in between: from it it has what
// is told at the desk, how old the data are, that the board is gone, and, where it wants that, how the stations stand.
import { answered, repeat } from "./asking.js";
import { set } from "./dom.js";
import { liveness } from "./live.js";
import { notices } from "./notice.js";
import { connect } from "./stream.js";

// `on.answer` and `on.trouble` are told what `path()` answers, every `everyMs`; `on.now` what the stream's part `only`
// brings. Gives what asks at once.
export function follow(path, on, { everyMs, patienceMs, only = "beside" }) {
  const live = liveness();
  const notice = notices();
  let isLost = false; // until the numbers are answered again: what is drawn stays, grey, with its age
  let isFollowed = false;
  let isFull = false;

  async function look(isLate) {
    const answer = await answered(path(), patienceMs);
    if (isLate()) return null; // something else was asked for meanwhile
    if (!answer) return lost();
    isLost = false;
    set(document.body, "data-state", answer.trouble ? "trouble" : "live");
    if (!isFollowed) live.heard(answer.age_s ?? 0, isFull);
    if (answer.trouble) on.trouble(answer.trouble);
    else on.answer(answer);
    return answer.trouble ? null : everyMs;
  }

  function lost() {
    isLost = true;
    set(document.body, "data-state", "lost");
    live.lost(false);
  }

  function heard(seconds) {
    if (isLost && !isFollowed) again();
    isFollowed = true;
    isFull = false;
    if (!isLost) live.heard(seconds, false);
  }

  setInterval(() => live.age(), 1000);
  const again = repeat(look);
  const said = {
    notice: notice.heard,
    beat: (beat) => heard(beat.age_s),
    now(next) {
      heard(0);
      on.now(next);
    },
    trouble: () => again(),
    lost(full) {
      isFollowed = false;
      isFull = full;
      if (!full) lost();
      again(); // whether the board is there, its answer says
    },
  };
  connect(said, only);
  return again;
}
