"""Machines on which units come together or apart: joins, batches, and panels that are cut.

join     waits until every input has what one part takes; the main unit goes on, the others are its parents
batch    works on several units for one cycle; full, or when the first has waited long enough
split    one unit in, several out, each with a serial of its own; its server is free when all have left
"""

from collections import deque
from heapq import heappush

from contract.instants import SECOND_US
from simulator import sampling
from simulator.agenda import NEVER
from simulator.machine import Machine
from simulator.sampling import Shares
from simulator.station import BaseMachine, Target, refill
from simulator.telling import Place
from simulator.unit import Unit


class Port:
    """One input of a join, with a buffer of its own. ``need``: units of it that one part takes."""

    __slots__ = ("capacity", "feeders", "inbox", "knocking", "machine", "need")

    def __init__(self, machine: "Join", inbox: deque[Unit], need: int, capacity: int) -> None:
        self.machine, self.inbox, self.need, self.capacity = machine, inbox, need, max(need, capacity)
        self.feeders: list[BaseMachine] = []
        self.knocking = 0

    def offer(self, unit: Unit, now: int) -> bool:
        """See :class:`simulator.station.Target`."""
        if len(self.inbox) >= self.capacity:
            return False
        self.inbox.append(unit)
        self.machine.touch()
        self.machine.pull(now)
        return True

    def take(self, now: int) -> list[Unit]:
        """What one part takes; whoever knocks may fill the places."""
        taken = [self.inbox.popleft() for _ in range(self.need)]
        while self.knocking and len(self.inbox) < self.capacity and refill(self, self.feeders, now):
            pass
        return taken


class Join(Machine):
    """``ports`` by station id; the first is the main one, whose units go on."""

    __slots__ = ("is_pulling", "ports")

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        inboxes = [self.inbox, *(deque[Unit]() for _ in range(len(self.spec.assembles) - 1))]
        self.ports = {
            station: Port(self, inbox, need, self.capacity)
            for inbox, (station, need) in zip(inboxes, self.spec.assembles.items(), strict=True)
        }
        self.is_pulling = False

    def pull(self, now: int) -> None:
        """See :class:`BaseMachine`. Taking a part lets neighbours in, who pull again: once at a time."""
        if self.is_pulling:
            return
        self.is_pulling = True
        while self.idle and not self.halted and all(len(p.inbox) >= p.need for p in self.ports.values()):
            if self.gates and not self.may_start(self.inbox[0], now):
                break
            [main], *others = [port.take(now) for port in self.ports.values()]
            main.parents = tuple(unit.serial for taken in others for unit in taken)
            main.defects += tuple(code for taken in others for unit in taken for code in unit.defects)
            self.begin(main, now)
        self.is_pulling = False

    def offer(self, unit: Unit, now: int) -> bool:
        """See :class:`BaseMachine`: what comes without a port is a main unit."""
        return next(iter(self.ports.values())).offer(unit, now)

    def done(self, now: int, slot: int) -> None:
        """See :class:`Machine`; a join never goes straight on: all its inputs must be there."""
        if self.due[slot] != now:
            return
        self.touch()
        unit = self.units[slot]
        assert unit is not None
        target = self.finish(unit, now)
        self.due[slot] = NEVER
        self.rest(now)
        if target is None or target.offer(unit, now):
            self.free(slot, now)
        else:
            self.keep(unit, slot, target)
            self.pull(now)


class Several(Machine):
    """A machine whose server gives several finished units at once and is free when all have left."""

    __slots__ = ("out_of",)

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.out_of = [0] * self.spec.servers  # finished units that still stand on each server

    def results(self, slot: int) -> list[Unit]:
        """What has come of the load on ``slot``."""
        raise NotImplementedError

    def done(self, now: int, slot: int) -> None:
        """See :class:`Machine`."""
        if self.due[slot] != now:
            return
        self.touch()
        self.due[slot] = NEVER
        self.rest(now)
        finished: list[tuple[Unit, Target]] = []
        for unit in self.results(slot):
            target = self.finish(unit, now)
            if target is not None:
                finished.append((unit, target))
        self.out_of[slot] = len(finished)
        for unit, target in finished:
            if target.offer(unit, now):
                self.out_of[slot] -= 1
            else:
                self.keep(unit, slot, target)
        if not self.out_of[slot]:
            self.idle.append(slot)
        self.pull(now)

    def free(self, slot: int, now: int) -> None:
        """See :class:`BaseMachine`."""
        self.out_of[slot] -= 1
        self.touch()
        if not self.out_of[slot]:
            self.idle.append(slot)
            self.pull(now)


class Split(Several):
    """One unit is cut into ``splits``; a defect goes with one of them."""

    __slots__ = ("where",)

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.where = Shares(sampling.generator(place.seed, place.line.spec.id, self.spec.id, "split"))

    def results(self, slot: int) -> list[Unit]:
        """See :class:`Several`."""
        whole = self.units[slot]
        assert whole is not None
        pieces = []
        for number in range(1, self.spec.splits + 1):
            piece = Unit(f"{whole.serial}.{number}", whole.order, whole.share // self.spec.splits)
            piece.began, piece.lots, piece.parents = whole.began, whole.lots, (whole.serial,)
            pieces.append(piece)
        for code in whole.defects:
            pieces[int(self.where() * len(pieces))].defects += (code,)
        return pieces


class Furnace(Several):
    """Works on a batch: units of one product, together for one cycle."""

    __slots__ = ("loads", "size", "wait_code", "wait_us", "waited")

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        batch = self.spec.batch
        assert batch is not None
        self.size, self.wait_us = batch.size, round(batch.wait_s * SECOND_US)
        self.wait_code = place.agenda.register(self.lose_patience)
        self.waited = NEVER  # when the first unit in the buffer has waited long enough
        self.loads: list[list[Unit]] = [[] for _ in range(self.spec.servers)]

    def results(self, slot: int) -> list[Unit]:
        """See :class:`Several`."""
        load, self.loads[slot] = self.loads[slot], []
        return load

    def offer(self, unit: Unit, now: int) -> bool:
        """See :class:`BaseMachine`."""
        if len(self.inbox) >= self.capacity:
            return False
        unit.began = now  # until it goes into work: when it came
        self.inbox.append(unit)
        self.touch()
        self.pull(now)
        return True

    def lose_patience(self, now: int, _slot: int) -> None:
        """The first unit has waited long enough: begin with what is there."""
        if self.waited == now:
            self.pull(now)

    def pull(self, now: int) -> None:
        """See :class:`BaseMachine`."""
        self._grow_impatient(now)
        while self.idle and not self.halted:
            self._fill(now)
            self._grow_impatient(now)
            if not self.inbox:
                return
            together = self._together()
            if together < self.size and len(self.inbox) == together and now < self.waited:
                return
            if self.gates and not self.may_start(self.inbox[0], now):
                return
            if self.supply is not None:
                together = self.supply.enough_for(self.inbox[0].product.id, together)
            self._begin([self.inbox.popleft() for _ in range(together)], now)
            self._grow_impatient(now)
            while self.knocking and len(self.inbox) < self.capacity and self.refill(now):
                pass

    def _grow_impatient(self, now: int) -> None:
        """The wait for a full batch is that of the first unit in the buffer, at work or not."""
        if self.inbox and self.waited == NEVER:
            self.waited = max(now, self.inbox[0].began + self.wait_us)
            heappush(self.heap, (self.waited, self.wait_code, 0))

    def _fill(self, now: int) -> None:
        """A source makes its own load; whether the first of it may start is asked when the load begins."""
        while self.source and len(self.inbox) < self.size:
            unit = self.line.release(self, now)
            if unit is None:
                return
            unit.began = now
            self.inbox.append(unit)

    def _together(self) -> int:
        """Units at the head of the buffer that are of one product, at most a batch."""
        product = self.inbox[0].product
        number = 0
        for unit in self.inbox:
            if number == self.size or unit.product is not product:
                break
            number += 1
        return number

    def _begin(self, load: list[Unit], now: int) -> None:
        self.waited = NEVER
        slot = self.idle.pop()
        if not self.busy:
            self.start_clock(now)
        self.busy += 1
        self.touch()
        self.loads[slot] = load
        for unit in load:
            self.take_in(unit, now)
        self.run(slot, now)
