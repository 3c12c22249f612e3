"""Material on a machine: feeders that hold lots, run low, are replenished in time or too late.

full ─→ low (alarm, the next lot is on its way) ─→ empty ─→ spliced on, or put in during a stop, or waited for
"""

from functools import partial
from heapq import heappush
from typing import TYPE_CHECKING

import numpy as np

from contract.instants import MINUTE_US, SECOND_US
from contract.states import State
from simulator import sampling
from simulator.agenda import NEVER
from simulator.condition import NO_MATERIAL, condition_of
from simulator.sampling import Shares
from simulator.station_spec import Material
from simulator.stopping import OPEN_END, Stop
from simulator.telling import Place
from simulator.unit import Unit

if TYPE_CHECKING:
    from simulator.station import BaseMachine

#: The code of the alarm for a slot that runs low.
LOW = "material_low"


class Feeder:
    """One slot: the lot on it, and where the next one is. ``arrives_us``: NEVER while none is on its way."""

    __slots__ = (
        "arrives_us", "change", "held_until_us", "is_low", "is_ready", "is_spliced", "lot", "lots", "number",
        "remaining", "replenish", "shortage", "spec", "splices",
    )  # fmt: skip

    def __init__(self, machine: "BaseMachine", spec: Material, place: Place) -> None:
        def stream(purpose: str) -> np.random.Generator:
            return sampling.generator(place.seed, place.line.spec.id, machine.spec.id, f"{spec.slot}/{purpose}")

        self.spec, self.number, self.lot = spec, 0, ""
        self.lots: tuple[str, ...] = ()  # what the next unit takes from: two lots where one ends in it
        self.remaining = 0
        self.is_low = self.is_ready = False
        self.is_spliced: bool | None = None  # whether the next lot will be: not yet known
        self.arrives_us = NEVER
        self.held_until_us = -1
        self.replenish = sampling.microseconds(spec.replenish_min, MINUTE_US, stream("replenish"))
        self.splices = Shares(stream("splice"))
        change = sampling.microseconds(spec.change_s, SECOND_US, stream("change"))
        self.change = Stop(condition_of(State.HELD, spec.slot), lasts=change)
        self.shortage = Stop(NO_MATERIAL)

    def can_splice(self) -> bool:
        """The next lot is there and goes on without a stop; decided once a lot."""
        if self.is_ready and self.is_spliced is None:
            self.is_spliced = self.splices() < self.spec.splice
        return self.is_ready and bool(self.is_spliced)

    def used_by(self, product: str) -> bool:
        """Whether that product takes anything from it."""
        return not self.spec.products or product in self.spec.products


class Supply:
    """All feeders of one machine."""

    __slots__ = ("_arrive_code", "_machine", "_prefix", "feeders")

    def __init__(self, machine: "BaseMachine", place: Place) -> None:
        self._machine = machine
        self._prefix = f"{place.line.spec.id}.{machine.spec.id}"
        self.feeders = [Feeder(machine, spec, place) for spec in machine.spec.materials]
        self._arrive_code = place.agenda.register(self.arrive)
        for feeder in self.feeders:
            feeder.change.after = partial(self._load, feeder=feeder)

    @classmethod
    def of(cls, machine: "BaseMachine", place: Place) -> "Supply | None":
        """None for a machine without material."""
        return cls(machine, place) if machine.spec.materials else None

    def fill(self, now: int) -> None:
        """The first lot of every feeder."""
        for feeder in self.feeders:
            self._load(now, feeder)

    def opens(self, unit: Unit, now: int) -> bool:
        """See :class:`simulator.station.Gate`."""
        for feeder in self.feeders:
            if feeder.remaining < feeder.spec.per_part and feeder.used_by(unit.product.id):
                self._renew(feeder, now)
                if feeder.remaining < feeder.spec.per_part:
                    return False
        return True

    def take(self, unit: Unit, now: int) -> tuple[str, ...]:
        """``unit`` goes into work: its pieces leave the feeders; the lots they come from."""
        lots: list[str] = []
        for feeder in self.feeders:
            if feeder.used_by(unit.product.id):
                lots += feeder.lots
                feeder.lots = (feeder.lot,)
                feeder.remaining -= feeder.spec.per_part
                # too little for one more is low too, or nothing would ever be ordered
                if feeder.remaining < max(feeder.spec.low_at + 1, feeder.spec.per_part) and not feeder.is_low:
                    self._run_low(feeder, now)
        return tuple(lots)

    def enough_for(self, product: str, wanted: int) -> int:
        """How many of ``wanted`` units of that product can start together with what is on the feeders."""
        for feeder in self.feeders:
            if feeder.used_by(product):
                wanted = min(wanted, feeder.remaining // feeder.spec.per_part)
        return wanted

    def starve(self, slot: str, until_us: int, now: int) -> None:
        """Nothing is brought to ``slot`` before ``until_us``, and what is left on it is taken away."""
        for number, feeder in enumerate(self.feeders):
            if feeder.spec.slot == slot:
                feeder.held_until_us, feeder.is_ready = until_us, False
                feeder.remaining = 0
                if not feeder.is_low:
                    self._run_low(feeder, now)
                feeder.arrives_us = max(until_us, now + 1, feeder.arrives_us if feeder.arrives_us != NEVER else 0)
                heappush(self._machine.heap, (feeder.arrives_us, self._arrive_code, number))

    def arrive(self, now: int, number: int) -> None:
        """The next lot is here, unless it was held up."""
        feeder = self.feeders[number]
        if feeder.arrives_us != now:
            return
        feeder.is_ready, feeder.arrives_us = True, NEVER
        if self._machine.stopped is feeder.shortage:
            self._machine.end_stop(now)

    def _renew(self, feeder: Feeder, now: int) -> None:
        """The lot is used up: the next one, if it is there; what needs a stop waits until the machine is empty."""
        if feeder.can_splice():
            self._load(now, feeder)
        elif not self._machine.busy:
            if feeder.is_ready:
                self._machine.begin_stop(feeder.change, now)
            else:
                self._machine.begin_stop(feeder.shortage, now, OPEN_END)

    def _run_low(self, feeder: Feeder, now: int) -> None:
        feeder.is_low = True
        spec, machine = feeder.spec, self._machine
        machine.say_material(now, spec, feeder.lot, "low", feeder.remaining)
        machine.say_alarm(now, LOW, spec.slot, is_active=True)
        feeder.arrives_us = max(now + max(1, feeder.replenish()), feeder.held_until_us)
        heappush(machine.heap, (feeder.arrives_us, self._arrive_code, self.feeders.index(feeder)))

    def _load(self, now: int, feeder: Feeder) -> None:
        spec, machine = feeder.spec, self._machine
        if feeder.lot:
            machine.say_material(now, spec, feeder.lot, "empty", 0)
            machine.say_alarm(now, LOW, spec.slot, is_active=False)
        old = (feeder.lot,) if feeder.remaining else ()
        feeder.number += 1
        feeder.lot = f"{self._prefix}.{spec.slot}.{feeder.number:04d}"
        feeder.lots = (*old, feeder.lot)
        feeder.remaining += spec.lot_size
        feeder.is_low = feeder.is_ready = False
        feeder.is_spliced = None
        machine.say_material(now, spec, feeder.lot, "loaded", feeder.remaining)
