"""The store: what it refuses, and that a commit is all or nothing."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from database import database
from saying import LINE, PATH, Voice, calendar, us

from collector import journal as journal_file
from collector.intake import Intake
from collector.journal import Journal
from contract.errors import StoreError
from contract.series import STORE_VERSION

PROC = Path("/proc")


@pytest.fixture
def store(tmp_path):
    return tmp_path / "mes.db"


def changes(count=3):
    intake, v = Intake(), Voice()
    intake.feed_events(PATH, [v.run(0), *(v.made(10 * n) for n in range(1, count))])
    intake.feed("nonsense", b"x" * 5000)
    return intake.drain()


def read(store, sql):
    with database(store) as db:
        return db.execute(sql).fetchall()


def test_a_commit_is_there_and_doing_it_twice_is_harmless(store):
    journal = Journal.open(store)
    what = changes()
    journal.commit(what)
    before = [read(store, f"SELECT * FROM {table}") for table in ("minutes", "intervals", "current_state", "health")]
    journal.commit(what)
    after = [read(store, f"SELECT * FROM {table}") for table in ("minutes", "intervals", "current_state", "health")]
    assert before == after
    assert read(store, "SELECT path, line_path FROM machines") == [(PATH, "acme/site/area/line")]
    assert dict(journal.load())[PATH] == what.machines[0].state
    journal.close()


def test_a_newer_calendar_replaces_the_windows_from_its_time_on(store):
    journal, intake = Journal.open(store), Intake()
    intake.feed_events(LINE, [calendar(0, shifts=[(0, 100), (200, 300), (400, 500)])])
    journal.commit(intake.drain())
    intake.feed_events(LINE, [calendar(150, shifts=[(0, 90), (210, 300)], valid=(0, 350), seq=2)])
    changed = intake.drain()
    journal.commit(changed)
    assert [line.windows for line in intake.drain().lines] == []
    windows = read(store, "SELECT start_us, end_us FROM windows ORDER BY 1")
    assert windows == [(us(a), us(b)) for a, b in ((0, 100), (210, 300), (400, 500))]
    intake.feed_events(LINE, [calendar(160, shifts=[(210, 310)], valid=(0, 350), seq=3)])
    assert [len(line.windows) for line in intake.drain().lines] == [1]
    journal.close()


def test_a_second_collector_is_refused_until_the_first_has_gone(store):
    first = Journal.open(store)
    with pytest.raises(StoreError, match="in use by another collector"):
        Journal.open(store)
    code = f"from pathlib import Path; from collector.journal import Journal; Journal.open(Path({str(store)!r}))"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "in use by another collector" in other.stderr
    first.close()
    Journal.open(store).close()


def test_a_store_of_a_newer_version_is_refused_and_left_alone(store):
    Journal.open(store).close()
    with database(store) as db:
        db.execute("UPDATE meta SET value = ?", (STORE_VERSION + 1,))
    with pytest.raises(StoreError, match="update this program"):
        Journal.open(store)
    assert read(store, "SELECT value FROM meta") == [(str(STORE_VERSION + 1),)]


def test_a_store_of_an_older_version_is_refused_and_left_alone(store):
    Journal.open(store).close()
    with database(store) as db:
        db.execute("UPDATE meta SET value = ?", (STORE_VERSION - 1,))
        db.execute("DROP TABLE units")
    with pytest.raises(StoreError, match="replay its event file into a new store"):
        Journal.open(store)
    assert not read(store, "SELECT name FROM sqlite_master WHERE name = 'units'")


def test_files_that_are_no_store_are_refused_and_left_alone(store, tmp_path):
    store.write_bytes(b"my holiday pictures" * 100)
    with pytest.raises(StoreError, match="not a store"):
        Journal.open(store)
    assert store.read_bytes() == b"my holiday pictures" * 100
    other = tmp_path / "other.db"
    with database(other) as db:
        db.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(StoreError, match="another program"):
        Journal.open(other)
    assert read(other, "SELECT name FROM sqlite_master") == [("recipes",)]


def test_places_that_cannot_be_written_are_refused_with_a_mend(tmp_path):
    with pytest.raises(StoreError, match="create it first"):
        Journal.open(tmp_path / "nowhere" / "mes.db")
    with pytest.raises(StoreError, match="directory"):
        Journal.open(tmp_path)
    with pytest.raises(StoreError, match="choose another place"):
        Journal.open(PROC / "mes.db")


def test_a_store_somebody_else_is_writing_can_be_committed_to_later(store):
    journal = Journal.open(store)
    journal._connection.execute("PRAGMA busy_timeout=10")
    what = changes()
    intruder = sqlite3.connect(store, isolation_level=None)
    intruder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="could not be written"):
        journal.commit(what)
    intruder.execute("ROLLBACK")
    intruder.close()
    journal.commit(what)
    assert read(store, "SELECT count(*) FROM minutes") == [(1,)]
    journal.close()


def test_a_full_disk_leaves_the_commit_before_and_the_next_one_works(store):
    journal = Journal.open(store)
    journal.commit(changes())
    pages = read(store, "PRAGMA page_count")[0][0]
    journal._connection.execute(f"PRAGMA max_page_count = {pages + 1}")
    intake, v = Intake(saved=journal.load()), Voice(seq=4)
    intake.feed_events(PATH, [v.run(30 + 10 * n) if n % 2 else v.starve(30 + 10 * n) for n in range(5000)])
    what = intake.drain()
    before = read(store, "SELECT * FROM minutes")
    with pytest.raises(StoreError, match="disk full"):
        journal.commit(what)
    assert read(store, "SELECT * FROM minutes") == before
    journal._connection.execute("PRAGMA max_page_count = 1000000")
    journal.commit(what)
    assert read(store, "SELECT max(end_us) FROM intervals") == [(us(30 + 10 * 4999),)]
    journal.close()


def test_only_the_newest_of_the_quarantine_are_kept(store):
    journal = Journal.open(store)
    intake = Intake()
    for number in range(journal_file.QUARANTINE_LIMIT + 5):
        intake.feed("nonsense", str(number).encode())
        if number % 1000 == 0:
            journal.commit(intake.drain())
    journal.commit(intake.drain())
    assert read(store, "SELECT count(*), max(cast(payload AS INTEGER)) FROM quarantine") == [(10_000, 10_004)]
    assert read(store, "SELECT quarantined FROM health") == [(10_005,)]
    journal.close()
