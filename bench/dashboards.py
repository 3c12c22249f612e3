"""How long the queries of each dashboard take: over 24 hours by minute, over 30 days through the hourly roll-up.

    python bench/dashboards.py [--plant phone] [--hours 24] [--rounds 3] [--write]

A run of the plant is written twice, as two enterprises, so that there are at least 50 machines; its hours are written
again for each of the 29 days before, and its stops too. States, values and units are of the one day only. What is
shown is the sum over a dashboard's queries, asked one after another over one connection, the best of the rounds, and
how busy the machine was. ``--write`` puts the table into docs/grafana.md and docs/grafana.vi.md.
"""

import argparse
import os
import re
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from influx_server import own_influx  # noqa: E402

from app.dashboards import Row, ask_all  # noqa: E402
from app.influxql import InfluxReader  # noqa: E402
from bench._filled import Bucket  # noqa: E402
from bench.points import HOURLY  # noqa: E402
from dashboards.grafana.interpolate import Scope  # noqa: E402

DAY_US, DAYS = 86_400_000_000, 30
LIMITS_MS = {"24 h": 300, "30 d": 1000}
_TIME = re.compile(rb"(\d+)$")
_TABLE = re.compile(r"(<!-- times -->\n).*(<!-- end of times -->)", re.DOTALL)
_HEADS = {
    "docs/grafana.md": (
        ("dashboard", "panels", "queries", "rows, 24 h", "24 h by minute, ms", "30 days by hour, ms"),
        "{machines} machines, the best of {rounds} rounds, InfluxDB {version}, {cores} cores, load {load}, {date}.",
    ),
    "docs/grafana.vi.md": (
        ("bảng", "ô", "truy vấn", "hàng, 24 giờ", "24 giờ theo phút, ms", "30 ngày theo giờ, ms"),
        "{machines} máy, tốt nhất trong {rounds} lượt, InfluxDB {version}, {cores} nhân, tải {load}, {date}.",
    ),
}


class Enlarged(Bucket):
    """Everything twice; hours and stops also on each of the days before."""

    def write(self, suffix: str, lines: list[bytes]) -> None:
        told = [*lines, *(re.sub(rb"enterprise=", b"enterprise=second-", line, count=1) for line in lines)]
        repeated = [line for line in told if suffix == HOURLY or line.startswith(b"downtime,")]
        super().write(suffix, told + [early for line in repeated for early in days_before(line)])


def days_before(line: bytes) -> list[bytes]:
    """A point on each of the days before its own."""
    return [_TIME.sub(lambda at, day=day: b"%d" % (int(at[1]) - day * DAY_US), line) for day in range(1, DAYS)]


def measure(reader: InfluxReader, scope: Scope, rounds: int) -> dict[str, list[Row]]:
    """Dashboard → its queries in the round in which they took least together."""
    best: dict[str, list[Row]] = {}
    for _ in range(rounds):
        rows = ask_all(reader, scope, "en")
        assert not [row for row in rows if row.error]
        for dashboard in {row.dashboard for row in rows}:
            own = [row for row in rows if row.dashboard == dashboard]
            if dashboard not in best or spent(own) < spent(best[dashboard]):
                best[dashboard] = own
    return best


def spent(rows: list[Row]) -> float:
    """ms of queries together."""
    return sum(row.ms for row in rows)


def table(found: dict[str, dict[str, list[Row]]], head: tuple[str, ...]) -> Iterator[str]:
    """The measurements in Markdown; what is over its limit in bold."""
    yield f"| {' | '.join(head)} |"
    yield "|---" + "|--:" * (len(head) - 1) + "|"
    for dashboard, rows in sorted(found["24 h"].items()):
        panels = len({row.panel for row in rows if not row.panel.startswith("$")})
        cells = [f"`{dashboard}`", str(panels), str(len(rows)), str(sum(row.rows for row in rows))]
        for label, limit in LIMITS_MS.items():
            ms = spent(found[label][dashboard])
            cells.append(f"{ms:.0f}" if ms <= limit else f"**{ms:.0f}**")
        yield f"| {' | '.join(cells)} |"


def write(found: dict[str, dict[str, list[Row]]], facts: dict[str, object]) -> None:
    """The table between its marks, in both languages."""
    for name, (head, how) in _HEADS.items():
        path = ROOT / name
        made = "\n".join([how.format(**facts), "", *table(found, head), ""])
        text, times = _TABLE.subn(lambda marks, made=made: marks[1] + made + marks[2], path.read_text("utf-8"))
        assert times == 1, f"{name} has no place for the table"
        path.write_text(text, "utf-8")


def show(label: str, best: dict[str, list[Row]]) -> None:
    for dashboard, rows in sorted(best.items()):
        verdict = "" if spent(rows) <= LIMITS_MS[label] else f"  over {LIMITS_MS[label]} ms"
        slowest = sorted(rows, key=lambda row: -row.ms)[:2]
        worst = ", ".join(f"{row.panel} {row.query} {row.ms:.0f} ms" for row in slowest)
        print(f"{label}  {dashboard:<18} {spent(rows):7.0f} ms{verdict}   ({worst})", flush=True)


def machines(reader: InfluxReader) -> int:
    """How many there are."""
    return len(reader.ask("mes-influx", 'SELECT LAST("execute_s") FROM "machine_minute" GROUP BY *'))


def version(url: str) -> str:
    """What the server calls itself."""
    with urllib.request.urlopen(f"{url}/ping", timeout=10) as answer:
        return str(answer.headers["X-Influxdb-Version"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plant", default="phone")
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, own_influx(Path(folder) / "influx") as server:
        bucket = Enlarged(server)
        span = bucket.run(asked.plant, asked.hours, Path(folder) / "mes.db")
        to_ms = span.to_us // 1000
        found = {}
        with InfluxReader(bucket.settings) as reader:
            for label, width_ms in {"24 h": 86_400_000, "30 d": DAYS * 86_400_000}.items():
                found[label] = measure(reader, Scope(to_ms - width_ms, to_ms), asked.rounds)
                show(label, found[label])
            facts = {"machines": machines(reader), "rounds": asked.rounds, "version": version(server.url),
                     "cores": os.cpu_count(), "load": f"{os.getloadavg()[0]:.1f}",
                     "date": time.strftime("%Y-%m-%d")}  # fmt: skip
        print(facts)
        if asked.write:
            write(found, facts)


if __name__ == "__main__":
    main()
