"""Whose time is a line's time, minute by minute, so that minutes add up to hours, shifts and any span, exactly.

A minute's basis is the constraint of the product that the line's order names at the minute's start; where no order
speaks yet, or nobody knows the product, the constraint by nominal ideal times.

    orders        │ none │ WO-1 (A)        │ WO-2 (B)      │ WO-3 (B)
    turns         │ nominal │ constraint of A │ constraint of B          each begins on a whole minute
"""

import json
from collections.abc import Iterable, Iterator
from itertools import pairwise

import msgspec

from answers.plant import Station, behind, constraint
from answers.span import Span, in_shifts
from answers.store import Store, decoded
from contract.events import OrderStarted
from contract.instants import MINUTE_US, floor_minute
from contract.kpi import Sums
from contract.series import SUM_COLUMNS
from contract.topics import Kind

_SUMS = ", ".join(f"SUM({name})" for name in SUM_COLUMNS)
#: Spans of machines, as JSON of [path, from, to], and the rows of a table in them.
_ROWS_IN = (
    "FROM json_each(?) asked CROSS JOIN {table}"
    " ON machine_id = (SELECT machine_id FROM machines WHERE path = json_extract(asked.value, '$[0]'))"
    " AND minute_us >= json_extract(asked.value, '$[1]') AND minute_us < json_extract(asked.value, '$[2]')"
)
_BOOKED = f"SELECT {_SUMS} {_ROWS_IN.format(table='minutes')}"
_PLANNED = f"SELECT SUM(planned_us) {_ROWS_IN.format(table='minutes')}"
_SCRAP = (
    f"SELECT json_extract(asked.value, '$[0]'), product, SUM(scrap) {_ROWS_IN.format(table='made')}"
    " WHERE scrap > 0 GROUP BY 1, 2"
)


class OrderTurn(msgspec.Struct, frozen=True):
    """``order`` is what the line works on at the start of every minute of [from_us, to_us); ``None`` before any."""

    order: OrderStarted | None
    from_us: int
    to_us: int


class Turn(msgspec.Struct, frozen=True):
    """The time of ``station`` is the line's over [from_us, to_us), both on a minute."""

    station: Station
    from_us: int
    to_us: int


def order_turns(store: Store, line: str, span: Span) -> list[OrderTurn]:
    """``span`` cut at the minutes from which another order counts; they tile it."""
    rows = store.rows(
        "SELECT started_us, payload FROM orders WHERE line_path = ?1 AND started_us < ?3 AND started_us >="
        " COALESCE((SELECT MAX(started_us) FROM orders WHERE line_path = ?1 AND started_us <= ?2), 0)"
        " ORDER BY started_us",
        line,
        span.from_us,
        span.to_us,
    )
    orders = [decoded(OrderStarted, Kind.ORDER, payload) for _, payload in rows]
    begins_us = [max(span.from_us, floor_minute(started_us + MINUTE_US - 1)) for started_us, _ in rows]
    edges = pairwise([span.from_us, *begins_us, span.to_us])
    return [OrderTurn(order, *edge) for order, edge in zip([None, *orders], edges, strict=True) if edge[0] < edge[1]]


def turns(store: Store, line: str, line_stations: list[Station], span: Span) -> list[Turn]:
    """Whose time counts over ``span``: they tile it; none for a line without stations."""
    found: list[Turn] = []
    for turn in order_turns(store, line, span):
        station = constraint(line_stations, turn.order.product if turn.order else "")
        if station is None:
            return []
        begin_us = turn.from_us
        if found and found[-1].station is station:
            begin_us = found.pop().from_us
        found.append(Turn(station, begin_us, turn.to_us))
    return found


def basis_sums(store: Store, basis: Iterable[Turn]) -> Sums:
    """Sums of each turn's station over its turn, together."""
    [row] = store.rows(_BOOKED, _asked((turn.station.path, turn.from_us, turn.to_us) for turn in basis))
    return Sums() if row[0] is None else Sums(*row)


def basis_planned_us(store: Store, line: str, span: Span, basis: list[Turn]) -> int:
    """Planned downtime (µs) of the basis inside shifts: what OOE counts and OEE does not."""
    shifts = in_shifts(store, line, span)
    [(planned_us,)] = store.rows(_PLANNED, _asked(_within(basis, shifts)))
    return planned_us or 0


def _within(basis: list[Turn], spans: list[Span]) -> Iterator[tuple[str, int, int]]:
    for turn in basis:
        for span in spans:
            from_us, to_us = max(turn.from_us, span.from_us), min(turn.to_us, span.to_us)
            if from_us < to_us:
                yield turn.station.path, from_us, to_us


def scrap_ideal_us(store: Store, line_stations: list[Station], basis: Iterable[Turn]) -> int:
    """Ideal time (µs) of parts rejected behind the basis, product by product at the constraint of each."""
    after = {station.path: behind(line_stations, station) for station in line_stations}
    asked = ((lost.path, turn.from_us, turn.to_us) for turn in basis for lost in after[turn.station.path])
    by_path = {station.path: station for station in line_stations}
    return sum(
        scrap * by_path[path].rejected_us(exit_ideal_us(line_stations, product))
        for path, product, scrap in store.rows(_SCRAP, _asked(asked))
    )


def exit_ideal_us(line_stations: list[Station], product: str) -> int:
    """Ideal time (µs) of one part of ``product`` that leaves the line, at the product's constraint."""
    own = constraint(line_stations, product)
    return own.exit_ideal_us(product) if own else 0


def _asked(spans: Iterable[tuple[str, int, int]]) -> str:
    return json.dumps(list(spans))
