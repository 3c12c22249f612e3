"""When orders will be done if the line goes on as it did: remaining parts × ideal time ÷ pace, laid into planned time.

The pace is what the line's constraint made of its planned time of late: (ideal time of its parts, good, rejected or
still in the line) ÷ planned production time, a ratio of sums over the last :data:`LOOK_BACK_US`. Where it made nothing
then it is 1, the ideal, and the forecast says so. Each part of an order takes its ideal time at the constraint of its
product ÷ pace; the orders come one after the other as the book has them, in the calendar's shifts without breaks.

    finish = now, and so much planned time later: Σ over it and all before it of (remaining × ideal ÷ pace)

Changeovers and stops are in it as far as they were in that past; what the future brings otherwise is not.
"""

from collections.abc import Iterable, Iterator

import msgspec

from answers.orders import Order, OrderState
from answers.plant import constraint, stations
from answers.report import evidence, line_report
from answers.span import Span, whole, working
from answers.store import Store
from contract.instants import DAY_US, HOUR_US

LOOK_BACK_US = 8 * HOUR_US
#: How far ahead is looked; a calendar seldom says more.
_AHEAD_US = 14 * DAY_US


class Forecast(msgspec.Struct, frozen=True):
    """An order's parts will come out from ``start_us`` to ``finish_us`` (µs); ``None`` lies beyond the calendar.

    ``late_us`` is how far the finish lies after the order's date (negative: before it), ``None`` without a date.
    ``needed_us`` of planned time = ``remaining`` parts × ``ideal_us`` of each ÷ pace.
    """

    order: str
    remaining: int
    ideal_us: int
    needed_us: float
    start_us: int | None
    finish_us: int | None
    late_us: int | None


class Outlook(msgspec.Struct, frozen=True):
    """Forecasts of a line's orders that are not complete, in the order in which they will be made.

    ``pace`` is the share of planned time that became parts (may exceed 1), ``made_us`` ÷ ``planned_us``; ``is_ideal``:
    nothing was made of late, so that 1 is assumed. ``ahead`` is the planned time from now to the last finish, µs.
    """

    pace: float
    is_ideal: bool
    made_us: int
    planned_us: int
    orders: list[Forecast]
    ahead: list[tuple[int, int]]


def outlook(store: Store, line: str, found: Iterable[Order]) -> Outlook:
    """When those of ``found`` that are under way or wait will be done, as seen from the newest event time."""
    now_us = evidence(store).newest_us
    report = line_report(store, line, whole(now_us - LOOK_BACK_US, now_us + 1))
    lost = report.losses
    made_us = lost.good_ideal_us + lost.defects_us + lost.startup_us + lost.in_process_us
    is_ideal = made_us <= 0 or lost.ppt_us <= 0
    pace = 1.0 if is_ideal else made_us / lost.ppt_us
    ahead = _Ahead(store, line, now_us)
    orders = list(_forecasts(store, line, found, ahead, pace))
    until_us = max((one.finish_us for one in orders if one.finish_us is not None), default=now_us)
    return Outlook(pace, is_ideal, made_us, lost.ppt_us, orders, ahead.until(until_us))


def _forecasts(store: Store, line: str, found: Iterable[Order], ahead: "_Ahead", pace: float) -> Iterator[Forecast]:
    line_stations, needed_us = stations(store, line), 0.0
    for one in found:
        if one.state is OrderState.COMPLETE:
            continue
        narrow = constraint(line_stations, one.product)
        start_us = one.began_us if one.began_us is not None else ahead.after(needed_us)
        parts, ideal_us = remaining(one), narrow.exit_ideal_us(one.product) if narrow else 0
        own_us = parts * ideal_us / pace
        needed_us += own_us
        finish_us = ahead.after(needed_us)
        late_us = None if one.due_us is None or finish_us is None else finish_us - one.due_us
        yield Forecast(one.order, parts, ideal_us, own_us, start_us, finish_us, late_us)


def remaining(one: Order) -> int:
    """Parts of an order that have yet to come out: what was begun for it, at least what it asks for, less what did."""
    return max(0, max(one.quantity, one.released) - one.good - one.scrap)


class _Ahead:
    """The planned production time of a line from now on."""

    def __init__(self, store: Store, line: str, now_us: int) -> None:
        calendar = store.calendar(line)
        until_us = min(now_us + _AHEAD_US, calendar.valid_to) if calendar else now_us + _AHEAD_US
        self._pieces = working(store, line, Span(now_us, until_us)) if until_us > now_us else []

    def after(self, planned_us: float) -> int | None:
        """When so much planned time will have passed, µs; ``None`` where nobody has planned so far ahead."""
        left = round(planned_us)
        for start_us, end_us in self._pieces:
            if left <= end_us - start_us:
                return start_us + left
            left -= end_us - start_us
        return None

    def until(self, end_us: int) -> list[tuple[int, int]]:
        """The planned pieces of time up to ``end_us``."""
        return [(start, min(end, end_us)) for start, end in self._pieces if start < end_us]
