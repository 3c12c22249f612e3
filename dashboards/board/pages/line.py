"""The page of one line: the flow now, and over any span its OEE, losses, causes, timeline, bottleneck and orders."""

from collections.abc import Iterable

from msgspec import Struct

from answers.bottleneck import Piece, line_periods, pieces, reigns, share_out
from answers.commands import Note, commands
from answers.forecast import Forecast, outlook
from answers.live import pace, timeline
from answers.orders import Order, line_orders, orders_within
from answers.plant import stations
from answers.report import MachineReport, line_report
from answers.store import Store, short
from dashboards.board.pages import Ask, Page, Sheet, rows_of
from dashboards.board.snapshot import LineNow, causes_of, line_now, shift_of
from dashboards.board.timeline import Lanes, lanes_over, marks_sheet, time_sheet

_CAUSES_SHOWN, _ORDERS_SHOWN, _NOTES_SHOWN = 8, 6, 60
#: A reign narrower than this part of the span cannot be seen.
_NARROWEST = 1 / 960


class Ruling(Struct, frozen=True):
    """``station`` was the bottleneck over [from_us, to_us): alone, or one of two between which it was shifting."""

    station: str
    from_us: int
    to_us: int
    is_sole: bool


class StationShare(Struct, frozen=True):
    """A station over the span: its own KPIs, parts, and for how long it was the bottleneck alone or one of two, s."""

    station: str
    oee: float | None
    availability: float | None
    performance: float | None
    quality: float | None
    good: int
    scrap: int
    rework: int
    coverage: float | None
    sole_s: float
    shifting_s: float


class LinePage(Struct, frozen=True):
    """``now`` is the line at this moment with OEE, losses and causes of the span in its ``shift``.

    ``good`` is what left the line in the span. ``orders`` that nobody began come last, the next first; ``forecasts``
    are theirs, ``None`` for one that is complete.
    """

    now: LineNow
    good: int
    coverage: float | None
    lanes: Lanes
    rulings: list[Ruling]
    stations: list[StationShare]
    orders: list[Order]
    forecasts: list[Forecast | None]
    notes: list[Note]


def read(store: Store, ask: Ask) -> LinePage:
    """Everything the page shows."""
    line, span = ask.line, ask.span
    report = line_report(store, line, span)
    causes = causes_of(store, line, span, _CAUSES_SHOWN)
    shift = shift_of(pace(store, line, ask.now_us), report.kpis, report.losses, causes)
    periods = line_periods(store, line, span)
    shares = share_out(periods, span.from_us, span.to_us).machines
    known = line_orders(store, line)
    orders = orders_within(known, span)[-_ORDERS_SHOWN:]
    forecasts = {one.order: one for one in outlook(store, line, known).orders}
    minutes = {station.id: timeline(store, station.path, span) for station in stations(store, line)}
    return LinePage(
        now=line_now(store, line, ask.now_us, shift, span.from_us),
        good=report.sums.exit_good,
        coverage=report.kpis.coverage,
        lanes=lanes_over(minutes, span.from_us, span.to_us),
        rulings=_rulings(pieces(reigns(periods)), span.from_us, span.to_us),
        stations=[
            _station(one, *((share.sole_us, share.shifting_us) if (share := shares.get(one.path)) else (0, 0)))
            for one in report.machines
        ],
        orders=orders,
        forecasts=[forecasts.get(one.order) for one in orders],
        notes=commands(store, line, span, _NOTES_SHOWN),
    )


def _rulings(found: Iterable[Piece], from_us: int, to_us: int) -> list[Ruling]:
    """The pieces within the span that are wide enough to be seen."""
    clipped = [(one, max(one.from_us, from_us), min(one.to_us, to_us)) for one in found]
    least_us = (to_us - from_us) * _NARROWEST
    return [
        Ruling(short(one.machine), start, end, one.is_sole) for one, start, end in clipped if end - start >= least_us
    ]


def _station(one: MachineReport, sole_us: int, shifting_us: int) -> StationShare:
    return StationShare(
        station=short(one.path),
        oee=one.kpis.oee,
        availability=one.kpis.availability,
        performance=one.kpis.performance,
        quality=one.kpis.quality,
        good=one.sums.good,
        scrap=one.sums.scrap,
        rework=one.sums.rework,
        coverage=one.kpis.coverage,
        sole_s=sole_us / 1e6,
        shifting_s=shifting_us / 1e6,
    )


def _losses(found: LinePage) -> Sheet:
    shift = found.now.shift
    rows = {"planned": shift.planned_s, **shift.steps, "good": shift.good_s}
    return [["step", "seconds"], *([step, seconds] for step, seconds in rows.items())]


def _causes(found: LinePage) -> Sheet:
    rows = [[one.station, one.category, one.reason, one.lost_s, one.stops] for one in found.now.shift.causes]
    return [["station", "category", "reason", "seconds", "stops"], *rows]


def _stations(found: LinePage) -> Sheet:
    return rows_of(StationShare.__struct_fields__, found.stations)


def _orders(found: LinePage) -> Sheet:
    heads = ["order", "product", "state", "quantity", "released", "good", "scrap", "began_us", "finish_us", "due_us"]
    return rows_of(heads, found.orders)


PAGE = Page(
    name="line",
    path="/line",
    module="line_page.js",
    read=read,
    sheets={
        "losses": _losses,
        "causes": _causes,
        "stations": _stations,
        "orders": _orders,
        "times": lambda found: time_sheet(found.lanes),
        "marks": lambda found: marks_sheet(found.notes),
    },
    styles=("board.css", "charts.css", "flow.css", "line.css"),
    place=10,
)
