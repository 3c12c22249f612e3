"""Is the store the truth? Many seeds of a shift, each from event file to store, machine by machine, minute by minute.

    python bench/truth.py                       200 seeds of 8 h of plant smt
    python bench/truth.py --plant phone         of another
    python bench/truth.py --seeds 1 --first 42  one of them again

Exit code 1 and the seeds' numbers where a store differs from the truth.
"""

import argparse
import io
import os
import sys
import tempfile
import time
from contextlib import closing
from multiprocessing import Pool
from pathlib import Path
from typing import NamedTuple

from answers.score import score
from answers.store import Store
from collector.intake import Intake
from collector.journal import Journal
from collector.replay import replay
from contract.instants import DAY_US, HOUR_US, MINUTE_US
from simulator.engine import Factory
from simulator.plant_file import load_plant
from simulator.record import record


class Outcome(NamedTuple):
    """One seed. ``differences`` names machine or order and first difference; empty when the store is the truth."""

    seed: int
    machines: int
    events: int
    quarantined: int
    differences: list[str]


def one_seed(job: tuple[str, int, int]) -> Outcome:
    """Simulate, replay and score a seed; every seed begins at another time of the day, two of three not on a minute."""
    name, seed, hours = job
    plant = load_plant(name)
    start_us = plant.default_start_us + seed * 97 * MINUTE_US % DAY_US + seed % 3 * 12_345_678
    factory = Factory(plant, seed, start_us)
    events, truth = io.BytesIO(), io.BytesIO()
    record(factory, start_us + hours * HOUR_US, events, truth)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mes.db"
        with closing(Journal.open(path)) as journal:
            count = replay(events.getvalue().splitlines(), Intake(), journal, lambda _: None)
        with Store.open(path) as store:
            result = score(store, truth.getvalue().splitlines())
            quarantined = sum(health.quarantined for health in store.health())
    wrong = [f"{one.machine}: {one.verdict}: {one.difference}" for one in result.machines if one.verdict != "equal"]
    wrong += [f"{one.order}: {one.verdict}: {one.difference}" for one in result.orders if one.verdict != "equal"]
    return Outcome(seed, len(result.machines), count, quarantined, wrong)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plant", default="smt")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--hours", type=int, default=8)
    asked = parser.parse_args()
    began = time.perf_counter()
    with Pool(os.cpu_count()) as pool:
        jobs = [(asked.plant, seed, asked.hours) for seed in range(asked.first, asked.first + asked.seeds)]
        outcomes = list(pool.imap_unordered(one_seed, jobs))
    wrong = [outcome for outcome in outcomes if outcome.differences or outcome.quarantined]
    print(
        f"truth: {asked.seeds} seeds x {asked.hours} h of plant {asked.plant}, in {time.perf_counter() - began:.0f} s"
    )
    print(f"  machines compared   {sum(outcome.machines for outcome in outcomes):>10,}")
    print(f"  events              {sum(outcome.events for outcome in outcomes):>10,}")
    print(f"  seeds store = truth {len(outcomes) - len(wrong):>10,}")
    print(f"  seeds that differ   {len(wrong):>10,}")
    for outcome in sorted(wrong):
        print(f"  seed {outcome.seed}, {outcome.quarantined} quarantined:", *outcome.differences, sep="\n    ")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
