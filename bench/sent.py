"""What a plant sent while it ran is what its store holds when it is over: point by point, and as InfluxDB answers.

    python bench/sent.py [--seeds 3] [--hours 5] [--plants phone,garment] [--influx]

Each plant with as many seeds, without a mess and in all of it, sent every few minutes: minutes, stops, bottlenecks
and lines are told again when more is known. Every point there is in the end is the one that a first sending of the
whole store would make. With ``--influx`` the answers of a real server too, by machine, line and hour (needs influxd
and nginx, as the tests do, or the server that MES_TEST_INFLUX_URL names).
"""

import argparse
import math
import os
import re
import sqlite3
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from influx_server import AskedInflux, ForeignInflux, own_influx  # noqa: E402

from answers.line_protocol import path_tags  # noqa: E402
from answers.score_told import EQUAL  # noqa: E402
from answers.span import everything  # noqa: E402
from answers.store import Store  # noqa: E402
from bench.points import HOURLY, LINE_FIELDS, RATIOS, Told, asked_of_store, live, machine_sums, send  # noqa: E402
from collector.journal import Journal  # noqa: E402
from collector.spool_queue import SpoolQueue  # noqa: E402
from contract.instants import HOUR_US, MINUTE_US  # noqa: E402
from contract.points import MACHINE_TAGS, MEASUREMENTS  # noqa: E402

PLANTS = ("phone", "printer", "bottling", "car", "steel", "solar", "garment", "machining", "smt")
MESSES = ("", "all")
#: Told as it was at a moment; what it was before, nobody knows any more.
_MOMENTARY = (b"data_health", b"order_progress")
#: Minutes before and after all rows may be asked for their bottleneck: they have none.
_NEVER = b"sole_s=0.0,shifting_s=0.0"
_POINT = re.compile(rb"((?:[^\\ ]|\\.)+) (.+) (\d+)", re.DOTALL)
#: Seconds, parts and kWh may differ by rounding of float sums, ratios by their last digits.
_ABSOLUTE, _RELATIVE = 1e-6, 1e-9
_Key = tuple[str, int]


class Kept:
    """A database in memory: (bucket suffix, series, instant) → fields; written again is written over."""

    def __init__(self) -> None:
        self.points: dict[tuple[str, bytes, int], bytes] = {}

    def write(self, suffix: str, lines: list[bytes]) -> None:
        """Take lines of line protocol."""
        for line in lines:
            found = _POINT.fullmatch(line)
            assert found, line
            series, fields, at_us = found.groups()
            self.points[suffix, series, int(at_us)] = fields


class Bucket:
    """Two buckets of a real InfluxDB; what is written there is ``kept`` here too."""

    def __init__(self, influx: AskedInflux) -> None:
        self._influx, self.name, self.kept = influx, influx.bucket(), Kept()
        for suffix in ("", HOURLY):
            influx.create(self.name + suffix)

    def write(self, suffix: str, lines: list[bytes]) -> None:
        """Write lines of line protocol; raises where the server does not take them."""
        self.kept.write(suffix, lines)
        asked = {"bucket": self.name + suffix, "precision": "us", "org": self._influx.org or "-"}
        headers = {"Authorization": f"Token {self._influx.token}"} if self._influx.token else {}
        url = f"{self._influx.url}/api/v2/write?{urllib.parse.urlencode(asked)}"
        with urllib.request.urlopen(urllib.request.Request(url, b"\n".join(lines), headers), timeout=60) as answer:
            assert answer.status == 204

    def ask(self, text: str, suffix: str = "") -> list[Any]:
        """The series of an answer: (name, tags, columns, values)."""
        found: list[Any] = self._influx.query(self.name + suffix, text)
        return found


def first_sending(path: Path) -> Kept:
    """Every point of the store at ``path``, as one who never sent anything sends it."""
    kept = Kept()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "mes.db"
        with closing(sqlite3.connect(path)) as here, closing(sqlite3.connect(copy)) as there:
            here.backup(there)
        Journal.open(copy).close()
        Journal.open(copy, spool=True).close()
        with closing(SpoolQueue(copy)) as queue, Store.open(copy) as store:
            send(queue, store, kept.write)
    return kept


def stale(kept: Kept, told: Told) -> list[str]:
    """Points that ``kept`` has not, has otherwise, or has too much.

    Of bottlenecks only what is settled: as long as an active period goes on, nobody knows how long it will be.
    """
    want = first_sending(told.store.path).points
    span = everything(told.store)
    settled = {path_tags(line).encode(): told.settled_us(line, span) for line in told.store.lines()}

    def is_final(key: tuple[str, bytes, int]) -> bool:
        name, _, rest = key[1].partition(b",")
        if not name.startswith(b"bottleneck"):
            return name not in _MOMENTARY
        until_us = next(us for line, us in settled.items() if f",{rest.decode()}".startswith(line.decode() + ","))
        return key[2] + (HOUR_US if name.endswith(b"_hour") else MINUTE_US) <= until_us

    wrong = [f"{key}: {kept.points.get(key)!r}, not {fields!r}"
             for key, fields in want.items() if kept.points.get(key) != fields and is_final(key)]  # fmt: skip
    return wrong + [
        f"{key}: {fields!r} is nobody's"
        for key, fields in kept.points.items()
        if key not in want and fields != _NEVER and is_final(key)
    ]


def untrue(told: Told) -> list[str]:
    """Where the store is not the truth, of a run without a mess; how true it stays in one, ``bench/mess.py`` judges."""
    found = () if told.mess else (*told.score.machines, *told.score.orders)
    return [f"{one}" for one in found if one.verdict != EQUAL]


def by_path(series: list[Any]) -> dict[_Key, list[float]]:
    """Series grouped by the tags of a path → (path, time) → values."""
    return {
        ("/".join(tags[name] for name in MACHINE_TAGS if tags.get(name)), row[0]): row[1:]
        for _, tags, _, rows in series
        for row in rows
        if any(value is not None for value in row[1:])
    }


def ask_sums(bucket: Bucket, measurement: str, fields: list[str], told: Told) -> dict[_Key, list[float]]:
    """(path, UTC hour) → sums of the fields."""
    span, one = everything(told.store), MEASUREMENTS[measurement]
    asked = ", ".join(f'SUM("{field}")' for field in fields)
    when = f"time >= {span.from_us - HOUR_US}u AND time < {span.to_us}u"
    text = f'SELECT {asked} FROM "{measurement}" WHERE {when} GROUP BY time(1h), {", ".join(one.tags)}'
    return by_path(bucket.ask(text, HOURLY if one.is_hourly else ""))


def wrong_machines(told: Told, bucket: Bucket) -> list[str]:
    """Machines by the hour, from minutes and from hours."""
    fields, expected = machine_sums(told)
    return [
        each
        for name in ("machine_minute", "machine_hour")
        for each in _differences(name, ask_sums(bucket, name, fields, told), expected)
    ]


def wrong_lines(told: Told, bucket: Bucket) -> list[str]:
    """Lines by the hour, from minutes and from hours."""
    expected = {(path, hour): values for path, hour, values in asked_of_store(told)}
    return [
        each
        for name in ("line_minute", "line_hour")
        for each in _differences(name, ask_sums(bucket, name, LINE_FIELDS, told), expected)
    ]


def wrong_bottlenecks(told: Told, bucket: Bucket) -> list[str]:
    """Bottlenecks by the hour, of those hours in which every active period is over."""
    expected, settled, found = told.bottlenecks(), told.settled_hours(), []
    for name in ("bottleneck_minute", "bottleneck_hour"):
        sums = ask_sums(bucket, name, ["sole_s", "shifting_s"], told)
        known = {
            key: values
            for key, values in sums.items()
            if (key[0].rpartition("/")[0], key[1]) in settled and max(values) > _ABSOLUTE
        }
        found += _differences(name, known, expected)
    return found


def wrong_ratios(told: Told, bucket: Bucket) -> list[str]:
    """What `mes kpi --by line` and `--by machine` say, as the dashboards ask: a ratio of sums."""
    wrong = []
    for measurement, ratios in RATIOS.items():
        for name, (over, under) in ratios.items():
            above, below = (" + ".join(f'SUM("{field}")' for field in fields) for fields in (over, under))
            tags = ", ".join(MEASUREMENTS[measurement].tags)
            series = bucket.ask(f'SELECT ({above}) / ({below}) FROM "{measurement}" GROUP BY {tags}')
            found = {path: values[0] for (path, _), values in by_path(series).items()}
            for path, kpis in told.kpis(measurement).items():
                # Divided by nothing a database says 0 or nothing; the answers say that it is not known.
                mine, expected = found.get(path) or 0, getattr(kpis, name) or 0
                if not math.isclose(mine, expected, rel_tol=_RELATIVE):
                    wrong.append(f"{measurement} {name} {path}: {mine}, not {expected}")
    return wrong


#: Every comparison with what the answers say.
ASKED: tuple[Callable[[Told, Bucket], list[str]], ...] = (
    wrong_machines, wrong_lines, wrong_bottlenecks, wrong_ratios,
)  # fmt: skip


def _differences(name: str, found: Mapping[_Key, list[float]], expected: Mapping[_Key, list[float]]) -> Iterator[str]:
    for key in {**found, **expected}:
        mine, other = found.get(key, []), expected.get(key, [])
        same = len(mine) == len(other) and all(
            math.isclose(one, two, rel_tol=0, abs_tol=_ABSOLUTE) for one, two in zip(mine, other, strict=True)
        )
        if not same:
            yield f"{name} {key}: {mine}, not {other}"


def one_run(run: tuple[str, int, str], hours: float, influx: AskedInflux | None) -> tuple[int, list[str]]:
    """How many points were made of a run, and what is wrong with them."""
    bucket = Bucket(influx) if influx else None
    kept = bucket.kept if bucket else Kept()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mes.db"
        with live(run, path, hours, bucket.write if bucket else kept.write) as told:
            wrong = untrue(told)
            wrong += [each for check in ASKED for each in check(told, bucket)] if bucket else []
            wrong += stale(kept, told)
    return len(kept.points), wrong


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--seeds", type=int, default=3)
    asked.add_argument("--first", type=int, default=1)
    asked.add_argument("--hours", type=float, default=5.0)
    asked.add_argument("--plants", default=",".join(PLANTS))
    asked.add_argument("--influx", action="store_true")
    options = asked.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    runs = [(plant, seed, mess) for plant in options.plants.split(",") for seed in seeds for mess in MESSES]
    bad = 0
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        influx: AskedInflux | None = None
        if options.influx:
            influx = (
                ForeignInflux()
                if os.environ.get("MES_TEST_INFLUX_URL")
                else stack.enter_context(own_influx(Path(folder) / "influx"))
            )
        for plant, seed, mess in runs:
            began_s = time.perf_counter()
            count, wrong = one_run((plant, seed, mess), options.hours, influx)
            said = f"{len(wrong)} WRONG" if wrong else "equal"
            print(f"{plant:<10} seed {seed:<4} {'all of the mess' if mess else 'no mess':<16}{count:>9,} points"
                  f"  {said}  {time.perf_counter() - began_s:.0f} s", flush=True)  # fmt: skip
            print("".join(f"    {each}\n" for each in wrong[:5]), end="", flush=True)
            bad += bool(wrong)
    print(f"{len(runs) - bad} of {len(runs)} runs: every point is what the store says" + ("" if bad else ", all equal"))
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
