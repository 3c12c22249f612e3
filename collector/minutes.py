"""The minute rows of one machine while they can still change. Pure."""

from contract.instants import MINUTE_US
from contract.series import SUM_COLUMNS

WIDTH = len(SUM_COLUMNS)

#: Start of the minute (µs) → one number a column of ``series.SUM_COLUMNS``.
Minutes = dict[int, list[int]]


def row_of(minutes: Minutes, at_us: int) -> list[int]:
    """The row of the minute that holds ``at_us``; a boundary belongs to the minute it starts."""
    minute_us = at_us - at_us % MINUTE_US
    row = minutes.get(minute_us)
    if row is None:
        row = minutes[minute_us] = [0] * WIDTH
    return row


def spread(minutes: Minutes, column: int, start_us: int, end_us: int, sign: int = 1) -> None:
    """Add [start, end) µs to ``column`` of the minutes it touches; ``sign`` −1 takes it away again."""
    while start_us < end_us:
        until_us = min(end_us, start_us - start_us % MINUTE_US + MINUTE_US)
        row_of(minutes, start_us)[column] += sign * (until_us - start_us)
        start_us = until_us
