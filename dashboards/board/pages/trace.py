"""The page of traceability: what became of a unit and what it was made of; which units a lot went into."""

from collections.abc import Iterator

from msgspec import Struct

from answers.orders import product_names
from answers.plant import stations
from answers.store import Store, short
from answers.trace import Feeder, Measured, Recall, Step, Trace, nearest, recall, trace
from contract.errors import UsageError
from contract.events import MachineDescribed, Words
from dashboards.board.pages import Ask, Page, Sheet, rows_of

_NEWEST_UNITS, _NEWEST_LOTS, _KIN_SHOWN = 12, 12, 200
_NEWEST = """
    SELECT unit, path, ended_us, result FROM units JOIN machines USING (machine_id) WHERE line_path = ?
    ORDER BY units.rowid DESC LIMIT ?
"""
_LOTS = "SELECT lot, MAX(loaded_us) FROM lots GROUP BY lot ORDER BY 2 DESC LIMIT ?"
_LIKE = "SELECT DISTINCT lot FROM lots WHERE lot LIKE ? ESCAPE '!' ORDER BY lot LIMIT ?"


class Value(Struct, frozen=True):
    """Something measured on the unit, with its limits; ``is_out``: outside them."""

    code: str
    name: Words | None
    unit: str
    value: float
    lsl: float | None
    usl: float | None
    is_out: bool


class Done(Struct, frozen=True):
    """One machine worked on the unit over [began_us, ended_us], after it had waited ``waited_s`` for that.

    ``worked_s`` includes the machine's stops; ``waited_s`` is since the step before ended, ``None`` for the first.
    """

    machine: str
    name: Words | None
    began_us: int
    ended_us: int
    worked_s: float
    waited_s: float | None
    product: str
    order: str
    attempt: int
    result: str
    false_call: bool
    defects: list[Words]
    lots: list[str]
    values: list[Value]


class Kin(Struct, frozen=True):
    """A unit this one was made of, or that was made of it, ``depth`` generations away; ``result`` is its last."""

    unit: str
    depth: int
    result: str
    steps: int


class Traced(Struct, frozen=True):
    """A unit: its path, oldest first; ``lots`` are all that went into it or into what it was made of."""

    unit: str
    product: str
    order: str
    steps: list[Done]
    took_s: float | None
    parents: list[Kin]
    children: list[Kin]
    lots: list[str]


class Recent(Struct, frozen=True):
    """A unit somebody may begin with."""

    unit: str
    machine: str
    ended_us: int
    result: str


class TracePage(Struct, frozen=True):
    """What was asked for by ``unit`` or ``lot``; neither: where to begin. ``near`` is what comes near to it.

    ``names`` are of machines by path, ``products`` of what is spoken of.
    """

    names: dict[str, Words]
    products: dict[str, Words]
    unit: str
    lot: str
    traced: Traced | None
    recalled: Recall | None
    fates: dict[str, int]
    near: list[str]
    unknown: bool
    recent: list[Recent]
    lots: list[str]


def read(store: Store, ask: Ask) -> TracePage:
    """Everything the page shows."""
    infos = {path: info for line in store.lines() for path, info in store.described(line).items()}
    unit, lot = ask.query.unit.strip(), ask.query.lot.strip()
    traced, recalled, near, unknown = None, None, list[str](), False
    try:
        if unit:
            traced = _traced(trace(store, unit), infos)
        elif lot:
            recalled = recall(store, lot)
    except UsageError:
        near, unknown = nearest(store, unit) if unit else _near_lots(store, lot), True
    rows = store.rows(_NEWEST, ask.line, 4 * _NEWEST_UNITS) if not unit and not lot else []
    newest = {row[0]: Recent(row[0], short(row[1]), row[2], row[3]) for row in reversed(rows)}
    fates: dict[str, int] = {}
    for one in recalled.units if recalled else []:
        fates[one.fate] = fates.get(one.fate, 0) + 1
    spoken = {traced.product} if traced else {one.product for one in recalled.units} if recalled else set[str]()
    return TracePage(
        names=_names(store, recalled) if recalled else {},
        products={product: name for product, name in _products(store).items() if product in spoken},
        unit=unit,
        lot=lot,
        traced=traced,
        recalled=recalled,
        fates=fates,
        near=near,
        unknown=unknown,
        recent=list(newest.values())[: -_NEWEST_UNITS - 1 : -1],
        lots=[lot for (lot, _) in store.rows(_LOTS, _NEWEST_LOTS)] if not unit and not lot else [],
    )


def _names(store: Store, found: Recall) -> dict[str, Words]:
    """Path → name of each machine that the recall speaks of."""
    spoken = {one.machine for one in found.feeders} | {one.machine for one in found.units}
    return {one.path: one.name for line in store.lines() for one in stations(store, line) if one.path in spoken}


def _products(store: Store) -> dict[str, Words]:
    return {product: name for line in store.lines() for product, name in product_names(store, line).items()}


def _near_lots(store: Store, lot: str) -> list[str]:
    """Lots that begin as this one does, as far as any does."""
    for length in range(len(lot), 0, -1):
        begin = lot[:length].replace("!", "!!").replace("%", "!%").replace("_", "!_")
        if found := store.rows(_LIKE, f"{begin}%", 5):
            return [one for (one,) in found]
    return []


def _traced(found: Trace, infos: dict[str, MachineDescribed]) -> Traced:
    steps = found.steps
    values: dict[tuple[str, int], list[Measured]] = {}
    for one in found.values:
        index = next(
            (n for n, step in enumerate(steps) if one.machine == step.machine and one.ts_us <= step.ended_us), 0
        )
        values.setdefault((one.machine, index), []).append(one)
    done = [
        _done(step, steps[n - 1] if n else None, values.get((step.machine, n), []), infos.get(step.machine))
        for n, step in enumerate(steps)
    ]
    lots = {lot for each in _all(found) for step in each.steps for lot in step.lots}
    return Traced(
        unit=found.unit,
        product=steps[-1].product if steps else "",
        order=steps[-1].order if steps else "",
        steps=done,
        took_s=(steps[-1].ended_us - steps[0].began_us) / 1e6 if steps else None,
        parents=list(_kin(found.parents, "parents", 1))[:_KIN_SHOWN],
        children=list(_kin(found.children, "children", 1))[:_KIN_SHOWN],
        lots=sorted(lots),
    )


def _all(found: Trace) -> Iterator[Trace]:
    yield found
    for parent in found.parents:
        yield from _all(parent)


def _kin(found: list[Trace], way: str, depth: int) -> Iterator[Kin]:
    for one in found:
        yield Kin(one.unit, depth, one.steps[-1].result if one.steps else "", len(one.steps))
        yield from _kin(getattr(one, way), way, depth + 1)


def _done(step: Step, before: Step | None, measured: list[Measured], info: MachineDescribed | None) -> Done:
    names = info.defects if info else {}
    return Done(
        machine=step.machine,
        name=info.name if info else None,
        began_us=step.began_us,
        ended_us=step.ended_us,
        worked_s=(step.ended_us - step.began_us) / 1e6,
        waited_s=(step.began_us - before.ended_us) / 1e6 if before else None,
        product=step.product,
        order=step.order,
        attempt=step.attempt,
        result=step.result,
        false_call=step.false_call,
        defects=[names.get(code, Words(en=code, vi=code)) for code in step.defects],
        lots=step.lots,
        values=[_value(one, info) for one in measured],
    )


def _value(one: Measured, info: MachineDescribed | None) -> Value:
    said = info.values.get(one.code) if info else None
    if said is None:
        return Value(one.code, None, "", one.value, None, None, is_out=False)
    low = said.lsl is not None and one.value < said.lsl
    high = said.usl is not None and one.value > said.usl
    return Value(one.code, said.name, said.unit, one.value, said.lsl, said.usl, is_out=low or high)


def _steps_sheet(found: TracePage) -> Sheet:
    heads = ("machine", "began_us", "ended_us", "worked_s", "waited_s", "product", "order", "attempt", "result")
    steps = found.traced.steps if found.traced else []
    [first, *rows] = rows_of(heads, steps)
    more = [[" ".join(one.en for one in step.defects), " ".join(step.lots)] for step in steps]
    return [[*first, "defects", "lots"], *([*row, *rest] for row, rest in zip(rows, more, strict=True))]


def _values_sheet(found: TracePage) -> Sheet:
    rows = [
        [step.machine, one.code, one.value, one.unit, one.lsl, one.usl]
        for step in (found.traced.steps if found.traced else [])
        for one in step.values
    ]
    return [["machine", "code", "value", "measure", "lsl", "usl"], *rows]


def _recall_sheet(found: TracePage) -> Sheet:
    heads = ("unit", "via", "product", "order", "machine", "ended_us", "result", "fate")
    return rows_of(heads, found.recalled.units if found.recalled else [])


def _feeders_sheet(found: TracePage) -> Sheet:
    return rows_of(Feeder.__struct_fields__, found.recalled.feeders if found.recalled else [])


PAGE = Page(
    name="trace",
    path="/trace",
    module="trace_page.js",
    read=read,
    sheets={"steps": _steps_sheet, "values": _values_sheet, "recall": _recall_sheet, "feeders": _feeders_sheet},
    pickers=(),
    styles=("board.css", "charts.css", "pages.css"),
    place=60,
)
