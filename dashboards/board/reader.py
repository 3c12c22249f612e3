"""The store as the board follows it: opened when needed, asked only after a commit, read in one moment.

A ``Reader`` belongs to one thread, as its SQLite connection does. What adds up a shift is asked at most every
:data:`HEAVY_EVERY_S`, and for a park so seldom that it takes no more than :data:`HEAVY_SHARE` of a core; states and
buffers at every change. Of the timeline's hours the last minutes are read again then, and all of them now and then:
a machine that was away may still tell of any of them.
"""

import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import msgspec

from answers.commands import Note, commands
from answers.live import timeline
from answers.span import whole
from answers.store import Store, short
from contract.errors import MesError
from contract.instants import MINUTE_US, floor_minute
from dashboards.board.snapshot import LineNow, Shift, Tick, line_now, shift_so_far
from dashboards.board.timeline import MINUTES, changed, lane, minute_code
from dashboards.board.troubles import Trouble, trouble_of

#: A shift of ten stations adds up in about 10 ms: often enough to see, seldom enough to cost nothing.
HEAVY_EVERY_S = 2.0
HEAVY_SHARE = 0.02
#: Minutes of the timeline that are read again when a shift is added up, and how often all of them are.
FRESH_MINUTES, WHOLE_EVERY_S = 10, 60.0
#: Commands of a line that a wall hangs over its timeline, the newest.
_NOTES_SHOWN = 24

_Lanes = dict[str, dict[int, str]]


class Reading:
    """One look at a store that changed: ``changes`` for whoever was there, ``everything`` for whoever comes new."""

    def __init__(self, changes: Tick, known: "dict[str, _Known]") -> None:
        self.changes, self._known = changes, known

    @cached_property
    def everything(self) -> Tick:
        """The lanes are written out only if somebody comes new."""
        return Tick(self.changes.now_us, [self._whole(line) for line in self.changes.lines])

    def _whole(self, line: LineNow) -> LineNow:
        known = self._known[line.path]
        texts = {station: lane(mine, line.from_us) for station, mine in known.heavy.codes.items()}
        return msgspec.structs.replace(line, lanes=texts, minutes=None, notes=known.notes)


class _Heavy(msgspec.Struct, frozen=True):
    """What was last added up of a line."""

    shift: Shift
    from_us: int
    codes: _Lanes


class _Known(msgspec.Struct, frozen=True):
    """What was last read of a line beside how it stands."""

    heavy: _Heavy
    notes: list[Note]


class Reader:
    """Follows the store at ``path``. ``clock`` gives seconds that only ever grow."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._path, self._clock = path, clock
        self._store: Store | None = None
        self._file: tuple[int, int] | None = None
        self._token: int | None = None
        self._known: dict[str, _Known] = {}
        self._heavy_token: int | None = None
        self._heavy_due = self._whole_due = 0.0

    def read(self) -> Reading | Trouble | None:
        """What is new since the last call; ``None`` for nothing."""
        try:
            return self._read(self._opened())
        except MesError as error:
            self.close()
            return trouble_of(self._path, error)

    def close(self) -> None:
        """Let go of the store; the next :meth:`read` opens it again and sees everything as new."""
        if self._store is not None:
            self._store.close()
        self._store, self._token, self._heavy_token = None, None, None
        self._known = {}
        self._heavy_due = self._whole_due = 0.0

    def _opened(self) -> Store:
        file = _identity(self._path)
        if self._store is not None and file != self._file:
            self.close()  # somebody put another store in its place
        if self._store is None:
            self._store, self._file = Store.open(self._path), file
        return self._store

    def _read(self, store: Store) -> Reading | None:
        token = store.change_token()
        heavy = token != self._heavy_token and self._clock() >= self._heavy_due
        if token == self._token and not heavy:
            return None
        began_s = time.thread_time()
        with store.moment():
            reading = self._reading(store, heavy)
        self._token = token
        if heavy:
            took_s = time.thread_time() - began_s
            self._heavy_token, self._heavy_due = token, self._clock() + max(HEAVY_EVERY_S, took_s / HEAVY_SHARE)
        return reading

    def _reading(self, store: Store, heavy: bool) -> Reading:
        now_us = max(store.heard().values(), default=0)
        again = heavy and self._clock() >= self._whole_due
        if again:
            self._whole_due = self._clock() + WHOLE_EVERY_S
        pairs = {line: self._line(store, line, now_us, heavy, again) for line in store.lines() if now_us}
        self._known = {line: known for line, (_, known) in pairs.items()}
        return Reading(Tick(now_us, [now for now, _ in pairs.values()]), self._known)

    def _line(self, store: Store, line: str, now_us: int, heavy: bool, again: bool) -> tuple[LineNow, _Known]:
        before = self._known.get(line)
        minutes: _Lanes = {}
        added = before.heavy if before else None
        if added is None or heavy:
            added, minutes = _add_up(store, line, now_us, added, again)
        plain = line_now(store, line, now_us, added.shift, added.from_us)
        notes = commands(store, line, whole(added.from_us, now_us + 1), _NOTES_SHOWN)
        news = notes if before is None or notes != before.notes else None
        return msgspec.structs.replace(plain, minutes=minutes, notes=news), _Known(added, notes)


def _add_up(store: Store, line: str, now_us: int, before: _Heavy | None, again: bool) -> tuple[_Heavy, _Lanes]:
    """What is heavy to read of ``line``, and the minutes that were not so ``before``."""
    to_us = floor_minute(now_us) + MINUTE_US
    from_us = to_us - MINUTES * MINUTE_US
    fresh = whole(from_us, to_us)
    if before is not None and not again:
        seen_us = min(to_us, before.from_us + MINUTES * MINUTE_US)
        fresh = whole(max(from_us, seen_us - FRESH_MINUTES * MINUTE_US), to_us)
    codes, news = {}, {}
    for path in store.machines(line):
        station = short(path)
        known = before.codes.get(station, {}) if before else {}
        read = {minute: minute_code(sums) for minute, sums in timeline(store, path, fresh)}
        codes[station] = {minute: code for minute, code in known.items() if minute >= from_us} | read
        if found := changed(known, read):
            news[station] = found
    return _Heavy(shift_so_far(store, line, now_us), from_us, codes), news


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
