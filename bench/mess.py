"""Is the store the truth whatever the network does? Many seeds under every kind of mess, alone and all together.

python bench/mess.py                                   100 seeds of 1 h, every kind and all of them
python bench/mess.py --seeds 1000 --kinds lost all     as many as you like, of what you like
python bench/mess.py --seeds 1 --first 42 --kinds all  one of them again, machine by machine

equal      the store is the truth, minute by minute
covered    what is known is true to the microsecond, and all that is missing is shown as unknown time
close      the machines' own clocks were wrong: no part is invented, times are off by no more than the clocks were
different  none of these; exit code 1, and the command that shows it again
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from multiprocessing import Pool
from pathlib import Path
from typing import NamedTuple

from answers.score import COUNTS, OEE_TOLERANCE, MachineScore, Score, score
from answers.store import Store
from collector.intake import Intake
from collector.journal import Journal
from contract.instants import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from contract.kpi import Sums
from contract.states import BOOKED, Category
from contract.truth import encode_record
from simulator.agenda import Emission
from simulator.engine import Factory
from simulator.mess import KINDS, Mess, parse_mess
from simulator.mess_sender import SET_BACK_S
from simulator.plant_file import load_plant

#: Messages between two commits: a prime, so that commits fall between any two.
COMMIT_EVERY = 487
VERDICTS = ("equal", "covered", "close", "different")
TOGETHER = "all"
#: Where Linux keeps files in memory: what is measured here is not the disk.
_MEMORY = Path("/dev/shm")


class Run(NamedTuple):
    """What a seed's factory said and what truly happened, before any mess."""

    seed: int
    paths: list[str]
    start_us: int
    end_us: int
    emissions: list[Emission]
    truth: list[bytes]


class Outcome(NamedTuple):
    """A seed under a kind. ``verdict`` is its worst machine's; ``invented`` counts parts above the truth."""

    kind: str
    seed: int
    verdict: str
    oee_error: float
    invented: int
    unknown: float
    why: list[str]


def run_of(seed: int, hours: float) -> Run:
    """Every seed begins at another time of the day, two of three not on a minute."""
    plant = load_plant("smt")
    start_us = plant.default_start_us + seed * 97 * MINUTE_US % DAY_US + seed % 3 * 12_345_678
    factory, end_us = Factory(plant, seed, start_us), start_us + round(hours * HOUR_US)
    emissions = factory.run_until(end_us) + factory.finish()
    return Run(seed, factory.paths, start_us, end_us, emissions, [encode_record(r) for r in factory.truth_records()])


def score_of(run: Run, kind: str, folder: Path) -> Score:
    """Through the mess into a store, and against the truth."""
    mess = Mess(parse_mess(kind), run.seed, run.paths, run.start_us)
    intake, path = Intake(), folder / f"{kind}.db"
    with closing(Journal.open(path)) as journal:
        wires = mess.pass_on(run.emissions, run.end_us) + mess.flush()
        for number, wire in enumerate(wires):
            intake.feed(wire.topic, wire.payload, wire.is_kept)
            if number % COMMIT_EVERY == 0:
                journal.commit(intake.drain())
        intake.close()
        journal.commit(intake.drain())
    with Store.open(path) as store:
        return score(store, run.truth)


def judge(run: Run, kind: str, folder: Path) -> Outcome:
    """The verdict on one seed under one kind."""
    kinds = list(parse_mess(kind).rates)
    result, found = score_of(run, kind, folder), []
    for one in result.machines:
        verdict = one.verdict
        if verdict == "different" and _is_close(one, run, clock_error_s(kinds)):
            verdict = "close"
        found.append((VERDICTS.index(verdict), one))
    orders = [one for one in result.orders if one.verdict != "equal"]
    worst = VERDICTS[max(*(index for index, _ in found), *(VERDICTS.index(one.verdict) for one in orders), 0)]
    # Where clocks are wrong, the truth of the time that a machine says it knows is the truth of another time.
    exact = [] if clock_error_s(kinds) else [one for _, one in found]
    off = [one for one in exact if one.oee_error > OEE_TOLERANCE]
    bad = [one for index, one in found if VERDICTS[index] == "different"] + off
    return Outcome(
        kind=kind,
        seed=run.seed,
        verdict="different" if off else worst,
        oee_error=max((one.oee_error for one in exact), default=0.0),
        invented=max(0, *(one.store.total - one.truth.total for one in result.machines)),
        unknown=sum(one.unknown_us for one in result.machines)
        / max(1, sum(one.truth.booked_us for one in result.machines)),
        why=[f"{one.machine.rpartition('/')[2]}: {one.difference}; OEE off by {one.oee_error:.4f}" for one in bad]
        + [f"{one.order}: {one.difference}" for one in orders if one.verdict == "different"],
    )


def clock_error_s(kinds: list[str]) -> float:
    """How wrong a machine's clock can be at most under these kinds, s; drift is far below a second in a few hours."""
    return ("skew" in kinds) * (KINDS["skew"].default + 1) + ("clock_back" in kinds) * SET_BACK_S[1]


def _is_close(one: MachineScore, run: Run, error_s: float) -> bool:
    """No part invented, no time claimed that there was not, and each category off by what wrong clocks can make it.

    A clock that goes back and comes right again moves the edge of a state twice, some three times in two hours. A stop
    of just the limit's length may be minor by one clock and a breakdown by another, so faults are added up.
    """
    if not error_s or any(getattr(one.store, name) > getattr(one.truth, name) for name in COUNTS):
        return False
    edges = 2 * (1 + (run.end_us - run.start_us) / HOUR_US * 3)
    slack_us = edges * error_s * SECOND_US
    too_much = [_times(one.store)[name] - us for name, us in _times(one.truth).items()]
    return max(too_much) <= slack_us and one.store.booked_us <= one.truth.booked_us + error_s * SECOND_US


def _times(sums: Sums) -> dict[str, int]:
    times = {str(name): getattr(sums, f"{name}_us") for name in BOOKED}
    times[Category.BREAKDOWN] += times.pop(Category.MINOR_STOP)
    return times


def outcomes_of(job: tuple[int, float, list[str]]) -> list[Outcome]:
    """One seed under all the kinds asked for."""
    seed, hours, kinds = job
    run = run_of(seed, hours)
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        return [judge(run, kind, Path(folder)) for kind in kinds]


def all_outcomes(seeds: range, hours: float, kinds: list[str]) -> Iterator[Outcome]:
    """Every seed under every kind, on all cores, as they come."""
    with Pool(os.cpu_count()) as pool:
        for outcomes in pool.imap_unordered(outcomes_of, ((seed, hours, kinds) for seed in seeds)):
            yield from outcomes


def table(outcomes: list[Outcome], kinds: list[str]) -> str:
    """Kind × verdicts, the worst OEE difference of covered time (points), invented parts, the share of unknown time."""
    heads = "".join(f"{name:>11}" for name in (*VERDICTS, "OEE off", "invented", "unknown"))
    lines = [f"{'kind':<16}{heads}"]
    for kind in kinds:
        own = [outcome for outcome in outcomes if outcome.kind == kind]
        counts = "".join(f"{sum(one.verdict == verdict for one in own):>11,}" for verdict in VERDICTS)
        off, invented = max(one.oee_error for one in own) * 100, max(one.invented for one in own)
        unknown = sum(one.unknown for one in own) / len(own)
        lines.append(f"{kind:<16}{counts}{off:>11.3f}{invented:>11,}{unknown:>11.2%}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--hours", type=float, default=1)
    parser.add_argument("--kinds", nargs="*", default=[*KINDS, TOGETHER], help="joined by commas: together")
    asked = parser.parse_args()
    began, kinds = time.perf_counter(), asked.kinds
    outcomes = list(all_outcomes(range(asked.first, asked.first + asked.seeds), asked.hours, kinds))
    print(f"mess: {asked.seeds} seeds x {asked.hours:g} h of plant smt, in {time.perf_counter() - began:.0f} s")
    print(table(outcomes, kinds))
    wrong = sorted(one for one in outcomes if one.verdict == "different" or one.invented)
    for one in wrong:
        print(f"python bench/mess.py --seeds 1 --first {one.seed} --hours {asked.hours:g} --kinds {one.kind}")
        print(*one.why, sep="\n", end="\n\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
