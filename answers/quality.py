"""Quality of a line over a span: yields, defects per million opportunities, which defects, and their charts.

Units are told one by one and may be fewer than the counts prove after a loss on the wire; every ratio here is of units
told.
"""

import msgspec

from answers.made import NOTHING_MADE, Made, made_by_product
from answers.plant import Station, stations
from answers.span import Span
from answers.store import Store
from contract.errors import UsageError
from contract.events import ValueDescribed, Words
from contract.kpi import dpmo, ratio, rolled_throughput_yield
from contract.spc import Capability, Individuals, Proportions, capability, individuals, nelson, proportions


class Yield(msgspec.Struct, frozen=True):
    """A station and product: first-pass yield, defects found and per million opportunities (IPC-7912).

    DPMO = defects ÷ (units that went through for the first time × opportunities of one) × 10⁶; a unit that becomes
    several parts has the opportunities of all of them. Absent without units or opportunities.
    """

    machine: str
    product: str
    made: Made
    fpy: float | None
    defects: int
    opportunities: int
    dpmo: float | None


class ProductQuality(msgspec.Struct, frozen=True):
    """A product on the line: rolled throughput yield of the stations in its flow, and DPMO of all their defects.

    DPMO counts the parts of the station that began most of them, in parts that leave the line (``parts``).
    """

    product: str
    name: Words | None
    rty: float | None
    parts: int
    defects: int
    dpmo: float | None


class DefectCount(msgspec.Struct, frozen=True):
    """One bar of the defect Pareto. ``share`` and ``cumulative`` are of all defects in it."""

    machine: str
    product: str
    code: str
    name: Words | None
    count: int
    share: float | None
    cumulative: float | None


class LineQuality(msgspec.Struct, frozen=True):
    """Everything about a line's quality over a span; ``rty`` is of all products together."""

    line: str
    span: Span
    rty: float | None
    products: list[ProductQuality]
    stations: list[Yield]
    pareto: list[DefectCount]


class FirstPass(msgspec.Struct, frozen=True):
    """A station's part in a rolled throughput yield: of ``first`` units that came for the first time, ``good`` passed.

    ``so_far`` is the product of the yields up to here, ``None`` before any unit was told. A station off the flow
    (``in_flow`` is false) is no factor.
    """

    machine: str
    first: int
    good: int
    fpy: float | None
    so_far: float | None
    in_flow: bool


class ShareChart(msgspec.Struct, frozen=True):
    """A p-chart of a station: of the units that went through for the first time, those that did not pass."""

    machine: str
    spans: list[Span]
    chart: Proportions


class ValuePoint(msgspec.Struct, frozen=True):
    """One measurement; ``rules``: the Nelson rules that are broken at it."""

    ts_us: int
    unit: str
    value: float
    rules: list[int]


class ValueChart(msgspec.Struct, frozen=True):
    """An individuals chart of a process value over a span, all products together; ``None`` below two points."""

    machine: str
    code: str
    described: ValueDescribed
    points: list[ValuePoint]
    chart: Individuals | None
    capability: Capability


def first_passes(line_stations: list[Station], made: dict[str, Made]) -> list[FirstPass]:
    """Station by station down the flow: the yields whose product is the RTY of what was ``made`` (by machine path).

    The last ``so_far`` of the flow is the RTY. Stations of which no unit was told are left out. Source as of
    :func:`contract.kpi.rolled_throughput_yield`.
    """
    flow: list[tuple[int, int]] = []
    found = []
    for station in line_stations:
        own = made.get(station.path, NOTHING_MADE)
        if not own.first:
            continue
        if not station.off_flow:
            flow.append((own.first_good, own.first))
        fpy, so_far = ratio(own.first_good, own.first), rolled_throughput_yield(flow)
        found.append(FirstPass(station.path, own.first, own.first_good, fpy, so_far, not station.off_flow))
    return found


def quality(store: Store, line: str, span: Span) -> LineQuality:
    """Yields, DPMO and defects of ``line`` over ``span``."""
    line_stations = stations(store, line)
    made, found = made_by_product(store, line, span), _defects(store, line, span)
    named = store.named(line)
    products = named.products if named else {}
    opportunities = {product: one.opportunities for product, one in products.items()}
    yields = [
        _yield(station, product, of_it, found, opportunities.get(product, 0))
        for station in line_stations
        for product, of_it in sorted(made.get(station.path, {}).items())
        if product or of_it.first  # parts proved by totals alone, nobody knows of which product, are no units told
    ]
    flow = {station.path: station for station in line_stations if not station.off_flow}
    in_flow = [one for one in yields if one.machine in flow]
    whole = {path: sum(of_each.values(), start=NOTHING_MADE) for path, of_each in made.items() if path in flow}
    return LineQuality(
        line=line,
        span=span,
        rty=rolled_throughput_yield((one.first_good, one.first) for one in whole.values()),
        products=[
            _product(product, [one for one in in_flow if one.product == product], flow, products[product].name)
            if product in products
            else _product(product, [one for one in in_flow if one.product == product], flow, None)
            for product in sorted({one.product for one in in_flow})
        ],
        stations=yields,
        pareto=_pareto(store, line, found),
    )


def _defects(store: Store, line: str, span: Span) -> dict[tuple[str, str, str], int]:
    """(machine path, product, code) → how many."""
    rows = store.rows(
        "SELECT path, product, code, SUM(count) FROM defects JOIN machines USING (machine_id)"
        " WHERE line_path = ? AND minute_us >= ? AND minute_us < ? GROUP BY machine_id, product, code",
        line,
        span.from_us,
        span.to_us,
    )
    return {(path, product, code): count for path, product, code, count in rows}


def _yield(
    station: Station, product: str, made: Made, found: dict[tuple[str, str, str], int], opportunities: int
) -> Yield:
    defects = sum(count for (path, what, _), count in found.items() if (path, what) == (station.path, product))
    each = round(opportunities * station.exit_parts)
    return Yield(
        machine=station.path,
        product=product,
        made=made,
        fpy=ratio(made.first_good, made.first),
        defects=defects,
        opportunities=each,
        dpmo=dpmo(defects, made.first, each),
    )


def _product(product: str, yields: list[Yield], flow: dict[str, Station], name: Words | None) -> ProductQuality:
    parts, each = 0, 0
    for one in yields:
        station = flow[one.machine]
        parts = max(parts, round(one.made.first * station.exit_parts))
        each = max(each, round(one.opportunities / station.exit_parts))
    defects = sum(one.defects for one in yields)
    rty = rolled_throughput_yield((one.made.first_good, one.made.first) for one in yields)
    return ProductQuality(product, name, rty, parts, defects, dpmo(defects, parts, each))


def _pareto(store: Store, line: str, found: dict[tuple[str, str, str], int]) -> list[DefectCount]:
    described = store.described(line)
    whole, so_far, bars = sum(found.values()), 0, []
    for (path, product, code), count in sorted(found.items(), key=lambda item: (-item[1], item[0])):
        so_far += count
        name = described[path].defects.get(code) if path in described else None
        shares = ratio(count, whole), ratio(so_far, whole)
        bars.append(DefectCount(path, product, code, name, count, *shares))
    return bars


def share_chart(store: Store, machine: str, line: str, spans: list[Span]) -> ShareChart:
    """The p-chart of ``machine`` with one point for each of ``spans`` (hours, shifts)."""
    samples = []
    for span in spans:
        made = sum(made_by_product(store, line, span).get(machine, {}).values(), start=NOTHING_MADE)
        samples.append((made.first, made.first - made.first_good))
    return ShareChart(machine, spans, proportions(samples))


def value_chart(store: Store, machine: str, line: str, code: str, span: Span) -> ValueChart:
    """The individuals chart of a process value of ``machine``; :class:`UsageError` if it measures no such value."""
    info = store.described(line).get(machine)
    values = info.values if info else {}
    if code not in values:
        known = ", ".join(sorted(values)) or "none"
        raise UsageError(f"{machine} measures no value {code!r}. It measures: {known}")
    rows = store.rows(
        "SELECT ts_us, unit, value FROM measurements JOIN machines USING (machine_id)"
        " WHERE path = ? AND code = ? AND ts_us >= ? AND ts_us < ? ORDER BY ts_us",
        machine,
        code,
        span.from_us,
        span.to_us,
    )
    described, series = values[code], [value for _, _, value in rows]
    chart = individuals(series)
    broken: dict[int, list[int]] = {}
    for rule, at in (nelson(series, chart.centre, chart.sigma) if chart else {}).items():
        for index in at:
            broken.setdefault(index, []).append(rule)
    points = [ValuePoint(ts_us, unit, value, broken.get(index, [])) for index, (ts_us, unit, value) in enumerate(rows)]
    return ValueChart(machine, code, described, points, chart, capability(series, described.lsl, described.usl))
