"""The bottleneck by active periods, and where it shifts.

After Roser, Nakano and Tanaka, *Shifting Bottleneck Detection*, Winter Simulation Conference 2002: a station is
*inactive* while it waits for another one (or for people and material), else *active*. At any moment the station with
the longest uninterrupted active period is the bottleneck; while its period overlaps that of the next bottleneck, the
bottleneck is shifting from one to the other, and neither is it alone.

    A  ████████████████░░░░░░░░░      A reigns up to the moment at which B's longer period begins;
    B  ░░░░░░░░██████████████████     while both are active it is shifting, then B is it alone.
"""

import heapq
from collections.abc import Iterable, Iterator
from itertools import pairwise, takewhile
from typing import NamedTuple

import msgspec

from answers.plant import rivals, stations
from answers.span import GRACE_US, Span
from answers.store import Interval, Store
from contract.instants import DAY_US
from contract.states import Category

_ACTIVE = frozenset({Category.EXECUTE, Category.SETUP, Category.BREAKDOWN, Category.MINOR_STOP})
#: Waiting for the repair is part of the stop; waiting for people, material or quality is waiting for somebody else.
_REPAIR = "waiting_maintenance"
#: An active period is followed this far beyond the span asked about: one that is longer wins anyway.
_HORIZON_US = DAY_US


class Period(msgspec.Struct, frozen=True):
    """``machine`` was active without interruption over [start_us, end_us)."""

    machine: str
    start_us: int
    end_us: int

    @property
    def length_us(self) -> int:
        """How long it lasted."""
        return self.end_us - self.start_us


class Reign(msgspec.Struct, frozen=True):
    """Over [from_us, to_us) nobody's active period was longer than ``period``: its machine was the bottleneck."""

    period: Period
    from_us: int
    to_us: int


class Share(msgspec.Struct, frozen=True):
    """How long (µs) a machine was the bottleneck alone, and how long it was one of those it was shifting between."""

    sole_us: int = 0
    shifting_us: int = 0


class Bottlenecks(msgspec.Struct, frozen=True):
    """A line's bottleneck over ``span_us`` µs, which is every ``sole_us`` + ``shifting_us`` + ``nobody_us``, exactly.

    ``nobody_us``: no station was active, or nothing is known. Two machines share each moment of ``shifting_us``, so
    theirs add up to more than it. A machine that never was the bottleneck is absent.
    """

    span_us: int
    shifting_us: int
    nobody_us: int
    machines: dict[str, Share]


def is_active(category: Category, reason: str) -> bool:
    """Whether others may have to wait for a machine in this category, and it does not wait for anybody."""
    return category in _ACTIVE or (category is Category.WAITING and reason == _REPAIR)


def active_periods(machine: str, intervals: Iterable[Interval]) -> list[Period]:
    """A machine's intervals, oldest first → its active periods. An inactive one or a gap, however short, ends one."""
    periods: list[Period] = []
    for interval in intervals:
        if not is_active(interval.category, interval.reason):
            continue
        if periods and periods[-1].end_us == interval.start_us:
            periods[-1] = Period(machine, periods[-1].start_us, interval.end_us)
        else:
            periods.append(Period(machine, interval.start_us, interval.end_us))
    return periods


def reigns(periods: Iterable[Period]) -> list[Reign]:
    """Who was the bottleneck when, oldest first; of equals the one that began first, then by name."""
    waiting = sorted(periods, key=lambda period: period.start_us)
    edges = sorted({edge for period in waiting for edge in (period.start_us, period.end_us)})
    running: list[tuple[int, int, str, Period]] = []
    found: list[Reign] = []
    begun = 0
    for from_us, to_us in pairwise(edges):
        while begun < len(waiting) and waiting[begun].start_us == from_us:
            period = waiting[begun]
            heapq.heappush(running, (-period.length_us, period.start_us, period.machine, period))
            begun += 1
        while running and running[0][-1].end_us <= from_us:
            heapq.heappop(running)
        if running:
            _prolong(found, Reign(running[0][-1], from_us, to_us))
    return found


def _prolong(found: list[Reign], following: Reign) -> None:
    if found and found[-1].period == following.period:
        following = Reign(following.period, found.pop().from_us, following.to_us)
    found.append(following)


def share_out(periods: Iterable[Period], from_us: int, to_us: int) -> Bottlenecks:
    """Each machine's :class:`Share` of [from_us, to_us); the periods may reach beyond it."""
    rulers = reigns(periods)
    span = (from_us, to_us)
    machines: dict[str, Share] = {}
    for piece in pieces(rulers):
        share, us = machines.get(piece.machine, Share()), _overlap(piece.from_us, piece.to_us, span)
        more = Share(us, 0) if piece.is_sole else Share(0, us)
        machines[piece.machine] = Share(share.sole_us + more.sole_us, share.shifting_us + more.shifting_us)
    reigned_us = sum(_overlap(reign.from_us, reign.to_us, span) for reign in rulers)
    return Bottlenecks(
        span_us=to_us - from_us,
        shifting_us=reigned_us - sum(share.sole_us for share in machines.values()),
        nobody_us=to_us - from_us - reigned_us,
        machines={name: share for name, share in machines.items() if share != Share()},
    )


class Piece(NamedTuple):
    """``machine`` was the bottleneck over [from_us, to_us): alone, or one of two between which it was shifting."""

    machine: str
    from_us: int
    to_us: int
    is_sole: bool


def pieces(rulers: list[Reign]) -> Iterator[Piece]:
    """What each active period that reigned gives its machine: its ends overlap its neighbours, its middle none.

    Only neighbours need to be looked at: a period that reaches over its neighbour's would have reigned in its place.
    """
    for before, reign, after in zip([None, *rulers], rulers, [*rulers[1:], None], strict=False):
        machine, start, end = reign.period.machine, reign.period.start_us, reign.period.end_us
        alone = max(start, before.period.end_us) if before else start
        until = max(alone, min(end, after.period.start_us)) if after else end
        yield Piece(machine, alone, until, is_sole=True)
        yield Piece(machine, start, alone, is_sole=False)
        yield Piece(machine, until, end, is_sole=False)


def _overlap(start: int, end: int, span: tuple[int, int]) -> int:
    return max(0, min(end, span[1]) - max(start, span[0]))


def bottlenecks(store: Store, line: str, span: Span) -> Bottlenecks:
    """The bottleneck of ``line`` over ``span``; a period that began before it or goes on after it counts in full."""
    return share_out(periods_around(store, line, span), span.from_us, span.to_us)


def periods_around(store: Store, line: str, span: Span) -> list[Period]:
    """The active periods that decide who is the bottleneck in ``span``, and whether alone: so spans add up exactly.

    Those that touch the span, and those that touch one of these: the next bottleneck may begin behind the span's end.
    """
    rulers = [reign.period for reign in reigns(line_periods(store, line, span))]
    begin_us = min((one.start_us for one in rulers), default=span.from_us)
    end_us = max((one.end_us for one in rulers), default=span.to_us)
    return line_periods(store, line, Span(min(begin_us, span.from_us), max(end_us, span.to_us)))


def line_periods(store: Store, line: str, span: Span) -> list[Period]:
    """The active periods of the stations of ``line`` that touch ``span``, each in full.

    Only of those that can be compared: see :func:`answers.plant.rivals`.
    """
    periods: list[Period] = []
    for machine in (station.path for station in rivals(stations(store, line))):
        before = _run(store.intervals_back(machine, span.from_us), span.from_us)
        after = _run(store.intervals_on(machine, span.to_us), span.to_us)
        within = store.intervals(machine, span.from_us, span.to_us)
        periods += active_periods(machine, [*reversed(before), *within, *after])
    return periods


def bottleneck_now(store: Store, machines: Iterable[str], now_us: int) -> str | None:
    """The one of ``machines`` that has been active longest, the first of equals; ``None`` if none is.

    ``now_us`` is the newest event time of the store; who has not been heard of for a while is not known to be active.
    How long a period will last is not known while it lasts: of those that run now, the oldest is the longest so far.
    """
    oldest, found = now_us, None
    for machine in machines:
        run = active_periods(machine, reversed(_run(store.intervals_back(machine, now_us + GRACE_US), now_us)))
        if run and run[-1].end_us >= now_us - GRACE_US and run[-1].start_us < oldest:
            oldest, found = run[-1].start_us, machine
    return found


def _run(intervals: Iterable[Interval], edge_us: int) -> list[Interval]:
    """The first of ``intervals`` as long as they are active, and within the horizon of ``edge_us``."""
    return list(
        takewhile(
            lambda one: is_active(one.category, one.reason) and abs(one.start_us - edge_us) <= _HORIZON_US, intervals
        )
    )
