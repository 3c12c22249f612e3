"""The engine against SimPy on the same line, and the time to make eight hours of history.

    python bench/engine.py

The line: ten machines, buffers of four, triangular cycles, two ways to stop each. Both sides take the same draws from
the same streams and must come to the same number of parts on every machine. *Same job*: both make every state, count,
unit and heartbeat event and keep the truth. *Parts only*: both only move parts (the engine's are units with serials and
orders, SimPy's are numbers). In both the SimPy side is the leanest we could write (no interrupts, no resources). *As
taught*: moving parts as SimPy's own machine-shop example does, where
breakdowns are processes that interrupt. CPU seconds, the two alternating in one run, best of three.
"""

import io
import os
import time
from collections.abc import Callable, Generator
from itertools import pairwise
from pathlib import Path

import simpy

from contract.events import HeartBeaten, PartsCounted, StateChanged, UnitProcessed, Words
from contract.instants import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from contract.states import Mode, State
from simulator.agenda import Emission, emission
from simulator.engine import Engine, Factory
from simulator.machine import Machine
from simulator.plant import LineSpec, Order, Plant, Product
from simulator.plant_file import load_park, load_plant
from simulator.record import encode_emissions, record
from simulator.sampling import Distribution, Exponential, Lognormal, Triangular, Uniform, generator, microseconds
from simulator.station_spec import Station, StopMode
from simulator.truth import MachineTruth
from simulator.unit import RunningOrder, Unit

SEED, HOURS, STATIONS, BUFFER = 1, 60, 10, 4
NAME = Words("bench", "bench")
Result = tuple[float, list[int], int]  # CPU seconds, parts of each machine, events


def bench_plant() -> Plant:
    jam = StopMode("jam", NAME, Exponential(5), Uniform(5, 20))
    fault = StopMode("fault", NAME, Exponential(300), Lognormal(0.7, mean=400))
    spread = Triangular(0.95, 1, 1.15)
    stations = tuple(
        Station(f"m{i}", NAME, "bench", 20 + i % 4, BUFFER, spread=spread, micro_stops=(jam,), failures=(fault,))
        for i in range(STATIONS)
    )
    line = LineSpec("l1", NAME, stations=stations, products=(Product("p", NAME),), orders=(Order("o", "p", 10**9),))
    return Plant("bench", NAME, "e", "s", "a", "UTC", (line,))


class QuietMachine(Machine):
    """Does not tell its units."""

    __slots__ = ()

    def say_unit(self, unit: Unit, now: int, result: str, defects: tuple[str, ...], false_call: bool) -> None:
        """Nothing."""


class QuietEngine(Engine):
    """Only moves parts: machines that count as touched already are not touched."""

    def _beat(self, now: int, _slot: int) -> None:
        """No heartbeats."""

    def _settle(self, now: int) -> None:
        """Nothing to say."""

    def _begin(self, now: int, slot: int) -> None:
        for machine in self.machines:
            machine.dirty = True
            machine.__class__ = QuietMachine
        super()._begin(now, slot)


def run_engine(plant: Plant, *, says: bool) -> Result:
    begin, kind = time.process_time(), Engine if says else QuietEngine
    engine = kind(plant, plant.lines, SEED, plant.default_start_us, keep_truth=says)
    events = sum(len(engine.run_until(plant.default_start_us + hour * HOUR_US)) for hour in range(1, HOURS + 1))
    return time.process_time() - begin, [machine.total for machine in engine.machines], events


class Voice:
    """What a machine of the SimPy side says: the same structs as the engine's."""

    def __init__(self, station: Station, out: list[Emission]) -> None:
        self.path, self.ideal_us, self.out = f"e/s/a/l1/{station.id}", station.ideal_us, out
        self.truth, self.order = MachineTruth(None), RunningOrder("o", Product("p", NAME), 10**9, 10**9, None)
        self.now = (State.IDLE, "", 0)
        self.seq = self.total = 0

    def state(self, ts: int, state: State, reason: str) -> None:
        if (state, reason) != self.now[:2]:
            self.seq += 1
            self.now = (state, reason, ts)
            self.truth.change(ts, state, Mode.PRODUCTION, reason)
            event = StateChanged(ts, self.seq, 1, state, Mode.PRODUCTION, reason, ts)
            self.out.append(emission((self.path, event)))

    def count(self, ts: int, before: int, after: int) -> None:
        self.seq += 1
        self.total += 1
        self.truth.part(ts, "pass", self.order, self.ideal_us)
        self.unit(ts)
        total = self.total
        event = PartsCounted(ts, self.seq, 1, total, total, 0, 0, "p", "o", self.ideal_us, before, after)
        self.out.append(emission((self.path, event)))

    def unit(self, ts: int) -> None:
        unit = Unit(f"o-{self.total:05d}", self.order, 1)
        event = UnitProcessed(ts, self.seq, 1, unit.serial, "p", "o", ts, 1, "pass", (), False, (), ())
        self.seq += 1
        self.out.append(emission((self.path, event)))
        self.truth.unit(ts, unit, "pass", ())

    def beat(self, ts: int) -> None:
        self.seq += 1
        (state, reason, since), total = self.now, self.total
        event = HeartBeaten(
            ts, self.seq, 1, state, Mode.PRODUCTION, reason, since, total, total, 0, 0, "p", "o", self.ideal_us, 0, 0
        )
        self.out.append(emission((self.path, event)))


class SimpyMachine:
    def __init__(self, env: simpy.Environment, station: Station, totals: list[int], index: int) -> None:
        self.env, self.station, self.totals, self.index = env, station, totals, index
        self.inbox: simpy.Store | None = None
        self.outbox: simpy.Store | None = None

    def draws(self, purpose: str, distribution: Distribution, unit_us: float) -> Callable[[], int]:
        return microseconds(distribution, unit_us, generator(SEED, "l1", self.station.id, purpose))

    def run(self, voice: Voice | None) -> Generator[simpy.Event, object, None]:  # noqa: C901 - flat is fastest
        env, inbox, outbox, totals, index = self.env, self.inbox, self.outbox, self.totals, self.index
        cycle = self.draws("cycle", self.station.spread, self.station.cycle_s * SECOND_US)
        modes = [*self.station.micro_stops, *self.station.failures]
        every = [self.draws(f"{mode.code}/every", mode.every_min, MINUTE_US) for mode in modes]
        lasts = [self.draws(f"{mode.code}/lasts", mode.lasts_s, SECOND_US) for mode in modes]
        strikes, run_us = [draw() for draw in every], 0
        next_stop = min(strikes)
        while True:
            if inbox is not None:
                if voice and not inbox.items:
                    voice.state(env.now, State.SUSPENDED, "starved")
                yield inbox.get()
            left = cycle()
            while next_stop < run_us + left:
                if voice:
                    voice.state(env.now, State.EXECUTE, "")
                yield env.timeout(next_stop - run_us)
                left, run_us = left - (next_stop - run_us), next_stop
                mode = strikes.index(next_stop)
                strikes[mode] = run_us + every[mode]()
                next_stop = min(strikes)
                if voice:
                    voice.state(env.now, State.HELD, modes[mode].code)
                yield env.timeout(lasts[mode]())
            if voice:
                voice.state(env.now, State.EXECUTE, "")
            yield env.timeout(left)
            run_us += left
            totals[index] += 1
            after = 0 if outbox is None else len(outbox.items)
            if voice:
                voice.count(env.now, 0 if inbox is None else len(inbox.items), after)
            if outbox is not None:
                if voice and after >= BUFFER:
                    voice.state(env.now, State.SUSPENDED, "blocked")
                yield outbox.put(index)


class ShopMachine(SimpyMachine):
    """As SimPy's own machine-shop example is written: breakdowns are processes of their own that interrupt the work.

    They run on the calendar, as there, so its parts differ a little from the others'; the work per part is what counts.
    """

    def work(self) -> Generator[simpy.Event, object, None]:
        self.broken = False
        self.process = self.env.process(self.produce())
        for mode in [*self.station.micro_stops, *self.station.failures]:
            self.env.process(self.break_down(mode))
        yield self.process

    def produce(self) -> Generator[simpy.Event, object, None]:
        cycle = self.draws("cycle", self.station.spread, self.station.cycle_s * SECOND_US)
        while True:
            part = (yield self.inbox.get()) if self.inbox is not None else self.index
            left = cycle()
            while left:
                start = self.env.now
                try:
                    yield self.env.timeout(left)
                    left = 0
                except simpy.Interrupt as stop:
                    left -= self.env.now - start
                    self.broken = True
                    yield self.env.timeout(stop.cause)
                    self.broken = False
            self.totals[self.index] += 1
            if self.outbox is not None:
                yield self.outbox.put(part)

    def break_down(self, mode: StopMode) -> Generator[simpy.Event, object, None]:
        every = self.draws(f"{mode.code}/every", mode.every_min, MINUTE_US)
        lasts = self.draws(f"{mode.code}/lasts", mode.lasts_s, SECOND_US)
        while True:
            yield self.env.timeout(every())
            if not self.broken and isinstance(self.process.target, simpy.Timeout):
                self.process.interrupt(lasts())


def run_shop(plant: Plant) -> Result:
    begin = time.process_time()
    env, totals = simpy.Environment(), [0] * STATIONS
    machines = [ShopMachine(env, station, totals, i) for i, station in enumerate(plant.lines[0].stations)]
    for one, other in pairwise(machines):
        one.outbox = other.inbox = simpy.Store(env, BUFFER)
    for machine in machines:
        env.process(machine.work())
    env.run(HOURS * HOUR_US)
    return time.process_time() - begin, totals, 0


def beats(env: simpy.Environment, voices: list[Voice]) -> Generator[simpy.Event, object, None]:
    while True:
        yield env.timeout(MINUTE_US)
        for voice in voices:
            voice.beat(env.now)


def run_simpy(plant: Plant, *, says: bool) -> Result:
    begin = time.process_time()
    env, totals, out, events = simpy.Environment(), [0] * STATIONS, list[Emission](), 0
    machines = [SimpyMachine(env, station, totals, i) for i, station in enumerate(plant.lines[0].stations)]
    voices = [Voice(machine.station, out) for machine in machines]
    for one, other in pairwise(machines):
        one.outbox = other.inbox = simpy.Store(env, BUFFER)
    for machine, voice in zip(machines, voices, strict=True):
        env.process(machine.run(voice if says else None))
    if says:
        env.process(beats(env, voices))
    for hour in range(1, HOURS + 1):
        env.run(hour * HOUR_US + 1)
        events += len(out)
        out.clear()
    return time.process_time() - begin, totals, events


def make_history(hours: int) -> tuple[float, int]:
    """CPU seconds for the SMT plant's events and truth as bytes, and how many bytes of events."""
    begin = time.process_time()
    plant = load_plant("smt")
    events, truth = io.BytesIO(), io.BytesIO()
    record(Factory(plant, SEED, plant.default_start_us), plant.default_start_us + hours * HOUR_US, events, truth)
    return time.process_time() - begin, len(events.getvalue())


def make_days(days: int) -> tuple[float, int]:
    """CPU seconds for the default plant's events as bytes that are written nowhere, and how many events."""
    begin = time.process_time()
    plant = load_plant("phone")
    factory = Factory(plant, SEED, plant.default_start_us, keep_truth=False)
    with Path(os.devnull).open("wb") as nowhere:
        lines = record(factory, plant.default_start_us + days * DAY_US, nowhere)
    return time.process_time() - begin, lines


def live_share(minutes: int) -> float:
    """Share of a core that the park's engines take at real time, with the events as bytes: run minute by minute."""
    park = load_park("park")
    factory, topics = Factory(park, SEED, park.default_start_us, keep_truth=False), dict[tuple[str, type], str]()
    factory.run_until(factory.now_us + 3 * HOUR_US)
    begin = time.process_time()
    for _ in range(minutes * 60):
        encode_emissions(factory.run_until(factory.now_us + SECOND_US), topics)
    return (time.process_time() - begin) / (minutes * 60)


def compare(plant: Plant, job: str, *, says: bool) -> None:
    rounds = [(run_engine(plant, says=says), run_simpy(plant, says=says)) for _ in range(3)]
    ours, theirs = min(one for one, _ in rounds), min(other for _, other in rounds)
    for name, (spent, totals, events) in (("engine", ours), ("SimPy", theirs)):
        print(f"{job:12}{name:10}{sum(totals):>12,}{events:>10,}{spent:>9.3f}{sum(totals) / spent:>18,.0f}")
    assert ours[1] == theirs[1], f"the two do not agree: parts {ours[1]} and {theirs[1]}"
    print(f"{job:12}engine / SimPy = {theirs[0] / ours[0]:.2f}")


def compare_shop(plant: Plant) -> None:
    rounds = [(run_engine(plant, says=False), run_shop(plant)) for _ in range(3)]
    ours, theirs = min(one for one, _ in rounds), min(other for _, other in rounds)
    rates = [sum(totals) / spent for spent, totals, _ in (ours, theirs)]
    print(f"{'as taught':12}{'SimPy':10}{sum(theirs[1]):>12,}{0:>10,}{theirs[0]:>9.3f}{rates[1]:>18,.0f}")
    print(f"{'as taught':12}engine / SimPy = {rates[0] / rates[1]:.2f}")


def main() -> None:
    plant = bench_plant()
    print(f"{'job':12}{'':10}{'operations':>12}{'events':>10}{'CPU s':>9}{'operations/CPU s':>18}")
    compare(plant, "same job", says=True)
    compare(plant, "parts only", says=False)
    compare_shop(plant)
    history_s, size = min(make_history(8) for _ in range(3))
    print(f"8 h of the SMT plant: {history_s:.2f} CPU s, {size / 1e6:.1f} MB of events (asked: 3 s)")
    days_s, lines = make_days(30)
    print(
        f"30 days of the phone plant (two lines) to an event file: {days_s:.1f} CPU s, {lines:,} events (asked: 30 s)"
    )
    print(f"the park's engines at real time, second by second: {live_share(30) * 100:.2f} % of a core (no broker)")


if __name__ == "__main__":
    main()
