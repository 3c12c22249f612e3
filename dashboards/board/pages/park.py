"""The page of the whole park: every line of every site, whether it wins, what stops it, who is best and worst."""

from msgspec import Struct

from answers.live import CONSEQUENCES, pace
from answers.report import LineReport, line_report, rolled
from answers.store import Store, short
from contract.events import Words
from contract.states import Category
from contract.topics import address, within
from dashboards.board.asking import span_on
from dashboards.board.pages import Ask, Page, Sheet, plain
from dashboards.board.snapshot import StationNow, stations_now, stops


class LineOf(Struct, frozen=True):
    """A line now, and over the span: ``lost_s`` of planned time that made no good part.

    ``gap`` is good parts less those due by now in the shift that runs (``None``: no shift, or no takt). ``stop`` stands
    longest of what needs a person; ``bottleneck`` is the live one.
    """

    path: str
    id: str
    name: Words
    good: int
    target_now: int
    gap: int | None
    order: str
    product: Words
    oee: float | None
    availability: float | None
    performance: float | None
    quality: float | None
    planned_s: float
    lost_s: float
    energy_kwh: float
    stations: int
    stopped: int
    unknown: int
    stop: StationNow | None
    bottleneck: StationNow | None
    from_us: int
    to_us: int


class Site(Struct, frozen=True):
    """The lines of one plant; its OEE is of their sums, never a mean of their ratios."""

    path: str
    name: Words
    oee: float | None
    good: int
    lines: list[LineOf]


class ParkPage(Struct, frozen=True):
    """``best`` and ``worst`` are paths of lines by OEE, where more than one has any."""

    sites: list[Site]
    oee: float | None
    lines: int
    behind: int
    stopped: int
    best: str
    worst: str


def read(store: Store, ask: Ask) -> ParkPage:
    """Everything the page shows."""
    reports = [line_report(store, path, span_on(store, ask, path)) for path in store.lines()]
    lines = {report.path: _line(store, ask.now_us, report) for report in reports}
    sites: dict[str, list[LineReport]] = {}
    for report in reports:
        sites.setdefault(within(report.path, 2), []).append(report)
    known = sorted((line for line in lines.values() if line.oee is not None), key=lambda line: line.oee or 0.0)
    return ParkPage(
        sites=[_site(store, path, own, [lines[one.path] for one in own]) for path, own in sites.items()],
        oee=rolled("", reports).kpis.oee,
        lines=len(lines),
        behind=sum(line.gap is not None and line.gap < 0 for line in lines.values()),
        stopped=sum(line.stop is not None for line in lines.values()),
        best=known[-1].path if len(known) > 1 else "",
        worst=known[0].path if len(known) > 1 else "",
    )


def _site(store: Store, path: str, reports: list[LineReport], lines: list[LineOf]) -> Site:
    named = store.named(lines[0].path)
    together = rolled(path, reports)
    return Site(
        path, named.plant if named else plain(address(lines[0].path).site), together.kpis.oee, together.exit_good, lines
    )


def _line(store: Store, now_us: int, report: LineReport) -> LineOf:
    line, kpis, lost = report.path, report.kpis, report.losses
    beat, named, standing = pace(store, line, now_us), store.named(line), stations_now(store, line, now_us)
    by_id = {station.id: station for station in standing}
    stopped = [by_id[name] for name in stops(standing, now_us)]
    own = [station for station in stopped if station.category not in CONSEQUENCES]
    return LineOf(
        path=line,
        id=short(line),
        name=named.name if named else plain(short(line)),
        good=beat.good,
        target_now=beat.target_now,
        gap=beat.good - beat.target_now if beat.target_now else None,
        order=beat.order,
        product=beat.product,
        oee=kpis.oee,
        availability=kpis.availability,
        performance=kpis.performance,
        quality=kpis.quality,
        planned_s=lost.ppt_us / 1e6,
        lost_s=(lost.ppt_us - lost.good_ideal_us) / 1e6,
        energy_kwh=report.energy.kwh,
        stations=len(standing),
        stopped=len(own),
        unknown=sum(station.category is Category.UNKNOWN for station in standing),
        stop=own[0] if own else None,
        bottleneck=next((station for station in standing if station.bottleneck), None),
        from_us=report.span.from_us,
        to_us=report.span.to_us,
    )


def _sheet(found: ParkPage) -> Sheet:
    heads = ["site", "line", "good", "target_now", "oee", "availability", "performance", "quality", "planned_s"]
    heads += ["lost_s", "stop", "reason", "bottleneck", "kwh"]
    rows = [
        [
            site.path, one.path, one.good, one.target_now, one.oee, one.availability, one.performance, one.quality,
            one.planned_s, one.lost_s, one.stop.id if one.stop else "", one.stop.reason if one.stop else "",
            one.bottleneck.id if one.bottleneck else "", one.energy_kwh,
        ]
        for site in found.sites
        for one in site.lines
    ]  # fmt: skip
    return [heads, *rows]


PAGE = Page(
    name="park",
    path="/park",
    module="park_page.js",
    read=read,
    sheets={"lines": _sheet},
    pickers=("span",),
    styles=("board.css", "charts.css", "pages.css"),
    place=5,
)
