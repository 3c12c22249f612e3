"""A machine's or a line's time, opened: from all time of a span down to good parts, with what is behind each step.

    all time ─ unknown ─ planned = planned production time ─ stops = execute ─ speed, in_process = made ─ rejects = good

The machine's own time is behind a machine; behind a line it is that of its constraint, turn by turn; behind an order
that of its product's constraint from its first to its last part there; behind several lines the sum of theirs.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from answers.basis import Turn, exit_ideal_us, turns
from answers.explain import require_agreement
from answers.made import Made, made_by_product
from answers.order_report import OrderReport
from answers.plant import Station, behind, exits, stations
from answers.report import Evidence, LineReport, MachineReport, RolledReport, evidence
from answers.span import Span, in_shifts
from answers.store import Interval, Store
from contract.kpi import Kpis, Losses, Sums, add_up


class Gap(NamedTuple):
    """Nothing is known of ``machine`` over [from_us, to_us)."""

    machine: str
    from_us: int
    to_us: int


class Parts(msgspec.Struct, frozen=True):
    """``parts`` of ``product``, each worth ``each_us`` of ideal time, counted at ``machine``; together ``us``."""

    machine: str
    product: str
    parts: int
    each_us: int
    us: int


class Opened(msgspec.Struct, frozen=True):
    """One subject (path of a machine, a line, or several) over a span.

    ``basis`` is whose time it is, turn by turn. ``intervals`` are those of the basis, clipped to the turns: of each
    category they add up to its time in ``sums``, exactly; ``gaps`` add up
    to ``unknown_us``. ``good`` and ``rejected`` add up to the good parts' and the rejected parts' ideal time in
    ``losses`` wherever each product kept the ideal time it has now (``off_us``: by how much they do not, good and
    rejected).
    """

    path: str
    span_us: int
    unknown_us: int
    in_shift_planned_us: int
    sums: Sums
    losses: Losses
    kpis: Kpis
    basis: list[Turn]
    intervals: list[Interval]
    gaps: list[Gap]
    good: list[Parts]
    rejected: list[Parts]
    off_us: tuple[int, int]

    @property
    def made_us(self) -> int:
        """Ideal time of all parts, good and rejected."""
        return self.losses.good_ideal_us + self.losses.defects_us + self.losses.startup_us


def open_line(store: Store, report: LineReport) -> Opened:
    """The line that ``report`` is about, which must be of this moment of ``store``."""
    line, span, line_stations = report.path, report.span, stations(store, report.path)
    basis = turns(store, line, line_stations, span)
    made = made_by_product(store, line, span)
    good = [
        _parts(station, product, of_it.covered_good, exit_ideal_us(line_stations, product))
        for station in exits(line_stations)
        for product, of_it in made.get(station.path, {}).items()
    ]
    rejected = [one for turn in basis for one in _line_rejected(store, line, line_stations, turn)]
    told = _Told(line, report.span_us, report.in_shift_planned_us, report.sums.constraint, report.losses, report.kpis)
    return _opened(store, told, basis, good, rejected)


def open_machine(store: Store, report: LineReport, machine: MachineReport) -> Opened:
    """One ``machine`` of the line that ``report`` is about, which must be of this moment of ``store``."""
    line, span = report.path, report.span
    station = next(one for one in stations(store, line) if one.path == machine.path)
    made = made_by_product(store, line, span).get(machine.path, {})
    good = [_parts(station, product, one.covered_good, station.ideal_of(product)) for product, one in made.items()]
    rejected = _own_rejected(station, made)
    resting_us = sum(
        store.machine_sums(machine.path, shift.from_us, shift.to_us).planned_us
        for shift in in_shifts(store, line, span)
    )
    told = _Told(machine.path, machine.span_us, resting_us, machine.sums, machine.losses, machine.kpis)
    return _opened(store, told, [Turn(station, span.from_us, span.to_us)], good, rejected)


def open_order(store: Store, report: OrderReport) -> Opened:
    """The order that ``report`` is about, which must be of this moment of ``store``."""
    line_stations = stations(store, report.path)
    narrow = next(one for one in line_stations if one.path == report.constraint)
    made = {path: {report.product: own} for path, own in report.made.items()}
    each_us = narrow.exit_ideal_us(report.product)
    good = [
        _parts(station, report.product, own.covered_good, each_us)
        for station in exits(line_stations)
        for own in made.get(station.path, {}).values()
    ]
    rejected = _rejected(made, line_stations, narrow)
    basis = [Turn(narrow, report.span.from_us, report.span.to_us)] if report.span else []
    sums = report.sums.constraint
    told = _Told(report.path, report.span_us, report.in_shift_planned_us, sums, report.losses, report.kpis)
    return _opened(store, told, basis, good, rejected)


def open_together(report: RolledReport, lines: Sequence[Opened]) -> Opened:
    """Several ``lines`` that ``report`` rolled up: sums of theirs. Intervals and gaps stay with each line.

    ``good`` and ``rejected`` say of which line they are, not of which machine.
    """
    return Opened(
        path=report.path,
        span_us=sum(one.span_us for one in lines),
        unknown_us=sum(one.unknown_us for one in lines),
        in_shift_planned_us=sum(one.in_shift_planned_us for one in lines),
        sums=add_up(one.sums for one in lines),
        losses=report.losses,
        kpis=report.kpis,
        basis=[],
        intervals=[],
        gaps=[],
        good=[msgspec.structs.replace(parts, machine=one.path) for one in lines for parts in one.good],
        rejected=[msgspec.structs.replace(parts, machine=one.path) for one in lines for parts in one.rejected],
        off_us=(sum(one.off_us[0] for one in lines), sum(one.off_us[1] for one in lines)),
    )


def _line_rejected(store: Store, line: str, line_stations: list[Station], turn: Turn) -> list[Parts]:
    return _rejected(made_by_product(store, line, Span(turn.from_us, turn.to_us)), line_stations, turn.station)


def _rejected(made: dict[str, dict[str, Made]], line_stations: list[Station], narrow: Station) -> list[Parts]:
    """What ``narrow`` rejected itself, and what was rejected behind it, in the ideal time of the line."""
    later = [
        _parts(lost, product, one.scrap, lost.rejected_us(exit_ideal_us(line_stations, product)))
        for lost in behind(line_stations, narrow)
        for product, one in made.get(lost.path, {}).items()
    ]
    return [*_own_rejected(narrow, made.get(narrow.path, {})), *later]


def _own_rejected(station: Station, made: dict[str, Made]) -> list[Parts]:
    found = {product: one.scrap + one.rework for product, one in made.items()}
    return [_parts(station, product, parts, station.ideal_of(product)) for product, parts in found.items()]


def _parts(station: Station, product: str, parts: int, each_us: int) -> Parts:
    return Parts(station.id, product, parts, each_us, parts * each_us)


class _Told(NamedTuple):
    """What a report said already of a machine or line."""

    path: str
    span_us: int
    in_shift_planned_us: int
    sums: Sums
    losses: Losses
    kpis: Kpis


def _opened(store: Store, told: _Told, basis: list[Turn], good: list[Parts], rejected: list[Parts]) -> Opened:
    intervals = [piece for turn in basis for piece in _clipped(store, turn)]
    require_agreement(told.path, told.sums, intervals)
    known, lost = evidence(store), told.losses
    return Opened(
        **told._asdict(),
        unknown_us=told.span_us - told.sums.booked_us,
        basis=basis,
        intervals=intervals,
        gaps=[gap for turn in basis for gap in _gaps(turn, intervals, known)],
        good=[one for one in good if one.parts],
        rejected=[one for one in rejected if one.parts],
        off_us=(
            lost.good_ideal_us - sum(one.us for one in good),
            lost.defects_us + lost.startup_us - sum(one.us for one in rejected),
        ),
    )


def _clipped(store: Store, turn: Turn) -> Iterator[Interval]:
    for one in store.intervals(turn.station.path, turn.from_us, turn.to_us):
        start_us, end_us = max(one.start_us, turn.from_us), min(one.end_us, turn.to_us)
        yield msgspec.structs.replace(one, start_us=start_us, end_us=end_us)


def _gaps(turn: Turn, intervals: Iterable[Interval], known: Evidence) -> Iterator[Gap]:
    path, edge_us = turn.station.path, turn.from_us
    for one in intervals:
        if one.machine == path and turn.from_us <= one.start_us < turn.to_us:
            if one.start_us > edge_us:
                yield Gap(path, edge_us, one.start_us)
            edge_us = one.end_us
    end_us = known.end(path, turn.to_us)
    if end_us > edge_us:
        yield Gap(path, edge_us, end_us)
