"""Setting up from one product family to another, and checking the first article."""

from functools import partial
from typing import TYPE_CHECKING

from contract.instants import MINUTE_US
from simulator import sampling
from simulator.condition import CHANGEOVER, FIRST_ARTICLE
from simulator.plant import ANY_FAMILY, Changeover
from simulator.sampling import Draws
from simulator.stopping import Stop
from simulator.telling import Place
from simulator.unit import Unit

if TYPE_CHECKING:
    from simulator.station import BaseMachine


class Setup:
    """The changeovers of one machine. It begins set up for whatever comes first."""

    __slots__ = ("_entries", "_family", "_machine", "_next")

    def __init__(self, machine: "BaseMachine", place: Place, entries: list[Changeover]) -> None:
        self._machine, self._family, self._next = machine, "", ""
        self._entries: list[tuple[Changeover, Stop | None]] = []
        for entry in entries:
            if entry.lasts_min is None:
                self._entries.append((entry, None))
                continue
            name = f"{entry.from_family}>{entry.to_family}"
            lasts = _draws(place, entry.lasts_min, f"changeover/{name}")
            check = None
            if entry.first_article_min is not None:
                check = Stop(FIRST_ARTICLE, lasts=_draws(place, entry.first_article_min, f"first_article/{name}"))
            self._entries.append((entry, Stop(CHANGEOVER, lasts=lasts, after=partial(self.over, check=check))))

    @classmethod
    def of(cls, machine: "BaseMachine", place: Place) -> "Setup | None":
        """None for a machine that makes everything without being set up."""
        entries = [entry for entry in place.line.spec.changeovers if machine.spec.id in entry.stations]
        return cls(machine, place, entries) if entries else None

    @property
    def family(self) -> str:
        """What it is set up for; empty before its first unit."""
        return self._family

    def opens(self, unit: Unit, now: int) -> bool:
        """See :class:`simulator.station.Gate`."""
        family = unit.product.family_id
        if family == self._family:
            return True
        stop = self._stop(family)
        if not self._family or stop is None:
            self._family = family
            return True
        if not self._machine.busy:
            self._next = family
            self._machine.begin_stop(stop, now)
        return False

    def over(self, now: int, check: Stop | None) -> None:
        """The changeover is done; the first article may have to be checked."""
        self._family = self._next
        if self._machine.upkeep is not None:
            self._machine.upkeep.renew_gauges(now)
        if check is not None:
            self._machine.begin_stop(check, now)

    def _stop(self, family: str) -> Stop | None:
        for entry, stop in self._entries:
            if entry.from_family in (ANY_FAMILY, self._family) and entry.to_family in (ANY_FAMILY, family):
                return stop
        return None


def _draws(place: Place, distribution: sampling.Distribution, purpose: str) -> Draws:
    station = place.line.spec.stations[place.number].id
    stream = sampling.generator(place.seed, place.line.spec.id, station, purpose)
    return sampling.microseconds(distribution, MINUTE_US, stream)
