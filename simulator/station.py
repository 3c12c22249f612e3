"""What every kind of machine shares about its units: what lets one start, what becomes of a finished one, who is next.

    offer(unit) ─→ inbox ─→ gates (upkeep, setup, supply) ─→ start … finish ─→ ahead, rework or out of the line
                     ↑ refill: a place is free, so a finished unit that knocks upstream comes in

A target is whatever a finished unit is offered to: a machine, a port of a join, the way back from rework.
"""

from collections import deque
from heapq import heappush
from typing import Protocol

from simulator.agenda import NEVER
from simulator.condition import Condition
from simulator.quality import Quality
from simulator.setup import Setup
from simulator.stopping import Stop, Stopping, strikes_at
from simulator.supply import Supply
from simulator.telling import Place
from simulator.unit import Unit
from simulator.upkeep import Upkeep


class Target(Protocol):
    """Where a finished unit goes. ``knocking``: how many finished units wait for a place there."""

    knocking: int
    inbox: deque[Unit]

    def offer(self, unit: Unit, now: int) -> bool:
        """Take ``unit``, into work or into the buffer; false when there is no room."""
        ...


class Gate(Protocol):
    """Something that may have to be done before a unit starts."""

    def opens(self, unit: Unit, now: int) -> bool:
        """Whether ``unit`` may start; if not, and the machine is empty, what is to be done begins."""
        ...


class BaseMachine(Stopping):
    """A machine without its way of working: subclasses say how parts go through it."""

    __slots__ = (
        "ahead", "capacity", "feeders", "finished", "gates", "is_plain", "knocking", "loop", "made",
        "made_components", "pace", "paces", "quality", "ready", "repair", "review_code", "reviewing", "setup", "share",
        "speed", "supply", "upkeep",
    )  # fmt: skip

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        spec, line = self.spec, place.line.spec
        self.capacity = NEVER if spec.places is None else spec.places
        self.finished: deque[tuple[Unit, int, Target]] = deque()  # (unit, slot, target) that found no room there
        self.feeders: list[BaseMachine] = []
        self.ahead: Target | None = None
        self.repair: Target | None = None  # where what it rejects goes
        self.loop: frozenset[int] = frozenset()  # numbers of the stations by which that comes here again
        self.knocking = 0
        self.ready: Unit | None = None  # a source's next unit, until the gates open
        self.made_components = 0
        self.share = line.begun_parts(place.number) if place.line.is_main(place.number) else 0
        self.paces = {p.id: p.cycle_s[spec.id] / spec.cycle_s for p in line.products if spec.id in p.cycle_s}
        self.made = ""  # the product that pace is of
        self.speed = self.pace = 1.0
        self.quality = Quality.of(place, spec)
        self.reviewing: Stop | None = None
        self.review_code = place.agenda.register(self.begin_review)
        self.upkeep, self.setup, self.supply = Upkeep.of(self, place), Setup.of(self, place), Supply.of(self, place)
        self.gates: list[Gate] = [gate for gate in (self.upkeep, self.setup, self.supply) if gate is not None]
        # Nothing is inspected, worn, measured, consumed or paced here: the hot path asks this once.
        self.is_plain = not (self.quality or self.upkeep or self.supply or self.paces or spec.splits > 1)

    def connect(self, ahead: Target | None, repair: Target | None) -> None:
        """Where what is good goes, and what is rejected and worth repairing."""
        self.ahead, self.repair = ahead, repair
        self.looks_at = None if ahead is None else ahead.inbox

    # ------------------------------------------------------------------ what a subclass does with its parts

    def offer(self, unit: Unit, now: int) -> bool:
        """Take ``unit`` from upstream, into work or into the buffer; false when there is no room."""
        raise NotImplementedError

    def free(self, slot: int, now: int) -> None:
        """A finished unit that stood on ``slot`` has been taken."""
        raise NotImplementedError

    def can_begin(self, now: int) -> bool:
        """Whether there is a place to work on one unit more, and nothing stops the machine."""
        raise NotImplementedError

    def begin(self, unit: Unit, now: int) -> None:
        """Work on ``unit``."""
        raise NotImplementedError

    def pull(self, now: int) -> None:
        """See :class:`simulator.stopping.Stopping`: from the buffer, from nothing (a source), or from who knocks."""
        while self.can_begin(now):
            if self.inbox:
                if self.gates and not self.may_start(self.inbox[0], now):
                    return
                self.begin(self.inbox.popleft(), now)
                if self.knocking:
                    self.refill(now)
            elif self.source:
                unit = self.next_unit(now)
                if unit is None:
                    return
                self.begin(unit, now)
            elif not self.knocking or not self.refill(now):
                return
        # Who went straight into work has left the place in the buffer to the next.
        while self.knocking and len(self.inbox) < self.capacity and self.refill(now):
            pass

    # ------------------------------------------------------------------ before a unit starts

    def may_start(self, unit: Unit, now: int) -> bool:
        """Whether nothing is to be done before; what is to be done begins as soon as the machine is empty."""
        return all(gate.opens(unit, now) for gate in self.gates)

    def take_in(self, unit: Unit, now: int) -> None:
        """``unit`` goes into work."""
        unit.began = now
        if unit.loops:
            unit.attempt = 1 + sum(self.number in loop for loop in unit.loops)
        if self.supply is not None:
            unit.lots = self.supply.take(unit, now)
        if self.paces and unit.product.id != self.made:
            self.made = unit.product.id
            self.pace = self.paces.get(self.made, 1.0) * self.speed

    def next_unit(self, now: int) -> Unit | None:
        """A source's next unit, if there is an order and the gates are open."""
        if self.ready is None:
            self.ready = self.line.release(self, now)
        unit = self.ready
        if unit is None or (self.gates and not self.may_start(unit, now)):
            return None
        self.ready = None
        return unit

    def renew_stops(self, codes: tuple[str, ...]) -> None:
        """Failures of these codes come as on a new machine. Operating time must stand still."""
        for stop in self.operating:
            if stop.condition.reason in codes:
                assert stop.between is not None
                stop.at_run_us = self.run_us + max(1, stop.between())
        self.striking = min(self.operating, key=strikes_at, default=None)

    def set_speed(self, factor: float) -> None:
        """Cycles begun from now on take 1/``factor`` of their time."""
        self.speed, self.is_plain = 1 / factor, False
        self.pace = self.paces.get(self.made, 1.0) * self.speed

    # ------------------------------------------------------------------ when a unit is done

    def review(self, stop: Stop, now: int) -> None:
        """A person looks at what was rejected, when the instant's work is done."""
        self.reviewing = stop
        heappush(self.heap, (now, self.review_code, 0))

    def begin_review(self, now: int, _slot: int) -> None:
        """See :meth:`review`."""
        assert self.reviewing is not None
        self.begin_stop(self.reviewing, now)

    def change(self, condition: Condition, now: int) -> None:
        """See :class:`simulator.telling.Teller`; a machine that stands may be seen to meanwhile."""
        if self.upkeep is not None and self.upkeep.use_time(condition, now):
            condition = self.look()
        super().change(condition, now)

    def finish(self, unit: Unit, now: int) -> Target | None:
        """Count ``unit`` and say what became of it; where it goes, ``None`` if it is out of the line."""
        order = unit.order
        if order is not self.order:
            self.turn_to(order, now)
        self.total += 1
        self.counted = True
        if self.is_plain:
            return self._pass(unit, now)
        result, defects, false_call = (
            ("pass", (), False) if self.quality is None else self.quality.judge(self, unit, now)
        )
        if result == "pass":
            self.good += 1
        elif result == "scrap":
            self.scrap += 1
        else:
            self.rework += 1
        if self.truth is not None:
            self.truth.part(now, result, order, self.ideal_us)
        self.say_unit(unit, now, result, defects, false_call)
        unit.lots = unit.parents = ()
        if self.upkeep is not None:
            self.upkeep.count(unit, now)
        if result == "pass":
            if self.ahead is None:
                self.line.leave(unit, now, is_good=True)
            return self.ahead
        if result == "rework":
            unit.loop = self.loop
            return self.repair
        self.line.leave(unit, now, is_good=False)
        return None

    def _pass(self, unit: Unit, now: int) -> Target | None:
        """What is done on a plain machine is good."""
        self.good += 1
        if self.truth is not None:
            self.truth.part(now, "pass", unit.order, self.ideal_us)
        self.say_unit(unit, now, "pass", (), False)
        if unit.parents:
            unit.parents = ()
        if self.ahead is None:
            self.line.leave(unit, now, is_good=True)
        return self.ahead

    # ------------------------------------------------------------------ from machine to machine

    def keep(self, unit: Unit, slot: int, target: Target) -> None:
        """``target`` has no room: ``unit`` stays on ``slot`` and knocks."""
        self.finished.append((unit, slot, target))
        target.knocking += 1

    def hand_over(self, target: Target, now: int) -> bool:
        """Pass on the oldest finished unit that waits for ``target``, if it takes it."""
        for number, (unit, slot, goes_to) in enumerate(self.finished):
            if goes_to is target:
                del self.finished[number]  # before it is offered: a target that starts at once asks for the next one
                target.knocking -= 1
                if not target.offer(unit, now):
                    self.finished.insert(number, (unit, slot, target))
                    target.knocking += 1
                    return False
                self.free(slot, now)
                return True
        return False

    def refill(self, now: int) -> bool:
        """A place before the machine is free: let a blocked machine upstream pass a unit on, each in its turn.

        Only worth asking while ``knocking``: that many finished units wait upstream for a place here.
        """
        return refill(self, self.feeders, now)


def refill(target: Target, feeders: list[BaseMachine], now: int) -> bool:
    """Let one of ``feeders`` pass a unit on to ``target``; whether one did."""
    for feeder in feeders:
        if feeder.finished and feeder.hand_over(target, now):
            if len(feeders) > 1:  # or the first of two lines that meet would keep the other waiting for ever
                feeders.remove(feeder)
                feeders.append(feeder)
            return True
    return False


class WayBack:
    """From rework into the flow again: before all others, and never refused, or the loop could lock up."""

    __slots__ = ("inbox", "knocking", "machine")

    def __init__(self, machine: BaseMachine) -> None:
        self.machine, self.knocking = machine, 0
        self.inbox = machine.inbox

    def offer(self, unit: Unit, now: int) -> bool:
        """Put ``unit`` first in line; the buffer may hold it beyond its capacity."""
        unit.loops += (unit.loop,)
        unit.began = now
        self.inbox.appendleft(unit)
        self.machine.touch()
        self.machine.pull(now)
        return True
