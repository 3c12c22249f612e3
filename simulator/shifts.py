"""Planned time: the windows of a plant's shifts and breaks, and the moments at which a line goes on or off."""

import datetime as dt
from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from contract.events import Window
from contract.instants import SECOND_US, from_datetime, to_datetime
from simulator.agenda import NEVER
from simulator.plant import Pause, Plant, Shift

_DAY_S = 86_400
#: A plant whose status has not changed for so long never changes it.
_STEADY_US = 15 * _DAY_S * SECOND_US
#: Edges of planned time looked at in :func:`planned_later`; beyond them work goes on day and night.
_YEARS_AHEAD_EDGES = 20_000
NO_SHIFT: Final = "no_shift"
BREAK: Final = "break"


def seconds_of(span: Shift | Pause, not_before_s: int = 0) -> tuple[int, int]:
    """Start and end of a shift or break in seconds after local midnight of the shift's day.

    An end at or before the start is on the next day, and so is a break that would start before its shift
    (``not_before_s``).
    """
    start, end = (time.hour * 3600 + time.minute * 60 + time.second for time in (span.start, span.end))
    if start < not_before_s:
        start, end = start + _DAY_S, end + _DAY_S
    return start, end if end > start else end + _DAY_S


def local_date(ts_us: int, tz: str) -> dt.date:
    """The day on which people in ``tz`` live at ``ts_us``."""
    return to_datetime(ts_us).astimezone(ZoneInfo(tz)).date()


def local_us(day: dt.date, seconds: int, tz: str) -> int:
    """``seconds`` on the wall clock after midnight of ``day`` in ``tz`` → µs since the epoch."""
    clock = dt.datetime.combine(day, dt.time()) + dt.timedelta(seconds=seconds)
    return from_datetime(clock.replace(tzinfo=ZoneInfo(tz)))


def windows(plant: Plant, start_us: int, end_us: int) -> list[Window]:
    """Shifts and their breaks that touch [start_us, end_us), whole, in order of time (a shift before its breaks)."""
    found: list[Window] = []
    day, last = local_date(start_us, plant.tz) - dt.timedelta(days=2), local_date(end_us, plant.tz)
    while day <= last:
        for shift in plant.shifts:
            if day.weekday() in _weekdays(shift):
                found += _of_day(plant.tz, day, shift)
        day += dt.timedelta(days=1)
    touching = (window for window in found if window.end > start_us and window.start < end_us)
    return sorted(touching, key=lambda window: (window.start, window.kind == BREAK))


def _weekdays(shift: Shift) -> set[int]:
    return {("mon", "tue", "wed", "thu", "fri", "sat", "sun").index(day) for day in shift.days}


def _of_day(tz: str, day: dt.date, shift: Shift) -> Iterator[Window]:
    begin, end = seconds_of(shift)
    yield Window(local_us(day, begin, tz), local_us(day, end, tz), "shift", shift.name)
    for pause in shift.breaks:
        start, stop = seconds_of(pause, begin)
        yield Window(local_us(day, start, tz), local_us(day, stop, tz), BREAK, pause.name)


def status(plant: Plant, ts_us: int) -> str | None:
    """Why a line stands at ``ts_us``: ``no_shift``, ``break``, or ``None`` when it should run."""
    if not plant.shifts:
        return None
    kinds = {window.kind for window in windows(plant, ts_us, ts_us + 1)}
    if BREAK in kinds:
        return BREAK
    return None if "shift" in kinds else NO_SHIFT


def next_edge(plant: Plant, after_us: int) -> tuple[int, str | None] | None:
    """The next moment later than ``after_us`` at which :func:`status` changes, with the new one.

    ``None`` for a plant that never stops (or never works): shifts repeat every week, so two weeks without a change end
    the search.
    """
    known, until = status(plant, after_us), after_us
    while plant.shifts and until - after_us < _STEADY_US:
        begin, until = until, until + 2 * _DAY_S * SECOND_US
        moments = {edge for window in windows(plant, begin, until) for edge in (window.start, window.end)}
        for moment in sorted(moment for moment in moments if begin < moment <= until):
            now = status(plant, moment)
            if now != known:
                return moment, now
    return None


def planned_later(plant: Plant, from_us: int, planned_us: int) -> int:
    """The instant at which ``planned_us`` of planned production time have passed since ``from_us`` (all µs)."""
    if not plant.shifts:
        return from_us + planned_us
    at_us, left_us = from_us, planned_us
    for _ in range(_YEARS_AHEAD_EDGES):
        edge = next_edge(plant, at_us)
        until_us = NEVER if edge is None else edge[0]
        if status(plant, at_us) is None:
            if left_us <= until_us - at_us:
                return at_us + left_us
            left_us -= until_us - at_us
        elif edge is None:
            break
        at_us = until_us
    return at_us + left_us
