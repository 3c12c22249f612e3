"""Yields, defects and control charts as text for a terminal."""

from collections import Counter
from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from answers.quality import LineQuality, ShareChart, ValueChart, ValuePoint
from answers.store import short
from app.tables import percent, plain_table, span_text
from contract.instants import to_local
from contract.spc import NELSON, Individuals

_DEFECTS_SHOWN, _POINTS_SHOWN = 15, 25
_STRIP = 41
_DASH = "–"


def _million(value: float | None) -> str:
    return _DASH if value is None else f"{value:.1f}"


def quality_tables(found: LineQuality, tz: str) -> Iterator[Table]:
    """Products, stations and the defect Pareto of a line."""
    products = plain_table("product", title=f"{short(found.line)}: quality")
    stations = plain_table("station", "product", title="")
    pareto = plain_table("station", "product", "defect", title="")
    for table, heads in (
        (products, ("parts", "RTY", "defects", "DPMO")),
        (stations, ("first", "passed", "FPY", "false calls", "to rework", "scrap", "defects", "DPMO")),
        (pareto, ("found", "share", "together")),
    ):
        for head in heads:
            table.add_column(head, justify="right", no_wrap=True)
    for product in found.products:
        name = Text(product.name.en if product.name else product.product)
        row = (str(product.parts), percent(product.rty), str(product.defects), _million(product.dpmo))
        products.add_row(name, *row)
    for one in found.stations:
        counts = (one.made.first, one.made.first_good)
        more = (one.made.false_calls, one.made.rework, one.made.scrap, one.defects)
        cells = (*map(str, counts), percent(one.fpy), *map(str, more), _million(one.dpmo))
        stations.add_row(Text(short(one.machine)), Text(one.product), *cells)
    for bar in found.pareto[:_DEFECTS_SHOWN]:
        what = Text(bar.name.en if bar.name else bar.code)
        shares = (str(bar.count), percent(bar.share), percent(bar.cumulative))
        pareto.add_row(Text(short(bar.machine)), Text(bar.product), what, *shares)
    products.caption = f"all products together: RTY {percent(found.rty)}\n{span_text(found.span, tz)}"
    yield from (products, stations)
    if found.pareto:
        yield pareto


def share_table(found: ShareChart, tz: str) -> Table:
    """A p-chart: how many of the units that went through for the first time did not pass."""
    table = plain_table("from", title=f"{short(found.machine)}: p-chart, mean {percent(found.chart.centre)} ({tz})")
    for head in ("units", "not passed", "share", "lower limit", "upper limit"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("")
    for span, point in zip(found.spans, found.chart.points, strict=True):
        cells = (percent(point.share), percent(point.lower), percent(point.upper))
        mark = Text("outside", style="red") if point.is_out else Text("")
        table.add_row(to_local(span.from_us, tz)[:16], str(point.n), str(point.defective), *cells, mark)
    return table


def value_tables(found: ValueChart, tz: str) -> Iterator[Table | Text]:
    """An individuals chart: limits, capability, rules broken, and the newest points."""
    described, unit = found.described, found.described.unit
    title = f"{short(found.machine)}: {described.name.en}, {unit}, {len(found.points)} points ({tz})"
    if found.chart is None:
        yield Text(f"{title}: too few points for a chart", style="bold")
        return
    yield Text(title, style="bold")
    yield Text(_limits(found, found.chart))
    rules = Counter(rule for point in found.points for rule in point.rules)
    for rule, times in sorted(rules.items()):
        yield Text(f"rule {rule} broken at {times} points: {NELSON[rule]}", style="red")
    if not rules:
        yield Text("no Nelson rule is broken: the process is stable", style="green")
    yield _points(found.points, found.chart, tz)


def _limits(found: ValueChart, chart: Individuals) -> str:
    described, able = found.described, found.capability
    spec = f"{_number(described.lsl)} to {_number(described.usl)}, target {described.target:g}"
    indices = ", ".join(
        f"{name} {_DASH if index is None else f'{index:.2f}'}"
        for name, index in (("Cp", able.cp), ("Cpk", able.cpk), ("Pp", able.pp), ("Ppk", able.ppk))
    )
    return (
        f"mean {chart.centre:.4g}, control limits {chart.lower:.4g} to {chart.upper:.4g} (sigma {chart.sigma:.4g}); "
        f"specification {spec}; {indices}"
    )


def _number(value: float | None) -> str:
    return _DASH if value is None else f"{value:g}"


def _points(points: list[ValuePoint], chart: Individuals, tz: str) -> Table:
    table = plain_table("when", "unit", title="")
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column(f"{'lower':<{_STRIP // 2 - 2}}mean{'upper':>{_STRIP - _STRIP // 2 - 2}}", no_wrap=True)
    table.add_column("rules broken")
    for point in points[-_POINTS_SHOWN:]:
        rules = Text(" ".join(map(str, point.rules)), style="red")
        when = to_local(point.ts_us, tz)
        table.add_row(when, Text(point.unit or _DASH), f"{point.value:.4g}", _strip(point.value, chart), rules)
    if len(points) > _POINTS_SHOWN:
        table.caption = f"the newest {_POINTS_SHOWN}; --json has all {len(points)}"
    return table


def _strip(value: float, chart: Individuals) -> str:
    """Where a value lies between the limits; at the edge where it is beyond one."""
    marks = list("·" * _STRIP)
    marks[_STRIP // 2] = "┊"
    reach = chart.upper - chart.lower
    place = round((value - chart.lower) / reach * (_STRIP - 1)) if reach else _STRIP // 2
    marks[min(_STRIP - 1, max(0, place))] = "●"
    return "".join(marks)
