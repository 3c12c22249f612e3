"""The page of a line's orders: what is done, under way and in the book, in time or late, and the KPIs of each."""

from msgspec import Struct

from answers.order_report import OrderReport, order_reports
from answers.orders import Order, line_orders, orders_within
from answers.plant import stations
from answers.store import Store, short
from contract.events import Words
from dashboards.board.pages import Ask, Page, Refused, Sheet, rows_of
from dashboards.board.snapshot import Oee, steps_of

_WAITING_SHOWN, _BEGUN_SHOWN = 40, 400


class OrderRow(Struct, frozen=True):
    """An order, its place in time, and its KPIs over the part of it that lies in the span (``None``: made nothing)."""

    order: Order
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
    """``late`` of those begun will be or were after their date; ``in_time`` are those with a date that keep it.

    ``waiting_more`` is how many more wait in the book than are shown; ``opened`` is the order of the address, else the
    one under way.
    """

    orders: list[OrderRow]
    waiting_more: int
    complete: int
    running: int
    waiting: int
    late: int
    in_time: int
    names: dict[str, Words]
    opened: Opened | None


def read(store: Store, ask: Ask) -> OrdersPage:
    """Everything the page shows."""
    found = orders_within(line_orders(store, ask.line), ask.span)
    begun = [one for one in found if one.state != "waiting"]
    book = [one for one in found if one.state == "waiting"]
    reports = {one.order: one for one in order_reports(store, ask.line, ask.span)}
    dated = [one for one in begun if one.late_us is not None]
    late = sum((one.late_us or 0) > 0 for one in dated)
    return OrdersPage(
        orders=[_row(one, reports.get(one.order)) for one in [*begun[-_BEGUN_SHOWN:], *book[:_WAITING_SHOWN]]],
        waiting_more=max(0, len(book) - _WAITING_SHOWN),
        complete=sum(one.state == "complete" for one in begun),
        running=sum(one.state == "running" for one in begun),
        waiting=len(book),
        late=late,
        in_time=len(dated) - late,
        names={one.id: one.name for one in stations(store, ask.line)},
        opened=_opened(found, reports, ask.query.order),
    )


def _row(order: Order, report: OrderReport | None) -> OrderRow:
    if report is None:
        return OrderRow(order, None, None, None)
    return OrderRow(order, report.kpis.oee, report.rty, (report.ended_us - report.began_us) / 1e6)


def _opened(found: list[Order], reports: dict[str, OrderReport], asked: str) -> Opened | None:
    """The order asked for; else the newest of which the constraint made something."""
    if asked and asked not in {one.order for one in found} | set(reports):
        raise Refused("order", repr(asked))
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
    heads = ("order", "product", "state", "quantity", "released", "good", "scrap", "began_us", "finish_us", "due_us",
             "late_us")  # fmt: skip
    [first, *rows] = rows_of(heads, (one.order for one in found.orders))
    return [[*first, "oee", "rty"], *([*row, one.oee, one.rty] for row, one in zip(rows, found.orders, strict=True))]


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
