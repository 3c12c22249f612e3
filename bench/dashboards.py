"""How long the queries of each dashboard take: over 24 hours by minute, over 30 days through the hourly roll-up.

    python bench/dashboards.py [--plant phone] [--hours 24] [--rounds 3]

A run of the plant is written twice, as two enterprises, so that there are at least 50 machines; its hours are written
again for each of the 29 days before, and its stops too. States, values and units are of the one day only. What is
shown is the sum over a dashboard's queries, asked one after another over one connection, the best of the rounds.
"""

import argparse
import re
import sys
import tempfile
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from influx_server import OwnInflux  # noqa: E402

from answers.span import Span, everything  # noqa: E402
from app.dashboards import Row, ask_all  # noqa: E402
from app.influxql import InfluxReader  # noqa: E402
from bench.points import HOURLY, live  # noqa: E402
from collector.influx_client import InfluxSettings  # noqa: E402
from dashboards.grafana.interpolate import Scope  # noqa: E402

DAY_US, DAYS = 86_400_000_000, 30
LIMITS_MS = {"24 h": 300, "30 d": 1000}
_TIME = re.compile(rb"(\d+)$")


def twice(lines: list[bytes]) -> list[bytes]:
    """Every point, and the same of a second enterprise."""
    return [*lines, *(re.sub(rb"enterprise=", b"enterprise=second-", line, count=1) for line in lines)]


def days_before(line: bytes) -> list[bytes]:
    """A point on each of the days before its own."""
    return [_TIME.sub(lambda at, day=day: b"%d" % (int(at[1]) - day * DAY_US), line) for day in range(1, DAYS)]


def fill(server: OwnInflux, plant: str, hours: float, path: Path) -> Span:
    """A run in both buckets; the span it lasted."""

    def write(suffix: str, lines: list[bytes]) -> None:
        told = twice(lines)
        if suffix == HOURLY:
            told += [early for line in told for early in days_before(line)]
        else:
            told += [early for line in told if line.startswith(b"downtime,") for early in days_before(line)]
        for first in range(0, len(told), 20_000):
            body = b"\n".join(told[first : first + 20_000])
            url = f"http://127.0.0.1:{server.port}/write?db=bench{suffix}&precision=u"
            urllib.request.urlopen(urllib.request.Request(url, body), timeout=120).close()

    with live((plant, 1, ""), path, hours, write) as told:
        return everything(told.store)


def measure(reader: InfluxReader, scope: Scope, rounds: int) -> tuple[dict[str, float], dict[str, list[Row]]]:
    """Dashboard → ms of all its queries together, in the best round; and the slowest queries of that."""
    best: dict[str, float] = {}
    slow: dict[str, list[Row]] = {}
    for _ in range(rounds):
        rows = ask_all(reader, scope, "en")
        assert not [row for row in rows if row.error]
        for dashboard in {row.dashboard for row in rows}:
            own = [row for row in rows if row.dashboard == dashboard]
            total = sum(row.ms for row in own)
            if total < best.get(dashboard, float("inf")):
                best[dashboard] = total
                slow[dashboard] = sorted(own, key=lambda row: -row.ms)[:2]
    return best, slow


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plant", default="phone")
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, OwnInflux(Path(folder) / "influx") as server:
        for suffix in ("", HOURLY):
            server.create(f"bench{suffix}")
        span = fill(server, asked.plant, asked.hours, Path(folder) / "mes.db")
        to_ms = span.to_us // 1000
        spans = {"24 h": 86_400_000, "30 d": DAYS * 86_400_000}
        with InfluxReader(InfluxSettings(f"http://127.0.0.1:{server.port}", "bench")) as reader:
            for label, width_ms in spans.items():
                best, slow = measure(reader, Scope(to_ms - width_ms, to_ms), asked.rounds)
                for dashboard, ms in sorted(best.items()):
                    verdict = "" if ms <= LIMITS_MS[label] else f"  over {LIMITS_MS[label]} ms"
                    worst = ", ".join(f"{row.panel} {row.query} {row.ms:.0f} ms" for row in slow[dashboard])
                    print(f"{label}  {dashboard:<18} {ms:7.0f} ms{verdict}   ({worst})", flush=True)


if __name__ == "__main__":
    main()
