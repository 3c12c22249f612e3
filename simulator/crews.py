"""People whom stops wait for: a crew of limited size serves who asked first."""

from collections import deque
from heapq import heappush
from typing import TYPE_CHECKING

from contract.instants import MINUTE_US
from simulator import sampling
from simulator.agenda import Agenda
from simulator.plant import Crew as CrewSpec

if TYPE_CHECKING:
    from simulator.stopping import Stopping


class Crew:
    """``size`` people, less those who are away. Who is at work when somebody leaves finishes first."""

    __slots__ = ("_agenda", "_away_code", "_back_code", "_between", "_lasts", "away", "busy", "id", "size", "waiting")

    def __init__(self, spec: CrewSpec, seed: int, agenda: Agenda, start_us: int) -> None:
        self.id, self.size, self.busy, self.away = spec.id, spec.size, 0, 0
        self.waiting: deque[Stopping] = deque()
        self._agenda = agenda
        self._away_code, self._back_code = agenda.register(self._leave), agenda.register(self._come_back)
        self._between, self._lasts = [], []
        for index, absence in enumerate(spec.absences):
            rngs = (sampling.generator(seed, "crews", spec.id, f"absence/{index}/{use}") for use in ("every", "lasts"))
            self._between.append(sampling.microseconds(absence.every_min, MINUTE_US, next(rngs)))
            self._lasts.append(sampling.microseconds(absence.lasts_min, MINUTE_US, next(rngs)))
            heappush(agenda.heap, (start_us + max(1, self._between[index]()), self._away_code, index))

    def ask(self, machine: "Stopping") -> bool:
        """Whether somebody comes at once; if not, ``machine`` is told (``crew_comes``) when its turn is."""
        if self.busy + self.away < self.size:
            self.busy += 1
            return True
        self.waiting.append(machine)
        return False

    def forget(self, machine: "Stopping") -> None:
        """``machine`` waits no more."""
        self.waiting.remove(machine)

    def release(self, now: int) -> None:
        """Somebody is done; who has waited longest is served."""
        self.busy -= 1
        self._serve(now)

    def _serve(self, now: int) -> None:
        while self.waiting and self.busy + self.away < self.size:
            self.busy += 1
            self.waiting.popleft().crew_comes(now)

    def _leave(self, now: int, index: int) -> None:
        self.away += 1
        heappush(self._agenda.heap, (now + max(1, self._lasts[index]()), self._back_code, index))

    def _come_back(self, now: int, index: int) -> None:
        self.away -= 1
        heappush(self._agenda.heap, (now + max(1, self._between[index]()), self._away_code, index))
        self._serve(now)
