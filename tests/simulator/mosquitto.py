"""A Mosquitto of the test's own, on 127.0.0.1 and a free port, ended by its own process id."""

import getpass
import os
import shutil
import signal
import socket
import subprocess

import pytest


def require_mosquitto():
    binary = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if binary is None:
        reason = "no mosquitto server is installed"
        if os.environ.get("MES_REQUIRE_SERVERS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return binary


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Mosquitto:
    def __init__(self, directory):
        self.binary, self.port, self.directory = require_mosquitto(), free_port(), directory
        self.config = directory / "mosquitto.conf"
        self.config.write_text(
            f"user {getpass.getuser()}\nlistener {self.port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
            f"max_inflight_messages 1000\npersistence true\npersistence_location {directory}/\n"
        )
        self.process = None

    def start(self):
        self.process = subprocess.Popen([self.binary, "-v", "-c", str(self.config)], stderr=subprocess.PIPE, text=True)
        # its log must go on being read, or a full pipe would hold it up
        for line in self.process.stderr:
            if line.rstrip().endswith("running"):
                break
        self.drain = subprocess.Popen(["cat"], stdin=self.process.stderr, stdout=subprocess.DEVNULL)

    def stop(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait(10)
        self.process.stderr.close()
        self.drain.wait(10)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
