"""The minute rows of one machine while they can still change. Pure."""

from contract.instants import MINUTE_US
from contract.series import MADE_COLUMNS, SUM_COLUMNS

WIDTH = len(SUM_COLUMNS)
MADE_WIDTH = len(MADE_COLUMNS)
#: Orders (and defects) told apart in one minute; what more there are is booked under the key of nobody.
KEYS_LIMIT = 256
#: The order and product of parts of which nobody can tell which they were.
NOT_KNOWN = ("", "")

#: Start of the minute (µs) → one number a column of ``series.SUM_COLUMNS``.
Minutes = dict[int, list[int]]
#: Start of the minute (µs) → (order, product) → one number a column of ``series.MADE_COLUMNS``.
MadeRows = dict[int, dict[tuple[str, str], list[int]]]
#: Start of the minute (µs) → (product, defect code) → how many.
Defects = dict[int, dict[tuple[str, str], int]]


def row_of(minutes: Minutes, at_us: int) -> list[int]:
    """The row of the minute that holds ``at_us``; a boundary belongs to the minute it starts."""
    minute_us = at_us - at_us % MINUTE_US
    row = minutes.get(minute_us)
    if row is None:
        row = minutes[minute_us] = [0] * WIDTH
    return row


def made_row(made: MadeRows, at_us: int, order: str, product: str) -> list[int]:
    """The row of an order and product in the minute that holds ``at_us``."""
    minute_us = at_us - at_us % MINUTE_US
    rows = made.get(minute_us)
    if rows is None:
        rows = made[minute_us] = {}
    row = rows.get((order, product))
    if row is None:
        key = (order, product) if len(rows) < KEYS_LIMIT else NOT_KNOWN
        row = rows.setdefault(key, [0] * MADE_WIDTH)
    return row


def spread(minutes: Minutes, column: int, start_us: int, end_us: int, sign: int = 1) -> None:
    """Add [start, end) µs to ``column`` of the minutes it touches; ``sign`` −1 takes it away again."""
    while start_us < end_us:
        until_us = min(end_us, start_us - start_us % MINUTE_US + MINUTE_US)
        row_of(minutes, start_us)[column] += sign * (until_us - start_us)
        start_us = until_us
