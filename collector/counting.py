"""Running totals into increments: what one event proves was made since the last one. Pure."""

from typing import NamedTuple

from msgspec import Struct

from collector.minutes import Minutes, row_of
from contract.events import HeartBeaten, PartsCounted
from contract.series import SUM_COLUMNS

#: Rejects up to this many good parts after a setup belong to the start-up.
STARTUP_PARTS = 5
#: More ideal time (µs) in one step is no production: about four months.
IDEAL_LIMIT_US = 10**13

_TOTAL = SUM_COLUMNS.index("total")
_IDEAL = SUM_COLUMNS.index("ideal_us")


class Made(Struct, frozen=True, array_like=True, gc=False):
    """The ideal time (µs) of the parts that one event proved, and the instants (µs) it did so at and is booked at.

    ``is_close``: none of them was made between the last totals and ``ts_us``, at most one at ``ts_us`` itself.
    """

    ts_us: int
    at_us: int
    is_close: bool
    ideal_us: int = 0
    good_ideal_us: int = 0
    startup_ideal_us: int = 0

    def add_to(self, minutes: Minutes) -> None:
        """Its time was covered: so it is part of the OEE."""
        row = row_of(minutes, self.at_us)
        row[_IDEAL] += self.ideal_us
        row[_IDEAL + 1] += self.good_ideal_us
        row[_IDEAL + 2] += self.startup_ideal_us


class Problem(NamedTuple):
    """Why totals cannot be taken."""

    reason: str
    detail: str


class Tally(Struct, array_like=True):
    """The last totals of one machine. Where ``is_known`` is false the next ones are only a baseline."""

    is_known: bool = True
    total: int = 0
    good: int = 0
    scrap: int = 0
    rework: int = 0
    modulus: int = 0
    startup_left: int = 0

    def restart(self, *, is_known: bool) -> None:
        """A new boot counts from 0; joined in the middle, from wherever the first event stands."""
        self.is_known = is_known
        self.total = self.good = self.scrap = self.rework = self.startup_left = 0

    def start_up(self) -> None:
        """A setup began or ended: the rejects of now are the start-up's."""
        self.startup_left = STARTUP_PARTS

    def take(self, said: PartsCounted | HeartBeaten, minutes: Minutes, at_us: int) -> Made | Problem:
        """Add the parts that ``said`` proves to the row of the minute of ``at_us``, without their ideal time."""
        total, good = said.total - self.total, said.good - self.good
        scrap, rework = said.scrap - self.scrap, said.rework - self.rework
        if not self.is_known:
            self._keep(said)
            return Made(said.ts, at_us, is_close=False)
        if total < 0 or good < 0 or scrap < 0 or rework < 0:
            if not self.modulus:
                detail = f"total {said.total} after {self.total} in the same boot, no rollover declared"
                return Problem("total_fell", detail)
            total, good, scrap, rework = (n % self.modulus for n in (total, good, scrap, rework))
        if good + scrap + rework > total:
            return Problem("inconsistent_counts", f"{good} good + {scrap} scrap + {rework} rework of {total} parts")
        if max(total, total * said.ideal_us) > IDEAL_LIMIT_US:
            return Problem("absurd_count", f"{total} parts of {said.ideal_us} µs since the last event")
        if not total:
            return Made(said.ts, at_us, is_close=True)
        self._keep(said)
        _add(row_of(minutes, at_us), total, good, scrap, rework)
        startup_us = self._startup_us(total, good, said.ideal_us) if self.startup_left else 0
        is_close = total == 1 and type(said) is PartsCounted
        return Made(said.ts, at_us, is_close, total * said.ideal_us, good * said.ideal_us, startup_us)

    def _keep(self, said: PartsCounted | HeartBeaten) -> None:
        self.is_known = True
        self.total, self.good, self.scrap, self.rework = said.total, said.good, said.scrap, said.rework

    def _startup_us(self, total: int, good: int, ideal_us: int) -> int:
        self.startup_left = max(0, self.startup_left - good)
        return (total - good) * ideal_us


def _add(row: list[int], total: int, good: int, scrap: int, rework: int) -> None:
    row[_TOTAL] += total
    row[_TOTAL + 1] += good
    row[_TOTAL + 2] += scrap
    row[_TOTAL + 3] += rework
