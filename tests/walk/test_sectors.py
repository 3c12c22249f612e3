"""Four sectors that are not electronics: a shift of each is told as it truly was, and shows what it is known for."""

import io
from collections import Counter, defaultdict
from contextlib import closing
from functools import cache
from itertools import groupby
from operator import attrgetter
from statistics import fmean
from typing import NamedTuple

import pytest

from answers.report import line_report
from answers.score import score
from answers.span import everything
from answers.store import Store
from answers.trace import recall, trace
from collector.intake import Intake
from collector.journal import Journal
from collector.replay import replay
from contract.instants import HOUR_US, MINUTE_US
from contract.states import Category
from contract.truth import TruthInterval, TruthRecord, TruthUnit, decode_record
from simulator.engine import Factory
from simulator.plant_file import load_plant
from simulator.record import record

PLANTS = ("bottling", "garment", "solar", "steel")
SEEDS = (11, 12, 13)
EVERY = [(plant, seed) for plant in PLANTS for seed in SEEDS]
#: From 06:00 and a little later for each seed, to an end that is a full minute: a day shift of any of them.
HOURS = 9


class Walk(NamedTuple):
    """A run and what became of it."""

    store: Store
    account: list[bytes]
    truth: list[TruthRecord]

    def units(self, station: str) -> list[TruthUnit]:
        """What that station finished, oldest first."""
        mine = [r for r in self.truth if isinstance(r, TruthUnit) and r.machine.endswith(f"/{station}")]
        return sorted(mine, key=attrgetter("ended"))

    def times(self, station: str, *, reason: str) -> list[TruthInterval]:
        """Its intervals with that reason."""
        mine = (r for r in self.truth if isinstance(r, TruthInterval) and r.machine.endswith(f"/{station}"))
        return [interval for interval in mine if interval.reason == reason]


def waited_us(store: Store, machine: str, reason: str) -> int:
    return sum(one.end_us - one.start_us for one in store.intervals(machine, 0, 2**60) if one.reason == reason)


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """Runs by (plant, seed), each made when it is first asked for."""
    stores: list[Store] = []

    @cache
    def walk(name: str, seed: int) -> Walk:
        plant, path = load_plant(name), tmp_path_factory.mktemp(f"{name}-{seed}") / "mes.db"
        start_us = plant.default_start_us + seed * 1_234_567
        end_us = plant.default_start_us + HOURS * HOUR_US + seed * MINUTE_US
        events, truth = io.BytesIO(), io.BytesIO()
        record(Factory(plant, seed, start_us), end_us, events, truth)
        with closing(Journal.open(path)) as journal:
            replay(events.getvalue().splitlines(), Intake(), journal, lambda _: None)
        stores.append(Store.open(path))
        account = truth.getvalue().splitlines()
        return Walk(stores[-1], account, [decode_record(line) for line in account])

    yield walk
    for store in stores:
        store.close()


@pytest.mark.parametrize(("plant", "seed"), EVERY)
def test_the_store_tells_the_shift_as_it_was(walked, plant, seed):
    walk = walked(plant, seed)
    result = score(walk.store, walk.account)
    assert {one.verdict for one in (*result.machines, *result.orders)} == {"equal"}, result
    assert len(result.machines) == sum(len(line.stations) for line in load_plant(plant).lines)
    assert result.orders


@pytest.mark.parametrize(("plant", "seed"), EVERY)
def test_nothing_is_worked_on_twice_nor_joined_twice(walked, plant, seed):
    units = [record for record in walked(plant, seed).truth if isinstance(record, TruthUnit)]
    worked = Counter((unit.machine, unit.unit, unit.attempt) for unit in units)
    assert {key: times for key, times in worked.items() if times > 1} == {}
    stations = {s.id: s for line in load_plant(plant).lines for s in line.stations}
    joined = Counter(
        parent for unit in units if stations[unit.machine.rsplit("/", 1)[1]].assembles for parent in unit.parents
    )
    assert {parent: times for parent, times in joined.items() if times > 1} == {}


@pytest.mark.parametrize("plant", PLANTS)
def test_a_shift_is_worth_looking_at(walked, plant):
    """A single shift may be a bad or a lucky one; no plant may lack orders or material, nor hide its constraint."""
    lines, oees = {line.id: line for line in load_plant(plant).lines}, defaultdict(list)
    for seed in SEEDS:
        store = walked(plant, seed).store
        for path in store.lines():
            line, report = lines[path.rsplit("/", 1)[1]], line_report(store, path, everything(store))
            assert report.constraint.endswith(f"/{line.constraint.id}")
            assert report.sums.exit_covered == report.sums.exit_good > 50
            oees[line.id].append(report.kpis.oee)
            for machine in store.machines(path):
                assert waited_us(store, machine, "no_order") == 0, (machine, seed)
                assert waited_us(store, machine, "no_material") < 0.05 * HOURS * HOUR_US, (machine, seed)
    for line_id, found in oees.items():
        assert 0.45 < fmean(found) < 0.85, (line_id, found)
        assert len(set(found)) == len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_furnace_gives_its_batch_at_once_and_a_heat_becomes_billets(walked, seed):
    walk = walked("steel", seed)
    loads = [list(load) for _, load in groupby(walk.units("reheating"), key=attrgetter("ended"))]
    assert len(loads) > 10
    assert {len(load) % 16 for load in loads[:3]} == {0}  # two hearths may be drawn at the same instant
    assert all(len({unit.order for unit in load}) == 1 or len(load) > 16 for load in loads)
    cast = [list(heat) for _, heat in groupby(walk.units("caster"), key=attrgetter("parents"))]
    assert cast
    assert {len(heat) for heat in cast} == {12}
    assert all(unit.unit == f"{unit.parents[0]}.{k}" for heat in cast for k, unit in enumerate(heat, start=1))


def test_a_heat_out_of_grade_is_trimmed_and_analysed_again(walked):
    again = [unit for seed in SEEDS for unit in walked("steel", seed).units("analysis") if unit.attempt > 1]
    assert again
    assert "pass" in {unit.result for unit in again}


def test_bottling_stops_shortly_and_often_and_meets_its_cases(walked):
    walks = [walked("bottling", seed) for seed in SEEDS]
    for walk in walks:
        packed = walk.units("case_packer")
        made = {unit.unit for unit in walk.units("case_erector")}
        assert len(packed) > 2000
        assert all(len(case.parents) == 1 and case.parents[0] in made for case in packed)
        jams = walk.times("filler", reason="bottle_jam")
        assert len(jams) > 15
        assert {jam.category for jam in jams} == {Category.MINOR_STOP}
    assert any(walk.times("filler", reason="changeover") for walk in walks)
    assert any(walk.units("repacking") for walk in walks)


def test_cleaning_in_place_is_planned_and_comes_each_day():
    plant = load_plant("bottling")
    factory = Factory(plant, 5, plant.default_start_us)
    factory.run_until(plant.default_start_us + 49 * HOUR_US)
    mine = [r for r in factory.truth_records() if isinstance(r, TruthInterval) and r.machine.endswith("/filler")]
    cleaned = [r for r in mine if r.reason == "planned_maintenance"]
    assert {r.category for r in cleaned} == {Category.PLANNED}
    assert len({r.stop for r in cleaned}) in {2, 3}  # not before 85 % of the day have gone by


@pytest.mark.parametrize("seed", SEEDS)
def test_a_solar_module_is_repaired_laminated_in_sixes_and_traced_to_its_cells(walked, seed):
    walk = walked("solar", seed)
    again = [unit for unit in walk.units("el_1") if unit.attempt == 2]
    assert "pass" in {unit.result for unit in again}
    assert {unit.unit for unit in again} <= {unit.unit for unit in walk.units("string_repair")}
    laid = walk.units("lay_up")
    assert {len(module.parents) for module in laid} == {6}
    pressed = Counter(unit.ended for unit in walk.units("laminator"))
    assert set(Counter(pressed.values())) <= {1, 2, 3, 4, 5, 6, 12, 18}
    assert Counter(pressed.values())[6] > 0.9 * len(pressed)
    [string, *_] = trace(walk.store, laid[0].unit).parents
    [lot, *_] = string.steps[0].lots
    assert laid[0].unit in {one.unit for one in recall(walk.store, lot).units}


@pytest.mark.parametrize("seed", SEEDS)
def test_bundles_become_shirts_and_uppers_meet_soles(walked, seed):
    walk = walked("garment", seed)
    shirts = Counter(unit.parents for unit in walk.units("buttons"))
    assert set(shirts.values()) == {5}
    assert {len(bundle) for bundle in shirts} == {1}
    soles = {unit.unit for unit in walk.units("sole_oven") if unit.result == "pass"}
    pairs = walk.units("sole_attaching")
    assert len(pairs) > 500
    assert all(set(pair.parents) <= soles and len(pair.parents) == 1 for pair in pairs)
    assert {unit.attempt for unit in walk.units("end_line_qc")} >= {1, 2}


def test_people_and_needles_stop_a_sewing_line(walked):
    walks = [walked("garment", seed) for seed in SEEDS]
    absent = [one for walk in walks for one in walk.times("collar", reason="no_operator")]
    assert Category.WAITING in {one.category for one in absent}
    assert any(walk.times("collar", reason="needle_blunt") for walk in walks)
    assert any(walk.times("placket", reason="changeover") for walk in walks)
