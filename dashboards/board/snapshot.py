"""What one tick of the board says: each line as it stands now, built from ``answers`` in one moment of the store.

Instants are µs since the epoch (``*_us``), durations seconds (``*_s``). ``stations_now`` and ``stops`` are cheap and
asked at every change; ``shift_so_far`` adds up a shift and is asked less often (see ``reader``).
"""

import msgspec

from answers.bottleneck import bottleneck_now, is_active
from answers.commands import Note
from answers.live import CONSEQUENCES, Downtime, Pace, downtime, pace
from answers.plant import Station, constraint, rivals, stations
from answers.report import line_report
from answers.silence import arrivals
from answers.span import Span
from answers.store import Current, PlannedWindow, Store, short
from contract import topics
from contract.events import Words
from contract.instants import SECOND_US
from contract.kpi import Kpis, Losses
from contract.states import Category, Cause, Mode, State, classify
from dashboards.board.condition import Condition, condition

_AS_PLANNED = frozenset({Category.EXECUTE, Category.PLANNED})
#: Waiting for a neighbour for some seconds is how a line breathes around its constraint, not a stop.
WORTH_SAYING_US = 30 * SECOND_US
_CAUSES_SHOWN = 6
#: The steps from planned production time down to good parts, in the order in which they are cut away.
STEPS = (
    "breakdown",
    "setup",
    "waiting",
    "minor_stop",
    "starved",
    "blocked",
    "speed",
    "defects",
    "startup",
    "in_process",
)


class StationNow(msgspec.Struct, frozen=True):
    """One station: ``buffer`` parts wait before it, of ``capacity`` places; ``reason_name`` if the machine named it.

    ``bottleneck``: it has been active longest; while nothing is active, it is the constraint of the line.
    ``downstream`` are ids of stations; ``off_flow``: units come here only to be repaired.
    """

    id: str
    name: Words
    role: str
    category: Category
    state: str
    reason: str
    reason_name: Words | None
    since_us: int
    heard_us: int
    buffer: int | None
    capacity: int | None
    bottleneck: bool
    downstream: list[str] = []
    off_flow: bool = False


class StopCause(msgspec.Struct, frozen=True):
    """One bar of the downtime Pareto of the shift."""

    station: str
    category: Category
    reason: str
    reason_name: Words | None
    lost_s: float
    stops: int


class Oee(msgspec.Struct, frozen=True):
    """OEE of the shift so far and its factors; ``None`` is "not known", never 0."""

    oee: float | None
    availability: float | None
    performance: float | None
    quality: float | None


class Shift(msgspec.Struct, frozen=True):
    """The shift so far: pace, OEE, the staircase and the causes of stops.

    ``planned_s`` is ``good_s`` plus every one of ``steps``, exactly in µs; a negative step gives time back.
    """

    window: PlannedWindow | None
    order: str
    product: Words
    quantity: int
    good: int
    target_now: int
    target_shift: int
    oee: Oee
    planned_s: float
    steps: dict[str, float]
    good_s: float
    causes: list[StopCause]
    condition: Condition | None = None


class LineNow(msgspec.Struct, frozen=True):
    """One line. ``stops`` are ids of ``stations``, what needs a person first; ``rest`` is a break that is on now.

    ``lanes`` (station → lane, see ``timeline``) is only in a snapshot, ``minutes`` (station → minute µs → code) only in
    what follows one. ``notes`` are the newest commands to the line or a machine of it since ``from_us``, the newest
    last; in a snapshot, and where they changed.
    """

    path: str
    plant: Words
    name: Words
    tz: str
    stations: list[StationNow]
    stops: list[str]
    rest: PlannedWindow | None
    shift: Shift
    from_us: int
    lanes: dict[str, str] | None = None
    minutes: dict[str, dict[int, str]] | None = None
    notes: list[Note] | None = None


class Tick(msgspec.Struct, frozen=True):
    """All lines at ``now_us``, the newest event time in the store."""

    now_us: int
    lines: list[LineNow]


class StationStands(msgspec.Struct, frozen=True):
    """What of a :class:`StationNow` changes from one moment to the next."""

    id: str
    category: Category
    state: str
    reason: str
    reason_name: Words | None
    since_us: int
    heard_us: int
    buffer: int | None
    bottleneck: bool


class LineStands(msgspec.Struct, frozen=True):
    """What of a :class:`LineNow` changes from one moment to the next, without what adds up a shift."""

    path: str
    stations: list[StationStands]
    stops: list[str]
    rest: PlannedWindow | None


class Standing(msgspec.Struct, frozen=True):
    """How all lines stand at ``now_us``: a :class:`Tick` for who knows the stations' names and asks for numbers."""

    now_us: int
    lines: list[LineStands]


def standing(tick: Tick) -> Standing:
    """``tick`` without what seldom changes."""
    return Standing(tick.now_us, [msgspec.convert(line, LineStands, from_attributes=True) for line in tick.lines])


def stations_now(store: Store, line: str, now_us: int) -> list[StationNow]:
    """The stations of ``line`` in the order of the flow, as they stand at ``now_us``."""
    line_stations = stations(store, line)
    described, current = store.described(line), store.current(line)
    working, arrived = is_planned_production(store, line, now_us), arrivals(store)
    categories: dict[str, Category] = {}
    for station in line_stations:
        info, said = described.get(station.path), current.get(station.path)
        if said is not None and arrived.is_silent(station.path, said.ts_us, now_us):
            said = None
        categories[station.path] = category_now(said, info.minor_stop_us if info else 0, working, now_us)
    narrow = _bottleneck(store, line_stations, categories, current, now_us)
    return [
        _station(station, current.get(station.path), categories[station.path], is_narrow=station.path == narrow)
        for station in line_stations
    ]


def _bottleneck(
    store: Store,
    line_stations: list[Station],
    categories: dict[str, Category],
    current: dict[str, Current],
    now_us: int,
) -> str:
    """Path of the live bottleneck; the constraint while nobody is active, empty for a line without stations."""
    flow = [station.path for station in rivals(line_stations) if station.path in current]
    active = [path for path in flow if is_active(categories[path], current[path].reason)]
    slowest = constraint(line_stations)
    return bottleneck_now(store, active, now_us) or (slowest.path if slowest else "")


def is_planned_production(store: Store, line: str, now_us: int) -> bool:
    """Whether ``line`` is planned to produce at ``now_us``: in a shift and no break, or where no calendar speaks."""
    calendar = store.calendar(line)
    if calendar is None or not calendar.valid_from <= now_us < calendar.valid_to:
        return True
    kinds = {window.kind for window in store.windows(line, now_us, now_us + 1)}
    return kinds == {"shift"}


def _station(station: Station, said: Current | None, category: Category, *, is_narrow: bool) -> StationNow:
    return StationNow(
        id=station.id,
        name=station.name,
        role=station.role,
        category=category,
        state=said.state if said else "",
        reason=said.reason if said else "",
        reason_name=station.reasons.get(said.reason) if said else None,
        since_us=said.since_us if said else 0,
        heard_us=said.ts_us if said else 0,
        buffer=said.buffer_in if said else None,
        capacity=station.buffer_capacity,
        bottleneck=is_narrow,
        downstream=station.downstream,
        off_flow=station.off_flow,
    )


def category_now(said: Current | None, minor_stop_us: int, working: bool, now_us: int) -> Category:
    """Where this second goes, by what the machine last ``said``: the ledger's rules, asked of the present.

    ``said`` is none for a machine that is silent.
    """
    if said is None or not said.online:
        return Category.UNKNOWN
    cause = classify(State(said.state), Mode(said.mode), said.reason)
    if cause is Cause.EXECUTE:
        return Category.EXECUTE
    if not working:
        return Category.PLANNED
    if cause is Cause.FAULT:
        return Category.BREAKDOWN if now_us - said.since_us >= minor_stop_us else Category.MINOR_STOP
    return Category(cause.value)


def stops(line_stations: list[StationNow], now_us: int) -> list[str]:
    """Ids of stations that stand still though they should not: what needs a person first, the longest first."""
    standing = [station for station in line_stations if _is_stop(station, now_us)]
    ranked = sorted(standing, key=lambda station: (station.category in CONSEQUENCES, station.since_us))
    return [station.id for station in ranked]


def _is_stop(station: StationNow, now_us: int) -> bool:
    if station.category in CONSEQUENCES:
        if station.off_flow and station.category is Category.STARVED:
            return False  # a bench with nothing to repair is good news
        return now_us - station.since_us >= WORTH_SAYING_US
    return station.category not in _AS_PLANNED


def shift_so_far(store: Store, line: str, now_us: int) -> Shift:
    """Pace, OEE, staircase and Pareto of the shift that runs at ``now_us``; outside the shifts, of the last hour."""
    beat = pace(store, line, now_us)
    report = line_report(store, line, beat.span)
    found = shift_of(beat, report.kpis, report.losses, causes_of(store, line, beat.span, _CAUSES_SHOWN))
    return msgspec.structs.replace(found, condition=condition(store, [line], beat.span))


def shift_of(beat: Pace, ratios: Kpis, lost: Losses, causes: list[StopCause]) -> Shift:
    """The pace of a shift with the OEE, the staircase and the causes of a line or machine over any span."""
    return Shift(
        window=beat.shift,
        order=beat.order,
        product=beat.product,
        quantity=beat.quantity,
        good=beat.good,
        target_now=beat.target_now,
        target_shift=beat.target_shift,
        oee=Oee(ratios.oee, ratios.availability, ratios.performance, ratios.quality),
        planned_s=lost.ppt_us / 1e6,
        steps=steps_of(lost),
        good_s=lost.good_ideal_us / 1e6,
        causes=causes,
    )


def steps_of(lost: Losses) -> dict[str, float]:
    """The steps of the staircase, s."""
    return {step: getattr(lost, f"{step}_us") / 1e6 for step in STEPS}


def causes_of(store: Store, line: str, span: Span, most: int, machine: str = "") -> list[StopCause]:
    """What stopped ``line`` (or one ``machine`` of it) over ``span``: the ``most`` costliest, the costliest first."""
    names = {station.path: station.reasons for station in stations(store, line)}
    found = [one for one in downtime(store, line, span) if machine in ("", one.machine)]
    return _causes(found[:most], names)


def _causes(found: list[Downtime], names: dict[str, dict[str, Words]]) -> list[StopCause]:
    return [
        StopCause(
            station=short(one.machine),
            category=one.category,
            reason=one.reason,
            reason_name=names.get(one.machine, {}).get(one.reason),
            lost_s=one.lost_us / 1e6,
            stops=one.stops,
        )
        for one in found
    ]


def line_now(store: Store, line: str, now_us: int, shift: Shift, from_us: int) -> LineNow:
    """``line`` at ``now_us`` with what was added up of its ``shift``; the timeline begins at ``from_us``."""
    parts, named, calendar = topics.address(line), store.named(line), store.calendar(line)
    line_stations = stations_now(store, line, now_us)
    resting = [window for window in store.windows(line, now_us, now_us + 1) if window.kind == "break"]
    return LineNow(
        path=line,
        plant=named.plant if named else Words(en=parts.site, vi=parts.site),
        name=named.name if named else Words(en=parts.line, vi=parts.line),
        tz=calendar.tz if calendar else "",
        stations=line_stations,
        stops=stops(line_stations, now_us),
        rest=resting[0] if resting else None,
        shift=shift,
        from_us=from_us,
    )
