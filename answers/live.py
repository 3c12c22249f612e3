"""What people who pass the board want to know: are we winning the shift, what is stopped and why, where it hurts."""

import msgspec

from answers.plant import exits, stations
from answers.span import Span, whole
from answers.store import PlannedWindow, Store
from answers.target import target
from contract.events import Words
from contract.instants import HOUR_US, floor_minute
from contract.kpi import Sums
from contract.states import Category


class Pace(msgspec.Struct, frozen=True):
    """Good parts of this shift against the plan.

    ``target_now`` are those due by now, ``target_shift`` by the end of the shift if the order of now goes on to it
    (``answers.target``), whole ones; 0 without a takt. ``shift`` is ``None`` outside the shifts; then the counts are of
    the last hour's span and the targets 0.
    """

    shift: PlannedWindow | None
    span: Span
    order: str
    product: Words
    quantity: int
    good: int
    target_now: int
    target_shift: int


class Downtime(msgspec.Struct, frozen=True):
    """Time a machine lost to one reason over a span, and how many stops that took.

    One fault may make short stops and breakdowns: ``category`` is the one that cost more.
    """

    machine: str
    category: Category
    reason: str
    lost_us: int
    stops: int


#: Stops that a machine's neighbours cause.
CONSEQUENCES = frozenset({Category.STARVED, Category.BLOCKED})
_NOBODY = Words(en="", vi="")


def this_shift(store: Store, line: str, now_us: int) -> PlannedWindow | None:
    """The shift of ``line`` that runs at ``now_us``, or ``None``."""
    running = [window for window in store.windows(line, now_us, now_us + 1) if window.kind == "shift"]
    return running[0] if running else None


def pace(store: Store, line: str, now_us: int) -> Pace:
    """Pace of ``line`` in the shift that runs at ``now_us`` (µs)."""
    shift, order = this_shift(store, line, now_us), store.order(line)
    span = whole(shift.start_us if shift else now_us - HOUR_US, now_us + 1)
    sums = store.sums(span.from_us, span.to_us, line)
    wanted = [Span(span.from_us, now_us), whole(shift.start_us, shift.end_us)] if shift else []
    due = [int(target(store, line, one) or 0) for one in wanted]
    return Pace(
        shift=shift,
        span=span,
        order=order.order if order else "",
        product=order.name if order else _NOBODY,
        quantity=order.quantity if order else 0,
        good=sum(sums[station.path].good for station in exits(stations(store, line)) if station.path in sums),
        target_now=due[0] if due else 0,
        target_shift=due[-1] if due else 0,
    )


def downtime(store: Store, line: str, span: Span) -> list[Downtime]:
    """What stopped the machines of ``line`` over ``span``, the costliest first: the Pareto.

    Starved and blocked are not in it: they are what the causes in it did to the neighbours.
    """
    merged: dict[tuple[str, str], Downtime] = {}
    for machine, category, reason, lost_us, stops in store.stop_times(line, span.from_us, span.to_us):
        if category not in CONSEQUENCES:
            key = (machine, reason or category)
            before = merged.get(key, Downtime(machine, category, reason, 0, 0))
            merged[key] = Downtime(machine, before.category, reason, before.lost_us + lost_us, before.stops + stops)
    return sorted(merged.values(), key=lambda cause: -cause.lost_us)


def timeline(store: Store, machine: str, span: Span) -> list[tuple[int, Sums]]:
    """(minute µs, sums) of ``machine`` over ``span``; without evidence a minute is absent, with some it is short."""
    return store.minutes(machine, floor_minute(span.from_us), span.to_us)
