"""What to do with what the database answers, and which lines a bad batch is bad of. Pure.

    2xx               written
    400, 422 for age  halve it, down to lines that are all older than the bucket keeps: nobody wants those there
    none, 408, 429, 5xx   later: the same again, after a while that doubles
    400, 413, 422     the batch is bad: halve it, down to the one line that is refused for ever
    any other         held: nothing we send can mend it (token, bucket, address); say so, try again slowly

Written is what the database said it has. A line written twice is one point, so a half-written batch is sent again.
Where lines are too old, 1.x says nothing of others that it could not read: so what is not old is asked for again.
"""

import re
from enum import Enum

from msgspec import Struct

#: Waits (s) between attempts: doubled from the first to the last.
RETRY_S = (0.25, 30.0)
HOLD_S = (2.0, 60.0)
#: The most that the database may ask us to wait (``Retry-After``), s.
ASKED_LIMIT_S = 120.0
#: A request has at most so many lines and bytes.
LINES_LIMIT = 5_000
BYTES_LIMIT = 4 * 1024 * 1024
#: A server that wants requests smaller than this wants none.
BYTES_LEAST = 16 * 1024
TOO_LARGE = 413
#: So much of an answer is kept as the reason.
_REASON_LENGTH = 500
_LATER = frozenset({408, 425, 429})
_BAD = frozenset({400, TOO_LARGE, 422})
#: 1.x: "points beyond retention policy dropped=1"; 2.x: "dropped 1 points outside retention policy of … dropped=1 …".
_OUTDATED = re.compile(r"partial write: .*(?:beyond|outside) retention policy.* dropped=(\d+)", re.DOTALL)


class Verdict(Enum):
    """What an answer means for the lines that were sent."""

    WRITTEN = "written"
    LATER = "later"
    HELD = "held"
    BAD = "bad"


class Answer(Struct, frozen=True):
    """What came back: an HTTP status, none where nobody answered; ``said`` the reason in the server's words."""

    status: int | None
    said: str = ""
    retry_after_s: float | None = None

    @property
    def outdated(self) -> int:
        """How many lines are older than the bucket keeps, where that is what it complains of."""
        found = _OUTDATED.search(self.said) if self.status in _BAD else None
        return int(found[1]) if found else 0

    @property
    def verdict(self) -> Verdict:
        """What it means; anything not known is held rather than lost."""
        if self.outdated:
            return Verdict.WRITTEN
        if self.status is None or self.status in _LATER or self.status >= 500:
            return Verdict.LATER
        if 200 <= self.status < 300:
            return Verdict.WRITTEN
        return Verdict.BAD if self.status in _BAD else Verdict.HELD


class Delivery:
    """The lines of one batch on their way, oldest first. ``refused``: (line, reason) of those that never will arrive.

    ``outdated`` is how many the bucket did not want because it keeps nothing so old.
    Ask :meth:`request` for what to send, tell :meth:`answer` what came back, until there is nothing left.
    ``bytes_limit`` shrinks when the server finds a request too large, and may be kept for the next delivery.
    """

    def __init__(self, lines: list[bytes], bytes_limit: int = BYTES_LIMIT) -> None:
        self.bytes_limit = bytes_limit
        self.refused: list[tuple[bytes, str]] = []
        self.written = self.outdated = 0
        self._parts: list[list[bytes]] = [lines] if lines else []

    def request(self) -> list[bytes]:
        """The lines to send now; none when all is settled."""
        if not self._parts:
            return []
        part = self._parts[-1]
        size = self._fitting(part)
        if size < len(part):
            self._parts[-1:] = [part[size:], part[:size]]
        return self._parts[-1]

    def answer(self, answer: Answer) -> Verdict:
        """Take the answer to the last :meth:`request`."""
        part, verdict = self._parts[-1], answer.verdict
        if verdict not in {Verdict.WRITTEN, Verdict.BAD}:
            return verdict
        self._parts.pop()
        if answer.outdated >= len(part):
            self.outdated += len(part)
        elif verdict is Verdict.WRITTEN and not answer.outdated:
            self.written += len(part)
        elif len(part) == 1:
            self.refused.append((part[0], answer.said[:_REASON_LENGTH] or f"status {answer.status}"))
        else:
            half = len(part) // 2
            self._parts += [part[half:], part[:half]]
        if answer.status == TOO_LARGE:
            self.bytes_limit = max(BYTES_LEAST, min(self.bytes_limit, sum(map(len, part)) + len(part)) // 2)
        return verdict

    def _fitting(self, part: list[bytes]) -> int:
        """How many of the first lines fit into one request; at least one."""
        total = 0
        for number, line in enumerate(part[:LINES_LIMIT]):
            total += len(line) + 1
            if total > self.bytes_limit and number:
                return number
        return min(len(part), LINES_LIMIT)


class Patience:
    """How long to wait before the next attempt: doubled each time, anew once something was written."""

    def __init__(self) -> None:
        self._wait_s = 0.0

    def calm(self) -> None:
        """Something was written."""
        self._wait_s = 0.0

    def wait_s(self, answer: Answer) -> float:
        """How long to wait after this answer, s."""
        first, last = HOLD_S if answer.verdict is Verdict.HELD else RETRY_S
        self._wait_s = min(max(first, 2 * self._wait_s), last)
        return max(self._wait_s, min(answer.retry_after_s or 0.0, ASKED_LIMIT_S))
