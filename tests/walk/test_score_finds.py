"""The proof proves something: a store that is wrong in any one place is found out."""

import io
import shutil
from contextlib import closing

import pytest
from database import database

from answers.score import score
from answers.store import Store
from collector.intake import Intake
from collector.journal import Journal
from collector.replay import replay
from contract.errors import UsageError
from contract.instants import HOUR_US
from simulator.engine import Factory
from simulator.plant_file import load_plant
from simulator.record import record


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """(store, truth lines, event lines) of two hours of the default plant."""
    plant, folder = load_plant("phone"), tmp_path_factory.mktemp("run")
    factory, events, truth = Factory(plant, 3, plant.default_start_us), io.BytesIO(), io.BytesIO()
    record(factory, plant.default_start_us + 2 * HOUR_US, events, truth)
    lines = events.getvalue().splitlines()
    into(folder / "mes.db", lines)
    return folder / "mes.db", truth.getvalue().splitlines(), lines


def into(path, lines):
    with closing(Journal.open(path)) as journal:
        replay(lines, Intake(), journal, lambda _: None)


def judged(path, truth):
    with Store.open(path) as store:
        return score(store, truth)


def test_a_store_that_is_right_is_equal_in_everything(run):
    result = judged(*run[:2])
    assert {one.verdict for one in (*result.machines, *result.orders)} == {"equal"}
    assert sum(one.true_units for one in result.machines) > 1000
    assert sum(one.truth.energy_j for one in result.machines) > 0
    assert result.orders


BROKEN_UNIT = "WHERE rowid = (SELECT rowid FROM units WHERE {} LIMIT 1 OFFSET 5)"


@pytest.mark.parametrize(
    "forgery",
    [
        "DELETE FROM units " + BROKEN_UNIT.format("1"),
        "INSERT INTO units SELECT * FROM units " + BROKEN_UNIT.format("1"),
        "UPDATE units SET result = 'scrap' " + BROKEN_UNIT.format("result = 'pass'"),
        "UPDATE units SET began_us = began_us + 1 " + BROKEN_UNIT.format("1"),
        "UPDATE units SET lots_id = NULL " + BROKEN_UNIT.format("lots_id IS NOT NULL"),
        "UPDATE units SET parents = 'nobody' " + BROKEN_UNIT.format("parents IS NOT NULL"),
        "UPDATE units SET machine_id = machine_id + 1 " + BROKEN_UNIT.format("1"),
        "UPDATE made SET covered_good = covered_good - 1 WHERE rowid_of",
        "UPDATE made SET total = total + 1 WHERE rowid_of",
        "UPDATE made SET first_good = first_good + 1 WHERE rowid_of",
        "UPDATE made SET order_id = 'another' WHERE rowid_of",
        "DELETE FROM made WHERE rowid_of",
        "UPDATE defects SET count = count + 1",
        "DELETE FROM defects",
        "UPDATE minutes SET energy_j = energy_j + 1 WHERE energy_j > 0",
        "UPDATE minutes SET idle_energy_j = 0",
        "UPDATE progress SET payload = CAST(replace(payload, '\"good\":', '\"good\":9') AS BLOB)",
    ],
)
def test_a_store_that_is_wrong_in_one_place_is_found_out(run, forgery, tmp_path):
    path, truth, _ = run
    forged = shutil.copy(path, tmp_path / "forged.db")
    one = "(machine_id, minute_us, order_id, product) = (SELECT machine_id, minute_us, order_id, product FROM made"
    with database(forged) as db:
        assert db.execute(forgery.replace("rowid_of", f"{one} WHERE covered_good > 1 LIMIT 1)")).rowcount > 0
    result = judged(forged, truth)
    assert not result.passed, forgery
    assert all(one.difference for one in (*result.machines, *result.orders) if one.verdict != "equal")


def test_what_is_missing_must_have_been_missed(run, tmp_path):
    _, truth, lines = run
    units = [index for index, line in enumerate(lines) if b"/unit" in line.split(b'"payload"')[0]]
    lost = set(units[50::200])
    into(tmp_path / "lost.db", [line for index, line in enumerate(lines) if index not in lost])
    result = judged(tmp_path / "lost.db", truth)
    assert result.passed
    assert "covered" in {one.verdict for one in result.machines}
    with database(tmp_path / "lost.db") as db:
        db.execute("UPDATE health SET lost = 0")
    assert not judged(tmp_path / "lost.db", truth).passed


@pytest.mark.parametrize("line", [b'{"record":"unit","machine":"m"}', b'{"record":"output","machine":"m","minute":0}'])
def test_a_truth_file_of_another_version_is_refused_with_a_mend(run, line):
    path, truth, _ = run
    with pytest.raises(UsageError, match="of this version"):
        judged(path, [truth[0], line])
    with pytest.raises(UsageError, match="second span"):
        judged(path, [truth[0], truth[0]])
