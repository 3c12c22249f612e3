"""Process values: what is measured on a machine, at its own rate, around a target that drifts away."""

from heapq import heappush
from typing import TYPE_CHECKING

from contract.instants import HOUR_US, SECOND_US
from simulator import sampling
from simulator.condition import EXECUTE
from simulator.sampling import Bells
from simulator.station_spec import Value
from simulator.telling import Place
from simulator.unit import Unit

if TYPE_CHECKING:
    from simulator.station import BaseMachine

#: Digits that a measurement is told with.
_DIGITS = 5


class Gauge:
    """One process value; its drift is counted in operating time from ``renewed_us`` on."""

    __slots__ = ("bells", "parts", "renewed_us", "spec")

    def __init__(self, spec: Value, bells: Bells) -> None:
        self.spec, self.bells = spec, bells
        self.parts = self.renewed_us = 0

    def read(self, run_us: int) -> float:
        """A measurement at operating time ``run_us``."""
        spec = self.spec
        drift = spec.drift_per_h * (run_us - self.renewed_us) / HOUR_US
        return float(f"{spec.target + drift + spec.sd * self.bells():.{_DIGITS}g}")


class Gauges:
    """The process values of one machine; those measured together are told together."""

    __slots__ = ("_by_parts", "_by_time", "_code", "_machine")

    def __init__(self, machine: "BaseMachine", place: Place) -> None:
        self._machine = machine
        gauges = [
            Gauge(
                spec, Bells(sampling.generator(place.seed, place.line.spec.id, machine.spec.id, f"value/{spec.code}"))
            )
            for spec in machine.spec.values
        ]
        self._by_parts = [gauge for gauge in gauges if gauge.spec.every_parts is not None]
        self._code = place.agenda.register(self.sample)
        self._by_time: dict[int, list[Gauge]] = {}
        for gauge in gauges:
            if gauge.spec.every_s is not None:
                self._by_time.setdefault(round(gauge.spec.every_s * SECOND_US), []).append(gauge)
        for every_us in self._by_time:
            heappush(machine.heap, (place.line.start_us + every_us, self._code, every_us))

    @classmethod
    def of(cls, machine: "BaseMachine", place: Place) -> "Gauges | None":
        """None for a machine without process values."""
        return cls(machine, place) if machine.spec.values else None

    def count(self, unit: Unit, now: int) -> None:
        """A part is done: measure those whose turn it is."""
        values = {}
        for gauge in self._by_parts:
            gauge.parts += 1
            if gauge.parts % (gauge.spec.every_parts or 1) == 0:
                values[gauge.spec.code] = gauge.read(self._machine.run_now(now))
        if values:
            self._machine.say_values(now, unit, values)

    def sample(self, now: int, every_us: int) -> None:
        """It is time to measure the machine itself, if it is at work."""
        heappush(self._machine.heap, (now + every_us, self._code, every_us))
        if self._machine.look() is EXECUTE:
            run_us = self._machine.run_now(now)
            values = {gauge.spec.code: gauge.read(run_us) for gauge in self._by_time[every_us]}
            self._machine.say_values(now, None, values)

    def renew(self, now: int) -> None:
        """The drift starts anew."""
        run_us = self._machine.run_now(now)
        for gauge in (*self._by_parts, *(each for group in self._by_time.values() for each in group)):
            gauge.renewed_us = run_us
