"""Orders through a line: begun in turn, told each minute, complete when all is out, interrupted and added to live."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_plants import HOUR_US, MONDAY_US, SECOND_US, factory_of, of_kind, station, words

from contract.errors import PlantError
from contract.events import (
    BookChanged,
    CommandGiven,
    OrderProgressed,
    OrderStarted,
    PartsCounted,
    StateChanged,
    UnitProcessed,
)
from contract.truth import TruthOrder
from simulator.plant import Demand, Order, Product
from simulator.plant_check import check_plant
from simulator.sampling import Constant, Uniform

PRODUCTS = (Product("red", words("red")), Product("blue", words("blue")))
MINUTE_US = 60 * SECOND_US


def order(number, quantity, product="red", **more):
    return Order(f"WO-{number}", product, quantity, **more)


def run_of(*stations, orders, seconds=600, **more):
    factory = factory_of(*stations, products=PRODUCTS, orders=tuple(orders), **more)
    return factory, factory.run_until(MONDAY_US + seconds * SECOND_US)


def at(event):
    return (event.ts - MONDAY_US) / SECOND_US


def test_one_after_the_other_and_the_line_makes_two_at_a_time():
    chain = (station("m0", 10), station("m1", 10, buffer=2), station("m2", 30, buffer=9))
    _, said = run_of(*chain, orders=(order(1, 5), order(2, 3, "blue"), order(3, 50)))
    started = of_kind(said, OrderStarted)
    assert [(at(event), event.order, event.product, event.quantity) for event in started] == [
        (0, "WO-1", "red", 5), (50, "WO-2", "blue", 3), (80, "WO-3", "red", 50),
    ]  # fmt: skip
    complete = [(at(event), event.order) for event in of_kind(said, OrderProgressed) if event.is_complete]
    assert complete == [(170, "WO-1"), (260, "WO-2")]
    serials = [event.unit for event in of_kind(said, UnitProcessed, "m2")]
    assert serials[:9] == [
        *(f"WO-1-{n:05d}" for n in range(1, 6)),
        *(f"WO-2-{n:05d}" for n in range(1, 4)),
        "WO-3-00001",
    ]


def test_progress_is_told_each_minute_while_it_changes_and_at_the_end():
    _, said = run_of(station("m0", 25), orders=(order(1, 6),))
    told = [(at(event), event.released, event.good, event.is_complete) for event in of_kind(said, OrderProgressed)]
    assert told == [(60, 3, 2, False), (120, 5, 4, False), (150, 6, 6, True)]


def test_what_is_told_to_come_is_the_pace_planned():
    """Left × the constraint's ideal time ÷ the target OEE; at the end, when it was."""
    _, said = run_of(station("m0", 10), station("m1", 25, buffer=3), orders=(order(1, 10),), target_oee=0.5)
    [first, *_, last] = of_kind(said, OrderProgressed)
    assert (at(first), first.good) == (60, 1)  # of the minute before
    assert first.finish == first.ts + round(9 * 25 / 0.5) * SECOND_US
    assert last.is_complete
    assert last.finish == last.ts == of_kind(said, UnitProcessed, "m1")[-1].ts
    assert (first.began, last.began) == (MONDAY_US, MONDAY_US)


def test_due_is_counted_from_the_start_of_the_run_or_said():
    said_due = dt.datetime(2026, 1, 5, 9, tzinfo=dt.timezone(dt.timedelta(hours=7)))
    _, said = run_of(station("m0", 10), orders=(order(1, 3, due_h=0.005), order(2, 3, due=said_due), order(3, 90)))
    dues = [event.due for event in of_kind(said, OrderStarted)]
    assert dues == [MONDAY_US + 18 * SECOND_US, MONDAY_US + 3 * HOUR_US, None]
    first = next(event for event in of_kind(said, OrderProgressed) if event.is_complete)
    assert first.finish > first.due, "late"


def test_without_orders_the_source_is_idle_and_the_rest_runs_empty():
    chain = (station("m0", 10), station("m1", 30, buffer=9))
    factory, said = run_of(*chain, orders=(order(1, 3),))
    assert [(at(e), str(e.state), e.reason) for e in of_kind(said, StateChanged, "m0")] == [
        (0, "Execute", ""), (30, "Idle", "no_order"),
    ]  # fmt: skip
    assert [(at(e), e.reason) for e in of_kind(said, StateChanged, "m1")] == [
        (0, "starved"), (10, ""), (100, "no_order"),
    ]  # fmt: skip
    [record] = [record for record in factory.truth_records() if isinstance(record, TruthOrder)]
    assert (record.released, record.good, record.is_complete) == (3, 3, True)


def give(factory, verb, **fields):
    """A command to the line, at once."""
    path = factory.engines[0].lines[0].path
    factory.command(path, CommandGiven(fields["order"], verb, **fields))


def test_an_order_added_to_an_empty_book_wakes_the_line():
    factory, said = run_of(station("m0", 10), station("m1", 10, buffer=2), orders=(), seconds=100)
    assert {event.reason for event in of_kind(said, StateChanged)} == {"no_order"}
    give(factory, "add_order", order="RUSH", product="blue", quantity=2)
    said = factory.run_until(MONDAY_US + 300 * SECOND_US)
    assert [(at(e), e.order) for e in of_kind(said, OrderStarted)] == [(100, "RUSH")]
    assert [(at(e), e.order) for e in of_kind(said, OrderProgressed) if e.is_complete] == [(130, "RUSH")]
    assert [(at(e), e.reason) for e in of_kind(said, StateChanged, "m1")] == [
        (100, "starved"), (110, ""), (130, "no_order"),
    ]  # fmt: skip


def test_an_order_put_first_interrupts_and_what_waits_goes_on_afterwards():
    factory, _ = run_of(station("m0", 10), orders=(order(1, 10), order(2, 5)), seconds=35)
    give(factory, "order", order="RUSH", product="blue", quantity=3)
    said = factory.run_until(MONDAY_US + 400 * SECOND_US)
    assert [(at(e), e.order) for e in of_kind(said, OrderStarted)] == [
        (40, "RUSH"), (70, "WO-1"), (130, "WO-2"),
    ]  # fmt: skip
    assert [event.unit for event in of_kind(said, UnitProcessed)][:5] == [
        "WO-1-00004", "RUSH-00001", "RUSH-00002", "RUSH-00003", "WO-1-00005",
    ]  # fmt: skip
    assert [(at(e), e.order) for e in of_kind(said, OrderProgressed) if e.is_complete] == [
        (70, "RUSH"), (130, "WO-1"), (180, "WO-2"),
    ]  # fmt: skip


@pytest.mark.parametrize("seconds", [85, 95, 100, 115, 165, 205])
def test_an_interruption_when_all_of_the_present_order_is_begun_brings_nothing_back(seconds):
    """The order then has nothing to go on with: it neither waits again nor is it open for ever once complete."""
    factory, _ = run_of(station("m0", 10), station("m1", 50, buffer=9), orders=(order(1, 10),), seconds=seconds)
    give(factory, "order", order="RUSH", product="blue", quantity=3)
    book = factory.engines[0].lines[0].book
    said = factory.run_until(MONDAY_US + 1200 * SECOND_US)
    assert all(entry.order != "WO-1" or seconds < 90 for event in of_kind(said, BookChanged) for entry in event.orders)
    complete = [event.order for event in of_kind(said, OrderProgressed) if event.is_complete]
    assert sorted(complete) == ["RUSH", "WO-1"]
    assert book.open == {}
    assert {m.condition.reason for m in factory.engines[0].machines} == {"no_order"}


def test_the_book_says_what_waits():
    _, said = run_of(station("m0", 10), orders=(order(1, 3), order(2, 3, "blue"), order(3, 3)))
    books = [(at(e), [entry.order for entry in e.orders]) for e in of_kind(said, BookChanged)]
    assert books == [(0, ["WO-1", "WO-2", "WO-3"]), (0, ["WO-2", "WO-3"]), (30, ["WO-3"]), (60, [])]


def test_a_panel_is_as_many_parts_of_its_order_rounded_up():
    cut = station("cut", 10, splits=4, buffer=2)
    factory, said = run_of(station("m0", 10), cut, orders=(order(1, 10), order(2, 4)))
    first, second = [record for record in factory.truth_records() if isinstance(record, TruthOrder)]
    assert (first.released, first.good, second.released, second.good) == (12, 12, 4, 4)
    assert len(of_kind(said, UnitProcessed, "m0")) == 4
    assert [event.total for event in of_kind(said, PartsCounted, "cut")] == [4, 8, 12, 16]


def test_a_source_that_cuts_is_counted_in_pieces_too():
    factory, said = run_of(station("cut", 10, splits=4), orders=(order(1, 10),))
    [record] = [record for record in factory.truth_records() if isinstance(record, TruthOrder)]
    assert (record.released, record.good, record.is_complete) == (12, 12, True)
    assert len(of_kind(said, UnitProcessed)) == 12


def test_two_sources_of_one_flow_share_an_order():
    """Each unit is begun once, whoever begins it."""
    left, right = station("left", 7, downstream="meet"), station("right", 11)
    factory, said = run_of(left, right, station("meet", 3, buffer=2), orders=(order(1, 40), order(2, 40)))
    check_plant(factory.park.plants[0])
    begun = [event.unit for name in ("left", "right") for event in of_kind(said, UnitProcessed, name)]
    assert len(begun) == len(set(begun)) == 80
    assert [record.good for record in factory.truth_records() if isinstance(record, TruthOrder)] == [40, 40]


def test_a_branch_makes_components_for_what_is_open_and_no_more_than_its_places_hold():
    parts = station("parts", 5, downstream="join")
    join = station("join", 20, buffer=2, assembles={"main": 1, "parts": 2})
    factory, said = run_of(parts, station("main", 10), join, orders=(order(1, 4), order(2, 3, "blue")), seconds=1000)
    units = of_kind(said, UnitProcessed, "parts")
    assert len(units) == 7 * 2 + 2 + 1  # what went in, its places, and one that finds no room
    assert len({event.unit for event in units}) == len(units)
    assert all(event.unit.startswith(f"{event.order}-parts-") for event in units)
    assert [record.good for record in factory.truth_records() if isinstance(record, TruthOrder)] == [4, 3]


@settings(max_examples=25)
@given(
    orders=st.lists(st.tuples(st.sampled_from(["red", "blue"]), st.integers(1, 40)), max_size=6),
    rushes=st.lists(st.tuples(st.integers(0, 2000), st.booleans(), st.integers(1, 20)), max_size=5),
    demand=st.booleans(),
    scrap=st.sampled_from([0, 0.2]),
    seed=st.integers(0, 10**6),
)
def test_whatever_is_ordered_is_made_once_and_told_to_its_end(orders, rushes, demand, scrap, seed):
    chain = (station("m0", 6, Uniform(0.5, 1.5)), station("m1", 5, Uniform(0.5, 2), buffer=3, scrap=scrap))
    made_up = Demand({"red": 2, "blue": 1}, Constant(9), prefix="D-") if demand else None
    given_ = [order(number, quantity, product) for number, (product, quantity) in enumerate(orders)]
    factory = factory_of(*chain, products=PRODUCTS, orders=tuple(given_), demand=made_up, seed=seed)
    said = []
    for number, (second, first, quantity) in enumerate(sorted(rushes)):
        said += factory.run_until(MONDAY_US + second * SECOND_US)
        give(factory, "order" if first else "add_order", order=f"R-{number}", product="blue", quantity=quantity)
    said += factory.run_until(MONDAY_US + 2 * HOUR_US)
    wanted = {one.id: one.quantity for one in given_} | {f"R-{n}": rush[2] for n, rush in enumerate(sorted(rushes))}
    complete = {event.order: event for event in of_kind(said, OrderProgressed) if event.is_complete}
    for name, quantity in wanted.items():
        assert name in complete, "two hours are enough for all of them"
        done = complete[name]
        assert (done.released, done.good + done.scrap) == (quantity, quantity)
        serials = [event.unit for event in of_kind(said, UnitProcessed, "m0") if event.order == name]
        assert serials == [f"{name}-{number:05d}" for number in range(1, quantity + 1)]
    for one, other in pairwise(of_kind(said, OrderStarted)):
        assert one.order != other.order
    assert demand or {m.condition.reason for m in factory.engines[0].machines} == {"no_order"}
    truth = {r.order: r for r in factory.truth_records() if isinstance(r, TruthOrder)}
    last = {event.order: event for event in of_kind(said, OrderProgressed) if event.is_complete}
    assert all((truth[name].good, truth[name].scrap) == (event.good, event.scrap) for name, event in last.items())


def test_two_sources_of_which_one_cuts_are_refused():
    """One begun at each would be another number of the order's parts."""
    left, right = station("left", 7, downstream="meet", splits=4), station("right", 11)
    factory, _ = run_of(left, right, station("meet", 3, buffer=2), orders=(order(1, 40),))
    with pytest.raises(PlantError, match="become 1 and 4"):
        check_plant(factory.park.plants[0])
