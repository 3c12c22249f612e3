"""How fast rows become points: lines a second of one core, kind by kind, without any database.

    python bench/points.py [plant] [hours]

Also what `tests/walk/test_influx_is_store.py` compares with a real database: a plant that runs into a store and is sent
while it runs, and what the answers say of it then.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path

import msgspec

from answers.bottleneck import bottlenecks, line_periods
from answers.points import batch
from answers.report import LineReport, line_report
from answers.score import Score, score
from answers.span import Span, everything
from answers.store import Store
from collector.intake import Intake
from collector.journal import Journal
from collector.spool_queue import SpoolQueue
from contract.codec import KIND_OF, encode
from contract.instants import HOUR_US, MINUTE_US
from contract.kpi import Kpis
from contract.points import HOURLY_SUFFIX, MEASUREMENTS
from contract.spool import SpoolEntry, SpoolKind
from contract.topics import topic_of
from contract.truth import encode_record
from simulator.engine import Factory
from simulator.mess import Mess, parse_mess
from simulator.plant_file import load_plant

HOURLY = HOURLY_SUFFIX
#: Event time between two commits; no divisor of a minute.
_STEP_US = 7 * MINUTE_US // 3
KEYS, ROWS = 2_000, 5_000
_TEXTS = {"constraint"}
LINE_FIELDS = [name for name in MEASUREMENTS["line_minute"].fields if name not in _TEXTS | {"target"}]
_KWH_J = 3.6e6
_BUSY = ("execute_s", "setup_s")
_IDLE = ("starved_s", "blocked_s")
_EITHER = {
    "oee": (("good_ideal_s",), ("ppt_s",)),
    "availability": (("run_s",), ("ppt_s",)),
    "iso_availability": (("execute_s",), ("ppt_s",)),
    "ooe": (("good_ideal_s",), ("ppt_s", "in_shift_planned_s")),
    "teep": (("good_ideal_s",), ("booked_s",)),
    "setup_ratio": (("setup_s",), _BUSY),
    "utilisation_efficiency": (("execute_s",), (*_BUSY, *_IDLE)),
    "technical_efficiency": (("execute_s",), ("execute_s", "breakdown_s", "minor_stop_s", "waiting_s")),
    "allocation_efficiency": ((*_BUSY, *_IDLE), ("ppt_s",)),
}
#: Measurement → KPI of ``contract.kpi.Kpis`` → the fields whose sums are above and below the line.
RATIOS = {
    "machine_minute": _EITHER | {
        "performance": (("ideal_s",), ("run_s",)),
        "quality": (("good_ideal_s",), ("ideal_s",)),
        "iso_effectiveness": (("ideal_s",), ("execute_s",)),
        "iso_quality": (("good",), ("total",)),
        "scrap_ratio": (("scrap",), ("total",)),
        "rework_ratio": (("rework",), ("total",)),
        "mtbf_s": (("execute_s",), ("breakdowns",)),
        "mttr_s": (("breakdown_s",), ("breakdowns",)),
    },
    "line_minute": _EITHER | {
        "performance": (("made_ideal_s",), ("run_s",)),
        "quality": (("good_ideal_s",), ("made_ideal_s",)),
        "iso_effectiveness": (("made_ideal_s",), ("execute_s",)),
    },
}  # fmt: skip


class Told:
    """A run that is over and sent: its store, and what the answers say of it."""

    def __init__(self, store: Store, verdict: Score, mess: str) -> None:
        self.store, self.score, self.mess = store, verdict, mess

    def hours(self) -> list[Span]:
        """The hours as InfluxDB groups them: by UTC."""
        span = everything(self.store)
        first = span.from_us - span.from_us % HOUR_US
        return [Span(at_us, at_us + HOUR_US) for at_us in range(first, span.to_us, HOUR_US)]

    def kpis(self, measurement: str) -> dict[str, Kpis]:
        """Path → KPIs over all time, of lines or of machines."""
        reports = [line_report(self.store, line, everything(self.store)) for line in self.store.lines()]
        if measurement.startswith("line"):
            return {report.path: report.kpis for report in reports}
        return {machine.path: machine.kpis for report in reports for machine in report.machines}

    def bottlenecks(self) -> dict[tuple[str, int], list[float]]:
        """(machine, hour) → seconds as the bottleneck alone, and while it was shifting; never, absent.

        Of hours in which no active period lies that still goes on: of those nobody knows yet how long they will be.
        """
        whole = everything(self.store)
        return {
            (path, hour.from_us): [share.sole_us / 1e6, share.shifting_us / 1e6]
            for line in self.store.lines()
            for settled_us in [self.settled_us(line, whole)]
            for hour in self.hours()
            if hour.to_us <= settled_us
            for path, share in bottlenecks(self.store, line, hour).machines.items()
        }

    def settled_hours(self) -> set[tuple[str, int]]:
        """(line, hour) of which :meth:`bottlenecks` speaks."""
        whole = everything(self.store)
        until_us = {line: self.settled_us(line, whole) for line in self.store.lines()}
        return {(line, hour.from_us) for line in until_us for hour in self.hours() if hour.to_us <= until_us[line]}

    def settled_us(self, line: str, whole: Span) -> int:
        """Where the first period begins that is not over: the last interval of its machine belongs to it."""
        last = dict(
            self.store.rows("SELECT path, MAX(end_us) FROM intervals JOIN machines USING (machine_id) GROUP BY 1")
        )
        periods = line_periods(self.store, line, whole)
        return min((one.start_us for one in periods if one.end_us == last[one.machine]), default=whole.to_us)


@contextmanager
def live(
    run: tuple[str, int, str], path: Path, hours: float, write: Callable[[str, list[bytes]], None]
) -> Iterator[Told]:
    """A plant (its name, the seed, the mess) that runs some minutes, is committed, is sent, and so on to its end."""
    name, seed, mess = run
    plant = load_plant(name)
    factory = Factory(plant, seed, plant.default_start_us + seed % 3 * 12_345_678)
    until_us = plant.default_start_us + round(hours * HOUR_US)
    noise = Mess(parse_mess(mess), seed, factory.paths, factory.start_us) if mess else None
    intake = Intake()
    with (
        closing(Journal.open(path, spool=True)) as journal,
        closing(SpoolQueue(path)) as queue,
        Store.open(path) as store,
    ):
        while factory.now_us < until_us:
            factory_step(factory, min(until_us, factory.now_us + _STEP_US), noise, intake)
            journal.commit(intake.drain())
            send(queue, store, write)
        finish(factory, noise, intake)
        journal.commit(intake.drain())
        send(queue, store, write)
        truth = [encode_record(record) for record in factory.truth_records()]
        yield Told(store, score(store, truth), mess)


def factory_step(factory: Factory, until_us: int, noise: Mess | None, intake: Intake) -> None:
    """What the plant says until then, as it arrives."""
    emissions = factory.run_until(until_us)
    if noise is None:
        for path, event in emissions:
            intake.feed(topic_of(path, KIND_OF[type(event)]), encode(event), False)
    else:
        for wire in noise.pass_on(emissions, until_us):
            intake.feed(wire.topic, wire.payload, wire.is_kept)


def finish(factory: Factory, noise: Mess | None, intake: Intake) -> None:
    """The last words, and the end of all waiting for what may still come."""
    for path, event in factory.finish():
        if noise is None:
            intake.feed(topic_of(path, KIND_OF[type(event)]), encode(event), False)
    for wire in noise.flush() if noise else ():
        intake.feed(wire.topic, wire.payload, wire.is_kept)
    intake.close()


def send(queue: SpoolQueue, store: Store, write: Callable[[str, list[bytes]], None]) -> None:
    """All that waits."""
    while entries := queue.take(KEYS, ROWS):
        for suffix, lines in batch(store, entries).items():
            if lines:
                write(suffix, lines)
        queue.done(entries)


def machine_sums(told: Told) -> tuple[list[str], dict[tuple[str, int], list[float]]]:
    """Fields of ``machine_*``, and (machine, hour) → their sums as the store has them."""
    fields = [
        name
        for name in MEASUREMENTS["machine_minute"].fields
        if name not in {"off_flow", "in_shift_planned_s", "run_s"}
    ]
    found = {}
    for hour in told.hours():
        for path, sums in told.store.sums(hour.from_us, hour.to_us).items():
            own = msgspec.structs.asdict(sums) | {"ppt_us": sums.ppt_us, "booked_us": sums.booked_us}
            known = {f"{name.removesuffix('_us')}_s": us / 1e6 for name, us in own.items() if name.endswith("_us")}
            known |= {f"{name.removesuffix('_j')}_kwh": joules / _KWH_J for name, joules in own.items()}
            found[path, hour.from_us] = [(known | own)[name] for name in fields]
    return fields, found


def asked_of_store(told: Told) -> Iterator[tuple[str, int, list[float]]]:
    """(line, hour, values of ``LINE_FIELDS``) as the answers have them."""
    for line in told.store.lines():
        for hour in told.hours():
            yield line, hour.from_us, _line_values(line_report(told.store, line, hour))


def _line_values(report: LineReport) -> list[float]:
    times = msgspec.structs.asdict(report.losses) | {
        "run_us": report.losses.ppt_us - report.losses.breakdown_us - report.losses.setup_us - report.losses.waiting_us,
        "booked_us": report.sums.constraint.booked_us,
        "execute_us": report.sums.constraint.execute_us,
        "in_shift_planned_us": report.in_shift_planned_us,
        "made_ideal_us": report.losses.good_ideal_us + report.losses.defects_us + report.losses.startup_us,
    }
    others = {
        "exit_good": report.sums.exit_good,
        "energy_kwh": report.energy.kwh,
        "idle_energy_kwh": report.energy.idle_kwh,
    }
    known = {f"{name.removesuffix('_us')}_s": us / 1e6 for name, us in times.items()} | others
    return [known[name] for name in LINE_FIELDS]


def entries_of(queue: SpoolQueue) -> dict[SpoolKind, list[list[SpoolEntry]]]:
    """Everything that waits, by kind, in batches as the sender takes them."""
    kinds: dict[SpoolKind, list[SpoolEntry]] = {}
    for entry in queue.take(10**9, 10**9):
        kinds.setdefault(entry.kind, []).extend(_cut(entry))
    return {kind: list(_batches(entries, 1 if entries[0].to_row else KEYS)) for kind, entries in kinds.items()}


def _cut(entry: SpoolEntry) -> list[SpoolEntry]:
    if not entry.to_row:
        return [entry]
    rows = range(entry.at_us, entry.to_row, ROWS)
    return [SpoolEntry(0, entry.kind, "", row, min(row + ROWS, entry.to_row)) for row in rows]


def _batches(entries: list[SpoolEntry], size: int) -> Iterator[list[SpoolEntry]]:
    rest = iter(entries)
    while some := list(islice(rest, size)):
        yield some


def main() -> None:
    plant, hours = (sys.argv[1:] + ["phone", "24"][len(sys.argv) - 1 :])[:2]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mes.db"
        spec = load_plant(plant)
        factory, intake = Factory(spec, 1, spec.default_start_us, keep_truth=False), Intake()
        with closing(Journal.open(path, spool=True)) as journal:
            for hour in range(round(float(hours))):
                factory_step(factory, factory.start_us + (hour + 1) * HOUR_US, None, intake)
                journal.commit(intake.drain())
        with closing(SpoolQueue(path)) as queue, Store.open(path) as store:
            _measure(store, entries_of(queue))


def _measure(store: Store, kinds: dict[SpoolKind, list[list[SpoolEntry]]]) -> None:
    print(f"{'kind':<20}{'keys':>9}{'points':>10}{'points/s':>12}{'bytes':>7}")
    all_s, all_lines = 0.0, 0
    for kind, batches in kinds.items():
        began_s, lines, size = time.process_time(), 0, 0
        for entries in batches:
            for made in batch(store, entries).values():
                lines, size = lines + len(made), size + sum(map(len, made))
        took_s = time.process_time() - began_s
        all_s, all_lines = all_s + took_s, all_lines + lines
        keys = sum(map(len, batches))
        print(f"{kind:<20}{keys:>9,}{lines:>10,}{lines / took_s:>12,.0f}{size / max(1, lines):>7.0f}")
    print(f"{'all':<20}{'':>9}{all_lines:>10,}{all_lines / all_s:>12,.0f}")


if __name__ == "__main__":
    main()
