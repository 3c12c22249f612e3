"""What each machine made, told apart by order and product: the counts that KPIs with several products stand on."""

from collections.abc import Iterable

import msgspec

from answers.span import Span
from answers.store import Store


class Made(msgspec.Struct, frozen=True):
    """Parts of a machine over a span; one field for each column of ``series.MADE_COLUMNS``, in their order.

    ``covered_good``: good parts whose time is covered by evidence. ``first`` went through for the first time,
    ``first_good`` of them passed; ``false_calls`` were rejected although good: all 0 where no unit was told.
    """

    total: int = 0
    good: int = 0
    scrap: int = 0
    rework: int = 0
    covered_good: int = 0
    first: int = 0
    first_good: int = 0
    false_calls: int = 0

    def __add__(self, other: "Made") -> "Made":
        mine, others = msgspec.structs.astuple(self), msgspec.structs.astuple(other)
        return Made(*(a + b for a, b in zip(mine, others, strict=True)))


#: Machine path → product → what it made of it.
ByProduct = dict[str, dict[str, Made]]
NOTHING_MADE = Made()
_SUMS = (
    "SUM(total), SUM(good), SUM(scrap), SUM(rework), SUM(covered_good), SUM(first), SUM(first_good), SUM(false_calls)"
)


class OrderMade(msgspec.Struct, frozen=True):
    """What one machine made of one order, and the minutes (start, µs) in which it finished the first and last part."""

    machine: str
    order: str
    product: str
    first_us: int
    last_us: int
    made: Made


def made_by_product(store: Store, line: str, span: Span) -> ByProduct:
    """What each machine of ``line`` made of each product over ``span``; nothing made, absent."""
    found: ByProduct = {}
    rows = store.rows(
        f"SELECT path, product, {_SUMS} FROM machines CROSS JOIN made USING (machine_id)"  # noqa: S608 - a constant of ours
        " WHERE line_path = ? AND minute_us >= ? AND minute_us < ? GROUP BY machine_id, product",
        line,
        span.from_us,
        span.to_us,
    )
    for path, product, *counts in rows:
        found.setdefault(path, {})[product] = Made(*counts)
    return found


def made_by_order(store: Store, line: str, span: Span) -> list[OrderMade]:
    """What each machine of ``line`` made of each order over ``span``, the order that began first first."""
    rows = store.rows(
        f"SELECT path, order_id, product, MIN(minute_us), MAX(minute_us), {_SUMS}"  # noqa: S608 - a constant of ours
        " FROM machines CROSS JOIN made USING (machine_id) WHERE line_path = ? AND minute_us >= ? AND minute_us < ?"
        " GROUP BY machine_id, order_id, product ORDER BY 4, 2",
        line,
        span.from_us,
        span.to_us,
    )
    return [
        OrderMade(path, order, product, first_us, last_us, Made(*counts))
        for path, order, product, first_us, last_us, *counts in rows
    ]


def all_made(parts: Iterable[Made]) -> Made:
    """Sum of what was made."""
    return sum(parts, start=NOTHING_MADE)
