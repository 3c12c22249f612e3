"""A machine that works on one unit at a time, or on one a server, and keeps a finished unit until there is room."""

from heapq import heappush

from contract.instants import SECOND_US
from simulator import sampling
from simulator.agenda import NEVER
from simulator.station import BaseMachine
from simulator.telling import Place
from simulator.unit import Unit


class Machine(BaseMachine):
    """Blocking after service: a finished unit stays on its server until the next buffer (or machine) takes it."""

    __slots__ = ("cycle", "done_code", "due", "idle", "left", "units")

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        spec = self.spec
        rng = sampling.generator(place.seed, place.line.spec.id, spec.id, "cycle")
        self.cycle = sampling.microseconds(spec.spread, spec.cycle_s * (1 + spec.speed_loss) * SECOND_US, rng)
        self.done_code = place.agenda.register(self.done)
        self.idle = list(range(spec.servers))  # free servers
        self.due = [NEVER] * spec.servers  # when each one's unit is done
        self.left = [NEVER] * spec.servers  # and how long it still takes, while the machine is stopped
        self.units: list[Unit | None] = [None] * spec.servers

    def begin(self, unit: Unit, now: int) -> None:
        """A free server starts on ``unit``."""
        slot = self.idle.pop()
        if not self.busy:
            self.start_clock(now)
        self.busy += 1
        if not self.dirty:
            self.dirty = True
            self.touched.append(self.position)
        self.go(unit, slot, now)

    def go(self, unit: Unit, slot: int, now: int) -> None:
        """Server ``slot`` works on ``unit`` from now on."""
        self.units[slot] = unit
        if self.is_plain and not unit.loops:  # take_in and run without the calls: the commonest case
            unit.began = now
            due = self.due[slot] = now + self.cycle()
            heappush(self.heap, (due, self.done_code, slot))
            if self.stop_due < due and not self.armed:
                self.arm()
            return
        self.take_in(unit, now)
        self.run(slot, now)

    def run(self, slot: int, now: int) -> None:
        """One cycle of server ``slot``."""
        cycle_us = self.cycle()
        due = self.due[slot] = now + (cycle_us if self.pace == 1.0 else round(cycle_us * self.pace))
        heappush(self.heap, (due, self.done_code, slot))
        if self.stop_due < due and not self.armed:
            self.arm()

    def done(self, now: int, slot: int) -> None:
        """The unit on server ``slot`` is done, unless a stop has put it off."""
        if self.due[slot] != now:
            return
        if not self.dirty:
            self.dirty = True
            self.touched.append(self.position)
        unit = self.units[slot]
        assert unit is not None
        target = self.finish(unit, now)
        inbox = self.inbox
        if target is None or target.offer(unit, now):
            if inbox and not self.halted and (not self.gates or self.may_start(inbox[0], now)):
                # the commonest case: straight on, operating time goes on
                self.go(inbox.popleft(), slot, now)
                if self.knocking:
                    self.refill(now)
                return
            self.due[slot] = NEVER
            self.rest(now)
            self.idle.append(slot)
            self.pull(now)
        else:
            self.due[slot] = NEVER
            self.rest(now)
            self.keep(unit, slot, target)
            if self.gates:
                self.pull(now)  # what has waited for the machine to be empty may begin

    def rest(self, now: int) -> None:
        """One server less is at work."""
        self.busy -= 1
        if not self.busy:
            self.stop_clock(now)

    def offer(self, unit: Unit, now: int) -> bool:
        """See :class:`BaseMachine`."""
        inbox = self.inbox
        if self.idle and not self.halted and not inbox and (not self.gates or self.may_start(unit, now)):
            self.begin(unit, now)
            return True
        if len(inbox) < self.capacity:
            inbox.append(unit)
            return True
        return False

    def free(self, slot: int, now: int) -> None:
        """See :class:`BaseMachine`."""
        self.idle.append(slot)
        self.touch()
        self.pull(now)

    def can_begin(self, now: int) -> bool:
        """See :class:`BaseMachine`: a server is free."""
        del now
        return bool(self.idle) and not self.halted

    def pause(self, now: int) -> None:
        """See :class:`BaseMachine`."""
        self.stop_clock(now)
        self.paused = True
        for slot, due in enumerate(self.due):
            if due != NEVER:
                self.left[slot] = due - now
                self.due[slot] = NEVER

    def resume(self, now: int) -> None:
        """See :class:`BaseMachine`."""
        self.paused = False
        self.start_clock(now)
        for slot, left in enumerate(self.left):
            if left != NEVER:
                self.left[slot] = NEVER
                self.due[slot] = now + left
                heappush(self.heap, (now + left, self.done_code, slot))
                if self.stop_due < now + left and not self.armed:
                    self.arm()

    def is_full(self) -> bool:
        """See :class:`BaseMachine`."""
        return not self.idle
