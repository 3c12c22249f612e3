"""Servers of the tests' own: found on this machine, on 127.0.0.1 and a free port, ended by their own pid."""

import itertools
import os
import shutil
import signal
import socket
import subprocess
import time

import pytest

DEADLINE_S = 20.0
#: Every process of the tests goes around its own thousand ports.
_FIRST_PORT = 11000 + 1000 * (os.getpid() % 20)
_PORTS = itertools.cycle(range(_FIRST_PORT, _FIRST_PORT + 1000))


def require(binary, package):
    """Where a program is; without it the test is skipped with the reason, or fails where nothing may be missing."""
    found = shutil.which(binary) or shutil.which(binary, path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")
    if found is None:
        reason = f"{binary} is not installed (apt install {package})"
        if os.environ.get("MES_REQUIRE_SERVERS") == "1":
            pytest.fail(reason)
        if "PYTEST_CURRENT_TEST" not in os.environ:
            raise SystemExit(reason)  # it was a measurement that asked
        pytest.skip(reason)
    return found


def until(question, what):
    """Poll ``question`` until it is true: for what a server or a store does not announce."""
    deadline_s = time.monotonic() + DEADLINE_S
    while not question():
        assert time.monotonic() < deadline_s, f"waited {DEADLINE_S} s for {what}"
        time.sleep(0.02)


def free_port():
    """A TCP port nobody listens on now, for a server that must be told one.

    It is none of those that systems lend to outgoing connections (from 32768 on): between here and the server's own
    bind, one of the thousands of connections of the tests running beside this one would get it now and then.
    """
    while True:
        with socket.socket() as probe:
            port = next(_PORTS)
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


def listens(port):
    """Whether somebody listens on ``port`` of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Mosquitto:
    """A durable Mosquitto with the limits that the design asks for; keeps its port and its data over a restart."""

    def __init__(self, folder):
        self._binary, self.port, self._config = (
            require("mosquitto", "mosquitto"),
            free_port(),
            folder / "mosquitto.conf",
        )
        folder.mkdir(exist_ok=True)
        # Mosquitto gives up root for a user that cannot write where the test does.
        as_root = "user root\n" if hasattr(os, "getuid") and os.getuid() == 0 else ""
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 1000\n"
            f"persistence true\npersistence_location {folder}/\nautosave_interval 1\nautosave_on_changes true\n"
            f"log_dest file {folder}/mosquitto.log\n{as_root}"
        )
        self.process = None

    @property
    def url(self):
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self):
        self.process = subprocess.Popen([self._binary, "-c", str(self._config)])
        until(lambda: listens(self.port), "mosquitto to listen")

    def stop(self):
        # A test may have frozen it (SIGSTOP); frozen, it would not hear that it should end.
        self.process.send_signal(getattr(signal, "SIGCONT", signal.SIGTERM))
        self.process.terminate()
        self.process.wait(DEADLINE_S)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
