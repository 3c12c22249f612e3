"""`mes demo` as a visitor meets it: one command, an address, a live board in both languages, and a clean end."""

import json
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from servers import listens, until

from contract import codec, topics
from contract.topics import Kind

MES = [sys.executable, "-m", "app"]
START_S = 30
PLANT = Path(__file__).parent.parent.parent / "simulator" / "plants" / "smt.toml"


class Demo:
    """A running demo: its addresses, and what it has said so far."""

    def __init__(self, process):
        self.process = process
        self.said = []
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stderr:
            self.said.append(line)
            if "board:" in line:
                self._ready.set()
        self._ready.set()

    def wait_until_ready(self):
        assert self._ready.wait(START_S), self.said
        assert any("board:" in line for line in self.said), self.said

    @property
    def board(self):
        return re.search(r"board:\s+(http://127\.0\.0\.1:\d+/)", "".join(self.said))[1]

    @property
    def broker_port(self):
        return int(re.search(r"broker: mqtt://127\.0\.0\.1:(\d+)", "".join(self.said))[1])

    def stop(self):
        """Press Ctrl-C and wait for the end; its exit code and the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(20)
        self.close()
        return code, time.monotonic() - began

    def close(self):
        """Let go of an ended process."""
        self._reader.join(5)
        self.process.stderr.close()


@contextmanager
def running(*args):
    command = [*MES, "demo", "--port", "0", *args]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    demo = Demo(process)
    try:
        demo.wait_until_ready()
        yield demo
    finally:
        if process.poll() is None:
            code, _ = demo.stop()
            assert code == 0, demo.said
        demo.close()


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A demo that is at work whenever the tests run: the shipped line, in one shift around the clock."""
    shipped = PLANT.read_text("utf-8")
    around_the_clock = '[[shifts]]\nname = { en = "All day", vi = "Cả ngày" }\nstart = 00:00:00\nend = 00:00:00\n\n'
    plant = tmp_path_factory.mktemp("plant") / "always.toml"
    before, after = shipped.index("[[shifts]]"), shipped.index("[[lines]]")
    plant.write_text(shipped[:before] + around_the_clock + shipped[after:], "utf-8")
    with running("--plant", str(plant), "--history", "30m", "--speed", "20") as started:
        yield started


@contextmanager
def listening(demo, on_message):
    """Any MQTT client at the demo's broker, hearing everything while inside."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.on_message = on_message
    client.connect("127.0.0.1", demo.broker_port)
    client.subscribe(topics.EVERYTHING, qos=1)
    client.loop_start()
    try:
        yield
    finally:
        client.loop_stop()
        client.disconnect()


def snapshots(board):
    """What the board's stream says, one event at a time."""
    with httpx.stream("GET", f"{board}events", timeout=10) as response:
        for line in response.iter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


def test_the_past_is_there_and_the_present_goes_on(demo):
    stream = snapshots(demo.board)
    first = next(stream)
    assert len(first["lines"][0]["stations"]) == 10
    later = next(said for said in stream if said.get("now_us", 0) > first["now_us"])
    assert later["now_us"] - first["now_us"] < 600_000_000


def test_any_mqtt_client_sees_the_same_facts(demo):
    heard, enough = {}, threading.Event()

    def on_message(_client, _data, message):
        topic = topics.parse(message.topic)
        codec.decode(topic.kind, message.payload)
        heard.setdefault(topic.kind, set()).add(message.retain)
        if {Kind.INFO, Kind.CALENDAR, Kind.ORDER, Kind.LINK, Kind.STATE, Kind.COUNT} <= set(heard):
            enough.set()

    with listening(demo, on_message):
        assert enough.wait(20), heard
    assert all(True in heard[kind] for kind in (Kind.INFO, Kind.CALENDAR, Kind.ORDER)), "not retained"
    assert True not in heard[Kind.COUNT]


def test_ctrl_c_ends_everything_and_leaves_nothing(demo):
    with running("--history", "10m") as other:
        assert other.broker_port != demo.broker_port
        with httpx.stream("GET", f"{other.board}events", timeout=10) as viewer:
            next(viewer.iter_lines())
            code, took_s = other.stop()
        assert (code, took_s < 6) == (0, True), (other.said, took_s)
        assert "stopped" in other.said[-1]
        until(lambda: not listens(other.broker_port), "the broker to be gone")


@pytest.mark.chromium
@pytest.mark.parametrize("language", ["en", "vi"])
@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (390, 844)], ids=["wall", "phone"])
def test_a_browser_shows_it_live_without_a_complaint(demo, chromium, language, width, height):
    page = chromium.new_page(viewport={"width": width, "height": height}, locale=language)
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(demo.board)
    page.wait_for_selector("[data-station]")
    assert page.evaluate("document.documentElement.lang") == language
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.locator("[data-station]:visible").count() >= 10
    assert complaints == []
    page.close()


@pytest.mark.chromium
def test_a_state_is_on_the_screen_within_two_seconds_of_the_event(demo, chromium):
    """Hear the event at the broker, and wait for the same state on the page."""
    page = chromium.new_page(viewport={"width": 1920, "height": 1080}, locale="en")
    page.goto(demo.board)
    page.wait_for_selector("[data-station]")
    changes, changed = [], threading.Event()

    def on_message(_client, _data, message):
        topic = topics.parse(message.topic)
        if not message.retain and topic.kind is Kind.STATE:
            changes.append((time.monotonic(), topic.path, codec.decode(topic.kind, message.payload)[-1]))
            changed.set()

    with listening(demo, on_message):
        for _ in range(5):
            changed.clear()
            assert changed.wait(30), "no machine changed its state"
            at, path, event = changes[-1]
            station = topics.address(path).machine
            page.wait_for_function(
                "([id, since]) => Number(document.querySelector(`[data-station='${id}']`)?.dataset.since) >= since",
                arg=[station, event.since],
                timeout=10_000,
            )
            assert time.monotonic() - at < 2, f"{station} took {time.monotonic() - at:.1f} s to show {event.state}"
    page.close()
