"""An event file into a store: again, in pieces, and killed on the way."""

import os
import signal
import subprocess
import sys

from database import database
from saying import BOOT, LINE, PATH, Voice, calendar

from collector.intake import Intake
from collector.journal import Journal
from collector.replay import replay
from contract.codec import KIND_OF, encode_line
from contract.topics import topic_of

TABLES = ("machines", "minutes", "intervals", "current_state", "windows", "facts")


def event_file(count=2000):
    lines = [encode_line(topic_of(LINE, "calendar"), calendar(0, [(0, 6000)], [(500, 700)]))]
    for boot in (BOOT, BOOT + 50):
        v = Voice(boot=boot)
        start = (boot - BOOT) / 50 * count * 3
        for n in range(count):
            say = (v.run, v.made, v.starve, v.beat, v.jam, v.made)[n * n % 6]
            event = say(start + n * 3)
            lines.append(encode_line(topic_of(PATH, KIND_OF[type(event)]), event))
    return lines


def run(lines, store):
    journal = Journal.open(store)
    progress = []
    count = replay(lines, Intake(saved=journal.load()), journal, progress.append)
    journal.close()
    assert progress[-1] == count
    return count


def content(store):
    with database(store) as db:
        return {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}


def test_a_replay_twice_or_in_two_pieces_gives_the_same_store(tmp_path):
    lines = event_file()
    assert run(lines, tmp_path / "once.db") == len(lines)
    run(lines, tmp_path / "twice.db")
    run(lines, tmp_path / "twice.db")
    run(lines[:1234], tmp_path / "pieces.db")
    run(lines[1234:], tmp_path / "pieces.db")
    once = content(tmp_path / "once.db")
    assert content(tmp_path / "twice.db") == once
    assert content(tmp_path / "pieces.db") == once


def test_lines_that_are_none_are_quarantined_and_blank_ones_ignored(tmp_path):
    run([b"\n", b"hello\n", b'{"topic": 3}\n', *event_file(10)], tmp_path / "mes.db")
    with database(tmp_path / "mes.db") as db:
        assert db.execute("SELECT reason, count(*) FROM quarantine GROUP BY 1").fetchall() == [("bad_line", 2)]


SLOW_REPLAY = """
import sys
from pathlib import Path
from collector import replay
from collector.intake import Intake
from collector.journal import Journal
journal = Journal.open(Path(sys.argv[2]))
def told(count):
    print(count, flush=True)
    sys.stdin.readline()
replay.BATCH_LINES = 500
with open(sys.argv[1], "rb") as lines:
    replay.replay(lines, Intake(saved=journal.load()), journal, told)
"""


def test_killed_in_the_middle_and_started_again_it_gives_the_same_store(tmp_path):
    lines = event_file()
    events = tmp_path / "events.jsonl"
    events.write_bytes(b"".join(lines))
    run(lines, tmp_path / "whole.db")
    victim = subprocess.Popen(
        [sys.executable, "-c", SLOW_REPLAY, events, tmp_path / "killed.db"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    victim.stdout.readline()
    victim.stdin.write(b"\n")
    victim.stdin.flush()
    victim.stdout.readline()
    os.kill(victim.pid, signal.SIGKILL)
    victim.communicate()
    assert 0 < len(content(tmp_path / "killed.db")["minutes"]) < len(content(tmp_path / "whole.db")["minutes"])
    run(lines, tmp_path / "killed.db")
    assert content(tmp_path / "killed.db") == content(tmp_path / "whole.db")
