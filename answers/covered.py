"""What truly happened in just that time of a machine for which a store has evidence, to the microsecond. Pure.

A part belongs to the time before the instant at which it was finished: to (start, end] of a stretch of evidence.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from contract.states import Category
from contract.truth import TruthInterval, TruthOutput

#: [start, end) in µs, disjoint, oldest first.
Stretches = list[tuple[int, int]]


def stretches(spans: Iterable[tuple[int, int]]) -> Stretches:
    """Intervals that follow one another, oldest first → the stretches they make together."""
    joined: Stretches = []
    for start, end in spans:
        if joined and joined[-1][1] >= start:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def true_times(intervals: Iterable[TruthInterval], known: Stretches) -> dict[Category, int]:
    """Category → µs of the ``intervals`` (oldest first) that lie in ``known``."""
    times: dict[Category, int] = {}
    for interval in intervals:
        for start, end in _touched(interval, known):
            overlap = min(end, interval.end) - max(start, interval.start)
            times[interval.category] = times.get(interval.category, 0) + overlap
    return times


def true_good_ideal_us(outputs: Iterable[TruthOutput], known: Stretches) -> int:
    """Ideal time (µs) of the good parts that were finished in ``known``."""
    return sum(
        output.good_ideal_us // output.good
        for output in outputs
        for at_us in output.good_at
        if holds(known, output.minute + at_us)
    )


def _touched(interval: TruthInterval, known: Stretches) -> Iterator[tuple[int, int]]:
    index = max(0, bisect_left(known, (interval.start, 0)) - 1)
    while index < len(known) and known[index][0] < interval.end:
        if known[index][1] > interval.start:
            yield known[index]
        index += 1


def holds(known: Stretches, at_us: int) -> bool:
    """Whether a part finished at ``at_us`` was made in ``known``."""
    index = bisect_left(known, (at_us, 0)) - 1
    return index >= 0 and at_us <= known[index][1]
