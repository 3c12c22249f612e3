"""Why and how long a machine stands: own stops, crews, planned time, commands.

How a machine's condition follows from what happens to it (the first line that applies):

    a command holds it                    Stopped, Idle, Held or Aborted / commanded
    a stop going on                       what the stop is; before its crew is there: waiting_maintenance
    parts moving under its hands          Execute (also into a break: the part in hand is finished)
    outside planned time                  Idle / break, Stopped / no_shift
    no place for what is finished         Suspended / blocked
    nothing to work on                    Suspended / starved; Idle / no_order where the line has no order at all

A stop interrupts the parts in process; they go on from where they were. A repair goes on through a break. What ends
in a break waits for the end of it. One stop at a time: what strikes during another waits for its end.
"""

from collections import deque
from collections.abc import Callable, Iterator
from heapq import heappush

import numpy as np

from contract.instants import MINUTE_US, SECOND_US
from contract.states import State
from simulator import sampling
from simulator.agenda import NEVER
from simulator.condition import (
    BLOCKED,
    COMMANDED,
    EXECUTE,
    NO_OPERATOR,
    NO_ORDER,
    OFF,
    STARVED,
    WARM_UP,
    Condition,
    condition_of,
)
from simulator.crews import Crew
from simulator.sampling import Draws
from simulator.station_spec import Station, StopMode
from simulator.telling import Place, Teller

#: ``lasts_us`` of a stop that ends when something else happens.
OPEN_END = -1


class Stop:
    """One way to stop. ``between``/``lasts`` draw its times; ``after`` hears (now) when it is over.

    ``at_run_us`` is the operating time at which it strikes next, where it strikes by operating time.
    ``waiting`` is what it shows until its crew is there.
    """

    __slots__ = ("after", "at_run_us", "between", "condition", "crew", "lasts", "waiting")

    def __init__(  # noqa: PLR0913 - most stops have few of these
        self,
        condition: Condition,
        *,
        lasts: Draws | None = None,
        between: Draws | None = None,
        crew: Crew | None = None,
        after: Callable[[int], None] | None = None,
        waiting: Condition | None = None,
    ) -> None:
        self.condition, self.lasts, self.between, self.crew, self.after = condition, lasts, between, crew, after
        self.waiting = waiting or condition_of(condition.state, "waiting_maintenance", condition.mode)
        self.at_run_us = NEVER


class Stopping(Teller):
    """A machine that can stand still; subclasses say how parts go through it (``pause``, ``resume``, ``pull``)."""

    __slots__ = (
        "armed", "busy", "calendar", "calendar_code", "forced", "halted", "heap", "off", "off_since", "operating",
        "paused", "pending", "repair_due", "repaired_code", "run_from", "run_us", "shown", "stop_code", "stop_due",
        "stopped", "stops", "striking", "warm_up", "wear_factor",
    )  # fmt: skip

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        spec, agenda = self.spec, place.agenda
        self.heap = agenda.heap
        self.run_us = self.run_from = 0
        self.stop_due = self.repair_due = NEVER
        self.stopped: Stop | None = None
        self.shown = STARVED  # the condition of the stop going on
        self.pending: deque[tuple[Stop, int | None]] = deque()
        self.off: str | None = None
        self.off_since = NEVER
        self.forced: Condition | None = None
        self.busy = 0  # parts in process, moving or held by a stop
        self.paused = self.halted = self.armed = False
        self.wear_factor: Callable[[], float] | None = None
        self.repaired_code = agenda.register(self.repaired)
        self.stop_code = agenda.register(self.strike)
        self.stops = list(_own_stops(spec, place))
        self.operating = [stop for mode, stop in self.stops if mode.clock == "operating"]
        for stop in self.operating:
            stop.at_run_us = _next(stop)
        self.striking = min(self.operating, key=strikes_at, default=None)
        self.calendar = [stop for mode, stop in self.stops if mode.clock == "calendar"]
        self.calendar += list(_absences(spec, place))
        self.warm_up = _warm_up(spec, place)
        self._plan_calendar(place)

    def _plan_calendar(self, place: Place) -> None:
        if self.calendar:
            self.calendar_code = place.agenda.register(self.strike_by_calendar)
            for number, stop in enumerate(self.calendar):
                heappush(self.heap, (place.line.start_us + _next(stop), self.calendar_code, number))

    # ------------------------------------------------------------------ what a subclass does with its parts

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

    # ------------------------------------------------------------------ operating time and what strikes by it

    def start_clock(self, now: int) -> None:
        """Operating time runs from here."""
        self.run_from = now
        if self.striking is not None:
            self.stop_due = now + self.striking.at_run_us - self.run_us

    def stop_clock(self, now: int) -> None:
        """Operating time stands still from here."""
        self.run_us += now - self.run_from
        self.stop_due, self.armed = NEVER, False

    def run_now(self, now: int) -> int:
        """Operating time so far, µs."""
        return self.run_us + (now - self.run_from if self.busy and not self.paused else 0)

    def arm(self) -> None:
        """Put the next stop on the agenda: it comes before the work in hand is done."""
        self.armed = True
        heappush(self.heap, (self.stop_due, self.stop_code, 0))

    def strike(self, now: int, _slot: int) -> None:
        """The next own stop begins, unless operating time stood still meanwhile."""
        stop = self.striking
        if self.stop_due != now or stop is None:
            return
        self.begin_stop(stop, now)
        stop.at_run_us = self.run_us + self._next_worn(stop)
        self.striking = min(self.operating, key=strikes_at)

    def _next_worn(self, stop: Stop) -> int:
        if self.wear_factor is None or stop.condition.state is not State.HELD:
            return _next(stop)
        return max(1, round(_next(stop) / self.wear_factor()))

    def strike_by_calendar(self, now: int, number: int) -> None:
        """A stop that the calendar brings, whatever the machine does."""
        stop = self.calendar[number]
        lasts_us = max(1, stop.lasts()) if stop.lasts is not None else 1
        heappush(self.heap, (now + lasts_us + _next(stop), self.calendar_code, number))
        self.begin_stop(stop, now, lasts_us)

    # ------------------------------------------------------------------ one stop at a time

    def begin_stop(self, stop: Stop, now: int, lasts_us: int | None = None) -> None:
        """The machine stands because of ``stop``, after those before it. ``lasts_us``: default is its own draw."""
        if self.stopped is not None:
            self.pending.append((stop, lasts_us))
            return
        if self.busy and not self.paused:
            self.pause(now)
        self.stopped, self.halted = stop, True
        self.touch()
        if stop.crew is None or stop.crew.ask(self):
            self._repair(now, lasts_us)
        else:
            self.shown = stop.waiting
            self.pending.appendleft((stop, lasts_us))  # its length, until the crew is there

    def crew_comes(self, now: int) -> None:
        """Somebody of the crew is here: the repair begins."""
        _, lasts_us = self.pending.popleft()
        self.touch()
        self._repair(now, lasts_us)

    def _repair(self, now: int, lasts_us: int | None) -> None:
        stop = self.stopped
        assert stop is not None
        self.shown = stop.condition
        if lasts_us == OPEN_END:
            return
        if lasts_us is None:
            assert stop.lasts is not None
            lasts_us = stop.lasts()
        self.repair_due = now + max(1, lasts_us)
        heappush(self.heap, (self.repair_due, self.repaired_code, 0))

    def repaired(self, now: int, _slot: int) -> None:
        """The stop is over, unless it was ended before."""
        if self.repair_due == now:
            self.end_stop(now)

    def end_stop(self, now: int) -> None:
        """What keeps the machine is over; the next stop that waits begins, or work goes on."""
        stop = self.stopped
        assert stop is not None
        is_waiting = self.shown is stop.waiting
        self.stopped, self.repair_due = None, NEVER
        self.touch()
        if stop.crew is not None:
            if is_waiting:
                self.pending.popleft()
                stop.crew.forget(self)
            else:
                stop.crew.release(now)
        if stop.after is not None:
            stop.after(now)
        if self.stopped is None and self.pending:
            self.begin_stop(*_with_now(self.pending.popleft(), now))
        self.go_on(now)

    # ------------------------------------------------------------------ planned time and commands

    def set_off(self, off: str | None, now: int) -> None:
        """Planned time ended (``break``, ``no_shift``) or began (``None``)."""
        self.off = off
        self.touch()
        if off is not None:
            self.halted = True
            if off == "no_shift" and self.off_since == NEVER:
                self.off_since = now
            return
        cold, self.off_since = now - self.off_since, NEVER
        if self.warm_up is not None and cold >= self.warm_up[0]:
            self.begin_stop(self.warm_up[1], now)
        self.go_on(now)

    def force(self, state: State | None, now: int) -> None:
        """A command holds the machine in ``state`` (Stopped, Idle, Held or Aborted), or lets it go (``None``)."""
        self.forced = None if state is None else COMMANDED[state]
        self.touch()
        if state is None:
            self.go_on(now)
            return
        if self.busy and not self.paused:
            self.pause(now)
        self.halted = True

    def go_on(self, now: int) -> None:
        """Work, if nothing keeps the machine from it any more."""
        if self.stopped is not None or self.off is not None or self.forced is not None:
            return
        self.halted = False
        if self.paused:
            self.resume(now)
        self.pull(now)

    def look(self) -> Condition:
        """See the table at the top of this file."""
        if self.forced is not None:
            return self.forced
        if self.stopped is not None:
            return self.shown
        if self.busy and not self.paused:
            return EXECUTE
        if self.off is not None:
            return OFF[self.off]
        if self.is_full():
            return BLOCKED
        return NO_ORDER if self.line.is_without_order(at_source=self.source) else STARVED


def _with_now(entry: tuple[Stop, int | None], now: int) -> tuple[Stop, int, int | None]:
    return entry[0], now, entry[1]


def strikes_at(stop: Stop) -> int:
    """Operating time at which it strikes next, µs."""
    return stop.at_run_us


def _next(stop: Stop) -> int:
    assert stop.between is not None
    return max(1, stop.between())


def _stream(place: Place, spec: Station, purpose: str) -> np.random.Generator:
    return sampling.generator(place.seed, place.line.spec.id, spec.id, purpose)


def _own_stops(spec: Station, place: Place) -> Iterator[tuple[StopMode, Stop]]:
    for state, modes in ((State.HELD, spec.micro_stops), (State.ABORTED, spec.failures)):
        for mode in modes:
            between = sampling.microseconds(mode.every_min, MINUTE_US, _stream(place, spec, f"{mode.code}/every"))
            lasts = sampling.microseconds(mode.lasts_s, SECOND_US, _stream(place, spec, f"{mode.code}/lasts"))
            crew = None if mode.crew is None else place.crews[mode.crew]
            yield mode, Stop(condition_of(state, mode.code), lasts=lasts, between=between, crew=crew)


def _absences(spec: Station, place: Place) -> Iterator[Stop]:
    for number, absence in enumerate(spec.absences):
        between = sampling.microseconds(absence.every_min, MINUTE_US, _stream(place, spec, f"absence/{number}/every"))
        lasts = sampling.microseconds(absence.lasts_min, MINUTE_US, _stream(place, spec, f"absence/{number}/lasts"))
        yield Stop(NO_OPERATOR, lasts=lasts, between=between)


def _warm_up(spec: Station, place: Place) -> tuple[int, Stop] | None:
    warm = spec.warm_up
    if warm is None:
        return None
    lasts = sampling.microseconds(warm.lasts_min, MINUTE_US, _stream(place, spec, "warm_up"))
    return round(warm.after_min * MINUTE_US), Stop(WARM_UP, lasts=lasts)
