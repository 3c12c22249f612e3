"""Spans of time that questions are asked about: whole minutes, because the store's rows are minutes."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from answers.store import PlannedWindow, Store
from contract.errors import StoreError, UsageError
from contract.instants import HOUR_US, MINUTE_US, SECOND_US, floor_minute, from_datetime, to_datetime, to_iso

#: A machine that spoke this recently is not silent, only between two heartbeats: nothing is unknown yet.
GRACE_US = 90 * SECOND_US
#: More hours than somebody reads one by one: over a year.
HOURS_LIMIT = 10_000


class Span(msgspec.Struct, frozen=True):
    """[from_us, to_us), both on a minute; ``label`` says what it is (an hour, a shift), empty if nothing."""

    from_us: int
    to_us: int
    label: str = ""


def whole(from_us: int, to_us: int, label: str = "") -> Span:
    """The whole minutes that hold [from_us, to_us). Raises :class:`UsageError` when it is empty or runs backwards."""
    if to_us <= from_us:
        raise UsageError(f"the span ends ({to_iso(to_us)}) before it begins ({to_iso(from_us)}): swap --from and --to")
    return Span(floor_minute(from_us), floor_minute(to_us + MINUTE_US - 1), label)


def everything(store: Store) -> Span:
    """All time the store has evidence of. Raises :class:`StoreError` for an empty store."""
    evidence = store.evidence()
    if evidence is None:
        raise StoreError(f"{store.path} holds no machine time yet: replay an event file into it, or collect first")
    first, last = evidence
    return whole(first, max(last, first + 1))


def chosen(store: Store, from_us: int | None, to_us: int | None) -> Span:
    """The span a person asked for; what they left out is where the evidence begins and ends."""
    if from_us is not None and to_us is not None:
        return whole(from_us, to_us)
    known = everything(store)
    return whole(known.from_us if from_us is None else from_us, known.to_us if to_us is None else to_us)


def zone(store: Store) -> str:
    """The IANA zone in which to show times of the whole store: that of its first line, UTC without any."""
    lines = store.lines()
    return store.tz(lines[0]) if lines else "UTC"


def hours(span: Span, tz: str) -> list[Span]:
    """The clock hours of ``tz`` that overlap ``span``, clipped to it, labelled ``YYYY-MM-DD HH:00``.

    Raises :class:`UsageError` for more than :data:`HOURS_LIMIT`.
    """
    if span.to_us - span.from_us > HOURS_LIMIT * HOUR_US:
        raise UsageError(f"the span has more than {HOURS_LIMIT} hours: ask for a shorter one, or for shifts")
    zone = ZoneInfo(tz)
    edge = to_datetime(span.from_us).astimezone(zone).replace(minute=0, second=0, microsecond=0)
    found = []
    while (start := from_datetime(edge)) < span.to_us:
        following = _next_hour(edge, zone)
        label = f"{edge:%Y-%m-%d %H:%M}"
        found.append(Span(max(start, span.from_us), min(from_datetime(following), span.to_us), label))
        edge = following
    return found


def _next_hour(edge: datetime, zone: ZoneInfo) -> datetime:
    """One hour of real time later, whatever the clocks do that night."""
    return (edge.astimezone(ZoneInfo("UTC")) + timedelta(hours=1)).astimezone(zone)


def shifts(store: Store, line: str, span: Span) -> list[tuple[Span, PlannedWindow]]:
    """The shifts of ``line`` that overlap ``span``, clipped to it, with the calendar's own window."""
    return [
        (
            Span(
                max(floor_minute(window.start_us), span.from_us),
                min(floor_minute(window.end_us + MINUTE_US - 1), span.to_us),
                window.name.en,
            ),
            window,
        )
        for window in store.windows(line, span.from_us, span.to_us)
        if window.kind == "shift"
    ]


def in_shifts(store: Store, line: str, span: Span) -> list[Span]:
    """The whole minutes of ``span`` that shifts of ``line`` touch, each once, oldest first."""
    found: list[Span] = []
    for shift, _ in shifts(store, line, span):
        begin_us, end_us = shift.from_us, shift.to_us
        if found and found[-1].to_us >= begin_us:
            before = found.pop()
            begin_us, end_us = before.from_us, max(before.to_us, end_us)
        found.append(Span(begin_us, end_us))
    return found


def working(store: Store, line: str, span: Span) -> list[tuple[int, int]]:
    """The planned production time of ``line`` in ``span`` as its calendar has it, oldest first; without one, all."""
    if store.calendar(line) is None:
        return [(span.from_us, span.to_us)]
    found: list[tuple[int, int]] = []
    windows = store.windows(line, span.from_us, span.to_us)
    for shift in (window for window in windows if window.kind == "shift"):
        begin_us = max(shift.start_us, found[-1][1] if found else span.from_us, span.from_us)
        for rest in (window for window in windows if window.kind == "break" and window.end_us > begin_us):
            if rest.start_us >= shift.end_us:
                break
            found.append((begin_us, rest.start_us))
            begin_us = rest.end_us
        found.append((begin_us, min(shift.end_us, span.to_us)))
    return [piece for piece in found if piece[0] < piece[1]]


class Spread:
    """Disjoint pieces of time, oldest first, asked again and again how much of them lies in a span."""

    def __init__(self, pieces: Iterable[tuple[int, int]]) -> None:
        self._pieces = list(pieces)
        self._ends = [end_us for _, end_us in self._pieces]

    def overlap_us(self, from_us: int, to_us: int) -> int:
        """Time (µs) of the pieces in [from_us, to_us)."""
        total_us = 0
        for start_us, end_us in self._pieces[bisect_right(self._ends, from_us) :]:
            if start_us >= to_us:
                break
            total_us += min(end_us, to_us) - max(start_us, from_us)
        return total_us
