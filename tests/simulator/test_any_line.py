"""Plants nobody would build: whatever their features, no unit is lost or doubled, time is tiled, no line locks up.

The plants come from ``any_plant``; each passes the check of a plant file first.
"""

from collections import Counter
from itertools import pairwise

import pytest
from any_plant import plants
from hypothesis import given, settings
from hypothesis import strategies as st
from inside import units_inside
from small_plants import HOUR_US, MONDAY_US, SECOND_US

from contract.events import HeartBeaten, OrderProgressed, PartsCounted, StateChanged, UnitProcessed
from contract.truth import TruthEnergy, TruthInterval
from simulator.engine import Factory
from simulator.loads import Join, Split
from simulator.plant_check import check_plant
from simulator.plant_file import load_plant, plant_names

HALF_HOUR_US = HOUR_US // 2


@settings(max_examples=45)
@given(plants(most_lines=2), st.integers(0, 10**6))
def test_any_plant_loses_nothing_and_goes_on(plant, seed):
    check_plant(plant)
    run_and_check(plant, seed, HALF_HOUR_US)


@pytest.mark.parametrize("name", plant_names())
def test_no_shipped_plant_loses_anything(name):
    run_and_check(load_plant(name), 2, HOUR_US)


def run_and_check(plant, seed, slice_us):
    """Five slices; in the last three every line must have got something done."""
    factory, said, ended = Factory(plant, seed, MONDAY_US), [], []
    for _ in range(5):
        said += factory.run_until(factory.now_us + slice_us)
        ended.append({line.path: ended_parts(line) for engine in factory.engines for line in engine.lines})
        for engine in factory.engines:
            for line in engine.lines:
                check_orders_and_units(engine, line)
                check_buffers(line)
                check_reasons(line)
    by_path, truth = by_sender(factory, said)
    for engine in factory.engines:
        for line in engine.lines:
            assert ended[-1][line.path] > ended[1][line.path], f"{line.path} has locked up"
            check_orders_told(by_path[line.path])
            check_fates(engine, line, by_path)
        for machine in engine.machines:
            check_sequence(by_path[machine.path])
            check_states(by_path[machine.path], truth[machine.path], factory.now_us)
            check_counts(machine, by_path[machine.path])
            check_energy(machine, by_path[machine.path], truth[machine.path])


def by_sender(factory, said):
    """Path → what it said, in the order of time; machine's path → its intervals and energy by the truth."""
    assert [emission.event.ts for emission in said] == sorted(emission.event.ts for emission in said)
    by_path = {path: [] for path in factory.paths}
    for path, event in said:
        by_path.setdefault(path, []).append(event)
    truth = {path: [] for path in factory.paths}
    for record in factory.truth_records():
        if isinstance(record, (TruthInterval, TruthEnergy)):
            truth[record.machine].append(record)
    return by_path, truth


def ended_parts(line):
    return sum(machine.scrap + (machine.good if machine.ahead is None else 0) for machine in line.machines)


def check_orders_and_units(engine, line):
    """What was released of each order and is not out is inside: as much, and each unit once."""
    inside = list(units_inside(engine, line))
    serials = Counter(unit.serial for unit in inside)
    assert set(serials.values()) <= {1}
    held = Counter()
    for unit in inside:
        held[unit.order.id] += unit.share
    for order in line.book.open.values():
        assert order.released - order.good - order.scrap == held.pop(order.id, 0)
        assert not order.is_complete
    assert not +held


def check_buffers(line):
    """No more than its places, except for what comes back from rework."""
    returned_to = {machine.spec.returns_to for machine in line.machines}
    for machine in line.machines:
        assert machine.busy >= 0
        if machine.spec.id not in returned_to:
            assert len(machine.inbox) <= machine.capacity
        if isinstance(machine, Join):
            assert all(len(port.inbox) <= port.capacity for port in machine.ports.values())


def check_reasons(line):
    """Who says starved has nothing to begin, who says blocked holds a unit, and nobody knocks at an open door."""
    for machine in line.machines:
        reason = machine.condition.reason
        if reason in ("starved", "no_order") and not may_wait(machine) and not isinstance(machine, Join):
            assert not machine.inbox
            assert not machine.knocking
        if reason == "starved" and isinstance(machine, Join):
            assert any(len(port.inbox) < port.need for port in machine.ports.values())
        assert reason != "blocked" or machine.finished
        if machine.knocking and not isinstance(machine, Join) and not machine.halted and machine.capacity:
            assert len(machine.inbox) >= machine.capacity


def may_wait(machine):
    """It may stand with something to begin: a batch that is not full, a belt whose entry is not clear."""
    short = machine.spec.conveyor is not None and machine.pitch_us > machine.transit_us
    return short or machine.spec.batch is not None


def check_orders_told(events):
    """Progress never goes back; complete means that all begun is out; after that nothing is told of the order."""
    last = {}
    for event in events:
        if isinstance(event, OrderProgressed):
            before = last.get(event.order)
            if before is not None:
                assert not before.is_complete
                assert (before.released, before.good, before.scrap) <= (event.released, event.good, event.scrap)
            assert event.good + event.scrap <= event.released
            if event.is_complete:
                assert event.good + event.scrap == event.released >= event.quantity
                assert event.finish == event.ts
            last[event.order] = event
    assert [event.seq for event in events] == list(range(1, len(events) + 1))


def check_fates(engine, line, by_path):
    """Every unit begun is in the line, out good, scrapped, cut, or joined into another: exactly one of them."""
    fates, seen = Counter(unit.serial for unit in units_inside(engine, line)), set()
    for unit in units_inside(engine, line):
        fates.update(unit.parents)
    attempts = 1 + sum(one.rework.retries for one in line.spec.stations if one.rework is not None)
    for machine in line.machines:
        cut = set()
        for event in by_path[machine.path]:
            if isinstance(event, UnitProcessed):
                seen.add(event.unit)
                assert event.attempt <= attempts
                assert event.began <= event.ts
                if isinstance(machine, Split):
                    cut.update(event.parents)
                else:
                    fates.update(event.parents)
                if event.result == "scrap" or (event.result == "pass" and machine.ahead is None):
                    fates[event.unit] += 1
        fates.update(cut)
    assert set(fates.values()) <= {1}, {serial: n for serial, n in fates.items() if n != 1}
    assert seen <= set(fates)
    check_begun(line, {serial for serial in fates if "." not in serial})


def check_begun(line, begun):
    """The sources have begun just these: 1, 2, 3 … of each order, and of each branch over all orders."""
    numbers = {}
    branches = {f"-{machine.spec.id}": machine.made_components for machine in line.machines if machine.made_components}
    for serial in begun:
        order, number = serial.rsplit("-", 1)
        branch = next((name for name in branches if order.endswith(name)), order)
        numbers.setdefault(branch, []).append(int(number))
    assert all(sorted(found) == list(range(1, len(found) + 1)) for found in numbers.values())
    assert {name: len(numbers.get(name, ())) for name in branches} == branches


def check_sequence(events):
    assert [event.seq for event in events] == list(range(1, len(events) + 1))


def check_states(events, truth, end_us):
    states = [event for event in events if isinstance(event, StateChanged)]
    assert states[0].ts == MONDAY_US
    for one, other in pairwise(states):
        assert one.ts == one.since < other.ts
        assert (one.state, one.mode, one.reason) != (other.state, other.mode, other.reason)
    spans = [record for record in truth if isinstance(record, TruthInterval)]
    assert (spans[0].start, spans[-1].end) == (MONDAY_US, end_us)
    assert all(one.end == other.start and one.start < one.end for one, other in pairwise(spans))


def check_counts(machine, events):
    counts = [event for event in events if isinstance(event, PartsCounted)]
    told = Counter(event.result for event in events if isinstance(event, UnitProcessed))
    assert (told["pass"], told["scrap"], told["rework"]) == (machine.good, machine.scrap, machine.rework)
    assert machine.total == told.total()
    visits = Counter()
    for event in events:
        if isinstance(event, UnitProcessed):
            visits[event.unit] += 1
            assert event.attempt == visits[event.unit]
    if counts:
        last = counts[-1]
        assert (last.total, last.good, last.scrap, last.rework) == (
            machine.total, machine.good, machine.scrap, machine.rework,
        )  # fmt: skip
    for one, other in pairwise(counts):
        assert one.total < other.total
    for event in counts:
        assert event.total == event.good + event.scrap + event.rework
        assert event.buffer_in is None or event.buffer_in >= 0
        assert event.ideal_us == machine.ideals[event.product]


def check_energy(machine, events, truth):
    """The meter on the wire and the account add up the same watts by other ways."""
    told = {e.ts: (e.energy_j, e.idle_energy_j) for e in events if isinstance(e, HeartBeaten)}
    account = {
        record.minute + 60 * SECOND_US: (record.energy_j, record.idle_energy_j)
        for record in truth
        if isinstance(record, TruthEnergy)
    }
    if machine.spec.power_w is None:
        assert account == {}
        assert set(told.values()) == {(0, 0)}
    else:
        assert account == told


@settings(max_examples=12)
@given(plants(most_lines=2), st.integers(0, 10**6), st.lists(st.integers(0, 400 * SECOND_US), max_size=25))
def test_slices_of_any_size_and_a_second_run_give_the_identical_run(plant, seed, sizes):
    end_us = MONDAY_US + 80 * 60 * SECOND_US  # into the second shift
    whole, sliced, said = Factory(plant, seed, MONDAY_US), Factory(plant, seed, MONDAY_US), []
    for size in sizes:
        said += sliced.run_until(min(end_us, sliced.now_us + size))
    said += sliced.run_until(end_us)
    assert said == whole.run_until(end_us)
    assert list(sliced.truth_records()) == list(whole.truth_records())
    assert whole.finish() == sliced.finish()
