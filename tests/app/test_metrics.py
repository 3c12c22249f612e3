"""The collector as Prometheus and a supervisor see it, and its log as a program reads it: with a real Mosquitto."""

import json
import signal
import subprocess
import sys
from contextlib import contextmanager

import httpx
import paho.mqtt.publish as mqtt
import pytest
from database import database
from prometheus_client.parser import text_string_to_metric_families
from servers import DEADLINE_S, free_port, until

MES = [sys.executable, "-m", "app"]
TOPIC = "mes/v1/acme/site/area/line/press"
STATE = b'{"ts":%d,"seq":%d,"boot":1767567600,"state":"Execute","mode":"Production","reason":"","since":%d}'
START_US = 1_767_567_600_000_000


@contextmanager
def collecting(mosquitto, folder):
    port = free_port()
    where = ["--broker", mosquitto.url, "--store", "mes.db", "--metrics-port", str(port)]
    command = [*MES, "--log-format", "json", "collect", *where]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    address = f"http://127.0.0.1:{port}"
    try:
        until(lambda: answers(address), "the collector to serve its metrics")
        yield address, process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(DEADLINE_S)
        process.stderr.close()


def answers(address):
    try:
        return httpx.get(f"{address}/healthz").status_code > 0
    except httpx.TransportError:
        return False


def metrics(address):
    families = text_string_to_metric_families(httpx.get(f"{address}/metrics").text)
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


@pytest.mark.mosquitto
def test_what_the_collector_did_is_counted(mosquitto, tmp_path):
    def say(number):
        mqtt.single(f"{TOPIC}/state", STATE % (START_US + number * 1_000_000, number, START_US), 1, port=mosquitto.port)

    with collecting(mosquitto, tmp_path) as (address, process):
        for number in (1, 2, 2, 3):
            say(number)
        mqtt.single(f"{TOPIC}/state", b"not json", 1, port=mosquitto.port)
        until(lambda: metrics(address)["mes_events_total",] == 5, "five events")
        until(lambda: metrics(address)["mes_packets_total",] == 5, "five packets")
        found = metrics(address)
        assert found["mes_duplicates_events_total",] == 1
        assert found["mes_quarantined_total", "not_json"] == 1
        assert found["mes_commits_total",] == found["mes_commit_seconds_count",] >= 1
        assert found["mes_inbox_packets",] == 0
        assert found["mes_connected",] == 1
        assert found["mes_lag_seconds",] > 0
        health = httpx.get(f"{address}/healthz")
        assert (health.status_code, health.json()["status"]) == (200, "ok")
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=DEADLINE_S)
    lines = [json.loads(line) for line in told.splitlines()]
    assert {"time", "level", "logger", "message"} <= set(lines[0])
    assert any("collecting from" in line["message"] for line in lines)
    assert any("5 events" in line["message"] for line in lines)
    with database(tmp_path / "mes.db") as store:
        assert store.execute("SELECT SUM(duplicates) FROM health").fetchone() == (1,)
    store.close()
    with collecting(mosquitto, tmp_path) as (address, _):
        assert metrics(address)["mes_duplicates_events_total",] == 1  # what is in the store is known from the start


@pytest.mark.mosquitto
def test_a_broker_that_is_gone_is_not_healthy(mosquitto, tmp_path):
    with collecting(mosquitto, tmp_path) as (address, _):
        mosquitto.stop()
        until(lambda: httpx.get(f"{address}/healthz").status_code == 503, "the loss to be seen")
        assert httpx.get(f"{address}/healthz").json()["status"] == "the broker is gone"
        assert metrics(address)["mes_connected",] == 0
        mosquitto.start()
        until(lambda: httpx.get(f"{address}/healthz").status_code == 200, "the broker to be back")


def test_an_error_is_one_json_line_too(tmp_path):
    done = subprocess.run(
        [*MES, "--log-format", "json", "kpi", "--store", "none.db"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    [line] = map(json.loads, done.stderr.splitlines())
    assert "there is no store" in line["message"]
    assert line["level"] == "error"
