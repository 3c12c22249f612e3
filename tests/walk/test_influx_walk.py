"""From the machines to InfluxDB by the commands a person types: the same numbers as in the store, whatever happens."""

import signal
import subprocess
import sys
import time
from contextlib import closing, contextmanager

import pytest
from influx_server import require_own
from servers import until
from typer.testing import CliRunner

from answers.store import Store
from app.cli import app
from collector.spool_queue import SpoolQueue
from contract.instants import HOUR_US

pytestmark = pytest.mark.influx
MES = [sys.executable, "-m", "app"]
_SUMS = "SUM(total), SUM(good), SUM(scrap), SUM(execute_s), SUM(booked_s), SUM(energy_kwh)"


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    path = tmp_path_factory.mktemp("events") / "events.jsonl"
    invoke("simulate", "--plant", "smt", "--seed", "31", "--for", "3h", "--mess", "all", "--out", path)
    return path


def invoke(*args):
    done = CliRunner().invoke(app, [str(arg) for arg in args])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def to(influx, bucket, token_file):
    token_file.write_text(influx.token or "none")
    token_file.chmod(0o600)
    options = ["--influx-url", influx.url, "--influx-bucket", bucket, "--influx-token-file", token_file]
    return [*map(str, options), *(["--influx-org", influx.org] if influx.org else [])]


def in_store(path):
    """Machine → sums of its minutes, in the units of InfluxDB."""
    with Store.open(path) as store:
        first, last = store.evidence()
        found = {}
        for machine, one in store.sums(first, last + HOUR_US).items():
            booked_us = sum(getattr(one, f"{name}_us") for name in CATEGORIES)
            times = (one.execute_us / 1e6, booked_us / 1e6, one.energy_j / 3.6e6)
            found[machine] = (one.total, one.good, one.scrap, *times)
        return found


CATEGORIES = ("execute", "setup", "breakdown", "minor_stop", "starved", "blocked", "waiting", "planned")


def in_influx(influx, bucket, measurement):
    asked = f"SELECT {_SUMS} FROM {measurement} GROUP BY enterprise, site, area, line, machine"
    return {
        "/".join(tags[name] for name in ("enterprise", "site", "area", "line", "machine")): tuple(values[0][1:])
        for _, tags, _, values in influx.query(bucket, asked)
    }


def assert_same(influx, bucket, path):
    expected = in_store(path)
    for name, measurement in ((bucket, "machine_minute"), (f"{bucket}_hourly", "machine_hour")):
        found = in_influx(influx, name, measurement)
        assert set(found) == set(expected)
        for machine, sums in expected.items():
            assert found[machine] == pytest.approx(sums, rel=1e-9, abs=1e-9), machine
    with Store.open(path) as store:
        [(units,)] = store.rows("SELECT COUNT(*) FROM units")
    assert influx.query(bucket, "SELECT COUNT(unit) FROM unit")[0][3][0][1] == units


def test_a_replay_sends_all_and_doing_it_twice_changes_nothing(influx, events, tmp_path):
    bucket, store = influx.bucket(), tmp_path / "mes.db"
    options = to(influx, bucket, tmp_path / "token")
    invoke("replay", events, "--store", store, *options)
    assert_same(influx, bucket, store)
    invoke("replay", events, "--store", store, *options)
    assert_same(influx, bucket, store)


def test_a_store_that_was_there_before_is_sent_as_a_whole(influx, events, tmp_path):
    bucket, store = influx.bucket(), tmp_path / "mes.db"
    invoke("replay", events, "--store", store)
    invoke("replay", events, "--store", store, *to(influx, bucket, tmp_path / "token"))
    assert_same(influx, bucket, store)


@contextmanager
def collecting(broker, store, options):
    command = [*MES, "collect", "--broker", broker.url, "--store", str(store), *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as collector:
        for line in collector.stderr:
            if "collecting from" in line:
                break
        try:
            yield collector
        finally:
            collector.kill()


@pytest.mark.mosquitto
def test_a_collector_sends_on_and_stops_at_once(influx, mosquitto, tmp_path):
    bucket, store = influx.bucket(), tmp_path / "mes.db"
    with collecting(mosquitto, store, to(influx, bucket, tmp_path / "token")) as collector:
        invoke("simulate", "--plant", "smt", "--seed", "5", "--for", "2h", "--speed", "max", "--broker", mosquitto.url)
        with closing(SpoolQueue(store)) as queue:
            until(lambda: has_all(store) and queue.waiting() == 0, "everything to be sent")
        collector.send_signal(signal.SIGINT)
        began_s = time.monotonic()
        assert collector.wait(20) == 0
        assert time.monotonic() - began_s < 3
    assert_same(influx, bucket, store)


def has_all(path):
    with Store.open(path) as store:
        heard = set(store.heard().values())
        return len(heard) == 1 and store.evidence()[1] - store.evidence()[0] >= 2 * HOUR_US - 120_000_000


@pytest.mark.mosquitto
def test_a_database_that_is_not_there_keeps_no_collector_from_its_work(influx, mosquitto, tmp_path):
    require_own(influx)
    bucket, store = influx.bucket(), tmp_path / "mes.db"
    options = to(influx, bucket, tmp_path / "token")
    influx.kill()
    try:
        with collecting(mosquitto, store, options) as collector:
            asked = ["--plant", "smt", "--seed", "5", "--for", "1h", "--speed", "max", "--broker", mosquitto.url]
            invoke("simulate", *asked)
            with closing(SpoolQueue(store)) as queue:
                until(lambda: queue.waiting() > 1000 and queue.status().trouble, "it to wait")
            collector.send_signal(signal.SIGINT)
            assert collector.wait(20) == 0
            assert "wait in" in collector.stderr.read()
    finally:
        influx.start()
    with collecting(mosquitto, store, options), closing(SpoolQueue(store)) as queue:
        until(lambda: queue.waiting() == 0, "the rest to be sent")
    assert_same(influx, bucket, store)


def test_a_wrong_setting_ends_it_with_one_line(tmp_path):
    command = [*MES, "collect", "--broker", "mqtt://127.0.0.1:1", "--store", str(tmp_path / "mes.db")]
    for options, said in (
        (["--influx-url", "nowhere"], "http://127.0.0.1:8086"),
        (["--influx-org", "x"], "--influx-url"),
    ):
        done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
