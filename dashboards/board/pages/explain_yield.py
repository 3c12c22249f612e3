"""First-pass yields opened: the units counted at each station, multiplied down the flow to the RTY.

Of a line, of one product of it (``code``), of an order (over its whole life), or of one machine hour by hour.
"""

from typing import Literal

from msgspec import Struct

from answers.made import ByProduct, Made, all_made, made_by_product
from answers.order_report import order_report
from answers.orders import line_orders, product_names
from answers.plant import stations
from answers.quality import first_passes
from answers.span import Span
from answers.store import Store, short
from contract.events import Words
from dashboards.board.pages import Ask, Page, Refused, Sheet, plain, rows_of, some
from dashboards.board.pages.energy import slices
from dashboards.board.pages.explain import asked_machine


class Passed(Struct, frozen=True):
    """A station: of ``first`` units that came for the first time ``good`` passed; ``so_far`` is the yield up to here.

    One off the flow (``in_flow`` is false) is no factor.
    """

    station: str
    first: int
    good: int
    fpy: float | None
    so_far: float | None
    in_flow: bool


class ByPart(Struct, frozen=True):
    """A part of what a machine passed: of one product, or of [from_us, to_us)."""

    first: int
    good: int
    false_calls: int
    product: str = ""
    from_us: int = 0
    to_us: int = 0


class YieldOpened(Struct, frozen=True):
    """``value`` is the number asked about: the RTY, or where ``kind`` is ``machine`` its first-pass yield.

    ``stations`` are those of the flow and off it, or that machine alone. ``products`` and ``slices`` are of a machine:
    the counts of each kind add up to its own. ``product`` and ``order`` are what is asked about, if so.
    """

    kind: Literal["line", "product", "order", "machine"]
    name: Words
    order: str
    value: float | None
    names: dict[str, Words]
    known: dict[str, Words]
    stations: list[Passed]
    products: list[ByPart]
    slices: list[ByPart]


def read(store: Store, ask: Ask) -> YieldOpened:
    """Everything the page shows."""
    own, names = stations(store, ask.line), product_names(store, ask.line)
    machine, query = asked_machine(own, ask.query.machine), ask.query
    made = made_by_product(store, ask.line, ask.span)
    kind: Literal["line", "product", "order", "machine"] = "line"
    named = store.named(ask.line)
    name = named.name if named else plain(short(ask.line))
    counted = {path: all_made(of_each.values()) for path, of_each in made.items()}
    if query.order:
        kind, counted = "order", _of_order(store, ask)
    elif machine:
        kind, name = "machine", machine.name
        counted = {path: one for path, one in counted.items() if path == machine.path}
    elif query.code:
        kind, name, counted = "product", names.get(query.code, plain(query.code)), _of_product(made, query.code)
    rows = first_passes(own, counted)
    value = next((one.so_far for one in reversed(rows)), None)
    return YieldOpened(
        kind=kind,
        name=name,
        order=query.order,
        value=next((one.fpy for one in rows), None) if kind == "machine" else value,
        names={one.id: one.name for one in own},
        known=names,
        stations=[Passed(short(one.machine), one.first, one.good, one.fpy, one.so_far, one.in_flow) for one in rows],
        products=_products(made.get(machine.path, {})) if kind == "machine" and machine else [],
        slices=[_over(store, ask.line, machine.path, span) for span in slices(ask)]
        if kind == "machine" and machine
        else [],
    )


def _of_product(made: ByProduct, product: str) -> dict[str, Made]:
    return {path: of_each[product] for path, of_each in made.items() if product in of_each}


def _of_order(store: Store, ask: Ask) -> dict[str, Made]:
    known = line_orders(store, ask.line)
    order = next((one for one in known if one.order == ask.query.order), None)
    report = order_report(store, order, ask.now_us) if order else None
    if report is None:
        begun = [one.order for one in known if one.began_us is not None]
        raise Refused("order", asked=ask.query.order, known=some(begun))
    return report.made


def _products(made: dict[str, Made]) -> list[ByPart]:
    return [
        ByPart(one.first, one.first_good, one.false_calls, product=product)
        for product, one in made.items()
        if one.first
    ]


def _over(store: Store, line: str, path: str, span: Span) -> ByPart:
    one = all_made(made_by_product(store, line, span).get(path, {}).values())
    return ByPart(one.first, one.first_good, one.false_calls, from_us=span.from_us, to_us=span.to_us)


def _stations_sheet(found: YieldOpened) -> Sheet:
    return rows_of(Passed.__struct_fields__, found.stations)


def _products_sheet(found: YieldOpened) -> Sheet:
    heads = ("product", "first", "good", "false_calls")
    return rows_of(heads, found.products)


def _slices_sheet(found: YieldOpened) -> Sheet:
    return rows_of(("from_us", "to_us", "first", "good", "false_calls"), found.slices)


PAGE = Page(
    name="explain_yield",
    path="/explain/yield",
    module="explain_yield.js",
    read=read,
    sheets={"stations": _stations_sheet, "products": _products_sheet, "hours": _slices_sheet},
    styles=("board.css", "charts.css", "pages.css"),
    within="explain",
)
