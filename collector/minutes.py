"""The minute rows of one machine while they can still change. Pure.

Time, stops and energy are booked in the row of the minute, parts and their ideal time in that of the minute's order and
product; :func:`sum_up` puts these into the first, once for all that came.
"""

from typing import Any

from msgspec import Struct

from contract.instants import MINUTE_US
from contract.series import OUTPUT_COLUMNS, SUM_COLUMNS

WIDTH = len(SUM_COLUMNS)
#: Orders (and defects) told apart in one minute; what more there are is booked under the key of nobody.
KEYS_LIMIT = 256
#: The order and product of parts of which nobody can tell which they were.
NOT_KNOWN = ("", "")

_OUTPUT = slice(SUM_COLUMNS.index("total"), SUM_COLUMNS.index("total") + len(OUTPUT_COLUMNS))


class MadeRow(Struct, array_like=True, gc=False):
    """What was made of one order in a minute: ``series.MADE_COLUMNS``, and the ideal time (µs) of those parts."""

    order: str
    product: str
    total: int = 0
    good: int = 0
    scrap: int = 0
    rework: int = 0
    covered_good: int = 0
    first: int = 0
    first_good: int = 0
    false_calls: int = 0
    ideal_us: int = 0
    good_ideal_us: int = 0
    startup_ideal_us: int = 0


#: Start of the minute (µs) → one number a column of ``series.SUM_COLUMNS``.
Minutes = dict[int, list[int]]
#: Start of the minute (µs) → a row an order and product.
MadeRows = dict[int, list[MadeRow]]
#: Start of the minute (µs) → (product, defect code) → how many.
Defects = dict[int, dict[tuple[str, str], int]]


def row_of(minutes: Minutes, at_us: int) -> list[int]:
    """The row of the minute that holds ``at_us``; a boundary belongs to the minute it starts."""
    minute_us = at_us - at_us % MINUTE_US
    row = minutes.get(minute_us)
    if row is None:
        row = minutes[minute_us] = [0] * WIDTH
    return row


def made_row(made: MadeRows, at_us: int, order: str, product: str) -> MadeRow:
    """The row of an order and product in the minute that holds ``at_us``."""
    minute_us = at_us - at_us % MINUTE_US
    rows = made.get(minute_us)
    if rows is None:
        rows = made[minute_us] = []
    for row in rows:
        if row.order == order and row.product == product:
            return row
    if len(rows) >= KEYS_LIMIT and (order, product) != NOT_KNOWN:
        return made_row(made, at_us, *NOT_KNOWN)
    row = MadeRow(order, product)
    rows.append(row)
    return row


def sum_up(minutes: Minutes, made: MadeRows) -> None:
    """The parts of all orders of a minute → the row of the minute."""
    for minute_us, rows in made.items():
        outputs = [_output(row) for row in rows]
        whole = outputs[0] if len(outputs) == 1 else [sum(column) for column in zip(*outputs, strict=True)]
        row_of(minutes, minute_us)[_OUTPUT] = whole


def made_rows(made: MadeRows) -> list[tuple[Any, ...]]:
    """The columns of ``made`` after ``machine_id``."""
    return [
        (
            minute_us, row.order, row.product, row.total, row.good, row.scrap, row.rework,
            row.covered_good, row.first, row.first_good, row.false_calls,
        )
        for minute_us, rows in made.items()
        for row in rows
    ]  # fmt: skip


def spread(minutes: Minutes, column: int, start_us: int, end_us: int, sign: int = 1) -> None:
    """Add [start, end) µs to ``column`` of the minutes it touches; ``sign`` −1 takes it away again."""
    while start_us < end_us:
        until_us = min(end_us, start_us - start_us % MINUTE_US + MINUTE_US)
        row_of(minutes, start_us)[column] += sign * (until_us - start_us)
        start_us = until_us


def _output(row: MadeRow) -> list[int]:
    return [row.total, row.good, row.scrap, row.rework, row.ideal_us, row.good_ideal_us, row.startup_ideal_us]
