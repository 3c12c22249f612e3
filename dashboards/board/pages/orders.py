"""The page of a line's orders: what is done, under way and in the book, in time or late, and the KPIs of each."""

from msgspec import Struct

from answers.forecast import Forecast, outlook
from answers.order_report import OrderReport, lives, order_reports
from answers.orders import Order, line_orders, orders_within
from answers.plant import stations
from answers.store import Store, short
from contract.events import Words
from dashboards.board.pages import Ask, Page, Refused, Sheet, rows_of, some
from dashboards.board.snapshot import Oee, steps_of

_WAITING_SHOWN, _BEGUN_SHOWN = 40, 400


class OrderRow(Struct, frozen=True):
    """An order, its place in time, and its KPIs so far, over its whole life (``None``: made nothing).

    ``forecast`` is of one that is not complete; ``late_us`` by it, else of the order itself.
    """

    order: Order
    forecast: Forecast | None
    late_us: int | None
    oee: float | None
    rty: float | None
    made_s: float | None


class Opened(Struct, frozen=True):
    """One order's staircase, as of a line; ``constraint`` is whose time it is."""

    order: str
    constraint: str
    from_us: int | None
    to_us: int | None
    oee: Oee
    planned_s: float
    steps: dict[str, float]
    good_s: float
    rty: float | None
    scrap: int
    rework: int


class OrdersPage(Struct, frozen=True):
    """``late`` were after their date or will be by their forecast; ``in_time`` are those with a date that keep it.

    ``waiting_more`` is how many more wait in the book than are shown; ``opened`` is the order of the address, else the
    one under way. ``pace`` and ``is_ideal`` are what the forecasts assume (``answers.forecast``).
    """

    orders: list[OrderRow]
    waiting_more: int
    pace: float
    is_ideal: bool
    complete: int
    running: int
    waiting: int
    late: int
    in_time: int
    names: dict[str, Words]
    opened: Opened | None


def read(store: Store, ask: Ask) -> OrdersPage:
    """Everything the page shows."""
    known = line_orders(store, ask.line)
    look, found = outlook(store, ask.line, known), orders_within(known, ask.span)
    forecasts = {one.order: one for one in look.orders}
    begun = [one for one in found if one.state != "waiting"]
    book = [one for one in found if one.state == "waiting"]
    shown = {one.order for one in begun}
    reports = {
        one.order: one
        for one in order_reports(store, ask.line, lives(begun, ask.span, ask.now_us))
        if one.order in shown
    }
    rows = [_row(one, reports.get(one.order), forecasts.get(one.order)) for one in [*begun, *book]]
    dated = [one.late_us for one in rows if one.late_us is not None]
    late = sum(late_us > 0 for late_us in dated)
    return OrdersPage(
        orders=rows[max(0, len(begun) - _BEGUN_SHOWN) : len(begun) + _WAITING_SHOWN],
        waiting_more=max(0, len(book) - _WAITING_SHOWN),
        pace=look.pace,
        is_ideal=look.is_ideal,
        complete=sum(one.state == "complete" for one in begun),
        running=sum(one.state == "running" for one in begun),
        waiting=len(book),
        late=late,
        in_time=len(dated) - late,
        names={one.id: one.name for one in stations(store, ask.line)},
        opened=_opened(found, reports, ask.query.order),
    )


def _row(order: Order, report: OrderReport | None, forecast: Forecast | None) -> OrderRow:
    late_us = forecast.late_us if forecast else order.late_us
    if report is None:
        return OrderRow(order, forecast, late_us, None, None, None)
    made_s = (report.ended_us - report.began_us) / 1e6
    return OrderRow(order, forecast, late_us, report.kpis.oee, report.rty, made_s)


def _opened(found: list[Order], reports: dict[str, OrderReport], asked: str) -> Opened | None:
    """The order asked for; else the newest of which the constraint made something."""
    known = list(dict.fromkeys([*(one.order for one in found), *reports]))
    if asked and asked not in known:
        raise Refused("order", asked=asked, known=some(known))
    begun = [one for one in reports.values() if one.span] or list(reports.values())
    report = reports.get(asked) if asked else next(reversed(begun), None)
    if report is None:
        return None
    kpis, lost = report.kpis, report.losses
    return Opened(
        order=report.order,
        constraint=short(report.constraint),
        from_us=report.span.from_us if report.span else None,
        to_us=report.span.to_us if report.span else None,
        oee=Oee(kpis.oee, kpis.availability, kpis.performance, kpis.quality),
        planned_s=lost.ppt_us / 1e6,
        steps=steps_of(lost),
        good_s=lost.good_ideal_us / 1e6,
        rty=report.rty,
        scrap=sum(one.scrap for one in report.made.values()),
        rework=sum(one.rework for one in report.made.values()),
    )


def _sheet(found: OrdersPage) -> Sheet:
    heads = ("order", "product", "state", "quantity", "released", "good", "scrap", "began_us", "finish_us", "due_us")
    [first, *rows] = rows_of(heads, (one.order for one in found.orders))
    more = [[*_forecast_of(one), one.late_us, one.oee, one.rty] for one in found.orders]
    return [
        [*first, "forecast_start_us", "forecast_finish_us", "late_us", "oee", "rty"],
        *([*row, *rest] for row, rest in zip(rows, more, strict=True)),
    ]


def _forecast_of(one: OrderRow) -> tuple[int | None, int | None]:
    return (one.forecast.start_us, one.forecast.finish_us) if one.forecast else (None, None)


def _losses_sheet(found: OrdersPage) -> Sheet:
    one = found.opened
    rows = {"planned": one.planned_s, **one.steps, "good": one.good_s} if one else {}
    return [["step", "seconds"], *([step, seconds] for step, seconds in rows.items())]


PAGE = Page(
    name="orders",
    path="/orders",
    module="orders_page.js",
    read=read,
    sheets={"orders": _sheet, "losses": _losses_sheet},
    styles=("board.css", "charts.css", "pages.css"),
    place=40,
)
