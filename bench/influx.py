"""How fast the sender fills a real InfluxDB, beside the bare client with lines prepared; and what the spool costs.

    python bench/influx.py [--plant phone] [--hours 24] [--rounds 3]

All in one run, the two writers in turn: the machine's mood is the same for both. Needs influxd and nginx, as the tests
do, or the server that MES_TEST_INFLUX_URL (_TOKEN, _ORG) names.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from influx_server import AskedInflux, ForeignInflux, own_influx  # noqa: E402

from answers.points import batch  # noqa: E402
from answers.store import Store  # noqa: E402
from app.influx_setup import set_up  # noqa: E402
from collector.influx import Sender  # noqa: E402
from collector.influx_ahead import KEYS, ROWS, Reader  # noqa: E402
from collector.influx_client import InfluxSettings, InfluxWriter  # noqa: E402
from collector.influx_policy import LINES_LIMIT  # noqa: E402
from collector.intake import Intake  # noqa: E402
from collector.journal import Journal  # noqa: E402
from collector.spool_queue import SpoolQueue  # noqa: E402
from contract.instants import HOUR_US, SECOND_US  # noqa: E402
from simulator.engine import Factory  # noqa: E402
from simulator.plant_file import load_park  # noqa: E402


def fill(path: Path, plant: str, hours: int, step_us: int, *, spool: bool) -> list[float]:
    """A run into a store; seconds of each commit."""
    park = load_park(plant)
    factory = Factory(park, 7, park.default_start_us, keep_truth=False)
    took_s, intake = [], Intake()
    with closing(Journal.open(path, spool=spool)) as journal:
        while factory.now_us < factory.start_us + hours * HOUR_US:
            for event_path, event in factory.run_until(factory.now_us + step_us):
                intake.feed_events(event_path, (event,))
            changes, began_s = intake.drain(), time.perf_counter()
            journal.commit(changes)
            took_s.append(time.perf_counter() - began_s)
    return took_s


def read_all(path: Path) -> tuple[dict[str, list[bytes]], float]:
    """Every point that waits in the store: suffix → lines; and the seconds that reading them took."""
    found: dict[str, list[bytes]] = {}
    began_s = time.perf_counter()
    with closing(SpoolQueue(path)) as queue, Store.open(path) as store:
        while entries := queue.take(KEYS, ROWS):
            for suffix, lines in batch(store, entries).items():
                found.setdefault(suffix, []).extend(lines)
            queue.done(entries)
    return found, time.perf_counter() - began_s


def write_bare(settings: InfluxSettings, prepared: list[tuple[str, bytes]]) -> float:
    """Seconds that the client takes for bodies made before."""
    writer, began_s = InfluxWriter(settings), time.perf_counter()
    for suffix, body in prepared:
        answer = writer.write(settings.bucket + suffix, body)
        assert answer.status == 204, answer
    writer.close()
    return time.perf_counter() - began_s


def send(settings: InfluxSettings, path: Path) -> tuple[float, int]:
    """Seconds from start to nothing left through the sender, and the points it wrote."""
    Journal.open(path).close()
    Journal.open(path, spool=True).close()
    sender = Sender(settings, path, lambda: reading(path))
    began_s = time.perf_counter()
    with closing(SpoolQueue(path)) as queue:
        sender.start()
        while queue.waiting():
            time.sleep(0.05)
    took_s = time.perf_counter() - began_s
    sender.stop()
    assert sender.failure is None
    assert sender.stats.refused == 0
    return took_s, sender.stats.written


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """What `mes` reads with."""
    with Store.open(path) as store:
        yield lambda entries: batch(store, entries)


def compare(server: AskedInflux, path: Path, rounds: int) -> None:
    points, read_s = read_all(path)
    count = sum(map(len, points.values()))
    prepared = [
        (suffix, b"\n".join(lines[start : start + LINES_LIMIT]))
        for suffix, lines in points.items()
        for start in range(0, len(lines), LINES_LIMIT)
    ]
    size = sum(len(body) for _, body in prepared)
    print(f"{count} points, {size / count:.0f} bytes each; reading alone {count / read_s:,.0f} points/s")
    shares = []
    for number in range(rounds):
        bare, ours = (InfluxSettings(server.url, server.bucket(), server.org, server.token) for _ in range(2))
        for settings in (bare, ours):
            set_up(settings, 0)
        bare_rate = count / write_bare(bare, prepared)
        took_s, written = send(ours, path)
        shares.append(written / took_s / bare_rate)
        print(f"round {number + 1}: bare client {bare_rate:,.0f} points/s, sender {written / took_s:,.0f} points/s"
              f" ({written} points), {shares[-1]:.0%} of it")  # fmt: skip
    print(f"share of the bare client: median {statistics.median(shares):.0%}")


def cost(folder: Path, plant: str) -> None:
    """An hour of the plant, a second a commit, with and without a spool, in turn."""
    found: dict[bool, list[float]] = {}
    for number in range(3):
        for spool in (False, True):
            took_s = fill(folder / f"cost-{number}-{spool}.db", plant, 1, SECOND_US, spool=spool)
            found.setdefault(spool, []).append(statistics.mean(took_s))
    without, with_spool = (statistics.median(found[spool]) * 1e3 for spool in (False, True))
    print(f"a commit of a second of {plant}: {without:.2f} ms, with a spool {with_spool:.2f} ms "
          f"(+{with_spool - without:.2f} ms, {with_spool / without - 1:+.0%})")  # fmt: skip


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--plant", default="phone")
    asked.add_argument("--hours", type=int, default=24)
    asked.add_argument("--rounds", type=int, default=3)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mes.db"
        cost(Path(folder), options.plant)
        fill(path, options.plant, options.hours, 1800 * SECOND_US, spool=True)
        if os.environ.get("MES_TEST_INFLUX_URL"):
            compare(ForeignInflux(), path, options.rounds)
            return
        with own_influx(Path(folder) / "influx") as server:
            compare(server, path, options.rounds)


if __name__ == "__main__":
    main()
