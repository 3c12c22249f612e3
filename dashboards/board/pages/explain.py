"""Explain: any KPI of a line or machine over a span, opened into the intervals, counts and ideal times behind it."""

from statistics import fmean

from msgspec import Struct

from answers.opened import Opened, Parts, open_line, open_machine
from answers.orders import product_names
from answers.plant import Station, stations
from answers.report import LineReport, line_report
from answers.store import Interval, Store, short
from contract.events import Words
from contract.kpi import Kpis
from contract.states import Category
from dashboards.board.pages import Ask, Definition, Page, Refused, Sheet, plain, rows_of, some

_PIECES_SHOWN = 300
DEFINITIONS: tuple[Definition, ...] = ("tpm", "iso", "nee", "ooe", "teep")
#: Whose fault each step is in each definition: a letter of the product of factors; "" where it is no loss.
_STOPS = ("breakdown", "setup", "waiting", "minor_stop", "starved", "blocked")
_OUTPUT = {"speed": "P", "in_process": "P", "defects": "Q", "startup": "Q"}
_TPM = {**dict.fromkeys(_STOPS[:3], "A"), **dict.fromkeys(_STOPS[3:], "P"), **_OUTPUT}
_ISO = {**dict.fromkeys(_STOPS, "A"), **_OUTPUT, "speed": "E", "in_process": "E"}
BLAME: dict[Definition, dict[str, str]] = {
    "tpm": _TPM,
    "iso": _ISO,
    "nee": _ISO | {"setup": ""},
    "ooe": _TPM | {"planned": "L"},
    "teep": _TPM | {"planned": "L"},
}
#: From all time down to good parts: what is cut away, and between the cuts what is left (``=``).
_ORDER = ("=span", "unknown", "planned", "=ppt", *_STOPS, "=execute", "speed", "in_process", "=made", "defects",
          "startup", "=good")  # fmt: skip


class Row(Struct, frozen=True):
    """A step: ``us`` are cut away, or left where ``is_left``; ``blame`` is the factor that has it."""

    kind: str
    us: int
    is_left: bool
    blame: str
    reasons: list["Behind"]


class Behind(Struct, frozen=True):
    """Time of a step that one machine spent for one reason, in so many intervals."""

    machine: str
    reason: str
    us: int
    intervals: int


class Piece(Struct, frozen=True):
    """One interval behind the opened step, clipped to the span."""

    machine: str
    from_us: int
    to_us: int
    state: str
    reason: str


class Factor(Struct, frozen=True):
    """``value`` = ``above`` ÷ ``below``; in µs, or in parts where ``in_parts``."""

    key: str
    above: int
    below: int
    in_parts: bool
    value: float | None


class Each(Struct, frozen=True):
    """A machine's own ratio in each definition; ``is_flow`` is false where units only come to be repaired."""

    machine: str
    is_flow: bool
    ratios: dict[Definition, float | None]


class Turned(Struct, frozen=True):
    """The time of ``machine`` is the line's over [from_us, to_us)."""

    machine: str
    from_us: int
    to_us: int


class ExplainPage(Struct, frozen=True):
    """``ratios`` are the subject's in every definition, ``mean`` and ``least`` those of the mistakes; of a line alone.

    ``pieces`` are of the step ``opened`` (empty: none is): the first so many, ``more`` and ``more_us`` are the others.
    """

    name: Words
    names: dict[str, Words]
    products: dict[str, Words]
    reasons: dict[str, dict[str, Words]]
    definition: Definition
    basis: str
    ratios: dict[Definition, float | None]
    mean: dict[Definition, float | None]
    least: dict[Definition, float | None]
    factors: list[Factor]
    rows: list[Row]
    opened: str
    pieces: list[Piece]
    more: int
    more_us: int
    good: list[Parts]
    rejected: list[Parts]
    off_us: tuple[int, int]
    turns: list[Turned]
    each: list[Each]


def read(store: Store, ask: Ask) -> ExplainPage:
    """Everything the page shows."""
    report, line_stations = line_report(store, ask.line, ask.span), stations(store, ask.line)
    machine = _asked(line_stations, ask.query.machine)
    opened = _opened(store, report, machine)
    step = ask.query.code if ask.query.code in {kind.lstrip("=") for kind in _ORDER} else ""
    pieces = _pieces(opened, step)
    each = [_each(one.path, one.kpis, line_stations) for one in report.machines]
    flow = [] if machine else [one for one in each if one.is_flow]
    named, definition = store.named(ask.line), ask.query.definition
    return ExplainPage(
        name=machine.name if machine else named.name if named else plain(short(ask.line)),
        names={one.id: one.name for one in line_stations},
        products=product_names(store, ask.line),
        reasons={one.id: one.reasons for one in line_stations if one.reasons},
        definition=definition,
        basis="constraint" if machine else ask.query.basis,
        ratios=_ratios(opened.kpis),
        mean={key: fmean(found) if (found := _known(flow, key)) else None for key in DEFINITIONS},
        least={key: min(_known(flow, key), default=None) for key in DEFINITIONS},
        factors=factors(opened, definition, is_line=machine is None),
        rows=_rows(opened, definition),
        opened=step,
        pieces=pieces[:_PIECES_SHOWN],
        more=max(0, len(pieces) - _PIECES_SHOWN),
        more_us=sum(one.to_us - one.from_us for one in pieces[_PIECES_SHOWN:]),
        good=opened.good,
        rejected=opened.rejected,
        off_us=opened.off_us,
        turns=[Turned(one.station.id, one.from_us, one.to_us) for one in opened.basis],
        each=[] if machine else each,
    )


def _asked(line_stations: list[Station], name: str) -> Station | None:
    if not name:
        return None
    found = [one for one in line_stations if name in (one.path, one.id) or one.path.endswith(f"/{name}")]
    if not found:
        raise Refused("machine", asked=name, known=some([one.id for one in line_stations]))
    return found[0]


def _opened(store: Store, report: LineReport, machine: Station | None) -> Opened:
    if machine is None:
        return open_line(store, report)
    return open_machine(store, report, next(one for one in report.machines if one.path == machine.path))


def _ratios(kpis: Kpis) -> dict[Definition, float | None]:
    return {"tpm": kpis.oee, "iso": kpis.oee, "nee": kpis.nee, "ooe": kpis.ooe, "teep": kpis.teep}


def _each(path: str, kpis: Kpis, line_stations: list[Station]) -> Each:
    station = next(one for one in line_stations if one.path == path)
    return Each(station.id, not station.off_flow, _ratios(kpis))


def _known(flow: list[Each], key: Definition) -> list[float]:
    return [ratio for one in flow if (ratio := one.ratios[key]) is not None]


def _rows(opened: Opened, definition: Definition) -> list[Row]:
    reasons = _reasons(opened)
    blame = BLAME[definition]
    times = _times(opened)
    return [
        Row(kind.lstrip("="), times[kind], kind[0] == "=", blame.get(kind, ""), reasons.get(kind.lstrip("="), []))
        for kind in _ORDER
    ]


def _times(opened: Opened) -> dict[str, int]:
    """Each row of the way down, µs; every left is the one before it without what is cut away between."""
    sums, lost = opened.sums, opened.losses
    made_us = lost.good_ideal_us + lost.defects_us + lost.startup_us
    cuts = {step: getattr(lost, f"{step}_us") for step in (*_STOPS, *_OUTPUT)}
    left = {
        "=span": opened.span_us,
        "=ppt": lost.ppt_us,
        "=execute": sums.execute_us,
        "=made": made_us,
        "=good": lost.good_ideal_us,
    }
    return {**cuts, **left, "unknown": opened.unknown_us, "planned": sums.planned_us}


def _reasons(opened: Opened) -> dict[str, list[Behind]]:
    """Step → who spent its time on what, the most first."""
    found: dict[tuple[str, str, str], list[int]] = {}
    for one in opened.intervals:
        found.setdefault((one.category.value, short(one.machine), one.reason), []).append(one.end_us - one.start_us)
    for gap in opened.gaps:
        found.setdefault(("unknown", short(gap.machine), ""), []).append(gap.to_us - gap.from_us)
    steps: dict[str, list[Behind]] = {}
    for (step, machine, reason), times in found.items():
        steps.setdefault(step, []).append(Behind(machine, reason, sum(times), len(times)))
    return {step: sorted(rows, key=lambda row: -row.us) for step, rows in steps.items()}


def _pieces(opened: Opened, step: str) -> list[Piece]:
    if step == Category.UNKNOWN:
        return [Piece(short(gap.machine), gap.from_us, gap.to_us, "", "") for gap in opened.gaps]
    return [_piece(one) for one in opened.intervals if one.category == step]


def _piece(one: Interval) -> Piece:
    return Piece(short(one.machine), one.start_us, one.end_us, one.state, one.reason)


def factors(opened: Opened, definition: Definition, *, is_line: bool) -> list[Factor]:
    """The ratios whose product the definition is, in its order; see ``contract.kpi`` for their sources."""
    sums, lost, kpis = opened.sums, opened.losses, opened.kpis
    made_us = lost.good_ideal_us + lost.defects_us + lost.startup_us
    run_us = lost.ppt_us - lost.breakdown_us - lost.setup_us - lost.waiting_us
    resting_us = sums.planned_us if definition == "teep" else opened.in_shift_planned_us
    quality = Factor("quality", lost.good_ideal_us, made_us, in_parts=False, value=kpis.quality)
    tpm = [
        Factor("availability", run_us, lost.ppt_us, in_parts=False, value=kpis.availability),
        Factor("performance", made_us, run_us, in_parts=False, value=kpis.performance),
        quality,
    ]
    if definition == "tpm":
        return tpm
    if definition in ("ooe", "teep"):
        whole_us = lost.ppt_us + resting_us
        loading = lost.ppt_us / whole_us if whole_us else None
        return [Factor("loading", lost.ppt_us, whole_us, in_parts=False, value=loading), *tpm]
    counted = Factor("quality", sums.good, sums.total, in_parts=True, value=kpis.iso_quality)
    effective = Factor("effectiveness", made_us, sums.execute_us, in_parts=False, value=kpis.iso_effectiveness)
    busy_us = sums.execute_us + sums.setup_us
    busy = Factor("busy", busy_us, lost.ppt_us, in_parts=False, value=busy_us / lost.ppt_us if lost.ppt_us else None)
    up = Factor("availability", sums.execute_us, lost.ppt_us, in_parts=False, value=kpis.iso_availability)
    return [busy if definition == "nee" else up, effective, quality if is_line else counted]


def _steps_sheet(found: ExplainPage) -> Sheet:
    rows = [["=" if one.is_left else "less", one.kind, one.us / 1e6, one.blame] for one in found.rows]
    return [["sign", "step", "seconds", "factor"], *rows]


def _reasons_sheet(found: ExplainPage) -> Sheet:
    rows = [
        [row.kind, one.machine, one.reason, one.us / 1e6, one.intervals] for row in found.rows for one in row.reasons
    ]
    return [["step", "machine", "reason", "seconds", "intervals"], *rows]


def _intervals_sheet(found: ExplainPage) -> Sheet:
    return rows_of(Piece.__struct_fields__, found.pieces)


def _parts_sheet(found: ExplainPage) -> Sheet:
    rows = [
        *(("good", one) for one in found.good),
        *(("rejected", one) for one in found.rejected),
    ]
    heads = ["counted", "machine", "product", "parts", "ideal_s", "seconds"]
    return [
        heads,
        *([what, one.machine, one.product, one.parts, one.each_us / 1e6, one.us / 1e6] for what, one in rows),
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
