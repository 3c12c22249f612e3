"""KPIs of an order and of a product: counted part by part, however a changeover travels along the line.

An order's time is that of its product's constraint from the minute of its first to the minute of its last part there.
The minute in which the next order finishes its first part there belongs to that one, so the times of orders at a
machine never overlap; a changeover between two orders is in neither.
"""

from typing import NamedTuple

import msgspec

from answers.made import NOTHING_MADE, Made, OrderMade, made_by_order
from answers.orders import Order, OrderState
from answers.plant import Station, behind, constraint, exits, stations
from answers.report import Evidence, evidence
from answers.span import Span, shifts, whole
from answers.store import Store
from contract.instants import MINUTE_US
from contract.kpi import Kpis, LineSums, Losses, Sums, line_kpis, line_losses, rolled_throughput_yield


class OrderReport(msgspec.Struct, frozen=True):
    """One order on one line over a span (``path`` is the line's).

    ``began_us`` and ``ended_us`` are the minutes from its first to its last part anywhere on the line; ``span`` is its
    time at ``constraint``, ``None`` until it got there. ``made`` is machine path → its parts; ``left`` those of the
    stations at which parts leave.
    """

    path: str
    order: str
    product: str
    began_us: int
    ended_us: int
    constraint: str
    span: Span | None
    span_us: int
    in_shift_planned_us: int
    sums: LineSums
    kpis: Kpis
    losses: Losses
    made: dict[str, Made]
    left: Made
    rty: float | None


def order_reports(store: Store, line: str, span: Span) -> list[OrderReport]:
    """Every order of which ``line`` made a part in ``span``, by its first part; what was made for none is left out."""
    found = [one for one in made_by_order(store, line, span) if one.order]
    asked = _Asked(store, line, stations(store, line), evidence(store), _turns(found, span))
    orders: dict[tuple[str, str], list[OrderMade]] = {}
    for one in found:
        orders.setdefault((one.order, one.product), []).append(one)
    return [_report(asked, rows) for rows in orders.values()]


def order_report(store: Store, order: Order, now_us: int) -> OrderReport | None:
    """That of one ``order`` over its whole life up to ``now_us``; ``None`` where nothing was made of it yet."""
    if order.began_us is None:
        return None
    found = order_reports(store, order.line, lives([order], Span(order.began_us, order.began_us), now_us))
    return next((one for one in reversed(found) if one.order == order.order), None)


def lives(orders: list[Order], span: Span, now_us: int) -> Span:
    """``span``, as wide as the whole lives of those ``orders`` that have begun, up to ``now_us``.

    What leaves the line in a shift went through its constraint before, partly in the shift before: cut at the edge of
    a shift, an order's parts and the time they took would not belong together, and its OEE could be above 1.
    """
    first = [one.began_us for one in orders if one.began_us is not None]
    last = [now_us + 1 if one.state is OrderState.RUNNING else one.finish_us or 0 for one in orders]
    return whole(min([span.from_us, *first]), max([span.to_us, *last]), span.label)


#: (machine path, order) → its time there.
_Turns = dict[tuple[str, str], Span]


class _Asked(NamedTuple):
    """What every order of one question shares."""

    store: Store
    line: str
    stations: list[Station]
    known: Evidence
    turns: _Turns


def _turns(found: list[OrderMade], span: Span) -> _Turns:
    """Each order's time at each machine: from its first to its last part, cut where the next one's first comes."""
    turns: _Turns = {}
    by_machine: dict[str, list[OrderMade]] = {}
    for one in found:
        by_machine.setdefault(one.machine, []).append(one)
    for machine, rows in by_machine.items():
        following_us = [*(one.first_us for one in rows[1:]), span.to_us]
        for one, next_us in zip(rows, following_us, strict=True):
            turns[machine, one.order] = Span(one.first_us, min(one.last_us + MINUTE_US, next_us))
    return turns


def _report(asked: _Asked, rows: list[OrderMade]) -> OrderReport:
    line_stations = asked.stations
    order, product = rows[0].order, rows[0].product
    made = {one.machine: one.made for one in rows}
    narrow = constraint(line_stations, product) or line_stations[0]
    turn = asked.turns.get((narrow.path, order))
    own, span_us, planned_us = Sums(), 0, 0
    if turn is not None:
        booked = asked.store.machine_sums(narrow.path, turn.from_us, turn.to_us)
        own = _of_order(booked, made.get(narrow.path, NOTHING_MADE), narrow.ideal_of(product))
        span_us = max(asked.known.end(narrow.path, turn.to_us) - turn.from_us, own.booked_us)
        planned_us = _planned_in_shifts(asked.store, asked.line, narrow.path, turn)
    left = sum((made[station.path] for station in exits(line_stations) if station.path in made), start=NOTHING_MADE)
    ideal_us = narrow.exit_ideal_us(product)
    rejected = [station for station in behind(line_stations, narrow) if station.path in made]
    scrap_us = sum(made[station.path].scrap * station.rejected_us(ideal_us) for station in rejected)
    total = LineSums(own, left.good, left.covered_good, left.covered_good * ideal_us, scrap_us)
    flow = [made[station.path] for station in line_stations if station.path in made and not station.off_flow]
    return OrderReport(
        path=asked.line,
        order=order,
        product=product,
        began_us=min(one.first_us for one in rows),
        ended_us=max(one.last_us for one in rows) + MINUTE_US,
        constraint=narrow.path,
        span=turn,
        span_us=span_us,
        in_shift_planned_us=planned_us,
        sums=total,
        kpis=line_kpis(total, span_us, planned_us),
        losses=line_losses(total),
        made=made,
        left=left,
        rty=rolled_throughput_yield((one.first_good, one.first) for one in flow),
    )


def _of_order(booked: Sums, made: Made, ideal_us: int) -> Sums:
    """The constraint's time in an order's turn, with that order's own parts."""
    rejects_us = (made.scrap + made.rework) * ideal_us
    good_us = made.covered_good * ideal_us
    return msgspec.structs.replace(
        booked,
        total=made.total,
        good=made.good,
        scrap=made.scrap,
        rework=made.rework,
        ideal_us=good_us + rejects_us,
        good_ideal_us=good_us,
        startup_ideal_us=min(booked.startup_ideal_us, rejects_us),
        energy_j=0,
        idle_energy_j=0,
    )


def _planned_in_shifts(store: Store, line: str, machine: str, turn: Span) -> int:
    parts = [part for part, _ in shifts(store, line, turn)]
    return sum(store.machine_sums(machine, part.from_us, part.to_us).planned_us for part in parts)
