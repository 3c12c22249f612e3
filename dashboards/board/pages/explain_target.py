"""A line's target opened: order by order, the planned time in which it counted ÷ its takt; and the good parts it made.

``code=shift``: up to the end of the shift, if the order of now goes on; else up to now, or to the end of the span.
"""

from msgspec import Struct

from answers.live import this_shift
from answers.made import made_by_order
from answers.plant import exits, stations
from answers.span import Span, whole
from answers.store import Store, short
from answers.target import dues
from contract.events import Words
from dashboards.board.pages import Ask, Page, Sheet, plain, rows_of


class Wanted(Struct, frozen=True):
    """An order over [from_us, to_us), in which it counted: ``due`` = ``planned_us`` ÷ ``takt_us`` good parts."""

    order: str
    name: Words
    from_us: int
    to_us: int
    planned_us: int
    takt_us: int
    due: float


class Came(Struct, frozen=True):
    """Good parts of an order (empty: of none) that left the line, whoever's turn it was."""

    order: str
    good: int


class TargetOpened(Struct, frozen=True):
    """``target`` is the sum of ``wanted`` (``None``: no order had a takt), of which only whole parts are due.

    ``good`` is the sum of ``came``. ``is_shift``: the target of the whole shift, which ends at ``until_us``.
    """

    name: Words
    is_shift: bool
    from_us: int
    until_us: int
    target: float | None
    good: int
    wanted: list[Wanted]
    came: list[Came]


def read(store: Store, ask: Ask) -> TargetOpened:
    """Everything the page shows."""
    shift = this_shift(store, ask.line, ask.now_us) if ask.query.code == "shift" else None
    span = Span(ask.span.from_us, max(ask.span.from_us, min(ask.span.to_us, ask.now_us)))
    if shift:
        span = whole(shift.start_us, shift.end_us)
    found = dues(store, ask.line, span)
    came = _came(store, ask.line, Span(span.from_us, ask.span.to_us))
    named = store.named(ask.line)
    return TargetOpened(
        name=named.name if named else plain(short(ask.line)),
        is_shift=shift is not None,
        from_us=span.from_us,
        until_us=span.to_us,
        target=sum(one.parts for one in found) if found else None,
        good=sum(one.good for one in came),
        wanted=[
            Wanted(
                one.order.order,
                one.order.name,
                one.from_us,
                one.to_us,
                one.planned_us,
                one.order.takt_us or 0,
                one.parts,
            )
            for one in found
        ],
        came=came,
    )


def _came(store: Store, line: str, span: Span) -> list[Came]:
    """By the order that left first."""
    leaving = {station.path for station in exits(stations(store, line))}
    good: dict[str, int] = {}
    for one in made_by_order(store, line, span):
        if one.machine in leaving:
            good[one.order] = good.get(one.order, 0) + one.made.good
    return [Came(order, parts) for order, parts in good.items()]


def _wanted_sheet(found: TargetOpened) -> Sheet:
    heads = ("order", "from_us", "to_us", "planned_us", "takt_us", "due")
    return rows_of(heads, found.wanted)


def _came_sheet(found: TargetOpened) -> Sheet:
    return rows_of(Came.__struct_fields__, found.came)


PAGE = Page(
    name="explain_target",
    path="/explain/target",
    module="explain_target.js",
    read=read,
    sheets={"orders": _wanted_sheet, "good": _came_sheet},
    styles=("board.css", "charts.css", "pages.css"),
    within="explain",
)
