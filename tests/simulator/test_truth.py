"""The truth account: it tiles time, agrees with the counters, and books by its own rules."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_plants import HOUR_US, MONDAY_US, SECOND_US, factory_of, station, stop

from contract.states import Category
from contract.truth import TruthInterval, TruthOrder, TruthOutput, TruthSpan, decode_record, encode_record
from simulator import shifts
from simulator.engine import Factory
from simulator.plant_file import load_plant
from simulator.sampling import Constant


def intervals(factory, machine):
    path = next(path for path in factory.paths if path.endswith(f"/{machine}"))
    return [r for r in factory.truth_records() if isinstance(r, TruthInterval) and r.machine == path]


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 26 * 3600), st.integers(0, 24))
def test_intervals_tile_the_run_and_outputs_add_up_to_the_counters(seed, length_s, hour):
    smt = load_plant("smt")
    start_us = MONDAY_US + hour * HOUR_US
    factory = Factory(smt, seed, start_us)
    factory.run_until(start_us + length_s * SECOND_US)
    records = list(factory.truth_records())
    assert records[0] == TruthSpan("smt", seed, start_us, factory.now_us, factory.paths)
    for machine in factory.engines[0].machines:
        own = [r for r in records[1:] if not isinstance(r, TruthOrder) and r.machine == machine.path]
        spans = [r for r in own if isinstance(r, TruthInterval)]
        assert (spans[0].start, spans[-1].end) == (start_us, factory.now_us)
        assert all(one.end == other.start and one.start < one.end for one, other in pairwise(spans))
        outputs = [r for r in own if isinstance(r, TruthOutput)]
        sums = [sum(getattr(r, key) for r in outputs) for key in ("total", "good", "scrap")]
        assert sums == [machine.total, machine.good, machine.scrap]
        assert all(r.ideal_us == r.total * machine.ideal_us for r in outputs)


def test_planned_time_is_that_of_the_published_calendar():
    """Two ways to the same edges: whatever is not Execute outside planned time is planned, and nothing else is."""
    smt = load_plant("smt")
    factory = Factory(smt, 3, MONDAY_US)
    factory.run_until(MONDAY_US + 26 * HOUR_US)
    seen = set()
    for record in factory.truth_records():
        if isinstance(record, TruthInterval):
            middle = (record.start + record.end) // 2
            planned = shifts.status(smt, middle) is None
            seen.add((record.category, planned))
            if record.category is not Category.EXECUTE:
                assert (record.category is Category.PLANNED) != planned
    assert {(Category.EXECUTE, False), (Category.PLANNED, False), (Category.BREAKDOWN, True)} <= seen


@pytest.mark.parametrize(("lasts_s", "category"), [(119.999999, "minor_stop"), (120, "breakdown")])
def test_the_limit_divides_minor_stops_from_breakdowns(lasts_s, category):
    jam = stop("jam", Constant(1), Constant(lasts_s))
    factory = factory_of(station("m", 7, failures=(jam,)))
    factory.run_until(MONDAY_US + 250 * SECOND_US)
    assert [str(r.category) for r in intervals(factory, "m")] == ["execute", category, "execute", "minor_stop"]


def test_a_stop_that_is_not_over_is_minor_until_the_limit():
    jam = stop("jam", Constant(1), Constant(1000))
    for seconds, category in ((179.9, "minor_stop"), (180, "breakdown")):
        factory = factory_of(station("m", 7, failures=(jam,)))
        factory.run_until(MONDAY_US + round(seconds * SECOND_US))
        assert str(intervals(factory, "m")[-1].category) == category


def test_a_stop_across_the_edge_of_planned_time_is_split_and_keeps_its_beginning():
    smt = load_plant("smt")
    factory = Factory(smt, 3, MONDAY_US)
    factory.run_until(MONDAY_US + 26 * HOUR_US)
    split = [r for r in factory.truth_records() if isinstance(r, TruthInterval) and r.stop != r.start]
    assert split
    begins = {(r.machine, r.stop) for r in factory.truth_records() if isinstance(r, TruthInterval)}
    assert all((r.machine, r.stop) in begins for r in split)


def test_records_survive_their_file():
    factory = factory_of(station("m"))
    factory.run_until(MONDAY_US + 90 * SECOND_US)
    assert [decode_record(encode_record(r)) for r in factory.truth_records()] == list(factory.truth_records())


def test_the_smt_line_lands_where_smt_lines_do():
    """Line OEE over a shift, by arithmetic of its own: good at the exit × 24 s ÷ planned time of the constraint."""
    smt, found = load_plant("smt"), []
    for seed in range(12):
        factory = Factory(smt, seed, MONDAY_US)
        factory.run_until(MONDAY_US + 8 * HOUR_US)
        spans = intervals(factory, "placer_2")
        planned_us = sum(r.end - r.start for r in spans if r.category is not Category.PLANNED)
        found.append(factory.engines[0].machines[-1].good * 24 * SECOND_US / planned_us)
    assert 0.60 < sum(found) / len(found) < 0.72
    assert min(found) > 0.5
    assert max(found) < 0.8
