"""KPIs of machines and lines over a span: sums from the store, ratios from ``contract.kpi``."""

from collections.abc import Iterable

import msgspec

from answers.plant import Station, constraint, exits, stations
from answers.span import GRACE_US, Span, shifts
from answers.store import Store
from contract.kpi import (
    Kpis,
    LineSums,
    Losses,
    Sums,
    add_losses,
    add_up,
    kpis,
    line_kpis,
    line_losses,
    losses,
    rolled_kpis,
    rolled_throughput_yield,
)

NOTHING = Sums()


class MachineReport(msgspec.Struct, frozen=True):
    """One machine over a span. ``known_us`` is the time there is evidence for, ``unknown_us`` the rest of it."""

    path: str
    span_us: int
    unknown_us: int
    sums: Sums
    kpis: Kpis
    losses: Losses


class LineReport(msgspec.Struct, frozen=True):
    """A line over a span; ``constraint`` is a machine path, empty for a line without stations.

    ``mean_oee`` and ``min_oee`` of the machines are the two common mistakes, shown beside the right number as such.
    ``rty`` is the rolled throughput yield. ``span_us`` and ``in_shift_planned_us`` (planned downtime inside shifts) are
    the constraint's, as the KPIs are.
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
    sums = store.sums(span.from_us, span.to_us, line)
    in_shift = _planned_in_shifts(store, line, span)
    machines = [
        _machine(station.path, sums.get(station.path, NOTHING), span, known, in_shift) for station in line_stations
    ]
    narrow = constraint(line_stations)
    total = _line_sums(line_stations, narrow, {report.path: report for report in machines})
    own_us = next((report.span_us for report in machines if narrow and report.path == narrow.path), 0)
    planned_us = in_shift.get(narrow.path, 0) if narrow else 0
    oees = [report.kpis.oee for report in machines if report.kpis.oee is not None]
    return LineReport(
        path=line,
        span=span,
        constraint=narrow.path if narrow else "",
        span_us=own_us,
        in_shift_planned_us=planned_us,
        sums=total,
        kpis=line_kpis(total, own_us, planned_us),
        losses=line_losses(total),
        machines=machines,
        mean_oee=sum(oees) / len(oees) if oees else None,
        min_oee=min(oees, default=None),
        rty=rolled_throughput_yield(report.sums for report in machines),
    )


def _machine(path: str, sums: Sums, span: Span, known: Evidence, in_shift: dict[str, int]) -> MachineReport:
    span_us = max(known.end(path, span.to_us) - span.from_us, sums.booked_us)
    return MachineReport(
        path, span_us, span_us - sums.booked_us, sums, kpis(sums, span_us, in_shift.get(path, 0)), losses(sums)
    )


def _line_sums(line_stations: list[Station], narrow: Station | None, machines: dict[str, MachineReport]) -> LineSums:
    if narrow is None:
        return LineSums(NOTHING, 0, 0, 0, 0)
    after = [station for station in line_stations if station.position > narrow.position]
    leaving = exits(line_stations)
    return LineSums(
        constraint=machines[narrow.path].sums,
        ideal_us=narrow.ideal_us,
        exit_good=sum(machines[station.path].sums.good for station in leaving),
        exit_covered=sum(_covered(machines[station.path], station.ideal_us) for station in leaving),
        scrap_after=sum(machines[station.path].sums.scrap for station in after),
    )


def _covered(machine: MachineReport, ideal_us: int) -> int:
    """Good parts of ``machine`` whose time is covered: without unknown time all, else those with an ideal time."""
    sums = machine.sums
    if machine.unknown_us == 0 or ideal_us == 0:
        return sums.good
    return min(sums.good, sums.good_ideal_us // ideal_us)


def _planned_in_shifts(store: Store, line: str, span: Span) -> dict[str, int]:
    """Machine path → µs of planned downtime inside shifts: what OOE counts and OEE does not."""
    found: dict[str, int] = {}
    for shift, _ in shifts(store, line, span):
        for path, sums in store.sums(shift.from_us, shift.to_us, line).items():
            found[path] = found.get(path, 0) + sums.planned_us
    return found


def line_reports(store: Store, lines: Iterable[str], span: Span) -> list[LineReport]:
    """:func:`line_report` for several lines, all of one moment of the store."""
    with store.moment():
        return [line_report(store, line, span) for line in lines]


def rolled(path: str, reports: list[LineReport]) -> RolledReport:
    """The lines of ``path`` (an area, a site) together."""
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
