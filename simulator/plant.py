"""What a plant is made of, as it stands in a plant file. Times are in the unit that ends the name.

A plant has shifts, crews and lines; a line has products, orders and stations. Parts go through the stations in the
order of the file unless a station names its ``downstream``. What one station may have is in ``simulator.station_spec``.
"""

import datetime as dt
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from contract.events import Words
from contract.instants import SECOND_US, from_datetime
from contract.topics import Address
from simulator.sampling import Distribution
from simulator.station_spec import Absence, Spec, Station

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: History made without a start begins here, so that the same command gives the same bytes in every year: a Monday.
DEFAULT_START = dt.datetime(2026, 1, 5, 6)  # noqa: DTZ001 - it gets the plant's zone
#: In a changeover: from or to any family.
ANY_FAMILY = "*"


class Product(Spec, frozen=True):
    """What a line can make. ``cycle_s`` holds the stations whose cycle differs from their own for this product.

    Changeovers are between families (default: the product is its own family). ``opportunities``: places on one part
    where a defect is possible, for DPMO.
    """

    id: str
    name: Words
    family: str = ""
    opportunities: int = 0
    cycle_s: dict[str, float] = msgspec.field(default_factory=dict)

    @property
    def family_id(self) -> str:
        """The family changeovers know it by."""
        return self.family or self.id


class Order(Spec, frozen=True):
    """A work order: ``quantity`` parts that leave the line. Due ``due_h`` hours after the run began, or at ``due``."""

    id: str
    product: str
    quantity: int
    due_h: float | None = None
    due: dt.datetime | None = None


class Demand(Spec, frozen=True):
    """Orders made up without end, after those of the file: products by weight, quantities drawn.

    Each is due when all before it would be finished at the target OEE and it itself in ``slack`` times that, all in
    planned production time.
    """

    products: dict[str, float]
    quantity: Distribution
    slack: float = 1.2
    prefix: str = "WO-"


class Changeover(Spec, frozen=True):
    """Setting up ``stations`` from one family to another (``*``: any). After it, perhaps, the first article is checked.

    A station that no entry names changes over without a stop. The first entry that fits is taken; one without
    ``lasts_min`` says that nothing is to be set up there.
    """

    stations: tuple[str, ...]
    lasts_min: Distribution | None = None
    from_family: str = ANY_FAMILY
    to_family: str = ANY_FAMILY
    first_article_min: Distribution | None = None


class Crew(Spec, frozen=True):
    """People whom stops wait for: at most ``size`` at work at once; each absence takes one of them away."""

    id: str
    name: Words
    size: int
    absences: tuple[Absence, ...] = ()


class LineSpec(Spec, frozen=True):
    """A line. ``minor_stop_s``: from this length on a stop is a breakdown. ``target_oee``: what the plan counts on."""

    id: str
    name: Words
    products: tuple[Product, ...]
    stations: tuple[Station, ...]
    orders: tuple[Order, ...] = ()
    demand: Demand | None = None
    changeovers: tuple[Changeover, ...] = ()
    minor_stop_s: float = 120.0
    target_oee: float = 0.7

    @property
    def minor_stop_us(self) -> int:
        """The limit in µs."""
        return round(self.minor_stop_s * SECOND_US)

    def product(self, product_id: str) -> Product:
        """The product of that id; ``KeyError`` if there is none."""
        for product in self.products:
            if product.id == product_id:
                return product
        raise KeyError(product_id)

    def index(self, station_id: str) -> int:
        """Place of a station in the file; ``KeyError`` if there is none."""
        for index, station in enumerate(self.stations):
            if station.id == station_id:
                return index
        raise KeyError(station_id)

    def ideal_us(self, index: int, product: Product | None = None) -> int:
        """Ideal time per part (whole µs) of station ``index`` for ``product``, servers and batch places counted in."""
        station = self.stations[index]
        cycle_s = product.cycle_s.get(station.id, station.cycle_s) if product else station.cycle_s
        return station.ideal_us_of(cycle_s)

    def downstream_of(self, index: int) -> int | None:
        """Index of the station after station ``index``; ``None`` where parts leave the line."""
        station = self.stations[index]
        named = station.returns_to or station.downstream
        if named is not None:
            return self.index(named)
        for after in range(index + 1, len(self.stations)):
            if self.stations[after].returns_to is None:
                return after
        return None

    def exit_parts(self, index: int) -> float:
        """How many parts that leave the line one part made by station ``index`` becomes."""
        behind, parts = self.downstream_of(index), 1.0
        for _ in self.stations:
            if behind is None:
                return parts
            after = self.stations[behind]
            parts *= after.splits / after.assembles.get(self.stations[index].id, 1)
            index, behind = behind, self.downstream_of(behind)
        return parts

    def begun_parts(self, index: int) -> int:
        """How many parts that leave the line one unit becomes that station ``index`` of the main flow begins."""
        return max(1, round(self.exit_parts(index) * self.stations[index].splits))

    def exit_ideal_us(self, product: Product) -> int:
        """Ideal time of the line's constraint for one part of ``product`` that leaves the line."""
        flow = [index for index, station in enumerate(self.stations) if station.returns_to is None]
        return max(round(self.ideal_us(index, product) / self.exit_parts(index)) for index in flow)

    @property
    def constraint(self) -> Station:
        """The station with the longest ideal time per part that leaves the line; the first of equals."""
        flow = [index for index, station in enumerate(self.stations) if station.returns_to is None]
        first = self.products[0]
        return self.stations[max(flow, key=lambda index: self.ideal_us(index, first) / self.exit_parts(index))]

    @property
    def crews(self) -> frozenset[str]:
        """Ids of the crews its stations wait for."""
        stops = [stop for station in self.stations for stop in station.crew_stops]
        return frozenset(stop.crew for stop in stops if stop.crew is not None)


class Pause(Spec, frozen=True):
    """A break inside a shift, local wall-clock times."""

    start: dt.time
    end: dt.time
    name: Words


class Shift(Spec, frozen=True):
    """A shift on some days of the week, local wall-clock times; one that ends at or before its start ends next day."""

    name: Words
    start: dt.time
    end: dt.time
    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = DAYS  # type: ignore[assignment]
    breaks: tuple[Pause, ...] = ()


class Plant(Spec, frozen=True):
    """A whole plant; without shifts, all time is planned production time."""

    id: str
    name: Words
    enterprise: str
    site: str
    area: str
    tz: str
    lines: tuple[LineSpec, ...]
    about: Words = Words("", "")
    shifts: tuple[Shift, ...] = ()
    crews: tuple[Crew, ...] = ()

    @property
    def default_start_us(self) -> int:
        """:data:`DEFAULT_START` on the plant's own clocks, µs since the epoch."""
        return from_datetime(DEFAULT_START.replace(tzinfo=ZoneInfo(self.tz)))

    def address(self, line: LineSpec, machine: str = "") -> Address:
        """Where a line, or a machine of it, stands in the topic tree."""
        return Address(self.enterprise, self.site, self.area, line.id, machine)


class Park(msgspec.Struct, frozen=True):
    """What a run is about: one plant, or several of an industrial park. Paths are distinct, crews are not shared."""

    id: str
    name: Words
    plants: tuple[Plant, ...]
    about: Words = Words("", "")

    @property
    def default_start_us(self) -> int:
        """That of the first plant."""
        return self.plants[0].default_start_us
