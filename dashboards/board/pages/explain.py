"""Explain: any KPI of a machine, a line, an order or several lines, opened into what is behind it.

/explain?line=…                 the line, on the time of its constraint
/explain?line=…&machine=…       one of its machines
/explain?line=…&order=…         one of its orders, over its own life, whatever span is asked for
/explain?of=…                   all lines whose paths begin so (a site, an area); ``park``: all there are
"""

from statistics import fmean
from typing import Literal

from msgspec import Struct

from answers.opened import Opened, Parts, open_line, open_machine, open_order, open_together
from answers.order_report import order_report
from answers.orders import line_orders, product_names
from answers.plant import Station, stations
from answers.report import line_report, rolled
from answers.store import Store, short
from contract.events import Words
from contract.kpi import Kpis
from contract.topics import address, within
from dashboards.board.asking import span_on
from dashboards.board.ladder import DEFINITIONS, STEPS, Factor, Piece, Row, factors, pieces, rows
from dashboards.board.pages import Ask, Definition, Page, Refused, Sheet, plain, rows_of, some

_PIECES_SHOWN = 300
#: What asks for all lines together.
EVERY_LINE = "park"


class Subject(Struct, frozen=True):
    """What is opened. ``id`` is what asks for it again; over [from_us, to_us) where it has a time of its own."""

    kind: Literal["line", "machine", "order", "lines"]
    id: str
    name: Words | None = None
    from_us: int | None = None
    to_us: int | None = None


class Each(Struct, frozen=True):
    """The own ratio of a machine or line in each definition; ``is_flow`` is false where units only come for repair."""

    machine: str
    is_flow: bool
    ratios: dict[Definition, float | None]


class Turned(Struct, frozen=True):
    """The time of ``machine`` is the line's over [from_us, to_us)."""

    machine: str
    from_us: int
    to_us: int


class ExplainPage(Struct, frozen=True):
    """``ratios`` are the subject's in every definition, ``mean`` and ``least`` those of the mistakes, where there are.

    ``names`` are of machines by id, or of lines by path; ``groups`` what else of several lines can be asked for.
    ``pieces`` are of the step ``opened`` (empty: none is): the first so many, ``more`` and ``more_us`` are the others.
    ``breakdowns`` are those that MTBF and MTTR are of.
    """

    subject: Subject
    names: dict[str, Words]
    products: dict[str, Words]
    reasons: dict[str, dict[str, Words]]
    groups: dict[str, Words | None]
    definition: Definition
    basis: str
    ratios: dict[Definition, float | None]
    mean: dict[Definition, float | None]
    least: dict[Definition, float | None]
    factors: list[Factor]
    rows: list[Row]
    breakdowns: int
    opened: str
    pieces: list[Piece]
    more: int
    more_us: int
    good: list[Parts]
    rejected: list[Parts]
    off_us: tuple[int, int]
    turns: list[Turned]
    each: list[Each]


class _Found(Struct, frozen=True):
    """A subject, opened: of ``lines`` where it is several."""

    subject: Subject
    opened: Opened
    each: list[Each] = []
    lines: list[Opened] = []


def read(store: Store, ask: Ask) -> ExplainPage:
    """Everything the page shows."""
    own = stations(store, ask.line)
    found = _lines(store, ask) if ask.query.of else _order(store, ask) if ask.query.order else _line(store, ask, own)
    names = {one.id: one.name for one in own}
    known, reasons = [ask.line], {one.id: one.reasons for one in own if one.reasons}
    if found.lines:
        known, reasons = [one.path for one in found.lines], {}
        names = {path: _named(store, path) for path in known}
    step = ask.query.code if ask.query.code in STEPS else ""
    behind = pieces(found.opened, step)
    flow, definition = [one for one in found.each if one.is_flow], ask.query.definition
    return ExplainPage(
        subject=found.subject,
        names=names,
        products={product: name for line in known for product, name in product_names(store, line).items()},
        reasons=reasons,
        groups=_groups(store) if found.lines else {},
        definition=definition,
        basis=ask.query.basis if found.each else "constraint",
        ratios=_ratios(found.opened.kpis),
        mean={key: fmean(ratios) if (ratios := _known(flow, key)) else None for key in DEFINITIONS},
        least={key: min(_known(flow, key), default=None) for key in DEFINITIONS},
        factors=factors(found.opened, definition, is_line=found.subject.kind != "machine"),
        rows=rows(found.opened, found.lines, definition),
        breakdowns=found.opened.sums.breakdowns,
        opened=step,
        pieces=behind[:_PIECES_SHOWN],
        more=max(0, len(behind) - _PIECES_SHOWN),
        more_us=sum(one.to_us - one.from_us for one in behind[_PIECES_SHOWN:]),
        good=found.opened.good,
        rejected=found.opened.rejected,
        off_us=found.opened.off_us,
        turns=[Turned(one.station.id, one.from_us, one.to_us) for one in found.opened.basis],
        each=found.each,
    )


def asked_machine(line_stations: list[Station], name: str) -> Station | None:
    """The one that ``name`` means, ``None`` if it is empty; :class:`Refused` if there is none."""
    if not name:
        return None
    found = [one for one in line_stations if name in (one.path, one.id) or one.path.endswith(f"/{name}")]
    if not found:
        raise Refused("machine", asked=name, known=some([one.id for one in line_stations]))
    return found[0]


def _line(store: Store, ask: Ask, line_stations: list[Station]) -> _Found:
    """A line, or one of its machines."""
    report, machine = line_report(store, ask.line, ask.span), asked_machine(line_stations, ask.query.machine)
    if machine:
        own = next(one for one in report.machines if one.path == machine.path)
        return _Found(Subject("machine", machine.id, machine.name), open_machine(store, report, own))
    off_flow = {one.path for one in line_stations if one.off_flow}
    each = [Each(short(one.path), one.path not in off_flow, _ratios(one.kpis)) for one in report.machines]
    return _Found(Subject("line", ask.line, _named(store, ask.line)), open_line(store, report), each)


def _order(store: Store, ask: Ask) -> _Found:
    asked, known = ask.query.order, line_orders(store, ask.line)
    order = next((one for one in known if one.order == asked), None)
    report = order_report(store, order, ask.now_us) if order else None
    if report is None:
        raise Refused("order", asked=asked, known=some([one.order for one in known if one.began_us is not None]))
    own = report.span
    subject = Subject("order", asked, from_us=own.from_us if own else None, to_us=own.to_us if own else None)
    return _Found(subject, open_order(store, report))


def _lines(store: Store, ask: Ask) -> _Found:
    asked = ask.query.of
    known = [path for path in store.lines() if asked == EVERY_LINE or f"{path}/".startswith(f"{asked}/")]
    if not known:
        raise Refused("line", asked=asked, known=some(list(_groups(store))))
    reports = [line_report(store, path, span_on(store, ask, path)) for path in known]
    opened = [open_line(store, report) for report in reports]
    each = [Each(one.path, is_flow=True, ratios=_ratios(one.kpis)) for one in reports]
    whole = open_together(rolled(asked, reports), opened)
    return _Found(Subject("lines", asked, _groups(store).get(asked, plain(asked))), whole, each, opened)


def _groups(store: Store) -> dict[str, Words | None]:
    """What several lines can be asked for together: each site by its name, and all of them, which has none."""
    found: dict[str, Words | None] = {EVERY_LINE: None}
    for path in store.lines():
        named = store.named(path)
        found.setdefault(within(path, 2), named.plant if named else plain(address(path).site))
    return found


def _named(store: Store, line: str) -> Words:
    named = store.named(line)
    return named.name if named else plain(short(line))


def _ratios(kpis: Kpis) -> dict[Definition, float | None]:
    return {"tpm": kpis.oee, "iso": kpis.oee, "nee": kpis.nee, "ooe": kpis.ooe, "teep": kpis.teep}


def _known(flow: list[Each], key: Definition) -> list[float]:
    return [ratio for one in flow if (ratio := one.ratios[key]) is not None]


def _steps_sheet(found: ExplainPage) -> Sheet:
    table = [["=" if one.is_left else "less", one.kind, one.us / 1e6, one.blame] for one in found.rows]
    return [["sign", "step", "seconds", "factor"], *table]


def _reasons_sheet(found: ExplainPage) -> Sheet:
    table = [
        [row.kind, one.machine, one.reason, one.us / 1e6, one.intervals] for row in found.rows for one in row.reasons
    ]
    return [["step", "machine", "reason", "seconds", "intervals"], *table]


def _intervals_sheet(found: ExplainPage) -> Sheet:
    return rows_of(Piece.__struct_fields__, found.pieces)


def _parts_sheet(found: ExplainPage) -> Sheet:
    table = [
        *(("good", one) for one in found.good),
        *(("rejected", one) for one in found.rejected),
    ]
    heads = ["counted", "machine", "product", "parts", "ideal_s", "seconds"]
    return [
        heads,
        *([what, one.machine, one.product, one.parts, one.each_us / 1e6, one.us / 1e6] for what, one in table),
    ]


def _machines_sheet(found: ExplainPage) -> Sheet:
    return [["machine", *DEFINITIONS], *([one.machine, *one.ratios.values()] for one in found.each)]


PAGE = Page(
    name="explain",
    path="/explain",
    module="explain_page.js",
    read=read,
    sheets={
        "steps": _steps_sheet,
        "reasons": _reasons_sheet,
        "intervals": _intervals_sheet,
        "parts": _parts_sheet,
        "machines": _machines_sheet,
    },
    styles=("board.css", "charts.css", "pages.css"),
    place=30,
)
