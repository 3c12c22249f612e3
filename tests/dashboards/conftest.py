"""A store with a believable line, its board, and a real browser."""

import os
import shutil

import pytest
from made_up_line import NOW_US, make_store
from served_board import serving

_SWITCHES = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)


@pytest.fixture
def store(tmp_path):
    return make_store(tmp_path / "mes.db", NOW_US)


@pytest.fixture
def board(store):
    with serving(store) as address:
        yield address


@pytest.fixture(scope="session")
def chromium():
    """A Chromium; where there is none the test is skipped, or fails if MES_REQUIRE_SERVERS=1."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        reason = "no chromium on this machine: apt-get install chromium"
        if os.environ.get("MES_REQUIRE_SERVERS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=path, args=_SWITCHES.split())
        yield browser
        browser.close()
