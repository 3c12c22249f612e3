"""Lines that run: pure functions of plant, seed and start.

Lines that share nothing but the time each have an engine of their own; lines whose machines wait for the same crew are
in one. The engine knows no clock but its own. ``run_until`` may be called with slices of any size and gives the same
events.
"""

from collections.abc import Iterable, Iterator
from copy import copy
from heapq import heappush, merge

from contract.events import CommandAnswered, CommandGiven
from contract.instants import MINUTE_US
from contract.states import Cause, classify
from contract.topics import address
from contract.truth import TruthRecord, TruthSpan
from simulator import shifts
from simulator.agenda import Agenda, Emission
from simulator.build import build_line
from simulator.command_targets import OnLine, OnMachine
from simulator.commands import Desk
from simulator.crews import Crew
from simulator.line import Line, World
from simulator.plant import LineSpec, Park, Plant
from simulator.station import BaseMachine

__all__ = ["Emission", "Engine", "Factory", "groups"]


class Engine:
    """Some ``lines`` of ``plant``, from ``start_us`` (µs since the epoch) on.

    ``keep_truth`` keeps the account of what truly happened; it grows with every state and minute, so leave it off for a
    line that runs live without end. ``now_us`` is the instant up to which everything has happened.
    """

    def __init__(
        self, plant: Plant, lines: tuple[LineSpec, ...], seed: int, start_us: int, *, keep_truth: bool = True
    ) -> None:
        self.now_us = start_us
        self._plant, self._keeps_truth = plant, keep_truth
        self._agenda = Agenda()
        self._off_next: str | None = None
        self._register(start_us)
        self._plan_edge(start_us)
        wanted = {crew for line in lines for crew in line.crews}
        crews = {crew.id: Crew(crew, seed, self._agenda, start_us) for crew in plant.crews if crew.id in wanted}
        world = World(plant, seed, start_us, self._agenda, crews, keep_truth)
        self.lines = [Line(world, line) for line in lines]
        self.machines: list[BaseMachine] = []
        for line in self.lines:
            self.machines += build_line(world, line, len(self.machines))
        self._called = {line.path: OnLine(line, plant, self._agenda) for line in self.lines}
        commanded = {machine.path: OnMachine(machine, seed) for machine in self.machines}
        self._commanded = commanded
        self._desk = Desk(commanded, self._called)
        self._speakers = dict[str, Line | BaseMachine]({line.path: line for line in self.lines})
        self._speakers |= {machine.path: machine for machine in self.machines}

    def _register(self, start_us: int) -> None:
        """Tie priorities at one instant: what the line says, heartbeats, planned time, then machines from the exit."""
        register = self._agenda.register
        self._begin_code = register(self._begin)
        self._beat_code, self._edge_code = register(self._beat), register(self._cross_edge)
        heappush(self._agenda.heap, (start_us, self._begin_code, 0))

    @property
    def paths(self) -> list[str]:
        """Paths of the machines, line by line in the order of the file."""
        return [machine.path for machine in self.machines]

    @property
    def faulty(self) -> list[str]:
        """Paths of the machines that a fault of their own has stopped, which ``repair`` would end."""
        return [path for path, machine in self._commanded.items() if machine.fault]

    def is_changing_over(self, line_path: str, within_us: int) -> bool:
        """Whether machines of the line are being or are to be set up anew, or will be within that time at best."""
        line = next(line for line in self.lines if line.path == line_path)
        conditions = [machine.look() for machine in line.machines]
        if any(classify(one.state, one.mode, one.reason) is Cause.SETUP for one in conditions):
            return True
        order = line.book.current
        if order is None:
            return False
        setups = [one.setup for one in line.machines if one.setup is not None and one.spec.returns_to is None]
        if any(one.family not in {"", order.product.family_id} for one in setups):
            return True
        # Twice what the constraint makes at best: while the buffers fill, the first machines run ahead of it.
        return line.book.changes_within(2 * within_us / line.spec.exit_ideal_us(order.product))

    @property
    def next_event_us(self) -> int:
        """When something happens next, µs since the epoch; never later than the next full minute."""
        return self._agenda.heap[0][0]

    def run_until(self, until_us: int) -> list[Emission]:
        """Everything that is said up to and including ``until_us``, in order of time."""
        self._agenda.run_until(until_us, self._settle)
        self.now_us = max(self.now_us, until_us)
        return self._agenda.take()

    def command(self, path: str, given: CommandGiven) -> None:
        """Give a command to the machine or line at ``path`` (one of this engine), at ``now_us``; it answers."""
        answer = self._desk.take(path, given, self.now_us)
        self._settle(self.now_us)
        speaker = self._speakers[path]
        said = CommandAnswered(self.now_us, speaker.seq, speaker.boot, given, *answer)
        self._agenda.out.append(Emission(path, said))

    def finish(self) -> list[Emission]:
        """The last word of a run that does not end on a minute: every machine is heard of up to the very end."""
        if self.now_us % MINUTE_US:
            for machine in self.machines:
                machine.beat(self.now_us)
        for line in self.lines:
            line.say_progress(self.now_us)
        return self._agenda.take()

    def truth(self) -> Iterator[TruthRecord]:
        """The account of what truly happened up to ``now_us``; only with ``keep_truth``."""
        assert self._keeps_truth, "this engine keeps no truth"
        for line in self.lines:
            if line.truth is not None:
                yield from line.truth.records(self.now_us)

    def _settle(self, now: int) -> None:
        touched, machines = self._agenda.touched, self.machines
        if len(touched) > 1:
            touched.sort()
        for position in touched:  # it may grow meanwhile: somebody uses the time of a machine that stands
            machines[position].settle(now)
        touched.clear()

    # ------------------------------------------------------------------ actions of the lines themselves

    def _begin(self, now: int, _slot: int) -> None:
        for line in self.lines:
            line.describe(now)
        for machine in self.machines:
            if machine.supply is not None:
                machine.supply.fill(now)
        self._set_off(shifts.status(self._plant, now), now)
        heappush(self._agenda.heap, (now - now % MINUTE_US + MINUTE_US, self._beat_code, 0))

    def _beat(self, now: int, _slot: int) -> None:
        """Before anything else of the instant: a heartbeat speaks of the minute that is just over."""
        for machine in self.machines:
            machine.beat(now)
        for line in self.lines:
            line.say_progress(now)
        heappush(self._agenda.heap, (now + MINUTE_US, self._beat_code, 0))

    def _cross_edge(self, now: int, _slot: int) -> None:
        self._set_off(self._off_next, now)
        self._plan_edge(now)

    def _set_off(self, off: str | None, now: int) -> None:
        for machine in reversed(self.machines):
            machine.set_off(off or self._called[machine.line.path].off, now)

    def _plan_edge(self, now: int) -> None:
        edge = shifts.next_edge(self._plant, now)
        if edge is not None:
            at, self._off_next = edge
            heappush(self._agenda.heap, (at, self._edge_code, 0))


class Factory:
    """All lines of a park of plants. ``keep_truth`` as for :class:`Engine`."""

    def __init__(self, park: Park | Plant, seed: int, start_us: int, *, keep_truth: bool = True) -> None:
        self.park = park if isinstance(park, Park) else Park(park.id, park.name, (park,), park.about)
        self.seed, self.start_us, self.keeps_truth = seed, start_us, keep_truth
        self.adopt(
            Engine(plant, lines, seed, start_us, keep_truth=keep_truth)
            for plant in self.park.plants
            for lines in groups(plant)
        )

    def adopt(self, engines: Iterable[Engine]) -> None:
        """Go on with these ``engines`` in place of those it had."""
        self.engines = list(engines)
        self._engine_of = {line.path: engine for engine in self.engines for line in engine.lines}

    def part(self, engines: Iterable[Engine]) -> "Factory":
        """A factory of some ``engines`` of this one and nothing else, which only one of the two may run."""
        part = copy(self)
        part.adopt(engines)
        return part

    @property
    def paths(self) -> list[str]:
        """Paths of all machines, line by line."""
        return [path for engine in self.engines for path in engine.paths]

    @property
    def now_us(self) -> int:
        """The instant up to which everything has happened."""
        return self.engines[0].now_us

    @property
    def faulty(self) -> list[str]:
        """As :attr:`Engine.faulty`."""
        return [path for engine in self.engines for path in engine.faulty]

    def is_changing_over(self, line_path: str, within_us: int) -> bool:
        """As :meth:`Engine.is_changing_over`."""
        return self._engine_of[line_path].is_changing_over(line_path, within_us)

    @property
    def next_event_us(self) -> int:
        """When something happens next in any line."""
        return min(engine.next_event_us for engine in self.engines)

    def run_until(self, until_us: int) -> list[Emission]:
        """As :meth:`Engine.run_until`, all lines merged in order of time."""
        return _merged([engine.run_until(until_us) for engine in self.engines])

    def command(self, path: str, given: CommandGiven) -> None:
        """As :meth:`Engine.command`; ``path`` is that of a line here or of one of its machines."""
        self._engine_of[address(path).line_path].command(path, given)

    def finish(self) -> list[Emission]:
        """As :meth:`Engine.finish`."""
        return _merged([engine.finish() for engine in self.engines])

    def truth_records(self) -> Iterator[TruthRecord]:
        """The truth account up to ``now_us``: its span first, then every machine's intervals and outputs."""
        yield TruthSpan(self.park.id, self.seed, self.start_us, self.now_us, self.paths)
        for engine in self.engines:
            yield from engine.truth()


def groups(plant: Plant) -> list[tuple[LineSpec, ...]]:
    """The lines of ``plant`` that must run together, because a crew serves them all; in the order of the file."""
    found: list[tuple[set[str], list[LineSpec]]] = []
    for line in plant.lines:
        crews, together = set(line.crews), [line]
        for other in [group for group in found if group[0] & crews]:
            found.remove(other)
            crews |= other[0]
            together = other[1] + together
        found.append((crews, together))
    order = {line.id: place for place, line in enumerate(plant.lines)}
    grouped = [tuple(sorted(lines, key=lambda line: order[line.id])) for _, lines in found]
    return sorted(grouped, key=lambda lines: order[lines[0].id])


def _merged(runs: list[list[Emission]]) -> list[Emission]:
    if len(runs) == 1:
        return runs[0]
    return list(merge(*runs, key=lambda emission: emission.event.ts))
