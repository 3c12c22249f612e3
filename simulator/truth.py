"""The simulator's own account of what truly happened, kept beside the events and never derived from them.

Its classification and its calendar arithmetic are its own on purpose: the ledger must come to the same numbers by
another way. Own faults are minor stops or breakdowns by the full length of the state; every second outside planned
production time that is not Execute is ``planned``.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from contract.instants import DAY_US, MINUTE_US, from_datetime, to_datetime
from contract.states import Category, State
from contract.truth import TruthInterval, TruthOutput
from simulator.plant import DAYS, LineSpec, Plant

_FAULTS = (State.HELD, State.ABORTED)
_BY_REASON = {
    "starved": Category.STARVED,
    "blocked": Category.BLOCKED,
    "break": Category.PLANNED,
    "no_shift": Category.PLANNED,
}
_ONE_DAY = dt.timedelta(days=1)


class MachineTruth:
    """Everything that happened to one machine: its states in order, and its parts by the minute."""

    __slots__ = ("minutes", "reasons", "since", "states")

    def __init__(self) -> None:
        self.since: list[int] = []  # when each state began, and which it was
        self.states: list[State] = []
        self.reasons: list[str] = []
        self.minutes: dict[int, list[int]] = {}  # minute (µs) → [scrap, then when each good part was finished]

    def change(self, now_us: int, state: State, reason: str) -> None:
        """From ``now_us`` on it is in ``state``."""
        self.since.append(now_us)
        self.states.append(state)
        self.reasons.append(reason)

    def part(self, now_us: int, good: bool) -> None:
        """It finished a part."""
        minute = now_us - now_us % MINUTE_US
        tally = self.minutes.get(minute)
        if tally is None:
            tally = self.minutes[minute] = [0]
        if good:
            tally.append(now_us - minute)
        else:
            tally[0] += 1


class LineTruth:
    """The account of one line. ``machines`` maps a path to its account."""

    def __init__(self, plant: Plant, line: LineSpec) -> None:
        self._plant = plant
        self._line = line
        self._ideal_us: dict[str, int] = {}
        self.machines: dict[str, MachineTruth] = {}

    def open(self, path: str, ideal_us: int) -> None:
        """An empty account for the machine at ``path``, whose ideal time per part is ``ideal_us``."""
        self._ideal_us[path] = ideal_us
        self.machines[path] = MachineTruth()

    def records(self, end_us: int) -> Iterator[TruthInterval | TruthOutput]:
        """Machine by machine, the intervals up to ``end_us`` (they tile the time since the start) and the outputs."""
        for path, account in self.machines.items():
            yield from self._intervals(path, account, end_us)
            yield from _outputs(path, account, self._ideal_us[path], end_us)

    def _intervals(self, path: str, account: MachineTruth, end_us: int) -> Iterator[TruthInterval]:
        if not account.since:
            return
        edges = _edges(self._plant, account.since[0], end_us)
        ends = [*account.since[1:], end_us]
        for start_us, stop_us, state, reason in zip(account.since, ends, account.states, account.reasons, strict=True):
            category = self._categorise(state, reason, stop_us - start_us)
            for begin, end, planned in _split(start_us, stop_us, edges):
                shown = category if planned or category is Category.EXECUTE else Category.PLANNED
                yield TruthInterval(path, begin, end, shown, reason, start_us)

    def _categorise(self, state: State, reason: str, length_us: int) -> Category:
        if state is State.EXECUTE:
            return Category.EXECUTE
        if state in _FAULTS:
            return Category.BREAKDOWN if length_us >= self._line.minor_stop_us else Category.MINOR_STOP
        return _BY_REASON[reason]


def _outputs(path: str, account: MachineTruth, ideal_us: int, end_us: int) -> Iterator[TruthOutput]:
    for minute, (scrap, *good_at) in sorted(account.minutes.items()):
        if minute <= end_us:
            good = len(good_at)
            total = good + scrap
            yield TruthOutput(path, minute, total, good, scrap, 0, total * ideal_us, good * ideal_us, good_at)


def _edges(plant: Plant, start_us: int, end_us: int) -> list[int]:
    """Instants at which planned production time begins (even places) and ends (odd places)."""
    if not plant.shifts:
        return [start_us - 1, end_us + 1]
    zone, edges = ZoneInfo(plant.tz), list[int]()
    day = to_datetime(start_us - 2 * DAY_US).astimezone(zone).date()
    while from_datetime(dt.datetime.combine(day, dt.time(), zone)) <= end_us:
        for shift in sorted(plant.shifts, key=lambda shift: shift.start):
            if DAYS[day.weekday()] in shift.days:
                clocks = [shift.start, *(c for pause in shift.breaks for c in (pause.start, pause.end)), shift.end]
                edges += _instants(day, clocks, zone)
        day += _ONE_DAY
    return edges


def _instants(day: dt.date, clocks: list[dt.time], zone: ZoneInfo) -> Iterator[int]:
    """Clock times that follow one another, from ``day`` on, → µs; a time not later than the last is the next day's."""
    last: dt.time | None = None
    for clock in clocks:
        if last is not None and clock < last:
            day += _ONE_DAY
        last = clock
        yield from_datetime(dt.datetime.combine(day, clock, zone))


def _split(start_us: int, end_us: int, edges: list[int]) -> Iterator[tuple[int, int, bool]]:
    """[start, end) cut at the edges: (begin, end, is planned production time). Nothing of length 0."""
    at = bisect_right(edges, start_us)
    begin = start_us
    while begin < end_us:
        end = min(end_us, edges[at]) if at < len(edges) else end_us
        if end > begin:
            yield begin, end, at % 2 == 1
        begin, at = end, at + 1
