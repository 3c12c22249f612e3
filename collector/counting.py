"""Running totals into increments: what one event proves was made since the last one. Pure."""

from msgspec import Struct

from collector.minutes import Minutes, row_of
from contract.events import HeartBeaten, PartsCounted
from contract.series import SUM_COLUMNS

#: Rejects up to this many good parts after a setup belong to the start-up.
STARTUP_PARTS = 5
#: More ideal time (µs) in one step is no production: about four months.
IDEAL_LIMIT_US = 10**13

_TOTAL = SUM_COLUMNS.index("total")
_STARTUP = SUM_COLUMNS.index("startup_ideal_us")


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

    def take(self, said: PartsCounted | HeartBeaten, minutes: Minutes, at_us: int) -> tuple[str, str] | None:
        """Add what ``said`` proves to the row of the minute of ``at_us``; or say why not: a reason and a detail."""
        total, good = said.total - self.total, said.good - self.good
        scrap, rework = said.scrap - self.scrap, said.rework - self.rework
        if not self.is_known:
            self._keep(said)
            return None
        if total < 0 or good < 0 or scrap < 0 or rework < 0:
            if not self.modulus:
                return "total_fell", f"total {said.total} after {self.total} in the same boot, no rollover declared"
            total, good, scrap, rework = (n % self.modulus for n in (total, good, scrap, rework))
        if good + scrap + rework > total:
            return "inconsistent_counts", f"{good} good + {scrap} scrap + {rework} rework of {total} parts"
        if max(total, total * said.ideal_us) > IDEAL_LIMIT_US:
            return "absurd_count", f"{total} parts of {said.ideal_us} µs since the last event"
        if total:
            self._add(row_of(minutes, at_us), (total, good, scrap, rework), said.ideal_us)
            self._keep(said)
        return None

    def _keep(self, said: PartsCounted | HeartBeaten) -> None:
        self.is_known = True
        self.total, self.good, self.scrap, self.rework = said.total, said.good, said.scrap, said.rework

    def _add(self, row: list[int], parts: tuple[int, int, int, int], ideal_us: int) -> None:
        total, good, scrap, rework = parts
        row[_TOTAL] += total
        row[_TOTAL + 1] += good
        row[_TOTAL + 2] += scrap
        row[_TOTAL + 3] += rework
        row[_TOTAL + 4] += total * ideal_us
        row[_TOTAL + 5] += good * ideal_us
        if self.startup_left:
            row[_STARTUP] += (total - good) * ideal_us
            self.startup_left = max(0, self.startup_left - good)
