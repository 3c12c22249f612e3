"""The page of a line's quality: yields, defects, control charts, and whether its processes keep their specification."""

from msgspec import Struct

from answers.plant import stations
from answers.quality import DefectCount, LineQuality, ValueChart, quality, share_chart, value_chart
from answers.report import line_report
from answers.span import Span, hours, shifts
from answers.store import Store, short
from contract.events import MachineDescribed, ValueDescribed, Words
from contract.instants import DAY_US
from contract.spc import Capability, Individuals
from dashboards.board.pages import Ask, Page, Refused, Sheet, rows_of, some

_POINTS_SHOWN, _DEFECTS_SHOWN, _SAMPLES_SHOWN = 600, 200, 96


class StationYield(Struct, frozen=True):
    """A station over the span, all products together: ``first`` units went through for the first time."""

    station: str
    first: int
    first_good: int
    fpy: float | None
    defects: int
    false_calls: int
    dpmo: float | None


class Product(Struct, frozen=True):
    """A product over the span."""

    product: str
    name: Words | None
    rty: float | None
    parts: int
    defects: int
    dpmo: float | None


class Defect(Struct, frozen=True):
    """One bar of the defect Pareto; ``name`` as the machine calls it."""

    station: str
    product: str
    code: str
    name: Words | None
    count: int
    share: float | None
    cumulative: float | None


class Sample(Struct, frozen=True):
    """One point of the p-chart: of ``n`` units that went through for the first time, ``rejected`` did not pass."""

    from_us: int
    to_us: int
    n: int
    rejected: int
    share: float | None
    lower: float | None
    upper: float | None
    is_out: bool


class Shares(Struct, frozen=True):
    """The p-chart of one station."""

    station: str
    centre: float | None
    samples: list[Sample]


class Value(Struct, frozen=True):
    """A process value that can be asked for, by its ``key`` (``station.code``)."""

    key: str
    station: str
    code: str
    name: Words


class Point(Struct, frozen=True):
    """One measurement; ``rules``: the Nelson rules broken at it."""

    ts_us: int
    unit: str
    value: float
    rules: list[int]


class Values(Struct, frozen=True):
    """The individuals chart of the chosen value; ``rules`` counts the points at which each Nelson rule is broken."""

    key: str
    name: Words
    unit: str
    target: float
    lsl: float | None
    usl: float | None
    chart: Individuals | None
    capability: Capability
    measured: int
    rules: dict[int, int]
    points: list[Point]


class QualityPage(Struct, frozen=True):
    """Everything the page shows; ``shares`` and ``chosen`` are absent where nothing can be charted."""

    names: dict[str, Words]
    rty: float | None
    products: list[Product]
    stations: list[StationYield]
    pareto: list[Defect]
    defects: int
    shares: Shares | None
    values: list[Value]
    chosen: Values | None


def read(store: Store, ask: Ask) -> QualityPage:
    """Everything the page shows."""
    line, described = ask.line, store.described(ask.line)
    line_stations = stations(store, line)
    paths = {one.id: one.path for one in line_stations}
    found = quality(store, line, ask.span)
    yields = _yields(store, ask, found)
    known = [
        Value(f"{name}.{code}", name, code, said.name)
        for name, path in paths.items()
        for code, said in _values_of(described.get(path)).items()
    ]
    return QualityPage(
        names={one.id: one.name for one in line_stations},
        rty=found.rty,
        products=[Product(one.product, one.name, one.rty, one.parts, one.defects, one.dpmo) for one in found.products],
        stations=yields,
        pareto=[_defect(one) for one in found.pareto[:_DEFECTS_SHOWN]],
        defects=sum(one.count for one in found.pareto),
        shares=_shares(store, ask, yields, paths),
        values=known,
        chosen=_chosen(store, ask, known, paths),
    )


def _values_of(info: MachineDescribed | None) -> dict[str, ValueDescribed]:
    return info.values if info else {}


def _yields(store: Store, ask: Ask, found: LineQuality) -> list[StationYield]:
    """All products of a station together, in the order of the flow; DPMO where one product ran."""
    rows = []
    for machine in line_report(store, ask.line, ask.span).machines:
        own = [one for one in found.stations if one.machine == machine.path]
        if not machine.made.first:
            continue
        opportunities = sum(one.opportunities * one.made.first for one in own)
        defects = sum(one.defects for one in own)
        rows.append(
            StationYield(
                station=short(machine.path),
                first=machine.made.first,
                first_good=machine.made.first_good,
                fpy=machine.fpy,
                defects=defects,
                false_calls=machine.made.false_calls,
                dpmo=defects * 1e6 / opportunities if opportunities else None,
            )
        )
    return rows


def _defect(one: DefectCount) -> Defect:
    return Defect(short(one.machine), one.product, one.code, one.name, one.count, one.share, one.cumulative)


def _shares(store: Store, ask: Ask, yields: list[StationYield], paths: dict[str, str]) -> Shares | None:
    """Of the station asked for, else of the one that rejects most."""
    asked = ask.query.machine.rpartition("/")[2]
    if asked and asked not in paths:
        raise Refused("machine", asked=asked, known=some(list(paths)))
    worst = min(yields, key=lambda one: one.fpy if one.fpy is not None else 1.0, default=None)
    station = asked or (worst.station if worst else "")
    if not station:
        return None
    spans = samples_of(store, ask)
    chart = share_chart(store, paths[station], ask.line, spans).chart
    samples = [
        Sample(span.from_us, span.to_us, one.n, one.defective, one.share, one.lower, one.upper, one.is_out)
        for span, one in zip(spans, chart.points, strict=True)
    ]
    return Shares(station, chart.centre, samples)


def samples_of(store: Store, ask: Ask) -> list[Span]:
    """Hours of a day or two, shifts of a longer span: what one point of the p-chart stands for."""
    if ask.span.to_us - ask.span.from_us <= 2 * DAY_US:
        return hours(ask.span, ask.tz)
    found = [span for span, _ in shifts(store, ask.line, ask.span)]
    return found[-_SAMPLES_SHOWN:] or hours(ask.span, ask.tz)[-_SAMPLES_SHOWN:]


def _chosen(store: Store, ask: Ask, known: list[Value], paths: dict[str, str]) -> Values | None:
    """The value asked for, else the first of which something was measured in the span."""
    if ask.query.code:
        asked = [one for one in known if one.key == ask.query.code]
        if not asked:
            raise Refused("value", asked=ask.query.code, known=some([one.key for one in known]))
        return _values(asked[0].key, value_chart(store, paths[asked[0].station], ask.line, asked[0].code, ask.span))
    charts = ((one.key, value_chart(store, paths[one.station], ask.line, one.code, ask.span)) for one in known)
    return next((_values(key, chart) for key, chart in charts if chart.points), None)


def _values(key: str, found: ValueChart) -> Values:
    points = [Point(one.ts_us, one.unit, one.value, one.rules) for one in found.points]
    said = found.described
    rules = sorted({rule for one in points for rule in one.rules})
    step = -(-len(points) // _POINTS_SHOWN)
    return Values(
        key=key,
        name=said.name,
        unit=said.unit,
        target=said.target,
        lsl=said.lsl,
        usl=said.usl,
        chart=found.chart,
        capability=found.capability,
        measured=len(points),
        rules={rule: sum(rule in one.rules for one in points) for rule in rules},
        points=[one for n, one in enumerate(points) if n % step == 0 or n == len(points) - 1 or one.rules],
    )


def _stations_sheet(found: QualityPage) -> Sheet:
    return rows_of(StationYield.__struct_fields__, found.stations)


def _products_sheet(found: QualityPage) -> Sheet:
    return rows_of(("product", "rty", "parts", "defects", "dpmo"), found.products)


def _defects_sheet(found: QualityPage) -> Sheet:
    return rows_of(("station", "product", "code", "count", "share", "cumulative"), found.pareto)


def _shares_sheet(found: QualityPage) -> Sheet:
    return rows_of(Sample.__struct_fields__, found.shares.samples if found.shares else [])


def _values_sheet(found: QualityPage) -> Sheet:
    points = found.chosen.points if found.chosen else []
    rows = [[one.ts_us, one.unit, one.value, " ".join(map(str, one.rules))] for one in points]
    return [["ts_us", "unit", "value", "nelson_rules"], *rows]


PAGE = Page(
    name="quality",
    path="/quality",
    module="quality_page.js",
    read=read,
    sheets={
        "stations": _stations_sheet,
        "products": _products_sheet,
        "defects": _defects_sheet,
        "shares": _shares_sheet,
        "values": _values_sheet,
    },
    styles=("board.css", "charts.css", "machine.css", "pages.css"),
    place=50,
)
