"""What every kind of machine shares: stops on operating time, planned time, counters, and what it says about itself.

How a machine's condition follows from what happens to it (the first line that applies):

    own stop going on                     Held or Aborted / the stop's code
    parts moving under its hands          Execute (also into a break: the part in hand is finished)
    outside planned time                  Idle / break, Stopped / no_shift
    no place for what is finished         Suspended / blocked
    nothing to work on                    Suspended / starved

A stop interrupts the parts in process; they go on from where they were. A repair goes on through a break. What ends
in a break waits for the end of it.
"""

from collections import deque
from collections.abc import Callable
from heapq import heappush
from typing import NamedTuple

import numpy as np

from contract.events import HeartBeaten, MachineDescribed, PartsCounted, StateChanged, Words
from contract.instants import MINUTE_US, SECOND_US
from contract.states import Mode, State
from simulator import sampling
from simulator.agenda import NEVER, Agenda, emission
from simulator.plant import LineSpec, Station, StopMode
from simulator.truth import MachineTruth

_PRODUCTION = Mode.PRODUCTION


class Condition(NamedTuple):
    """What a machine is doing, in the words of the wire."""

    state: State
    reason: str


EXECUTE = Condition(State.EXECUTE, "")
STARVED = Condition(State.SUSPENDED, "starved")
BLOCKED = Condition(State.SUSPENDED, "blocked")
OFF = {"break": Condition(State.IDLE, "break"), "no_shift": Condition(State.STOPPED, "no_shift")}


class Stop:
    """One way to stop, with its own streams; ``at_run_us`` is the operating time at which it strikes next."""

    __slots__ = ("at_run_us", "between", "condition", "lasts")

    def __init__(self, mode: StopMode, state: State, stream: Callable[[str], np.random.Generator]) -> None:
        self.condition = Condition(state, mode.code)
        self.between = sampling.microseconds(mode.every_min, MINUTE_US, stream(f"{mode.code}/every"))
        self.lasts = sampling.microseconds(mode.lasts_s, SECOND_US, stream(f"{mode.code}/lasts"))
        self.at_run_us = self.between()


class Place(NamedTuple):
    """Where a machine stands: everything it needs to know that is not in its own spec."""

    line: LineSpec
    position: int
    path: str
    seed: int
    boot: int
    agenda: Agenda
    truth: MachineTruth | None


class BaseMachine:
    """A machine without its way of working: subclasses say how parts go through it."""

    __slots__ = (
        "agenda", "armed", "boot", "busy", "capacity", "condition", "counted", "dirty", "downstream", "feeders",
        "finished", "good", "halted", "heap", "ideal_us", "inbox", "knocking", "off", "order", "out", "path", "paused",
        "position", "product", "repaired_code", "run_from", "run_us", "scrap", "scraps", "seq", "since", "source",
        "spec", "stop_code", "stop_due", "stopped", "stops", "striking", "total", "touched", "truth",
    )  # fmt: skip

    def __init__(self, place: Place) -> None:
        spec = place.line.stations[place.position]
        self.spec, self.path, self.boot, self.truth = spec, place.path, place.boot, place.truth
        self.position, self.agenda = place.position, place.agenda
        self.heap, self.out, self.touched = place.agenda.heap, place.agenda.out, place.agenda.touched
        self.order, self.product, self.ideal_us = place.line.order.id, place.line.order.product, spec.ideal_us
        self.inbox: deque[int] = deque()
        self.capacity = NEVER if spec.buffer is None else spec.buffer
        self.finished: deque[tuple[int, int]] = deque()  # (part, slot) that found no room downstream
        self.feeders: list[BaseMachine] = []
        self.downstream: BaseMachine | None = None
        self.source = True
        self.knocking = 0
        self.total = self.good = self.scrap = self.seq = 0
        self.counted = self.dirty = False
        self.condition, self.since = STARVED, -1
        self._init_stops(place, spec)

    def _init_stops(self, place: Place, spec: Station) -> None:
        def stream(purpose: str) -> np.random.Generator:
            return sampling.generator(place.seed, place.line.id, spec.id, purpose)

        self.scraps = sampling.chances(spec.scrap, stream("scrap")) if spec.scrap else None
        self.stops = [Stop(mode, State.HELD, stream) for mode in spec.micro_stops]
        self.stops += [Stop(mode, State.ABORTED, stream) for mode in spec.failures]
        self.striking = min(self.stops, key=_strikes_at, default=None)
        self.run_us = self.run_from = 0
        self.stop_due = NEVER
        self.stopped: Stop | None = None
        self.off: str | None = None
        self.busy = 0  # parts in process, moving or held by a stop
        self.paused = self.halted = self.armed = False
        self.repaired_code = place.agenda.register(self.repaired)
        self.stop_code = place.agenda.register(self.strike)

    # ------------------------------------------------------------------ how parts go through: the subclass

    def offer(self, part: int, now: int) -> bool:
        """Take ``part`` from upstream, into work or into the buffer; false when there is no room."""
        raise NotImplementedError

    def release(self, now: int) -> None:
        """Pass on the oldest finished part: room has just appeared downstream."""
        raise NotImplementedError

    def pull(self, now: int) -> None:
        """Start whatever can start."""
        raise NotImplementedError

    def pause(self, now: int) -> None:
        """Hold the parts in process where they are."""
        raise NotImplementedError

    def resume(self, now: int) -> None:
        """Let the parts in process go on."""
        raise NotImplementedError

    def is_full(self) -> bool:
        """Nothing more can be worked on because finished parts are in the way."""
        raise NotImplementedError

    # ------------------------------------------------------------------ stops and planned time

    def touch(self) -> None:
        """Something happened: say so when the instant is over."""
        if not self.dirty:
            self.dirty = True
            self.touched.append(self.position)

    def start_clock(self, now: int) -> None:
        """Operating time runs from here."""
        self.run_from = now
        if self.striking is not None:
            self.stop_due = now + self.striking.at_run_us - self.run_us

    def stop_clock(self, now: int) -> None:
        """Operating time stands still from here."""
        self.run_us += now - self.run_from
        self.stop_due, self.armed = NEVER, False

    def arm(self) -> None:
        """Put the next stop on the agenda: it comes before the work in hand is done."""
        self.armed = True
        heappush(self.heap, (self.stop_due, self.stop_code, 0))

    def strike(self, now: int, _slot: int) -> None:
        """The next own stop begins, unless operating time stood still meanwhile."""
        stop = self.striking
        if self.stop_due != now or stop is None:
            return
        self.pause(now)
        stop.at_run_us = self.run_us + max(1, stop.between())
        self.striking = min(self.stops, key=_strikes_at)
        self.stopped, self.halted = stop, True
        self.touch()
        heappush(self.heap, (now + max(1, stop.lasts()), self.repaired_code, 0))

    def repaired(self, now: int, _slot: int) -> None:
        """The own stop is over."""
        self.stopped = None
        self.touch()
        if self.off is None:
            self.go_on(now)

    def set_off(self, off: str | None, now: int) -> None:
        """Planned time ended (``break``, ``no_shift``) or began (``None``)."""
        self.off = off
        self.touch()
        if off is not None:
            self.halted = True
        elif self.stopped is None:
            self.go_on(now)

    def go_on(self, now: int) -> None:
        """Nothing keeps the machine from working any more."""
        self.halted = False
        if self.paused:
            self.resume(now)
        self.pull(now)

    def refill(self, now: int) -> bool:
        """A place before the machine is free: let a blocked machine upstream pass a part on, each in its turn.

        Only worth asking while ``knocking``: that many finished parts wait upstream for a place here.
        """
        for feeder in self.feeders:
            if feeder.finished:
                if len(self.feeders) > 1:  # or the first of two lines that meet would keep the other waiting for ever
                    self.feeders.remove(feeder)
                    self.feeders.append(feeder)
                self.knocking -= 1
                feeder.release(now)
                return True
        return False

    # ------------------------------------------------------------------ counting and saying

    def count(self, now: int) -> bool:
        """A part is done; whether it is good."""
        good = self.scraps is None or not self.scraps()
        self.total += 1
        self.counted = True
        if good:
            self.good += 1
        else:
            self.scrap += 1
        if self.truth is not None:
            self.truth.part(now, good)
        return good

    def look(self) -> Condition:
        """The machine's condition now: the table at the top of this file."""
        if self.stopped is not None:
            return self.stopped.condition
        if self.busy and not self.paused:
            return EXECUTE
        if self.off is not None:
            return OFF[self.off]
        return BLOCKED if self.is_full() else STARVED

    def settle(self, now: int) -> None:
        """The instant is over: say what was counted, then what changed. Nothing is said twice, nothing of length 0."""
        self.dirty = False
        if self.counted:
            self.counted = False
            self.seq += 1
            self.out.append(emission((self.path, self._counted(now))))
        # the commonest case of look() without the call
        condition = EXECUTE if self.busy and self.stopped is None and not self.paused else self.look()
        if condition is not self.condition or self.since < 0:
            self._change(condition, now)

    def _change(self, condition: Condition, now: int) -> None:
        state, reason = condition
        if self.truth is not None:
            self.truth.change(now, state, reason)
        self.condition, self.since = condition, now
        self.seq += 1
        event = StateChanged(now, self.seq, self.boot, state, _PRODUCTION, reason, now)
        self.out.append(emission((self.path, event)))

    def _counted(self, now: int) -> PartsCounted:
        behind = self.downstream
        return PartsCounted(
            now, self.seq, self.boot, self.total, self.good, self.scrap, 0, self.product, self.order, self.ideal_us,
            None if self.source else len(self.inbox), None if behind is None else len(behind.inbox),
        )  # fmt: skip

    def beat(self, now: int) -> None:
        """Say that it is still there, with everything it said last."""
        self.seq += 1
        behind, condition = self.downstream, self.condition
        event = HeartBeaten(
            now, self.seq, self.boot, condition.state, _PRODUCTION, condition.reason, self.since,
            self.total, self.good, self.scrap, 0, self.product, self.order, self.ideal_us,
            None if self.source else len(self.inbox), None if behind is None else len(behind.inbox),
        )  # fmt: skip
        self.out.append(emission((self.path, event)))

    def describe(self, now: int, minor_stop_us: int) -> None:
        """Say what it is and where it stands."""
        self.seq += 1
        behind, spec = self.downstream, self.spec
        event = MachineDescribed(
            now, self.seq, self.boot, spec.name, spec.role, self.position + 1,
            [feeder.spec.id for feeder in self.feeders], [] if behind is None else [behind.spec.id],
            self.ideal_us, spec.servers, None if self.source else spec.buffer, minor_stop_us, _reasons(spec),
        )  # fmt: skip
        self.out.append(emission((self.path, event)))


def _strikes_at(stop: Stop) -> int:
    return stop.at_run_us


def _reasons(spec: Station) -> dict[str, Words]:
    return {mode.code: mode.name for mode in (*spec.micro_stops, *spec.failures)}
