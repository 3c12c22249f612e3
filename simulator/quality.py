"""Whether a unit is good: the defects made here, those an inspection finds, and what is done with what is rejected.

A defect stays on its unit, seen by nobody, until an inspection finds it or the unit leaves with it (an escape).
"""

from typing import TYPE_CHECKING, NamedTuple

from contract.instants import SECOND_US
from simulator import sampling
from simulator.condition import REVIEW
from simulator.sampling import Shares
from simulator.station_spec import ANY_DEFECT, Station
from simulator.stopping import Stop
from simulator.telling import Place
from simulator.unit import Unit

if TYPE_CHECKING:
    from simulator.station import BaseMachine


class Verdict(NamedTuple):
    """``result`` and ``defects`` as in :class:`contract.events.UnitProcessed`."""

    result: str
    defects: tuple[str, ...]
    false_call: bool


PASS = Verdict("pass", (), False)
SCRAP = Verdict("scrap", (), False)


class Quality:
    """How one machine spoils, finds and repairs; every purpose has a stream of its own."""

    __slots__ = (
        "_defects", "_detect", "_detects", "_false_call", "_inspects", "_made", "_repair", "_review", "_scrap", "_spec",
        "scrap", "worn_scrap",
    )  # fmt: skip

    def __init__(self, seed: int, line: str, spec: Station) -> None:
        def shares(purpose: str) -> Shares:
            return Shares(sampling.generator(seed, line, spec.id, purpose))

        self._spec, self._inspects = spec, spec.inspects
        self.scrap, self.worn_scrap = spec.scrap, 0.0
        self._scrap, self._made, self._detect = shares("scrap"), shares("defects"), shares("detect")
        self._false_call, self._repair = shares("false_call"), shares("repair")
        self._defects = [(defect.code, defect.rate) for defect in spec.defects]
        self._detects = {} if spec.inspects is None else spec.inspects.detects
        self._review: Stop | None = None
        if spec.inspects is not None and spec.inspects.review_s is not None:
            stream = sampling.generator(seed, line, spec.id, "review")
            self._review = Stop(REVIEW, lasts=sampling.microseconds(spec.inspects.review_s, SECOND_US, stream))

    @classmethod
    def of(cls, place: Place, spec: Station) -> "Quality | None":
        """None for a machine on which every unit simply passes."""
        worn = any(wear.scrap_at_end for wear in spec.wear)
        is_needed = spec.scrap or spec.defects or spec.inspects or spec.returns_to or worn
        return cls(place.seed, place.line.spec.id, spec) if is_needed else None

    def judge(self, machine: "BaseMachine", unit: Unit, now: int) -> Verdict:
        """What becomes of a unit that is done."""
        if self._spec.returns_to is not None and unit.defects:
            unit.defects = tuple(code for code in unit.defects if self._repair() >= self._spec.repairs)
        if self._defects:  # after the repair, which may spoil something itself
            self._spoil(unit)
        verdict = PASS
        if self._inspects is not None:
            verdict = self._inspect(machine, unit, now)
        scrap = self.scrap + self.worn_scrap
        if scrap and self._scrap() < scrap and verdict is PASS:  # what somebody has looked at is let pass
            verdict = SCRAP
        return verdict

    def _spoil(self, unit: Unit) -> None:
        """At most one defect a unit and station: one draw decides whether and which."""
        draw = self._made()
        for code, rate in self._defects:
            if draw < rate:
                unit.defects += (code,)
                return
            draw -= rate

    def _inspect(self, machine: "BaseMachine", unit: Unit, now: int) -> Verdict:
        found = tuple(code for code in unit.defects if self._detect() < self._sharpness(code)) if unit.defects else ()
        if found:
            rework = self._spec.rework
            can_repair = rework is not None and unit.loops.count(machine.loop) < rework.retries
            return Verdict("rework" if can_repair else "scrap", found, False)
        inspects = self._inspects
        if inspects is not None and inspects.false_call and self._false_call() < inspects.false_call:
            if self._review is not None:
                machine.review(self._review, now)
            return Verdict("pass", (), True)
        return PASS

    def _sharpness(self, code: str) -> float:
        return self._detects.get(code, self._detects.get(ANY_DEFECT, 0.0))
