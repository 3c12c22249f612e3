"""KPIs of machines and lines over a span: sums from the store, ratios from ``contract.kpi``."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from answers.basis import Turn, basis_planned_us, basis_sums, exit_ideal_us, scrap_ideal_us, turns
from answers.made import ByProduct, Made, all_made, made_by_product
from answers.plant import Station, exits, stations
from answers.span import GRACE_US, Span, in_shifts
from answers.store import Store
from contract.kpi import (
    Energy,
    Kpis,
    LineSums,
    Losses,
    Sums,
    add_losses,
    add_up,
    energy,
    kpis,
    line_kpis,
    line_losses,
    losses,
    ratio,
    rolled_kpis,
    rolled_throughput_yield,
)

NOTHING = Sums()


class MachineReport(msgspec.Struct, frozen=True):
    """One machine over a span. ``known_us`` is the time there is evidence for, ``unknown_us`` the rest of it.

    ``fpy`` is its first-pass yield: units that passed the first time ÷ units that went through for the first time;
    absent where no unit was told. ``energy`` per good part is per good part of this machine.
    """

    path: str
    span_us: int
    unknown_us: int
    sums: Sums
    kpis: Kpis
    losses: Losses
    made: Made
    fpy: float | None
    energy: Energy


class LineReport(msgspec.Struct, frozen=True):
    """A line over a span, minute by minute on the time of its constraint then (see ``answers.basis``).

    ``constraint`` is the path of the machine that is the basis of most of the time, empty without stations.
    ``mean_oee`` and ``min_oee`` of the machines in the flow are the two common mistakes, shown beside the right number
    as such. ``rty`` is the rolled throughput yield of the flow. ``span_us`` and ``in_shift_planned_us`` (planned
    downtime inside shifts) are of the basis, as the KPIs are; ``energy`` is that of all machines.
    """

    path: str
    span: Span
    constraint: str
    span_us: int
    in_shift_planned_us: int
    sums: LineSums
    kpis: Kpis
    losses: Losses
    machines: list[MachineReport]
    mean_oee: float | None
    min_oee: float | None
    rty: float | None
    energy: Energy


class Rollable(Protocol):
    """What several lines, or several orders, are added up from."""

    @property
    def path(self) -> str:
        """Path of the line."""

    @property
    def span_us(self) -> int:
        """Calendar time of the constraint, µs."""

    @property
    def in_shift_planned_us(self) -> int:
        """Its planned downtime inside shifts, µs."""

    @property
    def sums(self) -> LineSums:
        """What its KPIs are made of."""

    @property
    def losses(self) -> Losses:
        """Its losses."""


class RolledReport(msgspec.Struct, frozen=True):
    """Several lines together, such as an area or a site: ratios of the lines' sums, never a mean of their ratios."""

    path: str
    lines: list[str]
    exit_good: int
    kpis: Kpis
    losses: Losses


class Evidence(msgspec.Struct, frozen=True):
    """How far the store has evidence: of anything at all, and of each machine (µs)."""

    newest_us: int
    heard_us: dict[str, int]

    def end(self, machine: str, to_us: int) -> int:
        """Where a span that ends at ``to_us`` ends for ``machine``: the future is not unknown, silence is."""
        heard = self.heard_us.get(machine, 0)
        newest = heard if self.newest_us - heard <= GRACE_US else self.newest_us
        return min(to_us, newest)


def evidence(store: Store) -> Evidence:
    """The store's :class:`Evidence` now."""
    heard = store.heard()
    return Evidence(max(heard.values(), default=0), heard)


def line_report(store: Store, line: str, span: Span) -> LineReport:
    """KPIs and losses of ``line`` and of each of its machines over ``span``."""
    known, line_stations = evidence(store), stations(store, line)
    sums, made = store.sums(span.from_us, span.to_us, line), made_by_product(store, line, span)
    in_shift = _planned_in_shifts(store, line, span)
    machines = [
        _machine(
            path,
            sums.get(path, NOTHING),
            all_made(made.get(path, {}).values()),
            known.end(path, span.to_us) - span.from_us,
            in_shift.get(path, 0),
        )
        for path in (station.path for station in line_stations)
    ]
    basis = turns(store, line, line_stations, span)
    total = _line_sums(store, line_stations, basis, sums, made)
    own_us = max(sum(_known_us(known, turn) for turn in basis), total.constraint.booked_us)
    planned_us = basis_planned_us(store, line, span, basis)
    off_flow = {station.path for station in line_stations if station.off_flow}
    flow = [report for report in machines if report.path not in off_flow]
    oees = [report.kpis.oee for report in flow if report.kpis.oee is not None]
    return LineReport(
        path=line,
        span=span,
        constraint=_mostly(known, basis),
        span_us=own_us,
        in_shift_planned_us=planned_us,
        sums=total,
        kpis=line_kpis(total, own_us, planned_us),
        losses=line_losses(total),
        machines=machines,
        mean_oee=sum(oees) / len(oees) if oees else None,
        min_oee=min(oees, default=None),
        rty=rolled_throughput_yield((report.made.first_good, report.made.first) for report in flow),
        energy=energy(total.energy_j, total.idle_energy_j, total.exit_good),
    )


def _machine(path: str, sums: Sums, made: Made, asked_us: int, planned_us: int) -> MachineReport:
    span_us = max(asked_us, sums.booked_us)
    return MachineReport(
        path=path,
        span_us=span_us,
        unknown_us=span_us - sums.booked_us,
        sums=sums,
        kpis=kpis(sums, span_us, planned_us),
        losses=losses(sums),
        made=made,
        fpy=ratio(made.first_good, made.first),
        energy=energy(sums.energy_j, sums.idle_energy_j, sums.good),
    )


def _known_us(known: Evidence, turn: Turn) -> int:
    return max(0, known.end(turn.station.path, turn.to_us) - turn.from_us)


def _mostly(known: Evidence, basis: list[Turn]) -> str:
    """Path of the machine that is the basis of most of the time, the first of equals; empty without any."""
    times_us: dict[str, int] = {}
    for turn in basis:
        times_us[turn.station.path] = times_us.get(turn.station.path, 0) + _known_us(known, turn)
    return max(times_us, key=times_us.__getitem__, default="")


def _line_sums(
    store: Store, line_stations: list[Station], basis: list[Turn], sums: dict[str, Sums], made: ByProduct
) -> LineSums:
    whole = add_up(sums.values())
    leaving = [station.path for station in exits(line_stations)]
    covered: dict[str, int] = {}
    for path in leaving:
        for product, of_it in made.get(path, {}).items():
            covered[product] = covered.get(product, 0) + of_it.covered_good
    return LineSums(
        constraint=basis_sums(store, basis),
        exit_good=sum(sums[path].good for path in leaving if path in sums),
        exit_covered=sum(covered.values()),
        exit_ideal_us=sum(parts * exit_ideal_us(line_stations, product) for product, parts in covered.items()),
        scrap_ideal_us=scrap_ideal_us(store, line_stations, basis),
        energy_j=whole.energy_j,
        idle_energy_j=whole.idle_energy_j,
    )


def _planned_in_shifts(store: Store, line: str, span: Span) -> dict[str, int]:
    """Machine path → µs of planned downtime inside shifts: what OOE counts and OEE does not."""
    found: dict[str, int] = {}
    for shift in in_shifts(store, line, span):
        for path, planned_us in store.planned_us(shift.from_us, shift.to_us, line).items():
            found[path] = found.get(path, 0) + planned_us
    return found


def line_reports(store: Store, lines: Iterable[str], span: Span) -> list[LineReport]:
    """:func:`line_report` for several lines, all of one moment of the store."""
    with store.moment():
        return [line_report(store, line, span) for line in lines]


def rolled(path: str, reports: Sequence[Rollable]) -> RolledReport:
    """The lines of ``path`` (an area, a site), or the orders of a product, together."""
    lost = add_losses(report.losses for report in reports)
    exit_good = sum(report.sums.exit_good for report in reports)
    ratios = rolled_kpis(
        add_up(report.sums.constraint for report in reports),
        lost,
        exit_good,
        sum(report.span_us for report in reports),
        sum(report.in_shift_planned_us for report in reports),
    )
    return RolledReport(path, [report.path for report in reports], exit_good, ratios, lost)
