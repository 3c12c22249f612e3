"""KPIs of machines and lines over a span: sums from the store, ratios from ``contract.kpi``."""

from collections.abc import Iterable

import msgspec

from answers.plant import Station, constraint, exits, stations
from answers.span import GRACE_US, Span, shifts
from answers.store import Store
from contract.kpi import Kpis, LineSums, Losses, Sums, kpis, line_kpis, line_losses, losses, rolled_throughput_yield

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
    ``rty`` is the rolled throughput yield.
    """

    path: str
    span: Span
    constraint: str
    sums: LineSums
    kpis: Kpis
    losses: Losses
    machines: list[MachineReport]
    mean_oee: float | None
    min_oee: float | None
    rty: float | None


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
    if narrow is None:
        empty = LineSums(NOTHING, 0, 0, 0)
        return LineReport(
            line, span, "", empty, line_kpis(empty, 0, 0), line_losses(empty), [], None, None, None
        )  # fmt: skip
    total = _line_sums(line_stations, narrow, sums)
    own = next(report for report in machines if report.path == narrow.path)
    oees = [report.kpis.oee for report in machines if report.kpis.oee is not None]
    return LineReport(
        line,
        span,
        narrow.path,
        total,
        line_kpis(total, own.span_us, in_shift.get(narrow.path, 0)),
        line_losses(total),
        machines,
        sum(oees) / len(oees) if oees else None,
        min(oees, default=None),
        rolled_throughput_yield(report.sums for report in machines),
    )


def _machine(path: str, sums: Sums, span: Span, known: Evidence, in_shift: dict[str, int]) -> MachineReport:
    span_us = max(known.end(path, span.to_us) - span.from_us, sums.booked_us)
    return MachineReport(
        path, span_us, span_us - sums.booked_us, sums, kpis(sums, span_us, in_shift.get(path, 0)), losses(sums)
    )


def _line_sums(line_stations: list[Station], narrow: Station, sums: dict[str, Sums]) -> LineSums:
    after = [station for station in line_stations if station.position > narrow.position]
    return LineSums(
        constraint=sums.get(narrow.path, NOTHING),
        ideal_us=narrow.ideal_us,
        exit_good=sum(sums.get(station.path, NOTHING).good for station in exits(line_stations)),
        scrap_after=sum(sums.get(station.path, NOTHING).scrap for station in after),
    )


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
