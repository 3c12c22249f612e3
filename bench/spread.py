"""What several processes save, and what they cost: a run of the park to an event file, in one and in more.

    python bench/spread.py                      48 h of park in 1 and in 2 processes
    python bench/spread.py --hours 168 --processes 4

CPU seconds of the parent and of its workers tell more than wall time where others use the same cores. Exit code 1 where
the files differ.
"""

import argparse
import filecmp
import resource
import sys
import tempfile
import time
from pathlib import Path

from app.spread import record_spread
from contract.instants import HOUR_US
from simulator.command_log import Commands
from simulator.engine import Factory
from simulator.plant_file import load_park
from simulator.record import record


def cpu_s(whose: int) -> float:
    """CPU seconds so far of this process, or of its children that have ended."""
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime


def run(hours: int, processes: int, out: Path) -> tuple[int, float, float, float]:
    """Make the file; (events, wall, parent's CPU, workers' CPU), in seconds."""
    park = load_park("park")
    factory = Factory(park, 1, park.default_start_us, keep_truth=False)
    until_us = factory.now_us + hours * HOUR_US
    wall, parent, workers = time.perf_counter(), cpu_s(resource.RUSAGE_SELF), cpu_s(resource.RUSAGE_CHILDREN)
    with out.open("wb") as events_out:
        files = factory, until_us, events_out, None
        if processes == 1:
            events = record(*files)
        else:
            events = record_spread(
                *files, lambda _: None, processes, commands=Commands(), goes_on=False, is_stopped=lambda: False
            )
    parent, workers = cpu_s(resource.RUSAGE_SELF) - parent, cpu_s(resource.RUSAGE_CHILDREN) - workers
    return events, time.perf_counter() - wall, parent, workers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=int, default=48)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{processes}.jsonl" for processes in (1, asked.processes)]
        print(f"spread: {asked.hours} h of park to an event file")
        for processes, out in zip((1, asked.processes), files, strict=True):
            events, wall, parent, workers = run(asked.hours, processes, out)
            cost = f"{parent:5.1f} s CPU of the parent, {workers:5.1f} s of workers"
            print(f"  {processes} processes  {events:>10,} events  {wall:5.1f} s  {cost}", flush=True)
        same = filecmp.cmp(*files, shallow=False)
        print(f"  files the same: {same}")
    sys.exit(not same)


if __name__ == "__main__":
    main()
