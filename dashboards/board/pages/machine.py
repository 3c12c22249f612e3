"""The page of one machine: its time and stops over any span, how long it took, what it measured, used and made."""

from collections.abc import Sequence

from msgspec import Struct

from answers.commands import Note, commands
from answers.cycles import Cycle, cycles, paces
from answers.live import CONSEQUENCES, pace, timeline
from answers.materials import Alarm, Loaded, alarms, materials
from answers.quality import ValueChart, value_chart
from answers.report import MachineReport, line_report
from answers.stops import machine_stops
from answers.store import Store, short
from contract.events import MachineDescribed, Words
from contract.kpi import Energy
from contract.spc import Capability, Individuals
from contract.states import Category
from dashboards.board.pages import Ask, Page, Sheet, rows_of
from dashboards.board.snapshot import WORTH_SAYING_US, Shift, StationNow, causes_of, shift_of, stations_now
from dashboards.board.timeline import Lanes, lanes_over, marks_sheet, time_sheet

_CAUSES_SHOWN, _NOTES_SHOWN, _STOPS_SHOWN, _POINTS_SHOWN = 6, 60, 400, 240
_BINS = 60


class Stop(Struct, frozen=True):
    """A stop within the span, of ``lasted_s``; ``goes_on`` while it is the machine's newest state."""

    began_us: int
    ended_us: int
    lasted_s: float
    category: Category
    reason: str
    reason_name: Words | None
    goes_on: bool


class Point(Struct, frozen=True):
    """One value of a run chart; ``rules``: the Nelson rules broken at it."""

    ts_us: int
    value: float
    unit: str
    rules: list[int] = []


class Bin(Struct, frozen=True):
    """``parts`` took [from_s, to_s) each; the last one holds all that took longer."""

    from_s: float
    to_s: float
    parts: int


class Values(Struct, frozen=True):
    """A process value over the span: its points (of many, some and all that break a rule), limits, capability."""

    code: str
    name: Words
    unit: str
    target: float
    lsl: float | None
    usl: float | None
    chart: Individuals | None
    capability: Capability
    measured: int
    broken: int
    points: list[Point]


class Counted(Struct, frozen=True):
    """What the machine made in the span, and its figures; ``cycle_s`` is the median time a part took of it.

    ``p95_s``: 95 of 100 parts took no longer.
    """

    total: int
    good: int
    scrap: int
    rework: int
    fpy: float | None
    breakdowns: int
    minor_stops: int
    mtbf_s: float | None
    mttr_s: float | None
    throughput_per_h: float | None
    coverage: float | None
    ideal_s: float
    cycle_s: float | None
    p95_s: float | None
    energy: Energy
    mean_w: float | None


class MachinePage(Struct, frozen=True):
    """``shift`` holds the OEE, losses and causes of the machine over the span; ``stops`` the newest first."""

    now: StationNow
    shift: Shift
    counted: Counted
    lanes: Lanes
    stops: list[Stop]
    cycles: list[Point]
    spread: list[Bin]
    values: list[Values]
    loaded: list[Loaded]
    alarms: list[Alarm]
    notes: list[Note]


def read(store: Store, ask: Ask) -> MachinePage:
    """Everything the page shows."""
    line, machine, span = ask.line, ask.machine, ask.span
    info = store.described(line).get(machine)
    report = next(one for one in line_report(store, line, span).machines if one.path == machine)
    causes = causes_of(store, line, span, _CAUSES_SHOWN, machine)
    done = paces(cycles(store, machine, span), max(1, info.servers) if info else 1)
    charts = [value_chart(store, machine, line, code, span) for code in (info.values if info else {})]
    return MachinePage(
        now=next(one for one in stations_now(store, line, ask.now_us) if one.id == short(machine)),
        shift=shift_of(pace(store, line, ask.now_us), report.kpis, report.losses, causes),
        counted=_counted(report, info, done),
        lanes=lanes_over({short(machine): timeline(store, machine, span)}, span.from_us, span.to_us),
        stops=_stops(store, ask, info),
        cycles=some([Point(one.ended_us, one.lasted_us / 1e6, one.unit) for one in done], _POINTS_SHOWN),
        spread=spread([one.lasted_us / 1e6 for one in done], info.ideal_us / 1e6 if info else 0.0),
        values=[_values(chart) for chart in charts],
        loaded=[one for one in materials(store, line) if one.machine == machine],
        alarms=[one for one in alarms(store, line) if one.machine == machine],
        notes=[note for note in commands(store, line, span) if note.path in {line, machine}][-_NOTES_SHOWN:],
    )


def _counted(report: MachineReport, info: MachineDescribed | None, done: list[Cycle]) -> Counted:
    sums, kpis = report.sums, report.kpis
    lasted = sorted(one.lasted_us for one in done)
    return Counted(
        total=sums.total,
        good=sums.good,
        scrap=sums.scrap,
        rework=sums.rework,
        fpy=report.fpy,
        breakdowns=sums.breakdowns,
        minor_stops=sums.minor_stops,
        mtbf_s=kpis.mtbf_s,
        mttr_s=kpis.mttr_s,
        throughput_per_h=kpis.throughput_per_h,
        coverage=kpis.coverage,
        ideal_s=info.ideal_us / 1e6 if info else 0.0,
        cycle_s=lasted[len(lasted) // 2] / 1e6 if lasted else None,
        p95_s=lasted[-(-95 * len(lasted) // 100) - 1] / 1e6 if lasted else None,
        energy=report.energy,
        mean_w=sums.energy_j / (sums.booked_us / 1e6) if sums.booked_us else None,
    )


def _stops(store: Store, ask: Ask, info: MachineDescribed | None) -> list[Stop]:
    """Own stops, and waits for a neighbour worth saying; the newest first."""
    names = info.reasons if info else {}
    found = [
        Stop(
            one.began_us,
            one.ended_us,
            one.lasted_us / 1e6,
            one.category,
            one.reason,
            names.get(one.reason),
            one.goes_on,
        )
        for one in machine_stops(store, ask.machine, ask.span)
        if one.category not in CONSEQUENCES or one.lasted_us >= WORTH_SAYING_US
    ]
    return found[: -_STOPS_SHOWN - 1 : -1]


def _values(found: ValueChart) -> Values:
    points = [Point(one.ts_us, one.value, one.unit, one.rules) for one in found.points]
    said = found.described
    return Values(
        code=found.code,
        name=said.name,
        unit=said.unit,
        target=said.target,
        lsl=said.lsl,
        usl=said.usl,
        chart=found.chart,
        capability=found.capability,
        measured=len(points),
        broken=sum(bool(one.rules) for one in points),
        points=some(points, _POINTS_SHOWN),
    )


def spread(took_s: Sequence[float], ideal_s: float) -> list[Bin]:
    """How many parts took how long, in equal steps from the shortest or the ideal up to three times the median."""
    if not took_s:
        return []
    ranked = sorted(took_s)
    low, high = min(ranked[0], ideal_s or ranked[0]), max(3 * ranked[len(ranked) // 2], 3 * ideal_s)
    step = max((min(high, ranked[-1]) - low) / _BINS, 0.01)
    counts = [0] * _BINS
    for one in ranked:
        counts[min(int((one - low) / step), _BINS - 1)] += 1
    last = max(low + _BINS * step, ranked[-1])
    return [
        Bin(low + n * step, last if n == _BINS - 1 else low + (n + 1) * step, parts) for n, parts in enumerate(counts)
    ]


def some(points: Sequence[Point], most: int) -> list[Point]:
    """About ``most`` of the points, evenly, and the newest; those that break a rule are all kept."""
    step = -(-len(points) // most)
    last = len(points) - 1
    return [one for n, one in enumerate(points) if n % step == 0 or n == last or one.rules]


def _stops_sheet(found: MachinePage) -> Sheet:
    return rows_of(("began_us", "ended_us", "lasted_s", "category", "reason"), found.stops)


def _losses_sheet(found: MachinePage) -> Sheet:
    shift = found.shift
    rows = {"planned": shift.planned_s, **shift.steps, "good": shift.good_s}
    return [["step", "seconds"], *([step, seconds] for step, seconds in rows.items())]


def _cycles_sheet(found: MachinePage) -> Sheet:
    return [["ended_us", "unit", "seconds"], *([one.ts_us, one.unit, one.value] for one in found.cycles)]


def _values_sheet(found: MachinePage) -> Sheet:
    rows = [
        [each.code, one.ts_us, one.unit, one.value, each.unit, " ".join(map(str, one.rules))]
        for each in found.values
        for one in each.points
    ]
    return [["code", "ts_us", "unit", "value", "measure", "nelson_rules"], *rows]


def _materials_sheet(found: MachinePage) -> Sheet:
    return rows_of(("slot", "material", "lot", "quantity", "remaining", "low_at", "loaded_us", "low_us"), found.loaded)


PAGE = Page(
    name="machine",
    path="/machine",
    module="machine_page.js",
    read=read,
    sheets={
        "stops": _stops_sheet,
        "losses": _losses_sheet,
        "cycles": _cycles_sheet,
        "values": _values_sheet,
        "materials": _materials_sheet,
        "times": lambda found: time_sheet(found.lanes),
        "marks": lambda found: marks_sheet(found.notes),
        "spread": lambda found: rows_of(Bin.__struct_fields__, found.spread),
    },
    pickers=("line", "machine", "span"),
    styles=("board.css", "charts.css", "line.css", "machine.css"),
    place=20,
)
