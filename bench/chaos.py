"""Is the store the truth after power cuts? Collector, broker and readers of the store killed at random, under load.

    python bench/chaos.py                        100 rounds
    python bench/chaos.py --rounds 1 --first 42  one of them again

A round: Mosquitto (QoS 1, persistence), `mes collect` and an hour of the shipped line in a few seconds. Meanwhile the
round's victims die by SIGKILL at moments drawn from its number, and start again with what was on the disk. In the end

    equal    the store is the truth: nothing lost, nothing doubled
    covered  the broker had acknowledged messages and lost them (it saves its memory, but not before each
             acknowledgement): what is missing is shown as unknown time; only where the broker was a victim

Every fourth round cuts the disk instead: no byte more can be written for a while.
"""

import argparse
import asyncio
import logging
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple, Self

from answers.score import Score, score
from answers.store import Store
from app.live import publish_until
from app.progress import console
from contract.broker_url import BrokerUrl
from contract.errors import StoreError
from contract.instants import HOUR_US
from contract.truth import encode_record
from simulator.engine import Factory
from simulator.plant_file import load_plant

#: Event time ÷ wall time: an hour of the line in this many seconds.
LOAD_S = 3.0
SPEED = 3600 / LOAD_S
FAULTS = ("collector", "broker", "both", "disk")
KILLS = 3
#: Mosquitto writes its memory to the disk after every other change: slow, but half an hour, its default, is too long.
SAVING = "autosave_interval 1\nautosave_on_changes true\n"
DEADLINE_S = 60.0
#: A broker that forgot the last words of a machine says nothing more: without news for this long, all has come.
QUIET_S = 10.0
LEAST_BYTES = 16_384
_READER = """
import sqlite3, sys
db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
while True:
    db.execute("BEGIN")
    db.execute("SELECT sum(good) FROM minutes").fetchall()
    db.rollback()
"""


class Process:
    """A program that can die and live again."""

    def __init__(self, command: list[str], log: Path) -> None:
        self._command, self._log = command, log
        self._running: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        assert self._running is not None
        return self._running.pid

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._running = subprocess.Popen(self._command, stdout=log, stderr=log)

    def kill(self) -> None:
        assert self._running is not None
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self._running.wait()


class Round(NamedTuple):
    """What a round did and what came of it."""

    number: int
    fault: str
    verdict: str
    acts: int
    duplicates: int
    lost: int
    quarantined: int
    why: list[str]


class Stage(NamedTuple):
    """The processes of a round, and the store."""

    broker: Process
    collector: Process
    reader: Process
    port: int
    store: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until(question: Callable[[], bool], what: str) -> None:
    """Poll ``question`` until it is true."""
    deadline_s = time.monotonic() + DEADLINE_S
    while not question():
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"waited {DEADLINE_S:.0f} s for {what}")
        await asyncio.sleep(0.02)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def stage_in(folder: Path, saving: str = SAVING) -> Stage:
    """Everything that a round needs, not started."""
    port, store = free_port(), folder / "mes.db"
    binary = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if binary is None:
        raise SystemExit("mosquitto is not installed: apt install mosquitto")
    config = folder / "mosquitto.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 1000\n"
        f"persistence true\npersistence_location {folder}/\n{saving}"
        f"{'user root' if os.geteuid() == 0 else ''}\n"
    )
    mes = [sys.executable, "-m", "app"]
    return Stage(
        Process([binary, "-c", str(config)], folder / "broker.log"),
        Process([*mes, "collect", "--broker", f"mqtt://127.0.0.1:{port}", "--store", str(store)], folder / "mes.log"),
        Process([sys.executable, "-c", _READER, str(store)], folder / "reader.log"),
        port,
        store,
    )


def has_started(folder: Path) -> bool:
    return b"collecting from" in (folder / "mes.log").read_bytes()


async def play(number: int, fault: str, folder: Path) -> Round:
    """One round."""
    dice, plant = random.Random(number), load_plant("smt")
    start_us = plant.default_start_us + number * 61_234_567
    factory = Factory(plant, number, start_us)
    stage = stage_in(folder)
    with ExitStack() as running:
        running.enter_context(stage.broker)
        await until(lambda: listens(stage.port), "the broker")
        running.enter_context(stage.collector)
        await until(lambda: has_started(folder), "the collector")
        running.enter_context(stage.reader)
        load = publish_until(asyncio.Event(), factory, BrokerUrl("127.0.0.1", stage.port), SPEED, start_us + HOUR_US)
        acts, _ = await asyncio.gather(strike(dice, fault, stage), load)
        await settled(stage, factory, QUIET_S if "covered" in allowed(fault) else DEADLINE_S)
    with Store.open(stage.store) as store:
        result = score(store, [encode_record(record) for record in factory.truth_records()])
        health = store.health()
    return _round(number, fault, acts, result, [(one.duplicates, one.lost, one.quarantined) for one in health])


def _round(number: int, fault: str, acts: int, result: Score, health: list[tuple[int, int, int]]) -> Round:
    verdicts = {machine.verdict for machine in result.machines}
    worst = next(verdict for verdict in ("different", "covered", "equal") if verdict in verdicts)
    why = [f"{one.machine}: {one.verdict}: {one.difference}" for one in result.machines if one.verdict != "equal"]
    return Round(number, fault, worst, acts, *(sum(column) for column in zip(*health, strict=True)), why)


async def strike(dice: random.Random, fault: str, stage: Stage) -> int:
    """Kill what the round kills; how often."""
    if fault == "disk":
        await fill_disk(dice, stage)
        return 1
    moments = sorted(dice.uniform(0.2, LOAD_S) for _ in range(KILLS))
    at_s = 0.0
    for moment in moments:
        await asyncio.sleep(moment - at_s)
        at_s = moment
        stage.reader.kill()
        victims = [stage.collector] if fault == "collector" else [stage.broker]
        if fault == "both":
            victims = [stage.collector, stage.broker]
        for victim in victims:
            victim.kill()
        await asyncio.sleep(dice.uniform(0, 0.3))
        for victim in reversed(victims):
            victim.start()
        if stage.broker in victims:
            await until(lambda: listens(stage.port), "the broker again")
        stage.reader.start()
    return len(moments)


async def fill_disk(dice: random.Random, stage: Stage) -> None:
    """For a while the collector can make no file longer than its journal is; then it can again: nobody restarts it."""
    await asyncio.sleep(dice.uniform(0.2, LOAD_S / 2))
    journal, log = stage.store.with_name(stage.store.name + "-wal"), stage.store.with_name("mes.log")
    _limit_files(stage.collector.pid, max(0, journal.stat().st_size - dice.randrange(LEAST_BYTES)))
    await until(lambda: b"could not be written" in log.read_bytes(), "the disk to be full")
    await asyncio.sleep(dice.uniform(0, LOAD_S))
    _limit_files(stage.collector.pid, resource.RLIM_INFINITY)


def _limit_files(pid: int, size_bytes: int) -> None:
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size_bytes, resource.RLIM_INFINITY))


async def settled(stage: Stage, factory: Factory, quiet_s: float) -> None:
    """Return when every machine is heard of up to the end, or nothing has come for ``quiet_s``."""
    goal, seen, since_s = dict.fromkeys(factory.paths, factory.now_us), dict[str, int](), time.monotonic()
    deadline_s = since_s + DEADLINE_S
    while time.monotonic() < deadline_s:
        with suppress(StoreError), Store.open(stage.store) as store:
            heard = store.heard()
            if heard == goal:
                break
            if heard != seen:
                seen, since_s = heard, time.monotonic()
        if time.monotonic() - since_s > quiet_s and seen:
            break
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)  # what came again after the last word is a duplicate; let it be counted


def one_round(number: int) -> Round:
    """Play round ``number`` in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(play(number, FAULTS[number % len(FAULTS)], Path(folder)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--first", type=int, default=0)
    asked = parser.parse_args()
    logging.disable()
    console.quiet = True
    began, rounds = time.perf_counter(), []
    for number in range(asked.first, asked.first + asked.rounds):
        one = one_round(number)
        rounds.append(one)
        print(
            f"round {one.number} {one.fault}: {one.verdict}, {one.duplicates} duplicates, {one.lost} lost", flush=True
        )
        print(*one.why, sep="\n", end="\n" if one.why else "")
    print(f"chaos: {asked.rounds} rounds in {time.perf_counter() - began:.0f} s")
    for (fault, verdict), count in sorted(Counter((one.fault, one.verdict) for one in rounds).items()):
        print(f"  {fault:<10} {verdict:<10} {count:>5}")
    sys.exit(any(one.verdict not in allowed(one.fault) for one in rounds))


def allowed(fault: str) -> set[str]:
    """Verdicts that a round with this fault may end in."""
    return {"equal", "covered"} if fault in ("broker", "both") else {"equal"}


if __name__ == "__main__":
    main()
