"""Lines that run: one engine a line, a factory for all lines of a plant, both pure functions of plant, seed and start.

The engine knows no clock but its own. ``run_until`` may be called with slices of any size and gives the same events.
"""

from collections.abc import Iterator
from heapq import heappush, merge

from contract.events import CalendarPublished, LineDescribed, OrderStarted
from contract.instants import DAY_US, MINUTE_US, SECOND_US
from contract.truth import TruthRecord, TruthSpan
from simulator import shifts
from simulator.agenda import Agenda, Emission
from simulator.conveyor import ConveyorMachine
from simulator.machine import Machine
from simulator.plant import LineSpec, Plant
from simulator.station import BaseMachine, Place
from simulator.truth import LineTruth

__all__ = ["Emission", "Engine", "Factory"]

#: A calendar speaks for the day before, today and the seven days after it.
_CALENDAR_BEFORE_US, _CALENDAR_AFTER_US = DAY_US, 8 * DAY_US


class Engine:
    """One line of ``plant``, from ``start_us`` (µs since the epoch) on.

    ``keep_truth`` keeps the account of what truly happened; it grows with every state and minute, so leave it off for a
    line that runs live without end. ``now_us`` is the instant up to which everything has happened.
    """

    def __init__(self, plant: Plant, line: LineSpec, seed: int, start_us: int, *, keep_truth: bool = True) -> None:
        self.now_us = start_us
        self._plant, self._line = plant, line
        self._path, self._boot, self._seq = plant.address(line).path, start_us // SECOND_US, 0
        self._agenda = Agenda()
        self._truth = LineTruth(plant, line) if keep_truth else None
        self._edges = shifts.edges(plant, start_us)
        self._off_next: str | None = None
        self._register(start_us)
        self.machines = self._build(seed)

    def _register(self, start_us: int) -> None:
        """Tie priorities at one instant: what the line says, heartbeats, planned time, then machines from the exit."""
        register = self._agenda.register
        self._begin_code, self._calendar_code = register(self._begin), register(self._publish_calendar)
        self._beat_code, self._edge_code = register(self._beat), register(self._cross_edge)
        heappush(self._agenda.heap, (start_us, self._begin_code, 0))

    def _build(self, seed: int) -> list[BaseMachine]:
        stations = self._line.stations
        if self._truth is not None:
            for station in stations:
                self._truth.open(self._plant.address(self._line, station.id).path, station.ideal_us)
        machines = [self._machine(index, seed) for index in reversed(range(len(stations)))][::-1]
        for index, machine in enumerate(machines):
            behind = self._line.downstream_of(index)
            if behind is not None:
                machine.downstream = machines[behind]
                machines[behind].feeders.append(machine)
                machines[behind].source = False
        return machines

    def _machine(self, index: int, seed: int) -> BaseMachine:
        station = self._line.stations[index]
        path = self._plant.address(self._line, station.id).path
        truth = None if self._truth is None else self._truth.machines[path]
        place = Place(self._line, index, path, seed, self._boot, self._agenda, truth)
        return Machine(place) if station.conveyor is None else ConveyorMachine(place)

    @property
    def paths(self) -> list[str]:
        """Paths of the machines, in the order of the line."""
        return [machine.path for machine in self.machines]

    @property
    def next_event_us(self) -> int:
        """When something happens next, µs since the epoch; never later than the next full minute."""
        return self._agenda.heap[0][0]

    def run_until(self, until_us: int) -> list[Emission]:
        """Everything that is said up to and including ``until_us``, in order of time."""
        self._agenda.run_until(until_us, self._settle)
        self.now_us = max(self.now_us, until_us)
        return self._agenda.take()

    def finish(self) -> list[Emission]:
        """The last word of a run that does not end on a minute: every machine is heard of up to the very end."""
        if self.now_us % MINUTE_US:
            for machine in self.machines:
                machine.beat(self.now_us)
        return self._agenda.take()

    def truth(self) -> LineTruth:
        """The account of what truly happened; only with ``keep_truth``."""
        assert self._truth is not None, "this engine keeps no truth"
        return self._truth

    def _settle(self, now: int) -> None:
        touched, machines = self._agenda.touched, self.machines
        if len(touched) > 1:
            touched.sort()
        for position in touched:
            machines[position].settle(now)
        touched.clear()

    # ------------------------------------------------------------------ actions of the line itself

    def _begin(self, now: int, _slot: int) -> None:
        self._describe(now)
        self._publish_calendar(now, 0)
        self._say_order(now)
        for machine in self.machines:
            machine.describe(now, self._line.minor_stop_us)
        self._set_off(shifts.status(self._plant, now), now)
        self._plan_edge()
        heappush(self._agenda.heap, (now - now % MINUTE_US + MINUTE_US, self._beat_code, 0))

    def _beat(self, now: int, _slot: int) -> None:
        """Before anything else of the instant: a heartbeat speaks of the minute that is just over."""
        for machine in self.machines:
            machine.beat(now)
        heappush(self._agenda.heap, (now + MINUTE_US, self._beat_code, 0))

    def _cross_edge(self, now: int, _slot: int) -> None:
        self._set_off(self._off_next, now)
        self._plan_edge()

    def _set_off(self, off: str | None, now: int) -> None:
        for machine in reversed(self.machines):
            machine.set_off(off, now)

    def _plan_edge(self) -> None:
        edge = next(self._edges, None)
        if edge is not None:
            at, self._off_next = edge
            heappush(self._agenda.heap, (at, self._edge_code, 0))

    def _describe(self, now: int) -> None:
        self._seq += 1
        self._say(LineDescribed(now, self._seq, self._boot, self._line.name, self._plant.name))

    def _publish_calendar(self, now: int, _slot: int) -> None:
        """Nothing to say where there are no shifts: then all time counts as planned production."""
        if not self._plant.shifts:
            return
        tz = self._plant.tz
        today = shifts.local_us(shifts.local_date(now, tz), 0, tz)
        begin, end = today - _CALENDAR_BEFORE_US, today + _CALENDAR_AFTER_US
        windows = shifts.windows(self._plant, begin, end)
        self._seq += 1
        self._say(CalendarPublished(now, self._seq, self._boot, tz, begin, end, windows))
        tomorrow = shifts.local_us(shifts.local_date(today + 30 * 3600 * SECOND_US, tz), 0, tz)
        heappush(self._agenda.heap, (tomorrow, self._calendar_code, 0))

    def _say_order(self, now: int) -> None:
        order, line = self._line.order, self._line
        takt_us = round(line.constraint.ideal_us / line.target_oee)
        self._seq += 1
        event = OrderStarted(
            now, self._seq, self._boot, order.id, order.product, order.name, order.quantity, takt_us, line.target_oee
        )
        self._say(event)

    def _say(self, event: LineDescribed | CalendarPublished | OrderStarted) -> None:
        self._agenda.out.append(Emission(self._path, event))


class Factory:
    """All lines of a plant. The lines share nothing but the time; ``keep_truth`` as for :class:`Engine`."""

    def __init__(self, plant: Plant, seed: int, start_us: int, *, keep_truth: bool = True) -> None:
        self.plant, self.seed, self.start_us = plant, seed, start_us
        self.engines = [Engine(plant, line, seed, start_us, keep_truth=keep_truth) for line in plant.lines]

    @property
    def paths(self) -> list[str]:
        """Paths of all machines, line by line."""
        return [path for engine in self.engines for path in engine.paths]

    @property
    def now_us(self) -> int:
        """The instant up to which everything has happened."""
        return self.engines[0].now_us

    @property
    def next_event_us(self) -> int:
        """When something happens next in any line."""
        return min(engine.next_event_us for engine in self.engines)

    def run_until(self, until_us: int) -> list[Emission]:
        """As :meth:`Engine.run_until`, all lines merged in order of time."""
        return _merged([engine.run_until(until_us) for engine in self.engines])

    def finish(self) -> list[Emission]:
        """As :meth:`Engine.finish`."""
        return _merged([engine.finish() for engine in self.engines])

    def truth_records(self) -> Iterator[TruthRecord]:
        """The truth account up to ``now_us``: its span first, then every machine's intervals and outputs."""
        yield TruthSpan(self.plant.id, self.seed, self.start_us, self.now_us, self.paths)
        for engine in self.engines:
            yield from engine.truth().records(self.now_us)


def _merged(runs: list[list[Emission]]) -> list[Emission]:
    if len(runs) == 1:
        return runs[0]
    return list(merge(*runs, key=lambda emission: emission.event.ts))
