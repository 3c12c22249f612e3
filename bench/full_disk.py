"""A disk that is really full, InfluxDB's, then the store's: nothing lost, nothing doubled, the reason said, recovery.

    sudo python bench/full_disk.py [--hours 6]

Two small file systems in memory are mounted, InfluxDB's data on one and the store with its spool on the other; a plant
runs into the store, and while it does, a file takes all the room there is left on one of them, later on the other.
Needs root (to mount), influxd and nginx; without, it says so and does nothing.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from influx_server import AskedInflux, StartedInflux, own_influx  # noqa: E402

from answers.points import batch  # noqa: E402
from answers.store import Store  # noqa: E402
from app.influx_setup import set_up  # noqa: E402
from bench.points import HOURLY  # noqa: E402
from bench.sent import first_sending  # noqa: E402
from collector.influx import Sender  # noqa: E402
from collector.influx_ahead import Reader  # noqa: E402
from collector.influx_client import InfluxSettings  # noqa: E402
from collector.intake import Intake  # noqa: E402
from collector.journal import Journal  # noqa: E402
from collector.spool_queue import SpoolQueue  # noqa: E402
from contract.errors import StoreError  # noqa: E402
from contract.instants import MINUTE_US  # noqa: E402
from contract.points import MEASUREMENTS  # noqa: E402
from simulator.engine import Factory  # noqa: E402
from simulator.plant_file import load_plant  # noqa: E402

_DEADLINE_S = 120.0
#: How long InfluxDB may take to write again without a restart; the sender tries every few seconds.
_BY_ITSELF_S = 15.0
#: Points that tell of a moment, and those that the sender makes of itself: a first sending has other ones.
_MOMENTARY = {"data_health", "order_progress", "collector"}


class Disk:
    """A file system in memory of ``size``, mounted at ``place``."""

    def __init__(self, place: Path, size: str) -> None:
        self.place, self._ballast = place, place / "ballast"
        place.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(place)], check=True)

    def fill(self) -> None:
        """Leave not a byte."""
        with self._ballast.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(65_536)) == 65_536:
                    pass
            except OSError:
                return

    def free(self) -> None:
        """Give the room back."""
        self._ballast.unlink()

    def unmount(self) -> None:
        """Away with it, and all there is on it."""
        subprocess.run(["umount", "-l", str(self.place)], check=True)


class Run:
    """A plant that runs into a store a minute a commit, and a sender at work; commits that fail are done again."""

    def __init__(self, path: Path, journal: Journal) -> None:
        plant = load_plant("phone")
        self.factory, self._intake = Factory(plant, 7, plant.default_start_us, keep_truth=False), Intake()
        self._path, self._journal = path, journal
        self._held = self._intake.drain()
        self._is_held = False
        self.slowest_s, self.refusals = 0.0, Counter[str]()

    def go(self, minutes: int) -> None:
        """So many minutes of the plant, as fast as it goes."""
        for _ in range(minutes):
            # As the subscriber does: what could not be written is kept, and not acknowledged.
            if not self._is_held:
                for path, event in self.factory.run_until(self.factory.now_us + MINUTE_US):
                    self._intake.feed_events(path, (event,))
                self._held, self._is_held = self._intake.drain(), True
            began_s = time.perf_counter()
            self.commit()
            self.slowest_s = max(self.slowest_s, time.perf_counter() - began_s)

    def commit(self) -> bool:
        """Whether what is held could be written."""
        if self._is_held:
            try:
                self._journal.commit(self._held)
            except StoreError as error:
                self.refusals[str(error)] += 1
                return False
            self._is_held = False
        return True


def differences(influx: AskedInflux, bucket: str, path: Path) -> list[str]:
    """Measurements of which InfluxDB has not exactly as many points as a first sending of the store makes."""
    want = Counter(series.partition(b",")[0].decode() for _, series, _ in first_sending(path).points)
    wrong = []
    for name, measurement in MEASUREMENTS.items():
        if name in _MOMENTARY:
            continue
        field = next(iter(measurement.fields))
        found = influx.query(bucket + HOURLY * measurement.is_hourly, f'SELECT COUNT("{field}") FROM "{name}"')
        count = found[0][3][0][1] if found else 0
        if count != want[name] and not name.startswith("bottleneck"):
            wrong.append(f"{name}: {count} points, not {want[name]}")
    return wrong + _sums(influx, bucket, path)


def _sums(influx: AskedInflux, bucket: str, path: Path) -> list[str]:
    """Parts and time over all: points of another value would be as many."""
    with Store.open(path) as store:
        [(total, execute_us)] = store.rows("SELECT SUM(total), SUM(execute_us) FROM minutes")
    found = influx.query(bucket, "SELECT SUM(total), SUM(execute_s) FROM machine_minute")
    parts, seconds = found[0][3][0][1:] if found else (0, 0)
    return [] if parts == total and abs(seconds - execute_us / 1e6) < 1e-3 else [f"{parts} parts, not {total}"]


def until(is_so: object, what: str) -> float:
    """Seconds until it is so. Raises :class:`TimeoutError`."""
    began_s = time.monotonic()
    while not is_so():  # type: ignore[operator]
        if time.monotonic() - began_s > _DEADLINE_S:
            raise TimeoutError(f"waited too long for {what}")
        time.sleep(0.02)
    return time.monotonic() - began_s


def play(influx: StartedInflux, data: Disk, kept: Disk, hours: int) -> list[str]:
    path, third = kept.place / "mes.db", hours * 60 // 3
    settings = InfluxSettings(influx.url, influx.bucket(), influx.org, influx.token)
    set_up(settings, 0)
    with closing(Journal.open(path, spool=True)) as journal, closing(SpoolQueue(path)) as queue:
        run, sender = Run(path, journal), Sender(settings, path, lambda: reading(path))
        sender.start()
        run.go(third)
        until(lambda: not queue.waiting(), "the first third to arrive")

        data.fill()
        run.slowest_s = 0.0
        run.go(third)
        until(lambda: sender.stats.trouble, "InfluxDB's disk to be missed")
        print(f"InfluxDB's disk full: {queue.waiting()} changes wait, slowest commit {run.slowest_s * 1e3:.0f} ms,\n"
              f"  said: {sender.stats.trouble}")  # fmt: skip
        assert not run.refusals
        data.free()
        time.sleep(_BY_ITSELF_S)
        if sender.stats.trouble:
            # Its log remembers the error for good; a power cut is as good as a restart.
            print(f"  still so {_BY_ITSELF_S:.0f} s after there was room again: InfluxDB is killed and started")
            influx.kill()
            influx.start()
        waited_s = until(lambda: not queue.waiting() and not sender.stats.trouble, "InfluxDB to take the rest")
        print(f"  all arrived {waited_s:.1f} s later")

        kept.fill()
        while not run.refusals:
            # Its log has some room of its own left.
            run.go(1)
        run.go(third)
        print(
            f"the store's disk full: {sum(run.refusals.values())} commits refused,\n  said: {next(iter(run.refusals))}"
        )
        if sender.stats.trouble:
            print(f"  the sender said: {sender.stats.trouble}")
        kept.free()
        waited_s = until(run.commit, "the store to be written again")
        run.go(third)
        waited_s += until(lambda: not queue.waiting() and not sender.stats.trouble, "the rest to be sent")
        print(f"  written and sent {waited_s:.1f} s after there was room again, {sender.stats.refused} points refused")
        sender.stop()
        assert sender.failure is None
        assert sender.stats.refused == 0
    return differences(influx, settings.bucket, path)


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """What `mes` reads with."""
    with Store.open(path) as store:
        yield lambda entries: batch(store, entries)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--hours", type=int, default=6)
    hours = asked.parse_args().hours
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        print("full disk: not tried, it needs root to mount file systems: sudo python bench/full_disk.py")
        return
    with tempfile.TemporaryDirectory() as folder:
        disks = []
        try:
            for name, size in (("data", "96m"), ("kept", "64m")):
                disks.append(Disk(Path(folder) / name, size))
            data, kept = disks
            with own_influx(data.place / "influx") as influx:
                wrong = play(influx, data, kept, hours)
        finally:
            for disk in disks:
                disk.unmount()
    print("\n".join(wrong) or "every measurement has the points of the store, no more and no less")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
