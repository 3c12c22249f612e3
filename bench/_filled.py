"""An InfluxDB of our own with a plant's run in it, for what asks the dashboards' queries."""

import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from answers.span import Span, everything
from bench.points import HOURLY, live
from collector.influx_client import InfluxSettings

_LINES, _TRIES = 5_000, 10


class Bucket:
    """A bucket and its hourly one, new and empty, of a server of ``tests/influx_server.py``."""

    def __init__(self, influx) -> None:  # noqa: ANN001 - the tests are no package
        self.influx, self.name = influx, influx.bucket()
        for suffix in ("", HOURLY):
            influx.create(self.name + suffix)
        self.settings = InfluxSettings(influx.url, self.name, influx.org, influx.token)

    def write(self, suffix: str, lines: list[bytes]) -> None:
        """Lines of line protocol; raises where the server refuses one."""
        asked = {"bucket": self.name + suffix, "precision": "us", "org": self.influx.org or "-"}
        url = f"{self.influx.url}/api/v2/write?{urllib.parse.urlencode(asked)}"
        headers = {"Authorization": f"Token {self.influx.token}"} if self.influx.token else {}
        for first in range(0, len(lines), _LINES):
            request = urllib.request.Request(url, b"\n".join(lines[first : first + _LINES]), headers)
            _send(request)

    def run(self, plant: str, hours: float, path: Path) -> Span:
        """A run of a plant, sent while it lasts; its span."""
        with live((plant, 1, ""), path, hours, self.write) as told:
            return everything(told.store)


def _send(request: urllib.request.Request) -> None:
    """Again where the server is too busy, which it says with 500: the same points are the same points."""
    for left in reversed(range(_TRIES)):
        try:
            urllib.request.urlopen(request, timeout=120).close()
        except urllib.error.HTTPError as refused:
            if refused.code < 500 or not left:
                raise
            time.sleep(1)
        else:
            return
