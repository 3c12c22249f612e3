"""Batches, joins and cuts: when they begin, how many they take, and when they are done with them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inside import units_inside
from small_plants import HOUR_US, MONDAY_US, SECOND_US, factory_of, of_kind, station, stop, words

from contract.events import MachineDescribed, PartsCounted, StateChanged, UnitProcessed
from simulator.plant import Order, Product
from simulator.sampling import Constant, Exponential, Uniform
from simulator.station_spec import Batch


def run_of(*stations, seconds=600, **more):
    factory = factory_of(*stations, **more)
    return factory, factory.run_until(MONDAY_US + seconds * SECOND_US)


def loads(said, machine="furnace"):
    """(begun, done, how many) of every load."""
    found = {}
    for unit in of_kind(said, UnitProcessed, machine):
        key = tuple((at - MONDAY_US) / SECOND_US for at in (unit.began, unit.ts))
        found[key] = found.get(key, 0) + 1
    return [(*key, number) for key, number in sorted(found.items())]


def states(said, machine):
    return [((e.ts - MONDAY_US) / SECOND_US, str(e.state), e.reason) for e in of_kind(said, StateChanged, machine)]


def test_it_begins_when_it_is_full():
    furnace = station("furnace", 35, batch=Batch(4, 1000))
    _, said = run_of(station("feed", 10), furnace, seconds=200)
    assert loads(said) == [(40, 75, 4), (80, 115, 4), (120, 155, 4), (160, 195, 4)]
    assert states(said, "furnace")[:4] == [
        (0, "Suspended", "starved"), (40, "Execute", ""), (75, "Suspended", "starved"), (80, "Execute", ""),
    ]  # fmt: skip


def test_it_begins_with_fewer_when_the_first_has_waited_long_enough():
    furnace = station("furnace", 7, batch=Batch(4, 15))
    _, said = run_of(station("feed", 10), furnace, seconds=100)
    assert loads(said) == [(25, 32, 2), (45, 52, 2), (65, 72, 2), (85, 92, 2)]


def test_the_first_has_waited_too_while_the_last_batch_was_at_work():
    """The unit of 30 waits behind a batch until 65; by then its 15 seconds are long over."""
    furnace = station("furnace", 40, batch=Batch(6, 15), buffer=6)
    _, said = run_of(station("feed", 10), furnace, seconds=240)
    assert loads(said)[:3] == [(25, 65, 2), (65, 105, 4), (105, 145, 4)]


def test_only_one_product_at_a_time():
    products = (Product("red", words("r")), Product("blue", words("b")))
    orders = (Order("WO-1", "red", 3), Order("WO-2", "blue", 4), Order("WO-3", "red", 4))
    furnace = station("furnace", 5, batch=Batch(4, 200))
    _, said = run_of(station("feed", 10), furnace, products=products, orders=orders)
    assert loads(said) == [(40, 45, 3), (70, 75, 4), (110, 115, 4)]  # the first blue one shows that no red one comes


def test_all_of_a_batch_are_counted_at_its_end_and_its_server_is_free_when_all_have_left():
    furnace, slow = station("furnace", 20, batch=Batch(3, 100)), station("slow", 15)
    _, said = run_of(station("feed", 2), furnace, slow, seconds=170)
    counts = [((e.ts - MONDAY_US) / SECOND_US, e.total) for e in of_kind(said, PartsCounted, "furnace")]
    assert counts[:3] == [(26, 3), (76, 6), (126, 9)]
    assert states(said, "furnace")[1:6] == [
        (6, "Execute", ""), (26, "Suspended", "blocked"), (56, "Execute", ""), (76, "Suspended", "blocked"),
        (106, "Execute", ""),
    ]  # fmt: skip


def test_a_stop_holds_the_whole_batch():
    hot = stop("hot", Constant(0.5), Constant(100))
    _, said = run_of(station("feed", 5), station("furnace", 40, batch=Batch(2, 60), failures=(hot,)), seconds=300)
    assert loads(said)[0] == (10, 150, 2)  # thirty seconds in, a hundred seconds' stop, ten seconds more


def test_its_ideal_time_is_that_of_a_full_batch():
    furnace = station("furnace", 60, batch=Batch(6, 60), servers=2, buffer=12)
    _, said = run_of(station("feed", 1), furnace)
    [info] = of_kind(said, MachineDescribed, "furnace")
    assert info.ideal_us == 5 * SECOND_US
    assert {event.ideal_us for event in of_kind(said, PartsCounted, "furnace")} == {5 * SECOND_US}


def test_what_a_machine_says_of_its_places_is_so():
    """A join has a place for what one part takes, a batch machine for a load, whatever the file says."""
    parts = station("parts", 1, downstream="join")
    join = station("join", 10, assembles={"main": 1, "parts": 3})
    factory, said = run_of(parts, station("main", 1), join, station("furnace", 60, batch=Batch(6, 60)))
    for name in ("join", "furnace"):
        [info] = of_kind(said, MachineDescribed, name)
        most = max(event.buffer_in for event in of_kind(said, PartsCounted, name))
        assert most <= info.buffer_capacity
    assert len(factory.engines[0].machines[2].ports["parts"].inbox) == 3


def test_a_join_waits_for_all_of_its_inputs():
    parts = station("parts", 30, downstream="join")
    join = station("join", 5, buffer=2, assembles={"main": 1, "parts": 2})
    _, said = run_of(parts, station("main", 10), join, seconds=200)
    units = of_kind(said, UnitProcessed, "join")
    assert [(unit.began - MONDAY_US) // SECOND_US for unit in units] == [60, 120, 180]
    assert [unit.parents for unit in units] == [
        (f"WO-1-parts-{number:05d}", f"WO-1-parts-{number + 1:05d}") for number in (1, 3, 5)
    ]
    assert states(said, "main")[-1][1:] == ("Suspended", "blocked")


def test_a_cut_is_done_with_a_panel_when_all_its_pieces_have_left():
    cut = station("cut", 10, splits=3, buffer=1)
    _, said = run_of(station("feed", 5), cut, station("slow", 20), seconds=200)
    made = [((e.ts - MONDAY_US) / SECOND_US, e.unit) for e in of_kind(said, UnitProcessed, "cut")]
    assert made[:6] == [
        (15, "WO-1-00001.1"), (15, "WO-1-00001.2"), (15, "WO-1-00001.3"), (65, "WO-1-00002.1"), (65, "WO-1-00002.2"),
        (65, "WO-1-00002.3"),
    ]  # fmt: skip
    assert states(said, "cut")[:4] == [
        (0, "Suspended", "starved"), (5, "Execute", ""), (15, "Suspended", "blocked"), (55, "Execute", ""),
    ]  # fmt: skip


@settings(max_examples=40)
@given(
    size=st.integers(1, 9),
    wait_s=st.integers(0, 120),
    servers=st.integers(1, 3),
    buffer=st.sampled_from([None, 10_000]),
    pace=st.floats(0.2, 3),
    seed=st.integers(0, 10**6),
)
def test_no_batch_is_too_large_nor_waits_too_long(size, wait_s, servers, buffer, pace, seed):  # noqa: PLR0917
    """Whatever begins with fewer than it holds has a first that has waited, or would have; nobody waits longer idle."""
    furnace = station("furnace", 20, Uniform(0.5, 1.5), batch=Batch(size, wait_s), servers=servers, buffer=buffer)
    feed = station("feed", 20 / size / pace, Exponential(1))
    factory, said = run_of(feed, furnace, seed=seed, seconds=2 * HOUR_US // SECOND_US)
    came = {unit.unit: unit.ts for unit in of_kind(said, UnitProcessed, "feed")}
    groups = {}
    for unit in of_kind(said, UnitProcessed, "furnace"):
        groups.setdefault((unit.began, unit.ts), []).append(unit)
    assert groups
    busy_until = [0] * servers
    for (began, ended), units in sorted(groups.items()):
        if began > factory.now_us - 31 * SECOND_US:
            break  # some that began then are not done yet
        free = min(busy_until)
        busy_until[busy_until.index(free)] = ended
        first = min(came[unit.unit] for unit in units)
        assert len(units) <= size
        patience_us = wait_s * SECOND_US
        if len(units) < size:
            assert began >= first + patience_us or began >= free
        assert began <= max(free, first + patience_us)
    assert len(units_of(factory)) == len(set(units_of(factory)))


def units_of(factory):
    return [unit.serial for unit in units_inside(factory.engines[0])]


@pytest.mark.parametrize("splits", [2, 5])
def test_cut_and_joined_again_nothing_is_left_over(splits):
    """A panel's pieces are built into housings, one each: as many of both."""
    boards = [station("panels", 10), station("cut", 5, splits=splits, buffer=3, downstream="join")]
    join = station("join", 2, buffer=10, assembles={"cut": 1, "housings": 1})
    housings = station("housings", 1, downstream="join")
    factory, said = run_of(housings, *boards, join, orders=(Order("WO-1", "board", 100),), seconds=3000)
    assert len(of_kind(said, UnitProcessed, "join")) == 100
    assert len({unit.parents for unit in of_kind(said, UnitProcessed, "join")}) == 100
    assert factory.engines[0].lines[0].book.open == {}
