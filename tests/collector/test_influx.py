"""The sender against a real InfluxDB that is killed, slow, full or rude: nothing lost, nothing doubled."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from influx_gate import Gate
from influx_server import OwnInflux, own_influx, require_own
from servers import until
from spooled import Filled, arrived, reader_of

from app.influx_setup import set_up
from collector.influx import Sender
from collector.influx_client import InfluxSettings
from collector.spool_queue import SpoolQueue

pytestmark = pytest.mark.influx


@pytest.fixture
def filled(tmp_path):
    with closing(Filled(tmp_path / "mes.db")) as store:
        yield store


@pytest.fixture
def bucket(influx):
    name = influx.bucket()
    set_up(settings_of(influx, name), 0)
    return name


def settings_of(influx, bucket, **other):
    return InfluxSettings(**{"url": influx.url, "bucket": bucket, "org": influx.org, "token": influx.token} | other)


@contextmanager
def sending(settings, store, change=lambda points: points):
    sender = Sender(settings, store.path, reader_of(store.path, change))
    sender.start()
    try:
        yield sender
    finally:
        sender.stop()
        assert sender.failure is None


def settled(store):
    with closing(SpoolQueue(store.path)) as queue:
        until(lambda: queue.waiting() == 0, "everything to arrive")


def same(influx, bucket, store):
    assert arrived(influx, bucket) == (store.sums(), store.units())


def warnings_in(caplog):
    return [record.getMessage() for record in caplog.records if record.name == "collector.influx"]


def test_everything_arrives_history_and_present(influx, bucket, filled):
    filled.commit(30)
    with sending(settings_of(influx, bucket), filled) as sender:
        settled(filled)
        filled.commit(30)
        settled(filled)
    same(influx, bucket, filled)
    assert sender.stats.trouble == ""
    assert sender.stats.written >= 8 * 60 * 2


def test_a_minute_that_changes_is_written_over(influx, bucket, filled):
    with sending(settings_of(influx, bucket), filled):
        filled.commit()
        settled(filled)
        for _ in range(3):
            filled.commit()
            settled(filled)
    same(influx, bucket, filled)


def test_a_database_that_is_killed_again_and_again(influx, bucket, filled, caplog):
    require_own(influx)
    with sending(settings_of(influx, bucket), filled) as sender:
        for _ in range(3):
            filled.commit(20)
            influx.kill()
            filled.commit(20)
            until(lambda: sender.stats.trouble, "the trouble to be seen")
            influx.start()
            filled.commit(5)
            until(lambda: not sender.stats.trouble, "it to be over")
        settled(filled)
    same(influx, bucket, filled)
    said = warnings_in(caplog)
    assert len([text for text in said if "writes again" in text]) == 3
    assert len(said) <= 12


def test_a_frozen_database_holds_nobody_up(influx, bucket, filled):
    require_own(influx)
    with sending(settings_of(influx, bucket), filled):
        filled.commit(5)
        settled(filled)
        influx.freeze()
        filled.commit(2)
        began_s = time.monotonic()
        filled.commit(100)
        took_s = time.monotonic() - began_s
        influx.thaw()
        assert took_s < 10
        settled(filled)
    same(influx, bucket, filled)


def test_leaving_while_the_database_does_not_answer_is_quick_and_loses_nothing(influx, bucket, filled):
    require_own(influx)
    filled.commit(20)
    influx.freeze()
    with sending(settings_of(influx, bucket), filled) as sender:
        until(lambda: sender.stats.waiting, "it to begin")
        began_s = time.monotonic()
    assert time.monotonic() - began_s < 3
    influx.thaw()
    with sending(settings_of(influx, bucket), filled):
        settled(filled)
    same(influx, bucket, filled)


def test_what_is_committed_last_of_all_is_sent_before_leaving(influx, bucket, filled):
    with sending(settings_of(influx, bucket), filled) as sender:
        filled.commit(5)
        settled(filled)
        until(lambda: sender.stats.waiting == 0, "the sender to rest")
        filled.commit()
    same(influx, bucket, filled)


@pytest.mark.parametrize("status", [429, 500, 503, 507])
def test_full_and_overloaded(influx, bucket, filled, caplog, status):
    answers = [(status, {"Retry-After": "1"}), (status, {}), (status, {})]
    filled.commit(20)
    with Gate(influx.url) as gate:
        gate.mood = lambda _, body: answers.pop() if answers and b"minute" in body else None
        with sending(settings_of(influx, bucket, url=gate.url), filled):
            settled(filled)
    same(influx, bucket, filled)
    first, *others = warnings_in(caplog)
    assert f"status {status} " in first
    assert [text for text in others if "status" in text] == []


def test_slow_and_broken_off_answers(influx, bucket, filled):
    """The database has it, but we never hear so: it is sent again, and is there once."""
    lost = iter(range(3))

    def mood(path, body):
        time.sleep(0.1)
        if b"minute" in body and next(lost, None) is not None:
            gate_requests.append(body)
            influx_write(influx, path, body)
            return 500, {}
        return None

    gate_requests = []
    filled.commit(20)
    with Gate(influx.url) as gate:
        gate.mood = mood
        with sending(settings_of(influx, bucket, url=gate.url), filled):
            filled.commit(20)
            settled(filled)
    assert len(gate_requests) == 3
    same(influx, bucket, filled)


def influx_write(influx, path, body):
    headers = {"Authorization": f"Token {influx.token}"}
    urllib.request.urlopen(urllib.request.Request(influx.url + path, body, headers), timeout=30).close()


def test_a_wrong_token_is_said_and_mended_by_the_next_start(tmp_path, filled, caplog):
    with own_influx(tmp_path / "own", token="right") as influx:
        influx.create("b")
        filled.commit(10)
        with sending(settings_of(influx, "b", token="wrong"), filled) as sender:
            until(lambda: sender.stats.trouble, "it to be refused")
            assert "--influx-token-file" in sender.stats.trouble
            with closing(SpoolQueue(filled.path)) as queue:
                until(lambda: queue.status().trouble, "others to be told")
        assert len(warnings_in(caplog)) == 1
        assert sender.stats.refused == 0
        with sending(settings_of(influx, "b"), filled):
            settled(filled)
        same(influx, "b", filled)


def test_a_bucket_that_is_not_there_is_waited_for(influx, filled, monkeypatch):
    require_own(influx)
    name = influx.bucket()
    filled.commit(10)
    with sending(settings_of(influx, name), filled) as sender:
        until(lambda: "--influx-bucket" in sender.stats.trouble, "it to be missed")
        influx.create(name)
        settled(filled)
    same(influx, name, filled)


def test_bad_points_are_kept_apart_and_all_others_arrive(influx, bucket, filled):
    filled.commit(60)
    bad = [b"minute,machine=x 1", b"minute total=", b"\xff\xfe"]

    def spoil(points):
        lines = points.get("", [])
        return {"": [*lines[:7], bad[0], *lines[7:-3], *bad[1:], *lines[-3:]]}

    with sending(settings_of(influx, bucket), filled, spoil) as sender:
        settled(filled)
        until(lambda: sender.stats.refused >= len(bad), "the bad ones to be counted")
    same(influx, bucket, filled)
    refused = filled.rows("SELECT line, reason, bucket FROM refused")
    assert {line for line, _, _ in refused} == set(bad)
    assert {name for _, _, name in refused} == {bucket}
    assert all(reason for _, reason, _ in refused)


def test_what_is_older_than_the_bucket_keeps_holds_nothing_up(influx, filled, caplog):
    """Those points would be gone there anyhow; of what is beside them the good arrives, the bad is kept apart."""
    bucket = influx.bucket()
    influx.create(bucket, days=7)
    filled.commit(60)
    fresh = [b"fresh v=1i %d" % (time.time_ns() // 1000 + number) for number in range(2)]

    def mix(points):
        return {"": [fresh[0], *points.get("", []), b"no line", fresh[1]]}

    with sending(settings_of(influx, bucket), filled, mix):
        settled(filled)
    assert influx.query(bucket, "SELECT COUNT(v) FROM fresh")[0][3][0][1] == len(fresh)
    assert arrived(influx, bucket) == ({}, 0)
    assert {line for (line,) in filled.rows("SELECT line FROM refused")} == {b"no line"}
    [said] = warnings_in(caplog)
    assert f"keeps bucket {bucket} for less time" in said


def test_what_refuses_everything_is_no_reason_to_give_lines_up(influx, bucket, filled):
    filled.commit(10)
    with Gate(influx.url) as gate:
        gate.mood = lambda *_: (400, {})
        with sending(settings_of(influx, bucket, url=gate.url), filled) as sender:
            until(lambda: "refuses what we write" in sender.stats.trouble, "it to be held")
            gate.mood = None
            settled(filled)
    assert sender.stats.refused == 0
    same(influx, bucket, filled)


def test_a_door_that_lets_only_little_through(tmp_path, filled):
    with OwnInflux(tmp_path / "own", max_body="20k") as influx:
        influx.create("b")
        filled.commit(100)
        with sending(settings_of(influx, "b"), filled) as sender:
            settled(filled)
        same(influx, "b", filled)
        assert sender.stats.refused == 0


_COLLECTOR = """
import sys
from pathlib import Path
from spooled import Filled, reader_of
from collector.influx import Sender
from collector.influx_client import InfluxSettings
path, url, bucket, org = sys.argv[1:5]
filled = Filled(Path(path))
sender = Sender(InfluxSettings(url, bucket, org, sys.stdin.read()), Path(path), reader_of(path))
sender.start()
print("ready", flush=True)
while True:
    filled.commit()
"""


def test_a_collector_that_is_killed_loses_and_doubles_nothing(influx, bucket, tmp_path):
    path, tests = tmp_path / "mes.db", Path(__file__).parent
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent), str(tests.parent.parent)]),
    }
    for lasts_s in (0.3, 0.7, 1.1, 1.6):
        command = [sys.executable, "-c", _COLLECTOR, str(path), influx.url, bucket, influx.org]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, env=environment, cwd=tests, **pipes) as collector:
            collector.stdin.write(influx.token.encode())
            collector.stdin.close()
            assert collector.stdout.readline() == b"ready\n"
            deadline_s = time.monotonic() + lasts_s
            until(lambda end=deadline_s: time.monotonic() > end, "it to be in the middle")
            collector.send_signal(signal.SIGKILL)
    with closing(Filled(path)) as store, sending(settings_of(influx, bucket), store):
        settled(store)
        same(influx, bucket, store)
