"""Lines whose answer is published or can be solved exactly (facts.md), and a recursion that knows every departure."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inside import units_inside
from small_plants import HOUR_US, MONDAY_US, SECOND_US, engine_of, exponential, of_kind, plant_of, station, stop

from contract.events import PartsCounted
from contract.states import Category
from simulator.engine import Engine
from simulator.plant_file import load_plant
from simulator.sampling import Constant, Exponential, Uniform, generator, microseconds


def throughput(engine, parts, batches=20):
    """Parts a second at the exit and half its 99.9 % confidence interval, by batch means after a warm-up."""
    exit_machine, marks = engine.machines[-1], []
    for batch in range(batches + 1):
        while exit_machine.total < parts * (batch + 1) // (batches + 1):
            engine.run_until(engine.now_us + 20 * SECOND_US)
        marks.append((engine.now_us, exit_machine.total))
    rates = [(b - a) / (t - s) * SECOND_US for (s, a), (t, b) in pairwise(marks)]
    mean = sum(rates) / batches
    deviation = math.sqrt(sum((rate - mean) ** 2 for rate in rates) / (batches - 1) / batches)
    return mean, 3.88 * deviation


SOLVED = [
    ("2 stations, no buffer", [1, 1], [0, 0], 2 / 3),
    ("2 stations, 1 place", [1, 1], [0, 1], 3 / 4),
    ("2 stations, 2 places", [1, 1], [0, 2], 4 / 5),
    ("3 stations, no buffer", [1, 1, 1], [0, 0, 0], 22 / 39),
    ("3 stations, 1 place", [1, 1, 1], [0, 1, 1], 0.670466),
    ("3 stations, 2 places", [1, 1, 1], [0, 2, 2], 0.734017),
    ("SimOpt throughput problem", [6, 7, 7], [0, 11, 7], 5.776),
    ("its mirror image", [7, 7, 6], [0, 7, 11], 5.776),
]


@pytest.mark.parametrize(("name", "rates", "buffers", "expected"), SOLVED, ids=[row[0] for row in SOLVED])
def test_throughput_of_exponential_lines(name, rates, buffers, expected):
    stations = [exponential(f"m{i}", rate, b) for i, (rate, b) in enumerate(zip(rates, buffers, strict=True))]
    mean, half = throughput(engine_of(*stations, seed=11), parts=60_000)
    assert half < 0.02 * expected, "the run is too short to tell"
    assert mean == pytest.approx(expected, abs=half)


def shares(engine, until_us):
    """Share of time by category, per machine."""
    engine.run_until(until_us)
    found = {}
    for record in engine.truth():
        if hasattr(record, "category"):
            machine = found.setdefault(record.machine.rsplit("/", 1)[1], dict.fromkeys(Category, 0.0))
            machine[record.category] += (record.end - record.start) / (until_us - MONDAY_US)
    return found


def test_a_full_queue_is_full_as_often_as_m_m_1_10_says():
    """λ = 20, μ = 5: blocking after service with 8 places is the loss system of 10; P(full) = .75."""
    engine = engine_of(exponential("in", 20), exponential("out", 5, 8), seed=5)
    found = shares(engine, MONDAY_US + 3 * HOUR_US)
    assert found["in"][Category.BLOCKED] == pytest.approx(0.75, abs=0.012)
    assert found["out"][Category.EXECUTE] == pytest.approx(1, abs=0.001)


def test_as_many_are_in_it_and_stay_as_long_as_m_m_1_10_says():
    """L = 9.667 in the system, of which one may stand blocked before it; W = 1.933 s by Little's law."""
    engine = engine_of(exponential("in", 20), exponential("out", 5, 8), seed=6)
    first, last = engine.machines
    area, now, inside = 0, MONDAY_US, 0
    while last.total < 15_000:
        due = engine.next_event_us
        area += (due - now) * inside
        engine.run_until(due)
        now, inside = due, len(last.inbox) + last.busy + len(first.finished)
    mean = area / (now - MONDAY_US)
    assert mean == pytest.approx(9.667, abs=0.03)
    assert mean / (last.total / (now - MONDAY_US)) / SECOND_US == pytest.approx(1.933, abs=0.06)


def test_a_machine_that_fails_is_up_for_mtbf_over_mtbf_plus_mttr():
    """Up 1 min, repair 0.5 min, a repairer of its own: 2/3 of the time up."""
    failing = station("m", 60, failures=(stop("jam", Exponential(1), Exponential(30)),))
    found = shares(engine_of(failing, seed=3), MONDAY_US + 100 * HOUR_US)["m"]
    assert found[Category.EXECUTE] == pytest.approx(2 / 3, abs=0.015)
    assert found[Category.BREAKDOWN] > 0
    assert found[Category.MINOR_STOP] > found[Category.BREAKDOWN]


def test_failures_run_on_operating_time_not_on_the_clock():
    """The second machine works a quarter of the time, so it fails a quarter as often an hour."""
    failing = station("slow_to_fail", 1, failures=(stop("jam", Constant(10), Constant(60)),), buffer=5)
    engine = engine_of(station("feed", 4), failing)
    emissions = engine.run_until(MONDAY_US + 10 * HOUR_US)
    aborted = [e for e in of_kind(emissions, object, "slow_to_fail") if getattr(e, "state", None) == "Aborted"]
    stops = {event.since for event in aborted}
    assert len(stops) == pytest.approx(10 * 60 / 40, abs=1)


def test_two_servers_make_twice_as_much():
    one, two = (engine_of(exponential("m", 1, servers=n), seed=2) for n in (1, 2))
    for engine in (one, two):
        engine.run_until(MONDAY_US + HOUR_US)
    assert two.machines[0].total / one.machines[0].total == pytest.approx(2, rel=0.08)
    assert two.machines[0].ideal_us * 2 == one.machines[0].ideal_us


def oracle(cycles, buffers):
    """When each part is finished on each machine: max-plus recursion of a line with blocking after service, in µs.

    A part starts when it has come and the server is free, and leaves when it is done and there is a place: the part
    ``buffer + 1`` before it has left the next machine.
    """
    machines, parts = len(cycles), len(cycles[0])
    done = [[0] * parts for _ in range(machines)]
    left = [[0] * parts for _ in range(machines)]
    for part in range(parts):
        for machine in range(machines):
            came = left[machine - 1][part] if machine else 0
            free = left[machine][part - 1] if part else 0
            done[machine][part] = max(came, free) + cycles[machine][part]
            left[machine][part] = done[machine][part]
            before = part - buffers[machine + 1] - 1 if machine + 1 < machines else -1
            if before >= 0:
                left[machine][part] = max(done[machine][part], left[machine + 1][before])
    return done


@settings(max_examples=30, deadline=None)
@given(
    buffers=st.lists(st.integers(0, 4), min_size=2, max_size=6),
    seed=st.integers(0, 10**6),
    same=st.booleans(),
)
def test_every_departure_is_that_of_the_recursion(buffers, seed, same):
    """``same``: constant cycles, so that nearly everything happens at the same instants."""
    spread = Constant(1) if same else Uniform(0.1, 3)
    stations = [station(f"m{i}", 1, spread, buffer=buffer) for i, buffer in enumerate(buffers)]
    emissions = engine_of(*stations, seed=seed).run_until(MONDAY_US + 600 * SECOND_US)
    cycles = []
    for name in (one.id for one in stations):
        draw = microseconds(spread, SECOND_US, generator(seed, "l1", name, "cycle"))
        cycles.append([draw() for _ in range(900)])
    expected = oracle(cycles, buffers)
    for index, one in enumerate(stations):
        counted = [event.ts - MONDAY_US for event in of_kind(emissions, PartsCounted, one.id)]
        assert len(counted) > 100
        assert counted == expected[index][: len(counted)]


@pytest.mark.parametrize("name", ["exponential", "smt"])
def test_littles_law_and_no_part_is_lost_or_doubled(name):
    """L = λW: L from the counters of the machines, W from the very parts. Exact, with what is still inside."""
    smt = load_plant("smt")
    plant = smt if name == "smt" else plant_of(*(exponential(f"m{i}", 1, 2) for i in range(3)))
    engine = Engine(plant, plant.lines, 9, MONDAY_US)
    entered, sojourn = {}, {}
    area, now, count = 0, MONDAY_US, 0
    while len(sojourn) < 400:
        due = engine.next_event_us
        area += (due - now) * count
        engine.run_until(due)
        now, inside = due, sorted(unit.serial for unit in units_inside(engine))
        order = engine.lines[0].book.current
        count = order.released - order.good - order.scrap
        assert len(inside) == len(set(inside)) == count
        for part in inside:
            entered.setdefault(part, now)
        for part in entered.keys() - sojourn.keys() - set(inside):
            sojourn[part] = now - entered[part]
    assert area == sum(sojourn.values()) + sum(now - entered[part] for part in inside)
    rate, mean = len(sojourn) / (now - MONDAY_US), sum(sojourn.values()) / len(sojourn)
    assert rate * mean == pytest.approx(area / (now - MONDAY_US), rel=0.15)
