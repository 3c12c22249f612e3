"""What a plant is made of, as it stands in a plant file. Times are in the unit that ends the name.

A plant has shifts and lines; a line has an order and stations; a station has a cycle, a buffer before it and ways to
stop. Parts go through the stations in the order of the file unless a station names its ``downstream``.
"""

import datetime as dt
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from contract.events import Words
from contract.instants import SECOND_US, from_datetime
from contract.topics import Address
from simulator.sampling import Constant, Distribution

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: History made without a start begins here, so that the same command gives the same bytes in every year: a Monday.
DEFAULT_START = dt.datetime(2026, 1, 5, 6)  # noqa: DTZ001 - it gets the plant's zone


class _Spec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class StopMode(_Spec, frozen=True):
    """One way for a machine to stop by itself. ``every_min`` counts minutes of operation, not of the clock."""

    code: str
    name: Words
    every_min: Distribution
    lasts_s: Distribution


class Conveyor(_Spec, frozen=True):
    """Parts ride through for ``transit_s``, at most ``places`` at once, entering at most one each ``cycle_s``."""

    transit_s: float
    places: int


class Station(_Spec, frozen=True):
    """One machine. ``cycle_s`` is the ideal time of one part on one server (a conveyor: from one entry to the next).

    A real cycle takes ``cycle_s`` × (1 + ``speed_loss``) × a draw of ``spread``. ``buffer`` is the number of places
    before the machine (none: unlimited; 0: parts go from machine to machine). ``micro_stops`` are shown as Held,
    ``failures`` as Aborted; ``scrap`` is the probability that a part is rejected here. ``downstream`` is the id of the
    next station; without it, the next one in the file, and after the last one parts leave the line.
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
    conveyor: Conveyor | None = None
    downstream: str | None = None

    @property
    def ideal_us(self) -> int:
        """Ideal time per part, servers counted in, whole µs."""
        return round(self.cycle_s * SECOND_US / self.servers)


class Order(_Spec, frozen=True):
    """What the line makes."""

    id: str
    product: str
    name: Words
    quantity: int


class LineSpec(_Spec, frozen=True):
    """A line. ``minor_stop_s``: from this length on a stop is a breakdown. ``target_oee``: what the plan counts on."""

    id: str
    name: Words
    order: Order
    stations: tuple[Station, ...]
    minor_stop_s: float = 120.0
    target_oee: float = 0.7

    @property
    def minor_stop_us(self) -> int:
        """The limit in µs."""
        return round(self.minor_stop_s * SECOND_US)

    @property
    def constraint(self) -> Station:
        """The station with the longest ideal time per part; the first of equals."""
        return max(self.stations, key=lambda station: station.ideal_us)

    def downstream_of(self, index: int) -> int | None:
        """Index of the station after station ``index``; ``None`` where parts leave the line."""
        named = self.stations[index].downstream
        if named is not None:
            return next(i for i, station in enumerate(self.stations) if station.id == named)
        return index + 1 if index + 1 < len(self.stations) else None


class Pause(_Spec, frozen=True):
    """A break inside a shift, local wall-clock times."""

    start: dt.time
    end: dt.time
    name: Words


class Shift(_Spec, frozen=True):
    """A shift on some days of the week, local wall-clock times; one that ends at or before its start ends next day."""

    name: Words
    start: dt.time
    end: dt.time
    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = DAYS  # type: ignore[assignment]
    breaks: tuple[Pause, ...] = ()


class Plant(_Spec, frozen=True):
    """A whole plant; without shifts, all time is planned production time."""

    id: str
    name: Words
    enterprise: str
    site: str
    area: str
    tz: str
    lines: tuple[LineSpec, ...]
    shifts: tuple[Shift, ...] = ()

    @property
    def default_start_us(self) -> int:
        """:data:`DEFAULT_START` on the plant's own clocks, µs since the epoch."""
        return from_datetime(DEFAULT_START.replace(tzinfo=ZoneInfo(self.tz)))

    def address(self, line: LineSpec, machine: str = "") -> Address:
        """Where a line, or a machine of it, stands in the topic tree."""
        return Address(self.enterprise, self.site, self.area, line.id, machine)
