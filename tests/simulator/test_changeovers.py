"""From one product family to another: where, when, how long, and what the machines say meanwhile."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_plants import HOUR_US, MONDAY_US, SECOND_US, factory_of, of_kind, station, words

from contract.events import PartsCounted, StateChanged, UnitProcessed
from contract.states import Category
from contract.truth import TruthInterval, TruthOutput
from simulator.engine import Factory
from simulator.plant import Changeover, Demand, Order, Product
from simulator.plant_file import load_plant
from simulator.sampling import Constant, Uniform
from simulator.station_spec import Batch, Conveyor, Defect, Inspection, Rework

PRODUCTS = (
    Product("red", words("red"), "warm"),
    Product("pink", words("pink"), "warm", cycle_s={"m1": 5.0}),
    Product("blue", words("blue")),
    Product("green", words("green")),
)
MINUTE = Constant(1)


def orders(*made):
    return tuple(Order(f"WO-{number}", product, quantity) for number, (product, quantity) in enumerate(made, 1))


def run_of(*stations, made, changeovers=(), seconds=600):
    factory = factory_of(*stations, products=PRODUCTS, orders=orders(*made), changeovers=changeovers)
    return factory, factory.run_until(MONDAY_US + seconds * SECOND_US)


def states(said, machine):
    return [
        ((event.ts - MONDAY_US) / SECOND_US, str(event.state), event.reason)
        for event in of_kind(said, StateChanged, machine)
    ]


def stops_to_set_up(said, machine):
    found = states(said, machine)
    return [(at, after[0]) for (at, state, reason), after in pairwise(found) if (state, reason) == SETTING_UP]


SETTING_UP = ("Resetting", "changeover")


def test_it_travels_along_the_line_with_the_first_unit_of_the_other_family():
    chain = [station("m0", 10), station("m1", 10, buffer=3), station("m2", 10, buffer=3)]
    set_up = (Changeover(("m0",), MINUTE), Changeover(("m2",), Constant(0.5)))
    _, said = run_of(*chain, made=[("red", 3), ("blue", 9)], changeovers=set_up)
    assert stops_to_set_up(said, "m0") == [(30, 90)]
    assert stops_to_set_up(said, "m1") == []
    assert stops_to_set_up(said, "m2") == [(110, 140)]
    blue = [
        (event.ts - MONDAY_US) / SECOND_US for event in of_kind(said, UnitProcessed, "m2") if event.product == "blue"
    ]
    assert blue[:3] == [150, 160, 170]


def test_within_a_family_nothing_is_set_up():
    _, said = run_of(
        station("m0", 10), made=[("red", 3), ("pink", 3), ("red", 5)], changeovers=(Changeover(("m0",), MINUTE),)
    )
    assert stops_to_set_up(said, "m0") == []
    assert len(of_kind(said, UnitProcessed, "m0")) == 11


def test_the_first_entry_that_fits_is_taken_and_one_without_a_length_stops_nothing():
    entries = (
        Changeover(("m0",), Constant(2), "warm", "blue"),
        Changeover(("m0",), None, "blue", "green"),
        Changeover(("m0",), Constant(3), "*", "warm"),
        Changeover(("m0",), Constant(5)),
    )
    made = [("red", 1), ("blue", 1), ("green", 1), ("blue", 1), ("pink", 1), ("green", 1)]
    _, said = run_of(station("m0", 10), made=made, changeovers=entries, seconds=1200)
    lengths = [end - at for at, end in stops_to_set_up(said, "m0")]
    assert lengths == [120, 300, 180, 300]  # to blue; green to blue; blue to warm; warm to green


def test_the_first_article_is_checked_after_it_and_all_of_it_is_setup_time():
    entry = Changeover(("m0",), MINUTE, first_article_min=Constant(2))
    factory, said = run_of(station("m0", 10), made=[("red", 2), ("blue", 90)], changeovers=(entry,))
    assert states(said, "m0") == [
        (0, "Execute", ""), (20, *SETTING_UP), (80, "Resetting", "first_article"), (200, "Execute", ""),
    ]  # fmt: skip
    spans = [r for r in factory.truth_records() if isinstance(r, TruthInterval)]
    setup = [(record.end - record.start) // SECOND_US for record in spans if record.category is Category.SETUP]
    assert setup == [60, 120]


def test_a_conveyor_runs_empty_first():
    oven = station("oven", 5, conveyor=Conveyor(60, 20), buffer=2)
    _, said = run_of(
        station("m0", 10), oven, made=[("red", 4), ("blue", 90)], changeovers=(Changeover(("oven",), MINUTE),)
    )
    left = [(event.ts - MONDAY_US) / SECOND_US for event in of_kind(said, UnitProcessed, "oven")]
    assert left[:4] == [70, 80, 90, 100]
    assert stops_to_set_up(said, "oven") == [(100, 160)]
    assert left[4] == 220


def test_all_servers_are_done_first():
    pair = station("pair", 30, servers=2, buffer=4)
    _, said = run_of(
        station("m0", 10), pair, made=[("red", 2), ("blue", 90)], changeovers=(Changeover(("pair",), MINUTE),)
    )
    assert stops_to_set_up(said, "pair") == [(50, 110)]  # begun at 10 and 20, and a unit waits from 30 on


def test_servers_that_are_empty_but_blocked_are_set_up_meanwhile():
    """Of two servers one stands, from 18 on, with a unit that finds no room: the machine is empty all the same."""
    pair, slow = station("pair", 10, servers=2, buffer=4), station("slow", 300)
    made = [("red", 2), ("blue", 90)]
    _, said = run_of(station("m0", 4), pair, slow, made=made, changeovers=(Changeover(("pair",), MINUTE),))
    assert stops_to_set_up(said, "pair")[0] == (18, 78)


def test_counts_speak_of_the_product_that_was_made():
    factory, said = run_of(station("m0", 10), station("m1", 10, buffer=2), made=[("red", 3), ("pink", 4), ("blue", 2)])
    for machine, ideals in (("m0", {10_000_000}), ("m1", {10_000_000, 5_000_000})):
        counts = of_kind(said, PartsCounted, machine)
        assert [(event.order, event.product) for event in counts] == (
            [("WO-1", "red")] * 3 + [("WO-2", "pink")] * 4 + [("WO-3", "blue")] * 2
        )
        assert {event.ideal_us for event in counts} == ideals
        assert all((event.ideal_us == 5_000_000) == (event.product == "pink") for event in counts if machine == "m1")
    units = of_kind(said, UnitProcessed, "m1")
    took = {(event.product, (event.ts - event.began) // SECOND_US) for event in units}
    assert took == {("red", 10), ("pink", 5), ("blue", 10)}
    outputs = [r for r in factory.truth_records() if isinstance(r, TruthOutput) and r.machine.endswith("/m1")]
    assert sum(record.ideal_us for record in outputs) == (3 + 2) * 10_000_000 + 4 * 5_000_000


def test_a_unit_that_comes_back_from_rework_is_set_up_for_too():
    """Red units come back to a machine that makes blue ones by now: no unit is worked on with the wrong setup."""
    check = station("check", 3, inspects=Inspection({"*": 1.0}), rework=Rework("bench", 1), buffer=5)
    chain = [station("m0", 3), station("m1", 3, buffer=3, defects=(Defect("d", words("d"), 0.5),)), check]
    bench = station("bench", 50, buffer=5, returns_to="m1", repairs=1.0)
    entries = (Changeover(("m1",), Constant(0.1)),)
    _, said = run_of(*chain, bench, made=[("red", 6), ("blue", 6), ("green", 6)], changeovers=entries, seconds=3000)
    check_setups(said, "m1")
    assert any(event.attempt == 2 for event in of_kind(said, UnitProcessed, "m1"))


def check_setups(said, machine):
    """Between two units of other families the machine was set up; between two of one it was not."""
    family = {product.id: product.family_id for product in PRODUCTS}
    ends = [end for _, end in stops_to_set_up(said, machine)]
    units = sorted(of_kind(said, UnitProcessed, machine), key=lambda event: event.began)
    number = 0
    for one, other in pairwise(units):
        begin, end = ((each.began - MONDAY_US) / SECOND_US for each in (one, other))
        between = sum(begin < at <= end for at in ends)
        assert between == (family[one.product] != family[other.product]), (one, other)
        number += between
    return number


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10**6),
    kind=st.sampled_from([{}, {"servers": 3}, {"conveyor": Conveyor(40, 8)}]),
    quantity=st.integers(2, 15),
    buffers=st.lists(st.sampled_from([None, 0, 2]), min_size=2, max_size=2),
)
def test_no_unit_is_made_with_the_wrong_setup(seed, kind, quantity, buffers):
    spread = {} if "conveyor" in kind else {"spread": Uniform(0.5, 1.5)}
    chain = [
        station("m0", 5, Uniform(0.5, 1.5)),
        station("m1", 8, buffer=buffers[0], **spread, **kind),
        station("m2", 6, Uniform(0.5, 1.5), buffer=buffers[1]),
    ]
    entries = (Changeover(("m1", "m2"), Uniform(0.2, 1), first_article_min=Constant(0.1)),)
    demand = Demand({"red": 1, "pink": 1, "blue": 1, "green": 1}, Uniform(1, quantity))
    factory = factory_of(*chain, products=PRODUCTS, orders=(), demand=demand, changeovers=entries, seed=seed)
    said = factory.run_until(MONDAY_US + HOUR_US)
    assert all(check_setups(said, name) > 3 for name in ("m1", "m2"))


def test_a_source_that_works_in_batches_finishes_one_family_first():
    """It does not set up for the next order while units of the last one wait to be loaded."""
    furnace = station("furnace", 20, batch=Batch(4, 30))
    made = [("red", 6), ("blue", 4)]
    _, said = run_of(furnace, made=made, changeovers=(Changeover(("furnace",), MINUTE),))
    assert states(said, "furnace")[:4] == [
        (0, "Execute", ""), (40, *SETTING_UP), (100, "Execute", ""), (120, "Idle", "no_order"),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_draws_of_a_changeover_are_those_of_its_families(seed):
    """The n-th setup from red to blue takes as long whatever happens in between."""

    def lengths(made):
        entries = (Changeover(("m0",), Uniform(1, 2), "warm", "blue"), Changeover(("m0",), Uniform(3, 4)))
        factory = factory_of(station("m0", 10), products=PRODUCTS, orders=orders(*made), changeovers=entries, seed=seed)
        setups = stops_to_set_up(factory.run_until(MONDAY_US + 2 * HOUR_US), "m0")
        return [round(end - at, 6) for at, end in setups if end - at <= 120]

    rare, often = (
        lengths([("red", 1), ("blue", 1)] * 3),
        lengths([("red", 1), ("green", 1), ("red", 1), ("blue", 1)] * 3),
    )
    assert len(rare) == 3
    assert rare == often


def test_one_is_seen_while_it_goes_on_and_long_enough_before():
    """Whoever wants half an hour of undisturbed running is not promised one in which a machine is set up."""
    half_an_hour_us = HOUR_US // 2
    plant = load_plant("phone")
    factory = Factory(plant, 3, plant.default_start_us, keep_truth=False)
    line = plant.address(plant.lines[0]).path
    setting_up, promised_us, seen = set(), 0, set()
    while factory.now_us < factory.start_us + 10 * HOUR_US:
        for path, event in factory.run_until(factory.now_us + HOUR_US // 60):
            if isinstance(event, StateChanged) and path.startswith(f"{line}/"):
                if (str(event.state), event.reason) == SETTING_UP:
                    assert event.ts >= promised_us
                    setting_up.add(path)
                else:
                    setting_up.discard(path)
        is_changing = factory.is_changing_over(line, half_an_hour_us)
        seen.add((bool(setting_up), is_changing))
        if not is_changing:
            assert not setting_up
            promised_us = max(promised_us, factory.now_us + half_an_hour_us)
    assert seen == {(False, False), (False, True), (True, True)}
