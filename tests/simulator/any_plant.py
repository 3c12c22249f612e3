"""Plants nobody would build: a strategy that puts every feature of a plant file together at random.

A line is a chain. One station of it may take a component of a branch, one may cut, one may inspect and send to rework;
each may be of any kind and have any of the rest.
"""

import datetime as dt

from hypothesis import strategies as st
from small_plants import line_of, plant_with, station, stop, words

from simulator.plant import Changeover, Crew, Demand, Order, Pause, Product, Shift
from simulator.sampling import Constant, Erlang, Exponential, Uniform
from simulator.station_spec import (
    Absence,
    Batch,
    Conveyor,
    Defect,
    Inspection,
    Maintenance,
    Material,
    Power,
    Rework,
    StopMode,
    Value,
    WarmUp,
    Wear,
)

#: Two shifts with 20 minutes between them, and a break.
SHIFTS = (
    Shift(words("a"), dt.time(6), dt.time(7), breaks=(Pause(dt.time(6, 30), dt.time(6, 35), words("b")),)),
    Shift(words("c"), dt.time(7, 20), dt.time(15)),
)
CREWS = (
    Crew("fitters", words("fitters"), 1, (Absence(Exponential(20), Constant(2)),)),
    Crew("setters", words("setters"), 2),
)
POWER = Power(execute=1000, idle=301, stopped=77, off=3)


def products(ids):
    """Two of one family and one of another; what they take on some stations."""
    blue = {name: cycle_s for name, cycle_s in (("m1", 4.0), ("m2", 2.5)) if name in ids}
    return (
        Product("red", words("red"), "warm"),
        Product("pink", words("pink"), "warm", cycle_s={"m0": 5.0}),
        Product("blue", words("blue"), cycle_s=blue),
    )


spreads = st.sampled_from([Constant(1), Exponential(1), Uniform(0.5, 1.5), Erlang(1, 3)])
crews = st.sampled_from([None, "fitters", "setters"])


def sometimes(strategy, otherwise=()):
    """Mostly not there: a station with everything hides what one feature does."""
    return st.one_of(st.just(otherwise), st.just(otherwise), strategy)


@st.composite
def stops(draw):
    mode = draw(
        st.sampled_from([
            stop("jam", Exponential(4), Exponential(20)),
            stop("tick", Constant(1), Constant(6)),
            stop("long", Exponential(30), Uniform(100, 900)),
            StopMode("alarm", words("alarm"), Exponential(10), Uniform(1, 60), "calendar"),
        ])
    )  # fmt: skip
    return (StopMode(mode.code, mode.name, mode.every_min, mode.lasts_s, mode.clock, draw(crews)),)


@st.composite
def maintenances(draw, codes):
    clock, opportune = draw(st.sampled_from(["calendar", "operating"])), draw(st.sampled_from([0.3, 1.0]))
    renews = tuple(draw(st.lists(st.sampled_from(codes), unique=True))) if codes else ()
    return (Maintenance("pm", words("pm"), 0.4, Uniform(0.5, 4), clock, draw(crews), opportune, renews),)


@st.composite
def wears(draw):
    life = draw(st.sampled_from([1, 7, 60]))
    often = draw(st.sampled_from([1, 5.0]))
    return (Wear("tool", words("tool"), life, Uniform(1, 20), draw(st.sampled_from([0, 0.3])), often, draw(crews)),)


@st.composite
def materials(draw):
    found = []
    for slot in range(draw(st.integers(1, 2))):
        per_part = draw(st.integers(1, 5))
        lot_size = draw(st.integers(max(2, per_part), 60))
        low_at = draw(st.integers(0, lot_size - 1))
        splice = draw(st.sampled_from([0, 0.5, 1.0]))
        products = draw(st.sampled_from([(), ("red",), ("blue", "pink")]))
        times = (draw(st.sampled_from([Constant(0.1), Exponential(1)])), Constant(3))
        found.append(
            Material(f"slot{slot}", words("s"), f"M{slot}", per_part, lot_size, low_at, *times, splice, products)
        )
    return tuple(found)


@st.composite
def values(draw):
    parts, seconds = draw(st.sampled_from([(1, None), (3, None), (None, 7.0)]))
    return (Value("width", words("w"), "mm", 10, 0.1, 9, 11, 0.5, parts, seconds),)


@st.composite
def kinds(draw):
    """What the kinds of machines do not share."""
    kind = draw(st.sampled_from(["plain", "plain", "conveyor", "batch"]))
    if kind == "conveyor":
        return {"conveyor": Conveyor(draw(st.sampled_from([3.0, 40.0])), draw(st.integers(1, 8)))}
    own = {"spread": draw(spreads), "servers": draw(st.integers(1, 3))}
    if kind == "batch":
        own["batch"] = Batch(draw(st.integers(1, 6)), draw(st.sampled_from([0.0, 5.0, 60.0])))
    return own


@st.composite
def features(draw, number):
    """Whatever a station of any kind may have."""
    failures, wear = draw(sometimes(stops())), draw(sometimes(wears()))
    codes = [each.code for each in (*failures, *wear)]
    return {
        "cycle_s": draw(st.sampled_from([3, 6, 7.5])),
        "buffer": draw(st.sampled_from([None, 0, 1, 3])),
        "failures": failures,
        "maintenance": draw(sometimes(maintenances(codes))),
        "absences": draw(sometimes(st.just((Absence(Exponential(20), Exponential(1)),)))),
        "wear": wear,
        "warm_up": draw(sometimes(st.just(WarmUp(15, Uniform(1, 3))), None)),
        "materials": draw(sometimes(materials())),
        "values": draw(sometimes(values())),
        "defects": draw(sometimes(st.just((Defect(f"d{number}", words("d"), 0.2), Defect("any", words("a"), 0.1))))),
        "scrap": draw(st.sampled_from([0, 0, 0.2])),
        "power_w": draw(st.sampled_from([None, POWER])),
    }


def reaches(bench, back, inspects):
    """Whether what ``bench`` returns comes by the inspection, over none but stations already known to be passable."""
    return back <= int(bench.returns_to[1:]) <= inspects


@st.composite
def stations(draw):
    """A chain with, perhaps, a branch that joins, a cut and a rework loop."""
    count = draw(st.integers(1, 5))
    chain = [{**draw(kinds()), **draw(features(index))} for index in range(count)]
    before, behind = [], []
    joins = draw(st.sampled_from([None, *range(1, count)]))
    cuts = draw(st.sampled_from([None, *range(count)]))
    for index, one in enumerate(chain):
        if index == joins:
            one.pop("conveyor", None), one.pop("batch", None)
            one["assembles"] = {f"m{index - 1}": 1, "branch": draw(st.integers(1, 3))}
            before.append(station("branch", **draw(kinds()), **draw(features(9)), downstream=f"m{index}"))
        elif index == cuts:
            one.pop("conveyor", None), one.pop("batch", None)
            one["splits"] = draw(st.integers(2, 4))
    if cuts != 0 and joins != 1 and count > 1 and draw(st.booleans()):
        before.append(station("side", **draw(kinds()), **draw(features(7)), downstream="m1"))
    for inspects in draw(st.lists(st.sampled_from(range(1, count)), unique=True, max_size=2)) if count > 1 else ():
        chain[inspects]["inspects"] = Inspection({"*": 0.8}, draw(st.sampled_from([0, 0.1])), Constant(5))
        back = draw(st.integers(1, inspects))
        barred = {joins, cuts} & set(range(back, inspects + 1))
        if not barred and draw(st.booleans()):
            bench = behind[0].id if behind and draw(st.booleans()) and reaches(behind[0], back, inspects) else ""
            mends, bench = draw(st.sampled_from([0.0, 0.7])), bench or f"bench{inspects}"
            chain[inspects]["rework"] = Rework(bench, draw(st.integers(0, 3)))
            if bench == f"bench{inspects}":
                own = {**draw(kinds()), **draw(features(8))}
                behind.append(station(bench, **own, returns_to=f"m{back}", repairs=mends))
    return [*before, *(station(f"m{index}", **one) for index, one in enumerate(chain)), *behind]


@st.composite
def lines(draw, name="l1"):
    made = draw(stations())
    orders, demand = (Order(f"{name}-0", "red", 10**7),), None
    if draw(st.booleans()):
        picked = draw(st.lists(st.sampled_from(["red", "pink", "blue"]), max_size=4))
        orders = tuple(Order(f"{name}-{number}", one, 1 + 7 * number) for number, one in enumerate(picked))
        demand = Demand({"red": 1, "pink": 1, "blue": 2}, Uniform(1, 60), prefix=f"D{name}-")
    changeovers, ids = (), [one.id for one in made]
    if draw(st.booleans()):
        set_up = tuple(draw(st.lists(st.sampled_from(ids), min_size=1, unique=True)))
        first = draw(st.sampled_from([None, Constant(0.2)]))
        changeovers = (
            Changeover(set_up, Uniform(0.2, 2), "warm", first_article_min=first),
            Changeover(set_up, draw(st.sampled_from([None, Constant(0.5)]))),
        )
    return line_of(*made, name=name, products=products(ids), orders=orders, demand=demand, changeovers=changeovers)


@st.composite
def plants(draw, most_lines=1):
    made = [draw(lines(f"l{number}")) for number in range(1, draw(st.integers(1, most_lines)) + 1)]
    wanted = {crew for line in made for crew in line.crews}
    crews = [crew for crew in CREWS if crew.id in wanted]
    return plant_with(*made, shifts=draw(st.sampled_from([(), SHIFTS])), crews=crews)
