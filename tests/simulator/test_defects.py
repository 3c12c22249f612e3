"""Defects made, found, missed, repaired and passed on: as often as the plant file says, and only where it says."""

import math
from collections import Counter
from itertools import pairwise

import pytest
from inside import units_inside
from small_plants import HOUR_US, MONDAY_US, SECOND_US, factory_of, of_kind, station, words

from contract.events import MachineDescribed, StateChanged, UnitProcessed
from simulator.plant import Order
from simulator.sampling import Constant, Uniform
from simulator.station_spec import Defect, Inspection, Rework, Wear

HOURS = 3


def defect(code, rate):
    return Defect(code, words(code), rate)


def run_of(*stations, hours=HOURS, **more):
    factory = factory_of(*stations, **more)
    said = factory.run_until(MONDAY_US + hours * HOUR_US)
    return factory, {one.id: of_kind(said, UnitProcessed, one.id) for one in stations}


def assert_share(hits, tries, probability):
    """Within 4 standard deviations of the binomial."""
    sd = math.sqrt(tries * probability * (1 - probability))
    assert hits == pytest.approx(tries * probability, abs=4 * sd + 1e-9), (hits, tries, probability)


def test_a_machine_without_inspection_scraps_as_often_as_it_should_and_says_no_defects():
    _, units = run_of(station("m", 1, scrap=0.03))
    made = units["m"]
    assert_share(sum(unit.result == "scrap" for unit in made), len(made), 0.03)
    assert {unit.result for unit in made} == {"pass", "scrap"}
    assert not any(unit.defects for unit in made)


def test_defects_are_seen_by_nobody_before_an_inspection_and_as_often_as_they_are_made():
    maker = station("maker", 1, defects=(defect("a", 0.1), defect("b", 0.05)))
    check = station("check", 1, buffer=5, inspects=Inspection({"*": 1.0}))
    _, units = run_of(maker, station("between", 1, buffer=2), check)
    assert {unit.result for unit in units["maker"] + units["between"]} == {"pass"}
    assert not any(unit.defects for unit in units["maker"])
    found = Counter(code for unit in units["check"] for code in unit.defects)
    total = len(units["check"])
    assert_share(found["a"], total, 0.1)
    assert_share(found["b"], total, 0.05)
    assert all((unit.result == "scrap") == bool(unit.defects) for unit in units["check"])


def test_what_an_inspection_finds_and_misses():
    """What escapes the first is found by the second; a code that is not named is not seen, unless ``*`` is there."""
    maker = station("maker", 1, defects=(defect("a", 0.2), defect("b", 0.2), defect("c", 0.2)))
    first = station("first", 1, buffer=5, inspects=Inspection({"a": 0.7, "b": 0.4}))
    second = station("second", 1, buffer=5, inspects=Inspection({"*": 1.0}))
    _, units = run_of(maker, first, second)
    seen, escaped = (Counter(code for unit in units[name] for code in unit.defects) for name in ("first", "second"))
    total = len(units["first"])
    assert_share(seen["a"], total, 0.2 * 0.7)
    assert_share(seen["b"], total, 0.2 * 0.4)
    assert seen["c"] == 0
    assert_share(escaped["a"], total, 0.2 * 0.3)
    assert_share(escaped["b"], total, 0.2 * 0.6)
    assert_share(escaped["c"], total, 0.2)


def test_false_calls_are_of_good_units_pass_after_a_review_and_stop_the_machine_for_it():
    maker = station("maker", 2, defects=(defect("a", 0.2),))
    check = station("check", 1, buffer=5, inspects=Inspection({"*": 1.0}, 0.05, Constant(10)))
    factory = factory_of(maker, check)
    said = factory.run_until(MONDAY_US + HOURS * HOUR_US)
    units = of_kind(said, UnitProcessed, "check")
    good = [unit for unit in units if not unit.defects]
    called = [unit for unit in good if unit.false_call]
    assert_share(len(called), len(good), 0.05)
    assert {unit.result for unit in called} == {"pass"}
    assert not any(unit.false_call for unit in units if unit.defects)
    states = of_kind(said, StateChanged, "check")
    reviews = [event for event in states if event.reason == "false_call_review"]
    assert {str(event.state) for event in reviews} == {"Held"}
    assert [event.ts for event in reviews] == [unit.ts for unit in called if unit.ts < factory.now_us][: len(reviews)]
    ends = [after.ts - one.ts for one, after in pairwise(states) if one.reason == "false_call_review"]
    assert set(ends) == {10 * SECOND_US}
    [info] = of_kind(said, MachineDescribed, "check")
    assert set(info.reasons) == {"false_call_review"}
    assert set(info.defects) == {"a"}


def test_a_false_call_is_not_scrapped_by_the_same_look():
    """The person has let it pass: a unit is never both."""
    check = station("check", 1, buffer=5, scrap=0.2, inspects=Inspection({"*": 1.0}, 0.3, Constant(1)))
    _, units = run_of(station("m", 1), check)
    assert not [unit for unit in units["check"] if unit.false_call and unit.result != "pass"]
    assert_share(sum(unit.false_call for unit in units["check"]), len(units["check"]), 0.3)


def loop(retries, repairs, rate=0.3, finds=1.0, **bench):
    """feed → maker → check, which sends to a bench that returns to maker's neighbour."""
    maker = station("maker", 2, defects=(defect("a", rate),))
    touch = station("touch", 1, buffer=3)
    check = station("check", 1, buffer=3, inspects=Inspection({"*": finds}), rework=Rework("bench", retries))
    return maker, touch, check, station("bench", 2, buffer=2, returns_to="touch", repairs=repairs, **bench)


@pytest.mark.parametrize("retries", [0, 1, 2, 3])
def test_a_unit_is_repaired_at_most_so_often_and_each_attempt_succeeds_as_often_as_it_should(retries):
    repairs = 0.6
    _, units = run_of(*loop(retries, repairs), hours=6)
    looks = {}
    for unit in units["check"]:
        looks.setdefault(unit.unit, []).append(unit)
    first = [seen[0] for seen in looks.values()]
    assert {unit.attempt for unit in first} == {1}
    assert_share(sum(bool(unit.defects) for unit in first), len(first), 0.3)
    for attempt in range(2, retries + 2):
        again = [unit for unit in units["check"] if unit.attempt == attempt]
        assert_share(sum(not unit.defects for unit in again), len(again), repairs)
    for seen in looks.values():
        assert [unit.attempt for unit in seen] == list(range(1, len(seen) + 1))
        assert len(seen) <= retries + 1
        assert all(unit.result == "rework" for unit in seen[:-1])
        last = seen[-1]
        if last.defects:
            assert last.result == ("scrap" if last.attempt == retries + 1 else "rework")
    assert max(unit.attempt for unit in units["check"]) == retries + 1
    at_bench = Counter(unit.unit for unit in units["bench"])
    assert all(count <= retries for count in at_bench.values())


@pytest.mark.parametrize("repairs", [0.0, 0.5])
def test_a_loop_around_another_keeps_its_own_limit(repairs):
    """What the last test rejects comes back before the first one and passes it each time: that is no new beginning."""
    maker = station("maker", 4, defects=(defect("a", 0.3), defect("b", 0.3)))
    first = station("first", 1, buffer=3, inspects=Inspection({"a": 1.0}), rework=Rework("bench", 2))
    last = station("last", 1, buffer=3, inspects=Inspection({"b": 1.0}), rework=Rework("bench", 3))
    bench = station("bench", 2, buffer=2, returns_to="first", repairs=repairs)
    _, units = run_of(maker, first, last, bench, hours=6)
    for name, code, retries in (("first", "a", 2), ("last", "b", 3)):
        visits = {}
        for unit in units[name]:
            visits.setdefault(unit.unit, []).append(unit)
        rejected = [[unit for unit in seen if unit.defects] for seen in visits.values()]
        assert max(len(seen) for seen in rejected) == retries + 1
        assert all([unit.attempt for unit in seen] == list(range(1, len(seen) + 1)) for seen in visits.values())
        assert all(seen[-1].result == "scrap" for seen in rejected if len(seen) > retries)
        assert {code for seen in rejected for unit in seen for code in unit.defects} == {code}
        firsts = [seen[0] for seen in visits.values()]
        assert_share(sum(bool(unit.defects) for unit in firsts), len(firsts), chance_at_first_sight(name, repairs))


def chance_at_first_sight(name, repairs):
    """Of b at the last test: of those that the first lets through at once (7 in 10), or after the bench."""
    if name == "first" or repairs == 0:
        return 0.3 if name == "first" else 0.3 / 0.7
    through = 0.3 * (1 - (1 - repairs) ** 2)  # a was repaired in one of two tries
    return 0.3 / (0.7 + through)


def test_units_that_come_back_go_first_and_the_loop_never_locks_up():
    """Every unit fails until it is given up; everything but the way back is as narrow as can be."""
    maker = station("maker", 1, defects=(defect("a", 1.0),))
    touch = station("touch", 3, buffer=0)
    check = station("check", 1, buffer=0, inspects=Inspection({"*": 1.0}), rework=Rework("bench", 5))
    bench = station("bench", 2, buffer=0, returns_to="touch", repairs=0.0)
    factory, units = run_of(maker, touch, check, bench)
    scrapped = [unit for unit in units["check"] if unit.result == "scrap"]
    assert len(scrapped) > HOURS * 3600 / 3 / 6 * 0.8
    assert units["check"][-1].ts > factory.now_us - 60 * SECOND_US
    began = sorted((unit.began, unit.attempt) for unit in units["touch"])
    waiting = [unit.attempt for unit in units_inside(factory.engines[0]) if unit.attempt > 1]
    assert began
    assert len(waiting) < 5


def test_a_bench_of_its_own_defects_passes_them_on():
    """What the repair itself spoils is not repaired by the same work."""
    maker, touch, check, bench = loop(1, 1.0, rate=0.5, defects=(defect("burn", 0.25),))
    _, units = run_of(maker, touch, check, bench, hours=6)
    again = [unit for unit in units["check"] if unit.attempt == 2]
    assert_share(sum("burn" in unit.defects for unit in again), len(again), 0.25)
    assert not [unit for unit in again if "a" in unit.defects]


def test_a_cut_gives_each_defect_to_one_piece_alike():
    maker = station("maker", 4, defects=(defect("a", 0.4),))
    cut = station("cut", 4, splits=4, buffer=3)
    check = station("check", 0.5, buffer=40, inspects=Inspection({"*": 1.0}))
    _, units = run_of(maker, cut, check, hours=6)
    panels = {}
    for unit in units["check"]:
        panels.setdefault(unit.unit.rsplit(".", 1)[0], []).append(unit)
    whole = [pieces for pieces in panels.values() if len(pieces) == 4]
    bad = [piece for pieces in whole for piece in pieces if piece.defects]
    assert_share(len(bad), len(whole), 0.4)
    assert all(sum(bool(piece.defects) for piece in pieces) <= 1 for pieces in whole)
    for number in range(1, 5):
        assert_share(sum(piece.unit.endswith(f".{number}") for piece in bad), len(bad), 0.25)
    first = units["cut"][:4]
    assert [unit.unit for unit in first] == [f"WO-1-00001.{number}" for number in range(1, 5)]
    assert {unit.parents for unit in first} == {("WO-1-00001",)}


def test_a_join_carries_its_components_defects_and_names_them():
    parts = station("parts", 2, defects=(defect("p", 0.1),), downstream="join")
    main = station("main", 4, defects=(defect("m", 0.2),))
    join = station("join", 4, buffer=4, assembles={"main": 1, "parts": 2})
    check = station("check", 1, buffer=4, inspects=Inspection({"*": 1.0}))
    _, units = run_of(parts, main, join, check, hours=6)
    total = len(units["check"])
    found = Counter(code for unit in units["check"] for code in unit.defects)
    assert_share(found["m"], total, 0.2)
    assert found["p"] == pytest.approx(total * 0.2, abs=4 * math.sqrt(total * 2 * 0.09))
    assert {len(unit.parents) for unit in units["join"]} == {2}
    built_in = [serial for unit in units["join"] for serial in unit.parents]
    assert len(built_in) == len(set(built_in))
    assert set(built_in) <= {unit.unit for unit in units["parts"]}
    assert [unit.unit for unit in units["join"]] == [unit.unit for unit in units["main"]][: len(units["join"])]


def test_a_scrapped_component_is_not_counted_in_the_order():
    parts = station("parts", 2, scrap=0.5, downstream="join")
    join = station("join", 4, buffer=1, assembles={"main": 1, "parts": 1})
    factory, units = run_of(parts, station("main", 4), join, orders=(Order("WO-1", "board", 200),))
    [record] = [record for record in factory.truth_records() if hasattr(record, "released")]
    assert (record.released, record.good, record.scrap, record.is_complete) == (200, 200, 0, True)
    assert sum(unit.result == "scrap" for unit in units["parts"]) > 50


def test_a_scrapped_panel_is_as_many_parts_of_the_order():
    maker = station("maker", 4, scrap=0.25)
    cut = station("cut", 4, splits=3, buffer=2, scrap=0.1)
    factory, units = run_of(maker, cut, orders=(Order("WO-1", "board", 1000),))
    [record] = [record for record in factory.truth_records() if hasattr(record, "released")]
    panels = sum(unit.result == "scrap" for unit in units["maker"])
    pieces = sum(unit.result == "scrap" for unit in units["cut"])
    assert (record.released, record.is_complete) == (1002, True)  # 334 panels
    assert record.scrap == 3 * panels + pieces
    assert record.good == sum(unit.result == "pass" for unit in units["cut"])


def test_scrap_rises_evenly_with_wear_and_begins_anew_after_a_service():
    """The k-th part after a service is scrapped with scrap + at_end × (k − 1) / life."""
    life, at_end, base = 10, 0.5, 0.05
    worn = Wear("tool", words("t"), life, Constant(1), scrap_at_end=at_end)
    _, units = run_of(station("m", 1, scrap=base, wear=(worn,)), hours=8)
    cycles = [units["m"][start : start + life] for start in range(0, len(units["m"]) - life, life)]
    assert len(cycles) > 2000
    for place in range(life):
        scrapped = sum(cycle[place].result == "scrap" for cycle in cycles)
        assert_share(scrapped, len(cycles), base + at_end * place / life)


def test_draws_of_quality_do_not_depend_on_time():
    """The n-th unit at a machine is spoilt or not, whenever it comes."""
    results = []
    for spread in (Constant(1), Uniform(0.5, 2)):
        _, units = run_of(station("feed", 1, spread), station("m", 1, scrap=0.2, buffer=None), hours=1)
        results.append([unit.result for unit in units["m"]])
    shared = min(len(found) for found in results)
    assert results[0][:shared] == results[1][:shared]
