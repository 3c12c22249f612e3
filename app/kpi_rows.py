"""What ``mes kpi`` answers with: one row a machine, line, area, site, hour, shift, order or product.

Each is also whole, for ``--json``.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import msgspec

from answers.bottleneck import Bottlenecks, Share, bottlenecks
from answers.live import downtime
from answers.made import NOTHING_MADE, Made, all_made
from answers.order_report import OrderReport, order_reports
from answers.orders import product_names
from answers.plant import stations
from answers.report import LineReport, MachineReport, RolledReport, line_reports, rolled
from answers.span import Span, hours, shifts
from answers.store import Store, short
from contract.events import Words
from contract.instants import to_iso, to_local
from contract.kpi import Energy, Kpis, energy, ratio
from contract.states import Category
from contract.topics import address, within

#: Begins the name of an extra that is wrong, and shown as such.
MISTAKE = "✗"


class By(StrEnum):
    """What one row of ``mes kpi`` stands for."""

    MACHINE = "machine"
    LINE = "line"
    AREA = "area"
    SITE = "site"
    HOUR = "hour"
    SHIFT = "shift"
    ORDER = "order"
    PRODUCT = "product"
    REASON = "reason"


class Row(msgspec.Struct, frozen=True):
    """One row: planned production time in µs, good parts, KPIs; ``extra`` are more ratios by the head of their column.

    ``whole`` is everything about it, for a program.
    """

    name: str
    planned_us: int
    good: int
    kpis: Kpis
    extra: dict[str, float | None]
    whole: dict[str, Any]


class Cause(msgspec.Struct, frozen=True):
    """One bar of the downtime Pareto, over all lines. ``share`` and ``cumulative`` are of all downtime in it."""

    line: str
    machine: str
    category: Category
    reason: str
    reason_name: Words | None
    stops: int
    lost_us: int
    share: float | None
    cumulative: float | None


def _edges(span: Span) -> dict[str, Any]:
    return {"from": to_iso(span.from_us), "to": to_iso(span.to_us)}


def _line_row(name: str, report: LineReport, extra: dict[str, float | None]) -> Row:
    whole = {
        "line": report.path,
        "name": name,
        **_edges(report.span),
        "constraint": report.constraint,
        "kpis": report.kpis,
        "losses": report.losses,
        "sums": report.sums,
        "mistakes": {"mean_oee": report.mean_oee, "min_oee": report.min_oee},
        "rty": report.rty,
        "energy": report.energy,
    }
    return Row(name, report.losses.ppt_us, report.sums.exit_good, report.kpis, {"RTY %": report.rty, **extra}, whole)


def _by_line(store: Store, span: Span) -> list[Row]:
    return [
        _line_row(short(report.path), report, {f"{MISTAKE} mean": report.mean_oee, f"{MISTAKE} least": report.min_oee})
        for report in line_reports(store, store.lines(), span)
    ]


def _by_machine(store: Store, span: Span) -> list[Row]:
    return [
        _machine_row(machine, span, found)
        for report in line_reports(store, store.lines(), span)
        for found in [bottlenecks(store, report.path, span)]
        for machine in report.machines
    ]


def _machine_row(machine: MachineReport, span: Span, found: Bottlenecks) -> Row:
    share = found.machines.get(machine.path, Share())
    sole, shifting = ratio(share.sole_us, found.span_us), ratio(share.shifting_us, found.span_us)
    whole = {"machine": machine.path, **_edges(span), **msgspec.to_builtins(machine)}
    whole["bottleneck"] = {**msgspec.to_builtins(share), "sole": sole, "shifting": shifting}
    extra = {"FPY %": machine.fpy, "bottleneck %": sole, "shifting %": shifting}
    return Row(short(machine.path), machine.losses.ppt_us, machine.sums.good, machine.kpis, extra, whole)


def _by_spans(store: Store, parts: Callable[[str], list[Span]]) -> list[Row]:
    several = len(store.lines()) > 1
    return [
        _line_row(f"{short(line)} {part.label}" if several else part.label, line_reports(store, [line], part)[0], {})
        for line in store.lines()
        for part in parts(line)
    ]


def _by_hour(store: Store, span: Span) -> list[Row]:
    return _by_spans(store, lambda line: hours(span, store.tz(line)))


def _by_shift(store: Store, span: Span) -> list[Row]:
    def line_shifts(line: str) -> list[Span]:
        return [
            msgspec.structs.replace(part, label=f"{to_local(window.start_us, store.tz(line))[:10]} {window.name.en}")
            for part, window in shifts(store, line, span)
        ]

    return _by_spans(store, line_shifts)


def _by_order(store: Store, span: Span) -> list[Row]:
    with store.moment():
        return [
            _order_row(one, names)
            for line in store.lines()
            for names in [product_names(store, line)]
            for one in order_reports(store, line, span)
        ]


def _order_row(one: OrderReport, names: dict[str, Words]) -> Row:
    name = names.get(one.product)
    whole = {
        "line": one.path,
        "order": one.order,
        "product": one.product,
        "name": name,
        "began": to_iso(one.began_us),
        "ended": to_iso(one.ended_us),
        "constraint": one.constraint,
        **(_edges(one.span) if one.span else {"from": None, "to": None}),
        "kpis": one.kpis,
        "losses": one.losses,
        "sums": one.sums,
        "rty": one.rty,
        "left": one.left,
        "stations": one.made,
    }
    label = f"{one.order} {name.en if name else one.product}"
    return Row(label, one.losses.ppt_us, one.sums.exit_good, one.kpis, {"RTY %": one.rty}, whole)


def _by_product(store: Store, span: Span) -> list[Row]:
    """A product's orders on all lines together: ratios of their sums."""
    found: dict[str, list[OrderReport]] = {}
    with store.moment():
        for line in store.lines():
            for one in order_reports(store, line, span):
                found.setdefault(one.product, []).append(one)
    return [_product_row(product, span, reports) for product, reports in sorted(found.items())]


def _product_row(product: str, span: Span, reports: list[OrderReport]) -> Row:
    made: dict[str, Made] = {}
    for report in reports:
        for machine, parts in report.made.items():
            made[machine] = made.get(machine, NOTHING_MADE) + parts
    more = {"orders": [report.order for report in reports], "left": all_made(report.left for report in reports)}
    return _rolled_row(By.PRODUCT, product, rolled(product, reports), span, {**more, "stations": made})


def _by_area(store: Store, span: Span) -> list[Row]:
    return _rolled_up(store, span, By.AREA, 3)


def _by_site(store: Store, span: Span) -> list[Row]:
    return _rolled_up(store, span, By.SITE, 2)


def _rolled_up(store: Store, span: Span, by: By, depth: int) -> list[Row]:
    """Lines that share the first ``depth`` parts of their path, together."""
    groups: dict[str, list[LineReport]] = {}
    for report in line_reports(store, store.lines(), span):
        groups.setdefault(within(report.path, depth), []).append(report)
    return [
        _rolled_row(by, address(reports[0].path)[depth - 1], rolled(path, reports), span, {"energy": _used(reports)})
        for path, reports in groups.items()
    ]


def _used(reports: list[LineReport]) -> Energy:
    joules = (sum(one.sums.energy_j for one in reports), sum(one.sums.idle_energy_j for one in reports))
    return energy(*joules, sum(one.sums.exit_good for one in reports))


def _rolled_row(by: By, name: str, whole: RolledReport, span: Span, more: dict[str, Any]) -> Row:
    lines = list(dict.fromkeys(whole.lines))
    answer = {str(by): whole.path, **_edges(span), "lines": lines, "kpis": whole.kpis, "losses": whole.losses, **more}
    return Row(name, whole.losses.ppt_us, whole.exit_good, whole.kpis, {}, answer)


ROWS: dict[By, Callable[[Store, Span], list[Row]]] = {
    By.LINE: _by_line,
    By.MACHINE: _by_machine,
    By.AREA: _by_area,
    By.SITE: _by_site,
    By.HOUR: _by_hour,
    By.SHIFT: _by_shift,
    By.ORDER: _by_order,
    By.PRODUCT: _by_product,
}


def causes(store: Store, span: Span) -> list[Cause]:
    """The downtime Pareto of every line in one list, the costliest first."""
    with store.moment():
        names = {one.path: one.reasons for line in store.lines() for one in stations(store, line)}
        pairs = [(line, one) for line in store.lines() for one in downtime(store, line, span)]
    pairs.sort(key=lambda pair: -pair[1].lost_us)
    whole_us, so_far_us, found = sum(one.lost_us for _, one in pairs), 0, []
    for line, one in pairs:
        so_far_us += one.lost_us
        shares = ratio(one.lost_us, whole_us), ratio(so_far_us, whole_us)
        name = names.get(one.machine, {}).get(one.reason)
        found.append(Cause(line, one.machine, one.category, one.reason, name, one.stops, one.lost_us, *shares))
    return found
