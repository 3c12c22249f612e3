"""What a station is made of, as it stands in a plant file. Times are in the unit that ends the name.

machine     cycle, servers, buffer before it, conveyor or batch, stops, wear, maintenance, warm-up, power
flow        downstream; assembles (join), splits (one part → several), rework and where it returns to
quality     scrap, defects made here, inspection of what earlier stations made, process values
material    feeders that run empty
"""

from typing import Literal

import msgspec

from contract.events import Words
from contract.instants import SECOND_US
from simulator.sampling import Constant, Distribution

Clock = Literal["operating", "calendar"]
#: In an inspection: any defect it does not name.
ANY_DEFECT = "*"


class Spec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of a plant file; a key it does not know is a mistake."""


class StopMode(Spec, frozen=True):
    """One way for a machine to stop by itself.

    ``every_min`` counts minutes of operation, or of the calendar (``clock``). With a ``crew`` the stop first waits for
    somebody of it (``waiting_maintenance``), and ``lasts_s`` is the repair.
    """

    code: str
    name: Words
    every_min: Distribution
    lasts_s: Distribution
    clock: Clock = "operating"
    crew: str | None = None


class Absence(Spec, frozen=True):
    """Somebody is away: each ``every_min`` of the calendar for ``lasts_min``."""

    every_min: Distribution
    lasts_min: Distribution


class Maintenance(Spec, frozen=True):
    """Planned maintenance each ``every_h``, begun between two parts (mode Maintenance, reason ``planned_maintenance``).

    From the share ``opportune_from`` of the interval on it is done as soon as the machine stands anyway (starved,
    blocked or off). ``renews``: codes of wear that starts anew and of failures whose next time is drawn anew.
    """

    code: str
    name: Words
    every_h: float
    lasts_min: Distribution
    clock: Clock = "calendar"
    crew: str | None = None
    opportune_from: float = 1.0
    renews: tuple[str, ...] = ()


class Wear(Spec, frozen=True):
    """Something that wears with every part and after ``life_parts`` is cleaned or replaced (a stop of ``service_s``).

    Towards the end of its life a part is scrapped with ``scrap_at_end`` more probability, and micro-stops come up to
    ``stops_at_end`` times as often; both grow evenly from the last service.
    """

    code: str
    name: Words
    life_parts: int
    service_s: Distribution
    scrap_at_end: float = 0.0
    stops_at_end: float = 1.0
    crew: str | None = None


class Material(Spec, frozen=True):
    """A feeder: ``per_part`` pieces of ``material`` a part, from lots of ``lot_size``.

    When ``low_at`` pieces are left an alarm is raised and the next lot is on its way for ``replenish_min``. If it is
    there in time it is spliced on without a stop (probability ``splice``) or put in (a stop of ``change_s``, whose
    reason is the slot); if not, the machine waits (``no_material``). ``products``: only these use it (none: all).
    """

    slot: str
    name: Words
    material: str
    per_part: int
    lot_size: int
    low_at: int
    replenish_min: Distribution
    change_s: Distribution
    splice: float = 0.0
    products: tuple[str, ...] = ()


class Defect(Spec, frozen=True):
    """A defect that this station makes on a part with probability ``rate``; nobody sees it before an inspection."""

    code: str
    name: Words
    rate: float


class Inspection(Spec, frozen=True):
    """Finds defects of earlier stations (and its own): ``detects`` is code → probability (``*``: any other).

    A good part is rejected with probability ``false_call``; a person looks at it for ``review_s`` (a stop
    ``false_call_review``) and lets it pass.
    """

    detects: dict[str, float]
    false_call: float = 0.0
    review_s: Distribution | None = None


class Rework(Spec, frozen=True):
    """What an inspection rejects goes to station ``to``, at most ``retries`` times; then it is scrap."""

    to: str
    retries: int = 1


class Value(Spec, frozen=True):
    """A process value: normal around ``target`` with ``sd``, drifting by ``drift_per_h`` of operation.

    Measured on each ``every_parts``-th part or each ``every_s`` seconds of operation. A service, a maintenance or a
    changeover sets the drift back to 0. ``lsl`` and ``usl`` are the specification limits.
    """

    code: str
    name: Words
    unit: str
    target: float
    sd: float
    lsl: float | None = None
    usl: float | None = None
    drift_per_h: float = 0.0
    every_parts: int | None = None
    every_s: float | None = None


class Conveyor(Spec, frozen=True):
    """Parts ride through for ``transit_s``, at most ``places`` at once, entering at most one each ``cycle_s``."""

    transit_s: float
    places: int


class Batch(Spec, frozen=True):
    """Up to ``size`` parts are worked on together for one ``cycle_s``; begun full, or ``wait_s`` after its first."""

    size: int
    wait_s: float


class WarmUp(Spec, frozen=True):
    """After standing off shift for ``after_min`` or more it must warm up for ``lasts_min`` (state Starting)."""

    after_min: float
    lasts_min: Distribution


class Power(Spec, frozen=True):
    """Electrical power in whole watts: working; ready but without work; stopped by itself or set up; off shift."""

    execute: int
    idle: int
    stopped: int
    off: int = 0


class Station(Spec, frozen=True):
    """One machine. ``cycle_s`` is the ideal time of one part on one server (a conveyor: from one entry to the next).

    A real cycle takes ``cycle_s`` × (1 + ``speed_loss``) × a draw of ``spread``. ``buffer`` is the number of places
    before the machine (none: unlimited; 0: parts go from machine to machine), for a join before each of its inputs.
    ``micro_stops`` are shown as Held, ``failures`` as Aborted; ``scrap`` is the probability that a part is rejected
    here. ``downstream`` is the id of the next station; without it, the next one in the file, and after the last one
    parts leave the line. ``assembles`` is station id → parts wanted of it, for each part made here. ``splits``: parts
    that one part is cut into. A station with ``returns_to`` is off the flow: it repairs each defect with probability
    ``repairs`` and sends the part back there, where it goes first.
    """

    id: str
    name: Words
    role: str
    cycle_s: float
    buffer: int | None = 0
    servers: int = 1
    speed_loss: float = 0.0
    spread: Distribution = Constant(1.0)
    scrap: float = 0.0
    micro_stops: tuple[StopMode, ...] = ()
    failures: tuple[StopMode, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()
    absences: tuple[Absence, ...] = ()
    wear: tuple[Wear, ...] = ()
    warm_up: WarmUp | None = None
    power_w: Power | None = None
    conveyor: Conveyor | None = None
    batch: Batch | None = None
    downstream: str | None = None
    assembles: dict[str, int] = {}
    splits: int = 1
    returns_to: str | None = None
    repairs: float = 0.9
    defects: tuple[Defect, ...] = ()
    inspects: Inspection | None = None
    rework: Rework | None = None
    values: tuple[Value, ...] = ()
    materials: tuple[Material, ...] = ()

    @property
    def ideal_us(self) -> int:
        """Ideal time per part for a product that does not say otherwise, whole µs."""
        return self.ideal_us_of(self.cycle_s)

    def ideal_us_of(self, cycle_s: float) -> int:
        """Ideal time per finished part where a cycle takes ``cycle_s``: servers, batch and split counted in."""
        together = self.batch.size if self.batch else 1
        return round(cycle_s * SECOND_US / (self.servers * together * self.splits))

    @property
    def places(self) -> int | None:
        """Places before it (none: unlimited): never fewer than one load takes, which nothing else could hold."""
        one_load = self.batch.size if self.batch else 1 if self.assembles else 0
        return None if self.buffer is None else max(self.buffer, one_load)

    @property
    def holds(self) -> int:
        """Units it works on at once: its servers, the places of its belt or batch."""
        together = self.conveyor.places if self.conveyor else self.batch.size if self.batch else 1
        return self.servers * together

    @property
    def crew_stops(self) -> tuple[StopMode | Maintenance | Wear, ...]:
        """Everything here that may wait for a crew."""
        return (*self.micro_stops, *self.failures, *self.maintenance, *self.wear)
