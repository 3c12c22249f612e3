"""A machine that works on one part at a time, or on one a server, and keeps a finished part until there is room."""

from heapq import heappush

from contract.instants import SECOND_US
from simulator import sampling
from simulator.agenda import NEVER
from simulator.station import BaseMachine, Place


class Machine(BaseMachine):
    """Blocking after service: a finished part stays on its server until the next buffer (or machine) takes it."""

    __slots__ = ("cycle", "done_code", "due", "idle", "left", "parts", "serial")

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        spec = self.spec
        rng = sampling.generator(place.seed, place.line.id, spec.id, "cycle")
        self.cycle = sampling.microseconds(spec.spread, spec.cycle_s * (1 + spec.speed_loss) * SECOND_US, rng)
        self.done_code = place.agenda.register(self.done)
        self.idle = list(range(spec.servers))  # free servers
        self.due = [NEVER] * spec.servers  # when each one's part is done
        self.left = [NEVER] * spec.servers  # and how long it still takes, while the machine is stopped
        self.parts = [0] * spec.servers
        self.serial = 0

    def start(self, part: int, now: int) -> None:
        """A free server starts on ``part``."""
        slot = self.idle.pop()
        if not self.busy:
            self.start_clock(now)
        self.busy += 1
        if not self.dirty:
            self.dirty = True
            self.touched.append(self.position)
        self.parts[slot] = part
        due = now + self.cycle()
        self.due[slot] = due
        heappush(self.heap, (due, self.done_code, slot))
        if self.stop_due < due and not self.armed:
            self.arm()

    def done(self, now: int, slot: int) -> None:
        """The part on server ``slot`` is done, unless a stop has put it off."""
        if self.due[slot] != now:
            return
        if not self.dirty:
            self.dirty = True
            self.touched.append(self.position)
        part = self.parts[slot]
        behind = self.downstream
        gone = not self.count(now) or behind is None or behind.offer(part, now)
        if gone and self.inbox and not self.halted:  # the commonest case: straight on, operating time goes on
            self.parts[slot] = self.inbox.popleft()
            due = self.due[slot] = now + self.cycle()
            heappush(self.heap, (due, self.done_code, slot))
            if self.stop_due < due and not self.armed:
                self.arm()
            if self.knocking:
                self.refill(now)
            return
        self.due[slot] = NEVER
        self.busy -= 1
        if not self.busy:
            self.stop_clock(now)
        if gone:
            self.idle.append(slot)
            self.pull(now)
        else:
            self.finished.append((part, slot))
            behind.knocking += 1  # type: ignore[union-attr]  # without a downstream the part would be gone

    def offer(self, part: int, now: int) -> bool:
        """See :class:`BaseMachine`."""
        inbox = self.inbox
        if self.idle and not self.halted and not inbox:
            self.start(part, now)
            return True
        if len(inbox) < self.capacity:
            inbox.append(part)
            return True
        return False

    def release(self, now: int) -> None:
        """See :class:`BaseMachine`."""
        part, slot = self.finished.popleft()
        if self.downstream is None or not self.downstream.offer(part, now):
            raise AssertionError(f"{self.path}: no room at {now} where room had just appeared")
        self.idle.append(slot)
        self.touch()
        self.pull(now)

    def pull(self, now: int) -> None:
        """See :class:`BaseMachine`."""
        while self.idle and not self.halted:
            if self.inbox:
                self.start(self.inbox.popleft(), now)
                if self.knocking:
                    self.refill(now)
            elif self.source:
                self.serial += 1
                self.start(self.serial, now)
            elif not self.knocking or not self.refill(now):
                return

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
