"""The simulator's own account of what truly happened, kept beside the events and never derived from them.

Its classification, its calendar arithmetic and its electricity bill are its own on purpose: the ledger must come to the
same numbers by another way. Own faults are minor stops or breakdowns by the full length of the state; every second
outside planned production time that is not Execute is ``planned``.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from contract.instants import DAY_US, MINUTE_US, from_datetime, to_datetime
from contract.states import Category, Mode, State
from contract.truth import TruthEnergy, TruthInterval, TruthOrder, TruthOutput, TruthRecord, TruthUnit
from simulator.plant import DAYS, LineSpec, Plant
from simulator.station_spec import Power
from simulator.unit import RunningOrder, Unit

_FAULTS = (State.HELD, State.ABORTED)
_BY_REASON = {
    "starved": Category.STARVED,
    "blocked": Category.BLOCKED,
    "break": Category.PLANNED,
    "no_shift": Category.PLANNED,
    "no_order": Category.PLANNED,
    "planned_maintenance": Category.PLANNED,
    "changeover": Category.SETUP,
    "first_article": Category.SETUP,
    "warm_up": Category.SETUP,
    "no_operator": Category.WAITING,
    "no_material": Category.WAITING,
    "waiting_maintenance": Category.WAITING,
    "commanded": Category.WAITING,
}
_ONE_DAY = dt.timedelta(days=1)
_SCRAP, _REWORK, _PRODUCT, _IDEAL = range(4)


class MachineTruth:
    """Everything that happened to one machine: its states in order, its parts by minute and order, its units."""

    __slots__ = ("minutes", "modes", "power", "reasons", "since", "states", "units")

    def __init__(self, power: Power | None) -> None:
        self.power = power
        self.since: list[int] = []  # when each state began, and which it was
        self.states: list[State] = []
        self.modes: list[Mode] = []
        self.reasons: list[str] = []
        # (minute µs, order) → [scrap, rework, product, ideal µs], then when each good part was finished
        self.minutes: dict[tuple[int, str], tuple[list[int | str], list[int]]] = {}
        self.units: list[tuple[str, str, int, int, int, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = []

    def change(self, now_us: int, state: State, mode: Mode, reason: str) -> None:
        """From ``now_us`` on it is in ``state``."""
        self.since.append(now_us)
        self.states.append(state)
        self.modes.append(mode)
        self.reasons.append(reason)

    def part(self, now_us: int, result: str, order: RunningOrder, ideal_us: int) -> None:
        """It finished a part of ``order``, whose ideal time here is ``ideal_us``."""
        minute = now_us - now_us % MINUTE_US
        tally = self.minutes.get((minute, order.id))
        if tally is None:
            tally = self.minutes[minute, order.id] = ([0, 0, order.product.id, ideal_us], [])
        if result == "pass":
            tally[1].append(now_us - minute)
        else:
            tally[0][_SCRAP if result == "scrap" else _REWORK] += 1  # type: ignore[operator]

    def unit(self, now_us: int, unit: Unit, result: str, defects: tuple[str, ...]) -> None:
        """It was done with ``unit``."""
        seen = (unit.serial, unit.order.id, unit.began, now_us, unit.attempt, result, defects, unit.lots, unit.parents)
        self.units.append(seen)


class LineTruth:
    """The account of one line. ``machines`` maps a path to its account."""

    def __init__(self, plant: Plant, line: LineSpec) -> None:
        self._plant, self._line = plant, line
        self._path = plant.address(line).path
        self._orders: dict[str, RunningOrder] = {}
        self.machines: dict[str, MachineTruth] = {
            plant.address(line, station.id).path: MachineTruth(station.power_w) for station in line.stations
        }

    def follow(self, order: RunningOrder) -> None:
        """``order`` was begun."""
        self._orders[order.id] = order

    def records(self, end_us: int) -> Iterator[TruthRecord]:
        """Machine by machine, the intervals up to ``end_us`` (they tile the time since the start) and all the rest."""
        for path, account in self.machines.items():
            yield from self._intervals(path, account, end_us)
            yield from _outputs(path, account, end_us)
            yield from _energy(path, account, end_us)
            for unit in account.units:
                yield TruthUnit(path, *unit)
        for order in self._orders.values():
            is_complete = order.ended_us >= 0
            yield TruthOrder(self._path, order.id, order.released, order.good, order.scrap, is_complete)

    def _intervals(self, path: str, account: MachineTruth, end_us: int) -> Iterator[TruthInterval]:
        if not account.since:
            return
        edges = _edges(self._plant, account.since[0], end_us)
        ends = [*account.since[1:], end_us]
        states = zip(account.since, ends, account.states, account.modes, account.reasons, strict=True)
        for start_us, stop_us, state, mode, reason in states:
            category = self._categorise(state, mode, reason, stop_us - start_us)
            worked = state is State.EXECUTE and category is Category.EXECUTE
            for begin, end, planned in _split(start_us, stop_us, edges):
                shown = category if planned or worked else Category.PLANNED
                yield TruthInterval(path, begin, end, shown, reason, start_us)

    def _categorise(self, state: State, mode: Mode, reason: str, length_us: int) -> Category:
        if state is State.EXECUTE:
            return Category.EXECUTE if mode is Mode.PRODUCTION else Category.SETUP
        if reason in _BY_REASON:
            return _BY_REASON[reason]
        assert state in _FAULTS, f"{state} without a word why"
        return Category.BREAKDOWN if length_us >= self._line.minor_stop_us else Category.MINOR_STOP


def _outputs(path: str, account: MachineTruth, end_us: int) -> Iterator[TruthOutput]:
    for (minute, order), ((scrap, rework, product, ideal_us), good_at) in sorted(account.minutes.items()):
        if minute <= end_us:
            assert isinstance(scrap, int) and isinstance(rework, int) and isinstance(ideal_us, int)  # noqa: PT018
            good = len(good_at)
            total = good + scrap + rework
            times = (total * ideal_us, good * ideal_us)
            yield TruthOutput(path, minute, order, str(product), total, good, scrap, rework, *times, good_at)


def _energy(path: str, account: MachineTruth, end_us: int) -> Iterator[TruthEnergy]:
    """What the meter showed at the end of each minute: every state's power over its time, added up."""
    if account.power is None or not account.since:
        return
    all_uj = idle_uj = 0
    ends = [*account.since[1:], end_us]
    for since, until, state, reason in zip(account.since, ends, account.states, account.reasons, strict=True):
        power = _power(account.power, state, reason)
        start = since
        while start < until:
            end = min(until, start - start % MINUTE_US + MINUTE_US)
            used_uj = power * (end - start)
            all_uj += used_uj
            idle_uj += 0 if state is State.EXECUTE else used_uj
            if end % MINUTE_US == 0 or end == end_us:
                yield TruthEnergy(path, (end - 1) - (end - 1) % MINUTE_US, all_uj // 10**6, idle_uj // 10**6)
            start = end


def _power(power: Power, state: State, reason: str) -> int:
    if state in {State.EXECUTE, State.STARTING}:
        return power.execute
    if reason == "no_shift":
        return power.off
    return power.idle if state in {State.SUSPENDED, State.IDLE} else power.stopped


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
