"""What several rooms' tests need: a real Mosquitto, a real InfluxDB and a real browser."""

import gc
import os
import shutil

import pytest
from hypothesis import settings
from influx_server import ForeignInflux, own_influx
from servers import Mosquitto, require

# A slow moment of a busy machine is no fault of ours; a failing example prints what replays it.
settings.register_profile("house", deadline=None, print_blob=True)
settings.load_profile("house")

_LONGEST_FIRST = ("walk", "deploy", "dashboards", "simulator", "collector")


def pytest_xdist_auto_num_workers():
    """For ``-n auto``: three on two cores, since a good third of the time is spent waiting for servers and browsers."""
    return (os.cpu_count() or 1) * 3 // 2


def pytest_collection_modifyitems(items):
    """Rooms whose files take longest come first, so that no worker still has one to do when the others have ended."""
    place = {room: number for number, room in enumerate(_LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(item.path.parent.name, len(place)))


def pytest_collection_finish():
    """Thousands of tests are no garbage: looking for it among them takes a tenth of the time of a long simulation."""
    gc.collect()
    gc.freeze()


_SWITCHES = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)


@pytest.fixture
def mosquitto(tmp_path):
    """A running Mosquitto of this test's own."""
    with Mosquitto(tmp_path / "broker") as server:
        yield server


@pytest.fixture(scope="module")
def influx(tmp_path_factory):
    """A running InfluxDB: the one that the environment names, or one of these tests' own; ask it for a bucket."""
    if os.environ.get("MES_TEST_INFLUX_URL"):
        yield ForeignInflux()
        return
    with own_influx(tmp_path_factory.mktemp("influx")) as server:
        yield server


@pytest.fixture(scope="module")
def chromium():
    """A Chromium, with an empty profile of its own. Not for longer: Playwright's loop would be in asyncio's way."""
    # The same browser without the parts that draw windows: a page of its own costs a quarter of the processor time.
    path = shutil.which("chromium-headless-shell") or require("chromium", "chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=path, args=_SWITCHES.split())
        yield browser
        browser.close()
