"""Planned time of a line: which moments of a calendar are planned production time. Pure.

Kept as disjoint segments, oldest first: ``[start, end, working]``. Where no segment lies no calendar speaks, and all
time counts as planned production time.
"""

from bisect import bisect_right
from collections.abc import Iterator

from msgspec import Struct

from contract.events import CalendarPublished
from contract.instants import EARLIEST_US, LATEST_US

#: Segments kept for a line, newest last: about two years of two shifts a day with their breaks.
SEGMENTS_LIMIT = 8192

Segment = tuple[int, int, bool]


class Planned(Struct, array_like=True):
    """The planned time of one line, as far as its calendars have told it. Instants in µs since the epoch."""

    segments: list[Segment] = []
    # The segment last asked for: neighbours in time ask one after the other, so most questions end here.
    start_us: int = 0
    end_us: int = 0
    working: bool = True

    def learn(self, calendar: CalendarPublished) -> None:
        """Take a calendar: from its ``ts`` on it replaces older ones, before that it only fills what none spoke for."""
        fresh = segments_of(calendar)
        early = paint(clip(fresh, EARLIEST_US, calendar.ts), self.segments)
        self.segments = paint(early, clip(fresh, calendar.ts, LATEST_US))[-SEGMENTS_LIMIT:]
        self.start_us = self.end_us = 0

    def works_through(self, start_us: int, end_us: int) -> bool:
        """Whether all of [start, end) is planned production time."""
        if not (self.start_us <= start_us < self.end_us):
            self._seek(start_us)
        return self.working and (end_us <= self.end_us or all(works for _, _, works in self.pieces(start_us, end_us)))

    def pieces(self, start_us: int, end_us: int) -> Iterator[Segment]:
        """[start, end) cut at the edges of planned time, in order."""
        while start_us < end_us:
            self._seek(start_us)
            until_us, working = min(end_us, self.end_us), self.working
            yield start_us, until_us, working
            start_us = until_us

    def _seek(self, at_us: int) -> None:
        index = bisect_right(self.segments, at_us, key=_start_of)
        if index and at_us < self.segments[index - 1][1]:
            self.start_us, self.end_us, self.working = self.segments[index - 1]
            return
        self.start_us = self.segments[index - 1][1] if index else 0
        self.end_us = self.segments[index][0] if index < len(self.segments) else LATEST_US + 1
        self.working = True


def segments_of(calendar: CalendarPublished) -> list[Segment]:
    """A calendar → segments that tile its validity: working inside a shift and outside its breaks."""
    valid = (calendar.valid_from, calendar.valid_to)
    shifts = [(w.start, w.end, True) for w in calendar.windows if w.kind == "shift"]
    breaks = [(w.start, w.end, False) for w in calendar.windows if w.kind == "break"]
    segments: list[Segment] = [(*valid, False)]
    for window in clip(shifts, *valid) + clip(breaks, *valid):
        segments = paint(segments, [window])
    return segments


def clip(segments: list[Segment], start_us: int, end_us: int) -> list[Segment]:
    """What of ``segments`` lies in [start, end)."""
    cut = [(max(a, start_us), min(b, end_us), works) for a, b, works in segments]
    return [segment for segment in cut if segment[0] < segment[1]]


def paint(under: list[Segment], over: list[Segment]) -> list[Segment]:
    """Both layers as disjoint segments; where they overlap ``over`` shows. Equal neighbours become one."""
    if not over:
        return under
    uncovered, at_us = [], EARLIEST_US
    for start_us, end_us, _ in over:
        uncovered += clip(under, at_us, start_us)
        at_us = end_us
    return _join(sorted(uncovered + clip(under, at_us, LATEST_US + 1) + over))


def _join(segments: list[Segment]) -> list[Segment]:
    joined: list[Segment] = []
    for start_us, end_us, working in segments:
        if joined and joined[-1][1] == start_us and joined[-1][2] == working:
            joined[-1] = (joined[-1][0], end_us, working)
        else:
            joined.append((start_us, end_us, working))
    return joined


def _start_of(segment: Segment) -> int:
    return segment[0]
