"""When an order will be done, opened: what is left of it and of all before it, at the pace of late, in planned time."""

from msgspec import Struct

from answers.forecast import outlook
from answers.orders import Order, line_orders
from answers.store import Store
from contract.events import Words
from dashboards.board.pages import Ask, Page, Refused, Sheet, plain, rows_of, some


class Left(Struct, frozen=True):
    """An order still to be made: ``needed_us`` = ``remaining`` parts × ``ideal_us`` ÷ pace."""

    order: str
    name: Words
    remaining: int
    ideal_us: int
    needed_us: float


class Planned(Struct, frozen=True):
    """A piece of the calendar's planned time that is needed."""

    from_us: int
    to_us: int


class ForecastOpened(Struct, frozen=True):
    """The planned pieces ``ahead`` add up to what ``orders`` need together, to the µs; the last ends at ``finish_us``.

    ``order`` is empty, and all else with it, where nothing is left to be made. ``finish_us`` is ``None`` beyond the
    calendar. ``pace`` = ``made_us`` ÷ ``planned_us``; ``is_ideal``: nothing was made of late, so that 1 is assumed.
    """

    order: str
    name: Words
    finish_us: int | None
    due_us: int | None
    late_us: int | None
    pace: float
    is_ideal: bool
    made_us: int
    planned_us: int
    orders: list[Left]
    ahead: list[Planned]


def read(store: Store, ask: Ask) -> ForecastOpened:
    """Everything the page shows, of the order asked for; else of the next that will be done."""
    known = {one.order: one for one in line_orders(store, ask.line)}
    look = outlook(store, ask.line, known.values())
    asked = ask.query.order or next((one.order for one in look.orders), "")
    place = next((n for n, one in enumerate(look.orders) if one.order == asked), None)
    if place is None and ask.query.order:
        raise Refused("order", asked=asked, known=some([one.order for one in look.orders]))
    if place is None:
        nothing = look.pace, look.is_ideal, look.made_us, look.planned_us
        return ForecastOpened("", plain(""), None, None, None, *nothing, [], [])
    own, order = look.orders[place], known[asked]
    return ForecastOpened(
        order=asked,
        name=_named(order),
        finish_us=own.finish_us,
        due_us=order.due_us,
        late_us=own.late_us,
        pace=look.pace,
        is_ideal=look.is_ideal,
        made_us=look.made_us,
        planned_us=look.planned_us,
        orders=[
            Left(one.order, _named(known[one.order]), one.remaining, one.ideal_us, one.needed_us)
            for one in look.orders[: place + 1]
        ],
        ahead=[
            Planned(start, min(end, own.finish_us))
            for start, end in look.ahead
            if own.finish_us is not None and start < own.finish_us
        ],
    )


def _named(order: Order) -> Words:
    return order.product_name or plain(order.product)


def _orders_sheet(found: ForecastOpened) -> Sheet:
    return rows_of(("order", "remaining", "ideal_us", "needed_us"), found.orders)


def _ahead_sheet(found: ForecastOpened) -> Sheet:
    return rows_of(Planned.__struct_fields__, found.ahead)


PAGE = Page(
    name="explain_forecast",
    path="/explain/forecast",
    module="explain_forecast.js",
    read=read,
    sheets={"orders": _orders_sheet, "planned": _ahead_sheet},
    pickers=("line",),
    styles=("board.css", "charts.css", "pages.css"),
    within="explain",
)
