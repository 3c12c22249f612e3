"""The store as the board follows it: opened when needed, asked only after a commit, read in one moment.

A ``Reader`` belongs to one thread, as its SQLite connection does. What adds up a shift is asked at most every
:data:`HEAVY_EVERY_S`; states and buffers at every change.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import msgspec

from answers.live import timeline
from answers.span import whole
from answers.store import Store, short
from contract.errors import MesError, OtherVersion
from contract.instants import MINUTE_US, floor_minute
from dashboards.board.snapshot import LineNow, Shift, Tick, line_now, shift_so_far
from dashboards.board.timeline import MINUTES, changed, lane, minute_code

#: A shift of ten stations adds up in about 20 ms: often enough to see, seldom enough to cost nothing.
HEAVY_EVERY_S = 2.0

_Lanes = dict[str, dict[int, str]]


#: Every reason there is for showing nothing but ``empty``; each has a word ``trouble.<reason>``.
TROUBLES = frozenset(
    {
        "missing", "unreadable", "older", "newer", "locked", "busy", "fault",
        "query", "line", "machine", "several_lines", "several_machines", "span", "no_shift", "table", "asked",
    }
)  # fmt: skip


class Trouble(msgspec.Struct, frozen=True):
    """Why there is nothing to show: ``reason`` is ``empty`` or of :data:`TROUBLES`, ``detail`` says what and where."""

    reason: str
    detail: str


def trouble_with(path: Path, error: MesError) -> Trouble:
    """Why the store at ``path`` cannot be shown."""
    if not path.is_file():
        return Trouble("missing", str(error))
    if isinstance(error, OtherVersion):
        return Trouble("older" if error.is_older else "newer", str(error))
    locked = isinstance(error.__cause__, sqlite3.OperationalError) and "locked" in str(error.__cause__)
    return Trouble("locked" if locked else "unreadable", str(error))


class Reading(msgspec.Struct, frozen=True):
    """One look at a store that changed: all of it for whoever comes new, and what changed for whoever was there."""

    everything: Tick
    changes: Tick


class _Heavy(msgspec.Struct):
    """What was last added up of a line."""

    shift: Shift
    from_us: int
    codes: _Lanes
    texts: dict[str, str]


class Reader:
    """Follows the store at ``path``. ``clock`` gives seconds that only ever grow."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._path, self._clock = path, clock
        self._store: Store | None = None
        self._file: tuple[int, int] | None = None
        self._token: int | None = None
        self._heavy: dict[str, _Heavy] = {}
        self._heavy_token: int | None = None
        self._heavy_at = 0.0

    def read(self) -> Reading | Trouble | None:
        """What is new since the last call; ``None`` for nothing."""
        try:
            return self._read(self._opened())
        except MesError as error:
            self.close()
            return trouble_with(self._path, error)

    def close(self) -> None:
        """Let go of the store; the next :meth:`read` opens it again and sees everything as new."""
        if self._store is not None:
            self._store.close()
        self._store, self._token, self._heavy_token = None, None, None
        self._heavy.clear()

    def _opened(self) -> Store:
        file = _identity(self._path)
        if self._store is not None and file != self._file:
            self.close()  # somebody put another store in its place
        if self._store is None:
            self._store, self._file = Store.open(self._path), file
        return self._store

    def _read(self, store: Store) -> Reading | None:
        token = store.change_token()
        due = self._heavy_token is None or self._clock() - self._heavy_at >= HEAVY_EVERY_S
        heavy = due and token != self._heavy_token
        if token == self._token and not heavy:
            return None
        with store.moment():
            reading = self._reading(store, heavy)
        self._token = token
        if heavy:
            self._heavy_token, self._heavy_at = token, self._clock()
        return reading

    def _reading(self, store: Store, heavy: bool) -> Reading:
        now_us = max(store.heard().values(), default=0)
        pairs = [self._line(store, line, now_us, heavy) for line in store.lines() if now_us]
        return Reading(Tick(now_us, [full for full, _ in pairs]), Tick(now_us, [news for _, news in pairs]))

    def _line(self, store: Store, line: str, now_us: int, heavy: bool) -> tuple[LineNow, LineNow]:
        before = self._heavy.get(line)
        minutes: _Lanes = {}
        if before is None or heavy:
            after = self._heavy[line] = _add_up(store, line, now_us)
            known = before.codes if before else {}
            minutes = {
                station: news
                for station, codes in after.codes.items()
                if (news := changed(known.get(station, {}), codes))
            }
            before = after
        plain = line_now(store, line, now_us, before.shift, before.from_us)
        replace = msgspec.structs.replace
        return replace(plain, lanes=before.texts), replace(plain, minutes=minutes)


def _add_up(store: Store, line: str, now_us: int) -> _Heavy:
    to_us = floor_minute(now_us) + MINUTE_US
    span = whole(to_us - MINUTES * MINUTE_US, to_us)
    codes = {
        short(path): {minute: minute_code(sums) for minute, sums in timeline(store, path, span)}
        for path in store.machines(line)
    }
    texts = {station: lane(mine, span.from_us) for station, mine in codes.items()}
    return _Heavy(shift_so_far(store, line, now_us), span.from_us, codes, texts)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def committed_at(path: Path) -> float:
    """Wall-clock time (s since the epoch) of the newest commit to the store at ``path``; 0 where there is none."""
    newest = 0.0
    for file in (path, path.with_name(f"{path.name}-wal")):
        try:
            found = file.stat()
        except OSError:
            continue  # no store, or no write-ahead log
        if found.st_size:  # who opens a store to read leaves an empty log: nothing was committed by that
            newest = max(newest, found.st_mtime)
    return newest
