"""What a machine needs to stay well: wear that is cleaned or replaced, planned maintenance, and gauges that drift."""

from functools import partial
from heapq import heappush
from typing import TYPE_CHECKING

import numpy as np

from contract.instants import HOUR_US, MINUTE_US, SECOND_US
from contract.states import State
from simulator import sampling
from simulator.agenda import NEVER
from simulator.condition import BLOCKED, MAINTENANCE, MAINTENANCE_WAITS, NO_ORDER, OFF, STARVED, Condition, condition_of
from simulator.gauges import Gauges
from simulator.station_spec import Maintenance, Wear
from simulator.stopping import Stop
from simulator.telling import Place
from simulator.unit import Unit

if TYPE_CHECKING:
    from simulator.station import BaseMachine

_STANDING = frozenset({STARVED, BLOCKED, NO_ORDER, *OFF.values()})


class Worn:
    """One thing that wears: the parts since its last service, and the stop that services it."""

    __slots__ = ("parts", "spec", "stop")

    def __init__(self, spec: Wear, stop: Stop) -> None:
        self.spec, self.stop, self.parts = spec, stop, 0

    @property
    def age(self) -> float:
        """Share of its life that is over."""
        return self.parts / self.spec.life_parts


class Duty:
    """One planned maintenance: when it may be done and when it must, by the calendar (µs) or by operating time."""

    __slots__ = ("due_us", "every_us", "from_us", "is_open", "spec", "stop")

    def __init__(self, spec: Maintenance, stop: Stop) -> None:
        self.spec, self.stop, self.every_us = spec, stop, round(spec.every_h * HOUR_US)
        self.is_open = False  # it is going on, or waits for the machine to be empty
        self.from_us = self.due_us = NEVER

    def plan(self, at_us: int) -> None:
        """It was last done at ``at_us`` on its clock."""
        self.due_us = at_us + self.every_us
        self.from_us = at_us + round(self.every_us * self.spec.opportune_from)
        self.is_open = False


class Upkeep:
    """The wear, duties and gauges of one machine."""

    __slots__ = ("_duties", "_duty_code", "_gauges", "_machine", "_shares", "_worn")

    def __init__(self, machine: "BaseMachine", place: Place) -> None:
        self._machine, spec = machine, machine.spec

        def stream(purpose: str) -> np.random.Generator:
            return sampling.generator(place.seed, place.line.spec.id, spec.id, purpose)

        self._worn: list[Worn] = []
        for wear in spec.wear:
            lasts = sampling.microseconds(wear.service_s, SECOND_US, stream(f"{wear.code}/lasts"))
            crew = None if wear.crew is None else place.crews[wear.crew]
            stop = Stop(condition_of(State.HELD, wear.code), lasts=lasts, crew=crew)
            worn = Worn(wear, stop)
            stop.after = partial(self._serviced, worn=worn)
            self._worn.append(worn)
        self._duties: list[Duty] = []
        self._duty_code = place.agenda.register(self.remind)
        for duty_spec in spec.maintenance:
            lasts = sampling.microseconds(duty_spec.lasts_min, MINUTE_US, stream(f"{duty_spec.code}/lasts"))
            crew = None if duty_spec.crew is None else place.crews[duty_spec.crew]
            duty = Duty(duty_spec, Stop(MAINTENANCE, lasts=lasts, crew=crew, waiting=MAINTENANCE_WAITS))
            duty.stop.after = partial(self._maintained, duty=duty)
            self._duties.append(duty)
            self._plan(duty, place.line.start_us)
        self._gauges = Gauges.of(machine, place)
        if any(wear.stops_at_end != 1 for wear in spec.wear):
            machine.wear_factor = self._factor

    @classmethod
    def of(cls, machine: "BaseMachine", place: Place) -> "Upkeep | None":
        """None for a machine that needs nothing."""
        spec = machine.spec
        return cls(machine, place) if spec.wear or spec.maintenance or spec.values else None

    @property
    def codes(self) -> list[str]:
        """Codes of the planned maintenances."""
        return [duty.spec.code for duty in self._duties]

    def call(self, code: str, now: int) -> None:
        """Do the planned maintenance ``code`` as soon as the machine is empty."""
        for duty in self._duties:
            if duty.spec.code == code:
                duty.is_open = True
                self._do_if_empty(duty, now)

    # ------------------------------------------------------------------ parts

    def count(self, unit: Unit, now: int) -> None:
        """One part more."""
        if self._worn:
            for worn in self._worn:
                worn.parts += 1
            self._tell_quality()
        if self._gauges is not None:
            self._gauges.count(unit, now)

    def opens(self, unit: Unit, now: int) -> bool:
        """See :class:`simulator.station.Gate`."""
        del unit
        machine = self._machine
        for worn in self._worn:
            if worn.parts >= worn.spec.life_parts:
                if not machine.busy:
                    machine.begin_stop(worn.stop, now)
                return False
        for duty in self._duties:
            if duty.is_open or self._clock(duty, now) >= duty.due_us:
                self._do_if_empty(duty, now)
                return False
        return True

    def renew_gauges(self, now: int) -> None:
        """What drifted is set right."""
        if self._gauges is not None:
            self._gauges.renew(now)

    def _factor(self) -> float:
        """How many times as often micro-stops come as they would without wear."""
        return max(1 + (worn.spec.stops_at_end - 1) * min(worn.age, 1.0) for worn in self._worn)

    def _tell_quality(self) -> None:
        if self._machine.quality is not None:
            self._machine.quality.worn_scrap = sum(worn.spec.scrap_at_end * worn.age for worn in self._worn)

    def _serviced(self, now: int, worn: Worn) -> None:
        worn.parts = 0
        self._tell_quality()
        self.renew_gauges(now)

    # ------------------------------------------------------------------ planned maintenance

    def _clock(self, duty: Duty, now: int) -> int:
        return now if duty.spec.clock == "calendar" else self._machine.run_now(now)

    def _plan(self, duty: Duty, now: int) -> None:
        duty.plan(self._clock(duty, now))
        if duty.spec.clock == "calendar":
            for at_us in {duty.from_us, duty.due_us}:
                heappush(self._machine.heap, (at_us, self._duty_code, 0))

    def remind(self, now: int, _slot: int) -> None:
        """It may be time for a duty: a machine that stands is seen to at once."""
        self.use_time(self._machine.look(), now)

    def use_time(self, condition: Condition, now: int) -> bool:
        """Do what is due or nearly due while the machine stands anyway; whether something begins."""
        if condition not in _STANDING or self._machine.busy:
            return False
        for duty in self._duties:
            if duty.is_open or self._clock(duty, now) >= duty.from_us:
                self._do_if_empty(duty, now)
                return True
        return False

    def _do_if_empty(self, duty: Duty, now: int) -> None:
        duty.is_open = True
        machine = self._machine
        if not machine.busy and machine.stopped is None:
            machine.begin_stop(duty.stop, now)

    def _maintained(self, now: int, duty: Duty) -> None:
        renews = duty.spec.renews
        for worn in self._worn:
            if worn.spec.code in renews:
                worn.parts = 0
        self._tell_quality()
        self._machine.renew_stops(renews)
        self.renew_gauges(now)
        self._plan(duty, now)
