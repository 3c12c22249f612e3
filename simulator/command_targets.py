"""What commands take hold of: the machines and lines of a running engine, as :mod:`simulator.command_verbs` wants them.

Nothing here draws from the streams of what it touches; a fault that is called lasts as long as it is told to.
"""

from heapq import heappush

from contract.instants import to_datetime
from contract.states import Mode, State
from simulator import shifts
from simulator.agenda import Agenda
from simulator.condition import Condition, condition_of
from simulator.line import Line
from simulator.plant import LineSpec, Order, Plant
from simulator.quality import Quality
from simulator.station import BaseMachine
from simulator.station_spec import Station
from simulator.stopping import Stop

_FAULTS = frozenset({State.HELD, State.ABORTED})


class OnMachine:
    """A machine of the engine; see :class:`simulator.command_verbs.CommandedMachine`."""

    __slots__ = ("_machine", "_seed")

    def __init__(self, machine: BaseMachine, seed: int) -> None:
        self._machine, self._seed = machine, seed

    @property
    def spec(self) -> Station:
        """What it is."""
        return self._machine.spec

    @property
    def mode(self) -> Mode:
        """The mode that commands changed it to."""
        return self._machine.mode

    @property
    def condition(self) -> Condition:
        """What it is doing."""
        return self._machine.look()

    @property
    def forced(self) -> State | None:
        """The state that a command keeps it in."""
        return None if self._machine.forced is None else self._machine.forced.state

    @property
    def fault(self) -> str:
        """The own stop that is going on, perhaps still waiting for its crew."""
        stop = self._machine.stopped
        return stop.condition.reason if stop is not None and stop.condition.state in _FAULTS else ""

    def force(self, state: State, now: int) -> None:
        """Keep it in ``state``."""
        self._machine.force(state, now)

    def unforce(self, now: int) -> None:
        """Let it go on."""
        self._machine.force(None, now)

    def set_mode(self, mode: Mode, now: int) -> None:
        """Change its mode, and say so although its state is the same."""
        machine = self._machine
        machine.mode = mode
        machine.change(machine.look(), now)

    def inject(self, code: str, lasts_us: int, now: int) -> None:
        """An own stop of ``code``, after the stop that is going on if there is one."""
        state = State.ABORTED if code in {mode.code for mode in self.spec.failures} else State.HELD
        self._machine.begin_stop(Stop(condition_of(state, code)), now, lasts_us)

    def repair_now(self, now: int) -> None:
        """What is going on is over."""
        self._machine.end_stop(now)

    def set_scrap(self, probability: float | None, _now: int) -> None:
        """Scrap each part with ``probability``; ``None``: as its file says."""
        machine = self._machine
        if machine.quality is None:
            machine.quality = Quality(self._seed, machine.line.spec.id, self.spec)
            machine.is_plain = False
        machine.quality.scrap = self.spec.scrap if probability is None else probability

    def set_speed(self, factor: float, _now: int) -> None:
        """Work ``factor`` times as fast."""
        self._machine.set_speed(factor)

    def starve(self, slot: str, until_us: int, now: int) -> None:
        """Take away what is on ``slot``; nothing is brought before ``until_us``."""
        assert self._machine.supply is not None
        self._machine.supply.starve(slot, until_us, now)

    def maintain(self, code: str, now: int) -> None:
        """Do the planned maintenance ``code`` next."""
        assert self._machine.upkeep is not None
        self._machine.upkeep.call(code, now)


class OnLine:
    """A line of the engine, see :class:`simulator.command_verbs.CommandedLine`; ``off`` is a break that was called."""

    __slots__ = ("_agenda", "_line", "_over_code", "_plant", "_until_us", "off")

    def __init__(self, line: Line, plant: Plant, agenda: Agenda) -> None:
        self._line, self._plant, self._agenda = line, plant, agenda
        self._until_us = -1
        self.off: str | None = None
        self._over_code = agenda.register(self._over)

    @property
    def spec(self) -> LineSpec:
        """What it is."""
        return self._line.spec

    def has_order(self, order: str) -> bool:
        """Whether the line has ever heard of it."""
        return self._line.book.knows(order)

    def add_order(  # noqa: PLR0913 - an order has that many parts
        self, order: str, product: str, quantity: int, due_us: int | None, now: int, *, first: bool
    ) -> None:
        """Put it last in the book, or begin it now: then what is being made waits."""
        line = self._line
        due = None if due_us is None else to_datetime(due_us)
        line.book.add(Order(order, product, quantity, due=due), first=first)
        if first:
            line.book.interrupt()
        line.say_book(now)
        line.wake(now)

    def call_break(self, duration_us: int, now: int) -> None:
        """Everybody has a break, until the latest that was called is over."""
        self.off, self._until_us = "break", max(self._until_us, now + duration_us)
        heappush(self._agenda.heap, (self._until_us, self._over_code, 0))
        self._set_off(now)

    def _over(self, now: int, _slot: int) -> None:
        if now == self._until_us:
            self.off = None
            self._set_off(now)

    def _set_off(self, now: int) -> None:
        off = shifts.status(self._plant, now) or self.off
        for machine in reversed(self._line.machines):
            machine.set_off(off, now)
