"""The whole walk without a wire, over many seeds: what the store says is what truly happened, to the microsecond.

`bench/truth.py` does the same for as many seeds as you like; a seed that fails here fails there:
`python bench/truth.py --seeds 1 --first SEED`.
"""

import io
import itertools
from contextlib import closing, contextmanager
from typing import NamedTuple

import msgspec
import pytest

from answers.explain import explain
from answers.report import line_report
from answers.score import score
from answers.span import everything, hours, shifts
from answers.store import Store
from collector.intake import Intake
from collector.journal import Journal
from collector.replay import replay
from contract.instants import DAY_US, HOUR_US, MINUTE_US
from contract.kpi import Losses, add_up
from simulator.engine import Factory
from simulator.plant_file import load_plant
from simulator.record import record

SEEDS = range(100, 112)
HOURS = 8


class Walk(NamedTuple):
    """A run and what became of it; it begins at another time of the day for every seed, mostly not on a minute."""

    store: Store
    truth: list[bytes]
    start_us: int
    end_us: int


@pytest.fixture(scope="module", params=SEEDS)
def walked(request, tmp_path_factory):
    plant, seed = load_plant("smt"), request.param
    start_us = plant.default_start_us + seed * 97 * MINUTE_US % DAY_US + seed % 3 * 12_345_678
    with walk(tmp_path_factory.mktemp(f"seed-{seed}"), plant, seed, start_us) as done:
        yield done


@contextmanager
def walk(folder, plant, seed, start_us):
    factory = Factory(plant, seed, start_us)
    end_us = start_us + HOURS * HOUR_US
    events, truth = io.BytesIO(), io.BytesIO()
    record(factory, end_us, events, truth)
    with closing(Journal.open(folder / "mes.db")) as journal:
        replay(events.getvalue().splitlines(), Intake(), journal, lambda _: None)
    with Store.open(folder / "mes.db") as store:
        yield Walk(store, truth.getvalue().splitlines(), start_us, end_us)


def every_loss(lost: Losses) -> int:
    return sum(us for name, us in msgspec.structs.asdict(lost).items() if name not in {"ppt_us", "good_ideal_us"})


def test_the_store_is_the_truth(walked):
    result = score(walked.store, walked.truth)
    assert len(result.machines) == 10
    assert {machine.verdict for machine in result.machines} == {"equal"}, result


def test_good_time_and_all_losses_are_the_planned_time_for_every_machine_hour_shift_and_line(walked):
    store = walked.store
    [line] = store.lines()
    whole = everything(store)
    spans = [whole, *hours(whole, store.tz(line)), *(span for span, _ in shifts(store, line, whole))]
    assert len(spans) > HOURS
    for span in spans:
        report = line_report(store, line, span)
        for lost in (report.losses, *(machine.losses for machine in report.machines)):
            assert lost.good_ideal_us + every_loss(lost) == lost.ppt_us


def test_every_second_of_every_machine_is_in_exactly_one_category(walked):
    whole = everything(walked.store)
    for machine in walked.store.machines():
        answer = explain(walked.store, machine, whole)
        pieces = [piece for pieces in answer.intervals.values() for piece in pieces]
        pieces.sort(key=lambda piece: piece.start_us)
        assert (pieces[0].start_us, pieces[-1].end_us) == (walked.start_us, walked.end_us)
        assert all(one.end_us == other.start_us for one, other in itertools.pairwise(pieces))
        assert answer.unknown_us == walked.start_us - whole.from_us  # the part of the first minute before the start


def test_hours_add_up_to_the_whole(walked):
    store = walked.store
    [line] = store.lines()
    whole = everything(store)
    parts = [line_report(store, line, hour) for hour in hours(whole, store.tz(line))]
    for index, machine in enumerate(line_report(store, line, whole).machines):
        assert add_up(part.machines[index].sums for part in parts) == machine.sums


def test_a_shift_of_the_line_is_worth_looking_at(tmp_path):
    """The ranges of published lines: OEE of 60 to 75 % is good; the constraint is where the plant file says."""
    plant = load_plant("smt")
    oees = []
    for seed in range(5):
        (folder := tmp_path / str(seed)).mkdir()
        with walk(folder, plant, seed, plant.default_start_us) as done:
            [line] = done.store.lines()
            report = line_report(done.store, line, everything(done.store))
        assert report.constraint.endswith("/placer_2")
        assert report.kpis.coverage == 1
        assert report.sums.exit_covered == report.sums.exit_good
        oees.append(report.kpis.oee)
    assert 0.6 < sum(oees) / len(oees) < 0.75
    assert len(set(oees)) == len(oees)
