"""Every use of chance has a stream of its own, by name: what one machine is changed to leaves everybody else's luck."""

from contextlib import suppress

import msgspec
import pytest
from small_plants import HOUR_US, MONDAY_US, of_kind, plant_with, words

from contract.events import UnitProcessed
from simulator.engine import Engine, Factory
from simulator.plant import Changeover
from simulator.plant_file import load_plant
from simulator.sampling import Bells, Constant, Draws, Exponential, Shares, Uniform, generator
from simulator.station_spec import (
    Absence,
    Defect,
    Inspection,
    Maintenance,
    Material,
    StopMode,
    Value,
    WarmUp,
    Wear,
)

MORE_THAN_A_BLOCK = 600


def streams(thing, seen=None):
    """Every stream that ``thing`` holds, by the way to it; not those of other machines, crews or the line."""
    seen = {id(thing)} if seen is None else seen
    for name, part in _parts(thing):
        if isinstance(part, (Draws, Shares, Bells)):
            yield (name,), part
        elif id(part) not in seen and _is_its_own(part):
            seen.add(id(part))
            yield from (((name, *way), found) for way, found in streams(part, seen))


def _parts(thing):
    if isinstance(thing, dict):
        yield from thing.items()
    elif isinstance(thing, (list, tuple)):
        yield from enumerate(thing)
    else:
        for kind in type(thing).__mro__:
            for name in getattr(kind, "__slots__", ()):
                with suppress(AttributeError):
                    yield name, getattr(thing, name)


def _is_its_own(part):
    own = type(part).__module__.removeprefix("simulator.")
    holders = {"upkeep", "gauges", "supply", "setup", "quality", "stopping"}
    return isinstance(part, (list, tuple, dict)) or own in holders


def luck(engine):
    """The next draws of every stream of every machine, by its path and the way to the stream."""
    return {
        (machine.path, *way): [draw() for _ in range(MORE_THAN_A_BLOCK)]
        for machine in engine.machines
        for way, draw in streams(machine)
    }


def engine_of(plant):
    return Engine(plant, plant.lines, 5, MONDAY_US)


def changed(plant, **fields):
    """``plant`` with one station of its first line changed."""
    line = plant.lines[0]
    stations = [msgspec.structs.replace(one, **fields) if one.id == "aoi" else one for one in line.stations]
    first = msgspec.structs.replace(line, stations=tuple(stations))
    return msgspec.structs.replace(plant, lines=(first, *plant.lines[1:]))


CHANGES = {
    "slower": {"cycle_s": 19.0},
    "another spread": {"spread": Exponential(1.0)},
    "scrap": {"scrap": 0.3},
    "one failure more": {
        "failures": (
            StopMode("fire", words("f"), Exponential(9), Constant(3)),
            StopMode("flood", words("f"), Exponential(9), Constant(3)),
        )
    },
    "maintenance": {"maintenance": (Maintenance("pm", words("p"), 8, Uniform(5, 20)),)},
    "wear": {"wear": (Wear("tool", words("t"), 9, Uniform(5, 20), 0.1, 2.0),)},
    "an absence": {"absences": (Absence(Exponential(60), Exponential(2)),)},
    "warm-up": {"warm_up": WarmUp(10, Uniform(1, 2))},
    "material": {"materials": (Material("tape", words("t"), "T", 1, 50, 5, Uniform(1, 2), Uniform(5, 9), 0.5),)},
    "a value": {"values": (Value("width", words("w"), "mm", 1.0, 0.1, every_parts=1),)},
    "a defect": {"defects": (Defect("scratch", words("s"), 0.1),)},
    "another inspection": {"inspects": Inspection({"*": 0.5}, 0.1, Uniform(5, 9)), "rework": None},
}


@pytest.fixture(scope="module")
def smt():
    return load_plant("smt")


@pytest.mark.parametrize("change", CHANGES)
def test_changing_one_machine_leaves_the_draws_of_all_others(smt, change):
    before, after = luck(engine_of(smt)), luck(engine_of(changed(smt, **CHANGES[change])))
    others = {way for way in before if not way[0].endswith("/aoi")}
    assert {way for way in after if not way[0].endswith("/aoi")} == others
    assert len(others) > 20
    assert all(before[way] == after[way] for way in others)


def test_its_own_other_draws_stay_too(smt):
    """Scrap, a defect or a value more at a machine: its cycles, stops and repairs are the same."""
    before = luck(engine_of(smt))
    for change in ("scrap", "a defect", "a value", "material"):
        after = luck(engine_of(changed(smt, **CHANGES[change])))
        assert all(after[way] == draws for way, draws in before.items())


def test_a_changeover_more_leaves_the_others_draws():
    """They are named by their families, not by their places in the file."""
    phone = load_plant("phone")
    line = next(line for line in phone.lines if line.changeovers)
    entry = line.changeovers[0]
    other = next(one.id for one in line.stations if all(one.id not in each.stations for each in line.changeovers))
    more = Changeover((other,), Constant(1))
    longer = msgspec.structs.replace(line, changeovers=(more, *line.changeovers))
    crews = phone.crews
    before = luck(engine_of(plant_with(line, crews=crews)))
    after = luck(engine_of(plant_with(longer, crews=crews)))
    kept = {way for way in before if "_entries" in way and way[0].rsplit("/", 1)[1] in entry.stations}
    assert kept
    assert all(after[way] == before[way] for way in before)


def test_a_line_more_leaves_the_others_run(smt):
    """A neighbour that shares nothing changes nothing, not even by its ties at one instant."""
    other = msgspec.structs.replace(smt.lines[0], id="smt-0", orders=())
    both = msgspec.structs.replace(smt, lines=(other, smt.lines[0]))
    alone = Factory(smt, 4, MONDAY_US).run_until(MONDAY_US + HOUR_US)
    together = Factory(both, 4, MONDAY_US).run_until(MONDAY_US + HOUR_US)
    assert [emission for emission in together if "/smt-1" in emission.path] == alone


def test_draws_are_those_of_the_named_stream(smt):
    """Of seed, line, machine and purpose, and of nothing else: anybody can draw them again."""
    machine = engine_of(smt).machines[6]
    quality = machine.quality
    names = {"scrap": quality._scrap, "false_call": quality._false_call, "detect": quality._detect}
    for purpose, draw in names.items():
        again = Shares(generator(5, "smt-1", "aoi", purpose))
        assert [draw() for _ in range(1000)] == [again() for _ in range(1000)]


def test_what_a_machine_makes_of_its_units_does_not_depend_on_what_others_do(smt):
    """The n-th unit at the printer has the same fate, however slow the oven behind it is."""

    def scrapped(plant):
        said = Factory(plant, 8, MONDAY_US).run_until(MONDAY_US + 6 * HOUR_US)
        return [event.result for event in of_kind(said, UnitProcessed, "spi")]

    plain, slow = scrapped(smt), scrapped(changed(smt, cycle_s=40.0))
    shared = min(len(plain), len(slow))
    assert shared > 300
    assert plain[:shared] == slow[:shared]
