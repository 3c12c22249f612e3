"""The spool of a plant in a mess: whatever row a commit changes has its key, and a stop is final when it is told."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import defaultdict
from contextlib import closing
from pathlib import Path

import pytest

from answers.store import Store
from bench.points import Told, send
from bench.sent import Kept, stale
from collector.intake import Intake
from collector.journal import Journal
from collector.spool_queue import Refusal, SenderStatus, SpoolQueue
from contract.codec import encode
from contract.events import MachineDescribed
from contract.instants import HOUR_US, MINUTE_US
from contract.spool import SpoolKind, sent_key
from contract.topics import Kind, topic_of
from simulator.engine import Factory
from simulator.mess import Mess, parse_mess
from simulator.plant_file import load_plant

_BOTTLENECKS = {SpoolKind.BOTTLENECK_MINUTE, SpoolKind.BOTTLENECK_HOUR}
_STEP_US = 7 * MINUTE_US // 3


class Run:
    """A plant that runs into a store with a spool, a few minutes a commit."""

    def __init__(self, folder, seed, mess="all"):
        self.path = folder / "mes.db"
        plant = load_plant("smt")
        self.factory = Factory(plant, seed, plant.default_start_us, keep_truth=False)
        self.mess = Mess(parse_mess(mess), seed, self.factory.paths, self.factory.start_us)
        self.journal = Journal.open(self.path, spool=True)
        self.intake = Intake()

    def step(self):
        emissions = self.factory.run_until(self.factory.now_us + _STEP_US)
        for wire in self.mess.pass_on(emissions, self.factory.now_us):
            self.intake.feed(wire.topic, wire.payload, wire.is_kept)
        self.journal.commit(self.intake.drain())

    def restart(self):
        self.journal.close()
        self.journal = Journal.open(self.path, spool=True)
        self.intake = Intake(saved=self.journal.load())

    def rows(self, sql):
        return self.journal._connection.execute(sql).fetchall()

    def minutes(self):
        """(path, minute) → everything that a machine's minute is told of."""
        found = defaultdict(list)
        for table in ("minutes", "made", "defects"):
            sql = f"SELECT path, t.minute_us, t.* FROM {table} t JOIN machines USING (machine_id)"
            for path, minute_us, *values in self.rows(sql):
                found[path, minute_us].append((table, *values))
        return {key: sorted(values, key=repr) for key, values in found.items()}

    def states(self):
        sql = "SELECT path, start_us, category, state, reason FROM intervals JOIN machines USING (machine_id)"
        return {(path, start): tuple(what) for path, start, *what in self.rows(sql)}

    def stops(self):
        """Intervals of stops that are over; (path, start) → what is told of them."""
        last = "(SELECT stop_us FROM intervals WHERE machine_id = i.machine_id ORDER BY start_us DESC LIMIT 1)"
        sql = f"""SELECT path, start_us, category, reason, end_us FROM intervals i JOIN machines USING (machine_id)
                  WHERE category <> 'execute' AND stop_us <> {last}"""
        return {(path, start): tuple(what) for path, start, *what in self.rows(sql)}


def keys(entries, kind):
    return {(entry.path, entry.at_us) for entry in entries if entry.kind is kind}


def told(entry):
    return entry.kind, entry.path, entry.at_us


def everything(queue):
    entries = queue.take(10**6, 10**6)
    queue.done(entries)
    return entries


def changed(before, after):
    return {key for key, value in after.items() if before.get(key) != value}


def line_of(path):
    return path.rpartition("/")[0]


@pytest.mark.parametrize("seed", range(40, 44))
def test_what_a_commit_changes_has_its_key_and_a_stop_told_never_changes(tmp_path, seed):
    run, final = Run(tmp_path, seed), {}
    minutes, states, orders, units, values = {}, {}, set(), 0, 0
    with closing(SpoolQueue(run.path)) as queue:
        for number in range(130):
            run.step()
            if number in {40, 90}:
                run.restart()
            entries, before, was = everything(queue), minutes, states
            minutes, states = run.minutes(), run.states()
            fresh = changed(before, minutes)
            assert fresh <= keys(entries, SpoolKind.MACHINE_MINUTE)
            assert {(path, at - at % HOUR_US) for path, at in fresh} <= keys(entries, SpoolKind.MACHINE_HOUR)
            assert {(line_of(path), at) for path, at in fresh} <= keys(entries, SpoolKind.LINE_MINUTE)
            assert {(line_of(path), at) for path, at in fresh} <= keys(entries, SpoolKind.BOTTLENECK_MINUTE)
            assert changed(was, states) <= keys(entries, SpoolKind.STATE)
            now = {*run.rows("SELECT line_path, ts_us FROM progress")}
            assert now - orders <= keys(entries, SpoolKind.ORDER)
            orders = now
            stops = run.stops()
            for key in keys(entries, SpoolKind.DOWNTIME):
                assert final.setdefault(key, stops[key]) == stops[key], f"seed {seed}: {key} was told too early"
            assert final == stops
            for entry in entries:
                if entry.kind is SpoolKind.UNITS:
                    assert entry.at_us == units
                    units = entry.to_row
                elif entry.kind is SpoolKind.VALUES:
                    assert entry.at_us == values
                    values = entry.to_row
        assert queue.waiting() == 0
    assert [(units,)] == run.rows("SELECT max(rowid) FROM units")
    assert len(final) > 100
    run.journal.close()


def test_what_machines_say_late_of_themselves_is_told_of_all_that_was_sent(tmp_path):
    """Who can be the bottleneck, whose time counts, limits, names, the flow: all rests on what a machine says it is."""
    plant = load_plant("phone")
    factory = Factory(plant, 6, plant.default_start_us, keep_truth=False)
    intake, kept, late = Intake(), Kept(), []
    with (
        closing(Journal.open(tmp_path / "mes.db", spool=True)) as journal,
        closing(SpoolQueue(tmp_path / "mes.db")) as queue,
        Store.open(tmp_path / "mes.db") as store,
    ):
        for _ in range(40):
            for path, event in factory.run_until(factory.now_us + _STEP_US):
                if type(event) is MachineDescribed:
                    late.append((topic_of(path, Kind.INFO), encode(event)))
                else:
                    intake.feed_events(path, (event,))
            journal.commit(intake.drain())
            send(queue, store, kept.write)
        before = dict(kept.points)
        for topic, payload in late:
            # A machine at a time, and each change may make another one the constraint.
            intake.feed(topic, payload, True)
            journal.commit(intake.drain())
            send(queue, store, kept.write)
        intake.close()
        journal.commit(intake.drain())
        send(queue, store, kept.write)
        assert stale(kept, Told(store, None, "")) == []
    names = {key[1].partition(b",")[0] for key, fields in before.items() if kept.points[key] != fields}
    assert names >= {b"line_minute", b"line_hour", b"bottleneck_minute", b"machine_minute", b"made_hour", b"value",
                     b"machine_state", b"downtime"}  # fmt: skip


def test_rows_wanted_again_while_they_are_sent_are_sent_again(tmp_path):
    run = Run(tmp_path, 5, "offline")
    for _ in range(20):
        run.step()
    with closing(SpoolQueue(run.path)) as queue:
        taken = queue.take(10**6, 10**6)
        [read] = [entry for entry in taken if entry.kind is SpoolKind.UNITS]
        following = queue.take(10**6, 10**6, taken)
        with closing(sqlite3.connect(run.path)) as db, db:
            db.execute("UPDATE meta SET value = '-1' WHERE key = ?", (sent_key("units"),))
        for entries in (taken, following):
            queue.done(entries)
        [again] = queue.take(10**6, 10**6)
        assert (again.kind, again.to_row) == (SpoolKind.UNITS, read.to_row)
        assert again.at_us < read.at_us
        queue.done([again])
        assert not queue.take(10**6, 10**6)
    run.journal.close()


def test_history_waits_too_and_without_a_sender_nothing_does(tmp_path):
    run = Run(tmp_path, 3, "offline")
    for _ in range(60):
        run.step()
    with closing(SpoolQueue(run.path)) as queue:
        known = {told(entry) for entry in everything(queue)}
        assert not queue.take(10, 10)
    run.journal.close()
    Journal.open(run.path).close()
    run.journal = Journal.open(run.path)
    assert not run.rows("SELECT 1 FROM sqlite_master WHERE name = 'spool'")
    run.journal.close()
    Journal.open(run.path, spool=True).close()
    with closing(SpoolQueue(run.path)) as queue:
        history = queue.take(10**6, 10**6)
    seen = {told(entry) for entry in history}
    momentary = {SpoolKind.ORDER, SpoolKind.HEALTH}
    assert {key for key in known ^ seen if key[0] not in momentary | _BOTTLENECKS} == set()
    # Minutes before and after all rows may be asked for their bottleneck: they have none.
    assert {key for key in seen - known if key[0] in _BOTTLENECKS} == set()
    times = [entry.at_us for entry in history if entry.id]
    # The newest hour first, so that what is looked at is there first.
    assert times == sorted(times, key=lambda at_us: (-(at_us - at_us % HOUR_US), at_us))


_TAKING = """
import os, signal, sqlite3, sys
from contextlib import closing
from pathlib import Path
from collector.journal import Journal
from collector.spool_queue import SpoolQueue

path, fatal, left = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])

def look(statement):
    global left
    left -= statement.lstrip().startswith(fatal)
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

def connect(*given, **options):
    db = plain(*given, **options)
    db.set_trace_callback(look)
    return db

plain, sqlite3.connect = sqlite3.connect, connect
journal = Journal.open(path, spool=True)
with closing(SpoolQueue(path)) as queue:
    while entries := queue.take(300, 50):
        for one in entries:
            print(one.kind, one.path, one.at_us, one.to_row, sep=",")
        sys.stdout.flush()
        queue.done(entries)
"""
#: Just before the n-th statement that begins so.
_DEATHS = (
    ("COMMIT", 1), ("INSERT OR REPLACE INTO spool", 1), ("UPDATE meta", 1), ("COMMIT", 2), ("DELETE FROM spool", 1),
    ("DELETE FROM spool", 450), ("COMMIT", 5), ("UPDATE meta", 2), ("INSERT OR REPLACE INTO spool", 2),
    ("DELETE FROM meta", 1),
)  # fmt: skip


def test_whoever_sends_history_may_be_killed_at_any_statement(tmp_path):
    run = Run(tmp_path, 3, "offline")
    for _ in range(100):
        run.step()
    run.journal.close()
    Journal.open(run.path).close()
    whole = shutil.copy(run.path, tmp_path / "whole.db")
    Journal.open(whole, spool=True).close()
    with closing(SpoolQueue(whole)) as queue:
        expected = queue.take(10**6, 10**6)
    found, rows = set(), defaultdict(set)
    for fatal, number in (*_DEATHS, ("never", 1)):
        command = [sys.executable, "-c", _TAKING, str(run.path), fatal, str(number)]
        child = subprocess.run(
            command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True, timeout=60, check=False
        )
        assert child.returncode == (0 if fatal == "never" else -signal.SIGKILL), (fatal, number)
        for line in child.stdout.splitlines():
            kind, path, at, to_row = line.split(",")
            if to_row == "0":
                found.add((kind, path, int(at)))
            else:
                rows[kind] |= set(range(int(at), int(to_row)))
    assert found == {told(entry) for entry in expected if entry.id}
    assert rows == {entry.kind: set(range(entry.to_row)) for entry in expected if not entry.id}


def test_what_changed_again_meanwhile_still_waits(tmp_path):
    run = Run(tmp_path, 5, "offline")
    for _ in range(20):
        run.step()
    with closing(SpoolQueue(run.path)) as queue:
        taken = queue.take(10**6, 10**6)
        run.step()
        ids = {entry.id: (entry.kind, entry.path, entry.at_us) for entry in taken}
        again = {
            key for entry in queue.take(10**6, 10**6) if (key := told(entry)) in ids.values() if entry.id not in ids
        }
        queue.done(taken)
        left = {told(entry) for entry in queue.take(10**6, 10**6)}
    assert {kind for kind, _, _ in again} >= {SpoolKind.MACHINE_HOUR, SpoolKind.LINE_HOUR}
    assert again <= left
    assert not (set(ids.values()) - again) & left
    run.journal.close()


def test_the_newest_states_go_with_the_oldest_rest(tmp_path):
    run = Run(tmp_path, 5, "offline")
    for _ in range(30):
        run.step()
    with closing(SpoolQueue(run.path)) as queue:
        first = queue.take(50, 10)
        oldest = [entry for entry in first if entry.id][:50]
        assert [entry.id for entry in oldest] == sorted(entry.id for entry in oldest)
        newest = "SELECT path, at_us FROM spool WHERE kind = 'state' ORDER BY id DESC LIMIT 20"
        assert {*run.rows(newest)} <= keys(first, SpoolKind.STATE)
        queue.done(first)
        assert not {entry.id for entry in first if entry.id} & {entry.id for entry in queue.take(10**6, 10)}
    run.journal.close()


def test_what_was_refused_is_kept_with_its_reason_and_the_status_told(tmp_path):
    path = Path(tmp_path / "mes.db")
    journal = Journal.open(path, spool=True)
    with closing(SpoolQueue(path)) as queue, closing(SpoolQueue(path)) as other:
        assert (other.newest_refusal(), other.refused(), other.status()) == (None, 0, None)
        letter = Refusal("mes", b"m v=1 1", "not so")
        queue.done([], [Refusal("mes", b"m", "bad"), letter], 5)
        status = SenderStatus("http://x", "down", 7)
        queue.tell(status)
        assert (other.newest_refusal(), other.refused(), other.status()) == (letter, 2, status)
    journal.close()
