"""Running totals into increments: what one event proves was made and used since the last one. Pure.

A step is made of the order and product that its event names: a machine says the totals before it turns to another. But
where an event was missed and the step is of several parts, some may be of the order before. Then, unless order, product
and ideal time are still the same, they are production, of an order not known and without ideal time.
"""

from typing import NamedTuple

from msgspec import Struct

from collector.minutes import NOT_KNOWN, MadeRows, Minutes, made_row, row_of
from contract.events import HeartBeaten, PartsCounted
from contract.series import SUM_COLUMNS

#: Rejects up to this many good parts after a setup belong to the start-up.
STARTUP_PARTS = 5
#: More ideal time (µs) in one step is no production: about four months.
IDEAL_LIMIT_US = 10**13
#: More energy (J) in one step is no machine's: what a large power station makes in three hours.
ENERGY_LIMIT_J = 10**13

_ENERGY = SUM_COLUMNS.index("energy_j")


class Made(Struct, frozen=True, array_like=True, gc=False):
    """The ideal time (µs) of the parts that one event proved, and the instants (µs) it did so at and is booked at.

    ``is_close``: none of them was made between the last totals and ``ts_us``, at most one at ``ts_us`` itself.
    ``is_mixed``: of what order they were, and so their ideal time, nobody knows.
    """

    ts_us: int
    at_us: int
    is_close: bool
    is_mixed: bool = False
    good: int = 0
    order: str = ""
    product: str = ""
    ideal_us: int = 0
    good_ideal_us: int = 0
    startup_ideal_us: int = 0

    def add_to(self, rows: MadeRows) -> None:
        """Its time was covered: so it is part of the OEE."""
        row = made_row(rows, self.at_us, self.order, self.product)
        row.covered_good += self.good
        row.ideal_us += self.ideal_us
        row.good_ideal_us += self.good_ideal_us
        row.startup_ideal_us += self.startup_ideal_us


class Problem(NamedTuple):
    """Why totals cannot be taken."""

    reason: str
    detail: str


class Tally(Struct, array_like=True):
    """The last totals of one machine. Where ``is_known`` is false the next ones are only a baseline.

    ``is_metered`` is the same for energy, which only heartbeats tell. ``is_gapped``: totals may have been missed since
    the last ones, whose ``order``, ``product`` and ``ideal_us`` these are.
    """

    is_known: bool = True
    total: int = 0
    good: int = 0
    scrap: int = 0
    rework: int = 0
    modulus: int = 0
    startup_left: int = 0
    is_gapped: bool = False
    order: str = ""
    product: str = ""
    ideal_us: int = 0
    is_metered: bool = True
    energy_j: int = 0
    idle_energy_j: int = 0

    def restart(self, *, is_known: bool) -> None:
        """A new boot counts from 0; joined in the middle, from wherever the first event stands."""
        self.is_known = self.is_metered = is_known
        self.is_gapped = False
        self.total = self.good = self.scrap = self.rework = 0
        self.energy_j = self.idle_energy_j = 0

    def _steps(self, said: PartsCounted | HeartBeaten) -> str:
        names = ("total", "good", "scrap", "rework")
        return ", ".join(f"{name} {getattr(self, name)} → {getattr(said, name)}" for name in names)

    def start_up(self) -> None:
        """A setup began or ended: the next rejects are the start-up's."""
        self.startup_left = STARTUP_PARTS

    def take(self, said: PartsCounted | HeartBeaten, rows: MadeRows, at_us: int) -> Made | Problem:
        """Add the parts that ``said`` proves to the rows of the minute of ``at_us``, without their ideal time."""
        total, good = said.total - self.total, said.good - self.good
        scrap, rework = said.scrap - self.scrap, said.rework - self.rework
        if not self.is_known:
            self._keep(said)
            return Made(said.ts, at_us, is_close=False)
        if total < 0 or good < 0 or scrap < 0 or rework < 0:
            if not self.modulus:
                return Problem("total_fell", self._steps(said))
            total, good, scrap, rework = (n % self.modulus for n in (total, good, scrap, rework))
        if good + scrap + rework > total:
            return Problem("inconsistent_counts", f"good {good} + scrap {scrap} + rework {rework} > total {total}")
        if max(total, total * said.ideal_us) > IDEAL_LIMIT_US:
            return Problem("absurd_count", f"total +{total}, ideal_us {said.ideal_us}")
        if not total:
            self.is_gapped = False
            return Made(said.ts, at_us, True)
        is_mixed = self.is_gapped and total > 1 and self._is_another(said)
        self._keep(said)
        order, product = NOT_KNOWN if is_mixed else (said.order, said.product)
        row = made_row(rows, at_us, order, product)
        row.total += total
        row.good += good
        row.scrap += scrap
        row.rework += rework
        startup_us = self._startup_us(total, good, said.ideal_us) if self.startup_left else 0
        is_close = total == 1 and type(said) is PartsCounted
        ideal_us, good_ideal_us = total * said.ideal_us, good * said.ideal_us
        return Made(said.ts, at_us, is_close, is_mixed, good, order, product, ideal_us, good_ideal_us, startup_us)

    def meter(self, said: HeartBeaten, minutes: Minutes) -> Problem | None:
        """Add the energy that ``said`` proves to the row of the minute that it ends."""
        used_j, idle_j = said.energy_j - self.energy_j, said.idle_energy_j - self.idle_energy_j
        if self.is_metered:
            if used_j < 0 or idle_j < 0:
                before = f"energy_j {self.energy_j}, idle_energy_j {self.idle_energy_j}"
                now = f"energy_j {said.energy_j}, idle_energy_j {said.idle_energy_j}"
                return Problem("total_fell", f"{before} → {now}, boot {said.boot}")
            if max(used_j, idle_j) > ENERGY_LIMIT_J:
                return Problem("absurd_count", f"energy_j +{used_j}, idle_energy_j +{idle_j}")
            if used_j or idle_j:
                row = row_of(minutes, said.ts - 1)
                row[_ENERGY] += used_j
                row[_ENERGY + 1] += idle_j
        self.is_metered = True
        self.energy_j, self.idle_energy_j = said.energy_j, said.idle_energy_j
        return None

    def _is_another(self, said: PartsCounted | HeartBeaten) -> bool:
        return (said.order, said.product, said.ideal_us) != (self.order, self.product, self.ideal_us)

    def _keep(self, said: PartsCounted | HeartBeaten) -> None:
        self.is_known, self.is_gapped = True, False
        self.total, self.good, self.scrap, self.rework = said.total, said.good, said.scrap, said.rework
        self.order, self.product, self.ideal_us = said.order, said.product, said.ideal_us

    def _startup_us(self, total: int, good: int, ideal_us: int) -> int:
        self.startup_left = max(0, self.startup_left - good)
        return (total - good) * ideal_us
