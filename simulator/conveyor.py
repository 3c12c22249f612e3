"""An oven or a belt: parts ride through one behind the other and cannot pass or wait inside.

Positions are in belt time: how long the belt has moved (µs). A part that entered at belt time b is out at b + transit,
however often the belt stood still meanwhile. The belt stands still while the first part finds no room at the exit, and
during the conveyor's own stops; everything on it is held.
"""

from collections import deque
from heapq import heappush

from contract.instants import SECOND_US
from simulator.agenda import NEVER
from simulator.station import BaseMachine
from simulator.telling import Place
from simulator.unit import Unit


class ConveyorMachine(BaseMachine):
    """At most one part enters a pitch (``cycle_s``); ``busy`` is the number of parts on the belt."""

    __slots__ = ("belt", "belt_from", "belt_us", "enter_code", "enter_due", "exit_code", "exit_due", "next_entry",
                 "pitch_us", "places", "transit_us")  # fmt: skip

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        conveyor = self.spec.conveyor
        assert conveyor is not None
        self.pitch_us = round(self.spec.cycle_s * SECOND_US)
        self.transit_us, self.places = round(conveyor.transit_s * SECOND_US), conveyor.places
        self.belt: deque[tuple[int, Unit]] = deque()  # (belt time at the exit, unit), first out first
        self.belt_us = self.belt_from = 0
        self.next_entry = 0  # belt time
        self.exit_due = self.enter_due = NEVER
        self.exit_code = place.agenda.register(self.reach_exit)
        self.enter_code = place.agenda.register(self.clear_entry)

    def belt_now(self, now: int) -> int:
        """Belt time."""
        return self.belt_us if self.paused else self.belt_us + now - self.belt_from

    def can_begin(self, now: int) -> bool:
        """See :class:`BaseMachine`: the entry is clear and the belt moves."""
        if self.halted or self.paused or self.busy >= self.places:
            return False
        return self.belt_now(now) >= self.next_entry

    def begin(self, unit: Unit, now: int) -> None:
        """``unit`` is laid on the belt."""
        self.take_in(unit, now)
        belt_us = self.belt_now(now)
        if not self.busy:
            self.start_clock(now)
        self.busy += 1
        self.belt.append((belt_us + self.transit_us, unit))
        self.next_entry, self.enter_due = belt_us + round(self.pitch_us * self.pace), NEVER
        self.touch()
        self._schedule(now)

    def _schedule(self, now: int) -> None:
        """Put what comes next on the agenda: the first part out, the entry clear, the own stop."""
        belt_us = self.belt_now(now)
        if self.belt and self.exit_due == NEVER:
            self.exit_due = now + self.belt[0][0] - belt_us
            heappush(self.heap, (self.exit_due, self.exit_code, 0))
        if self.enter_due == NEVER and self.next_entry > belt_us:
            self.enter_due = now + self.next_entry - belt_us
            heappush(self.heap, (self.enter_due, self.enter_code, 0))
        if self.belt and not self.armed and self.stop_due < now + self.belt[-1][0] - belt_us:
            self.arm()

    def clear_entry(self, now: int, _slot: int) -> None:
        """The last part has moved on by a pitch, unless the belt stood still."""
        if self.enter_due == now:
            self.enter_due = NEVER
            self.pull(now)

    def reach_exit(self, now: int, _slot: int) -> None:
        """The first part is out, unless the belt stood still."""
        if self.exit_due != now:
            return
        self.exit_due = NEVER
        _, unit = self.belt.popleft()
        self.touch()
        target = self.finish(unit, now)
        if target is None or target.offer(unit, now):
            self._gone(now)
        else:
            self.pause(now)
            self.keep(unit, 0, target)

    def _gone(self, now: int) -> None:
        self.busy -= 1
        if not self.busy and not self.paused:
            self.stop_clock(now)
        if not self.paused:
            self._schedule(now)
        self.pull(now)

    def offer(self, unit: Unit, now: int) -> bool:
        """See :class:`BaseMachine`."""
        if not self.inbox and self.can_begin(now) and (not self.gates or self.may_start(unit, now)):
            self.begin(unit, now)
            return True
        if len(self.inbox) < self.capacity:
            self.inbox.append(unit)
            return True
        return False

    def free(self, slot: int, now: int) -> None:
        """See :class:`BaseMachine`: the belt moves again, unless a stop began meanwhile."""
        del slot
        self.touch()
        if self.stopped is None and self.forced is None:
            self.resume(now)
        self._gone(now)

    def pause(self, now: int) -> None:
        """See :class:`BaseMachine`: the belt stands still."""
        self.stop_clock(now)
        self.belt_us = self.belt_now(now)
        self.paused = True
        self.exit_due = self.enter_due = NEVER

    def resume(self, now: int) -> None:
        """See :class:`BaseMachine`: the belt moves again."""
        if self.finished:
            return  # a break or shift began and ended while the exit was blocked
        self.paused = False
        self.belt_from = now
        if self.busy:
            self.start_clock(now)
        self._schedule(now)

    def is_full(self) -> bool:
        """See :class:`BaseMachine`."""
        return bool(self.finished)
