"""What several measurements start: a demo, a board of its own beside it, a browser. All end with the `with`."""

import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
from playwright.sync_api import Browser, sync_playwright

from app.broker import free_port

MES = [sys.executable, "-m", "app"]
#: Without one of the system's, Playwright takes its own.
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
#: How long what was told to end may take, s.
_PATIENCE_S = 20


class Demo(NamedTuple):
    """A running demo: its process, its board's address (ending in /), its broker's port, its store, its desk's PIN."""

    process: psutil.Process
    board: str
    broker_port: int
    store: Path
    pin: str


@contextmanager
def demo(*options: str) -> Iterator[Demo]:
    """A demo that is ready."""
    with _saying("demo", *options) as (process, said):
        broker, pin = re.search(r"broker: \S+:(\d+)", said), re.search(r"PIN (\d+)", said)
        assert broker
        assert pin
        store = next(Path(file.path) for file in process.open_files() if file.path.endswith("mes.db"))
        yield Demo(process, _address(said), int(broker[1]), store, pin[1])


@contextmanager
def board(store: Path) -> Iterator[tuple[psutil.Process, str]]:
    """A board of ``store`` in a process of its own, and its address."""
    with _saying("board", "--store", str(store)) as (process, said):
        yield process, _address(said)


def _address(said: str) -> str:
    found = re.search(r"board:\s+(http\S+)", said)
    assert found
    return found[1]


@contextmanager
def _saying(*command: str) -> Iterator[tuple[psutil.Process, str]]:
    """A `mes` command that serves a board, and what it has said until that listens."""
    process = subprocess.Popen([*MES, *command, "--port", str(free_port())], stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        said = ""
        while "board:" not in said:
            line = process.stderr.readline()
            assert line, f"mes {' '.join(command)} ended: {said}"
            said += line
        # Whatever it says in ten hours: a full pipe would make it wait for a reader.
        rest = threading.Thread(target=process.stderr.read, daemon=True)
        rest.start()
        yield psutil.Process(process.pid), said
        process.terminate()
        rest.join(_PATIENCE_S)
    finally:
        process.terminate()
        process.wait(_PATIENCE_S)
        if process.stderr is not None:
            process.stderr.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A Chromium without a window."""
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()
