"""What a machine says: its counts, states, heartbeats and units, in one sequence, and the truth kept beside.

Nothing is said twice and nothing of length 0: within one instant a machine may change as often as it likes; what is
left when the instant is over (``settle``) is said. Only units are told one by one.
"""

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from contract.events import (
    AlarmChanged,
    HeartBeaten,
    MachineDescribed,
    MaterialChanged,
    PartsCounted,
    SlotDescribed,
    StateChanged,
    UnitProcessed,
    ValueDescribed,
    ValuesMeasured,
    Words,
)
from contract.states import Mode
from simulator.agenda import Agenda, emission
from simulator.condition import REVIEW, STARVED, Condition, Meter
from simulator.plant import LineSpec, Product
from simulator.station_spec import Material, Station
from simulator.truth import MachineTruth
from simulator.unit import RunningOrder, Unit

if TYPE_CHECKING:
    from simulator.crews import Crew
    from simulator.line import Line

_PRODUCTION, _MAINTENANCE = Mode.PRODUCTION, Mode.MAINTENANCE
#: Where a machine shows that it reviews what it rejected.
REVIEW_WORDS = Words("Review of a false call", "Xem lại báo lỗi giả")
#: Before its first part a machine has made nothing of no order.
_NOTHING_YET = RunningOrder("", Product("", Words("", "")), 0, 0, None)


class Place(NamedTuple):
    """Where a machine stands: everything it needs to know that is not in its own spec.

    ``number`` is its place in the line's file, from 0; ``position`` that among all machines of the engine.
    """

    line: "Line"
    number: int
    position: int
    path: str
    seed: int
    boot: int
    agenda: Agenda
    crews: "dict[str, Crew]"
    truth: MachineTruth | None


class Teller:
    """Identity, counters and voice of one machine."""

    __slots__ = (
        "boot", "condition", "counted", "dirty", "good", "ideal_us", "ideals", "inbox", "line", "looks_at",
        "meter", "mode", "number", "order", "out", "path", "position", "rework", "scrap", "seq", "since", "source",
        "spec", "total", "touched", "truth",
    )  # fmt: skip

    def __init__(self, place: Place) -> None:
        spec = place.line.spec.stations[place.number]
        self.spec, self.line, self.path, self.boot, self.truth = spec, place.line, place.path, place.boot, place.truth
        self.position, self.number = place.position, place.number
        self.out, self.touched = place.agenda.out, place.agenda.touched
        self.inbox: deque[Unit] = deque()
        self.looks_at: deque[Unit] | None = None  # the buffer it hands good units to
        self.source = True
        self.total = self.good = self.scrap = self.rework = self.seq = 0
        self.counted = self.dirty = False
        self.condition, self.since, self.mode = STARVED, -1, _PRODUCTION
        self.meter = None if spec.power_w is None else Meter(spec.power_w, place.line.start_us)
        self.ideals = {
            product.id: place.line.spec.ideal_us(place.number, product) for product in place.line.spec.products
        }
        self.order = _NOTHING_YET
        self.ideal_us = spec.ideal_us

    def look(self) -> Condition:
        """The machine's condition now."""
        raise NotImplementedError

    def touch(self) -> None:
        """Something happened: say so when the instant is over."""
        if not self.dirty:
            self.dirty = True
            self.touched.append(self.position)

    def settle(self, now: int) -> None:
        """The instant is over: say what was counted, then what changed."""
        self.dirty = False
        if self.counted:
            self.say_count(now)
        condition = self.look()
        if condition is not self.condition or self.since < 0:
            self.change(condition, now)

    # ------------------------------------------------------------------ one method a kind of event

    def change(self, condition: Condition, now: int) -> None:
        """Say the state entered at ``now``."""
        state, reason, mode = condition
        if mode is _PRODUCTION:
            mode = self.mode
        if self.truth is not None:
            self.truth.change(now, state, mode, reason)
        if self.meter is not None:
            self.meter.turn(now, condition)
        self.condition, self.since = condition, now
        self.seq += 1
        self.out.append(emission((self.path, StateChanged(now, self.seq, self.boot, state, mode, reason, now))))

    def turn_to(self, order: RunningOrder, now: int) -> None:
        """The next part counted is of ``order``: what was counted before is said first, under its own."""
        if self.counted:
            self.say_count(now)
        self.order = order
        self.ideal_us = self.ideals[order.product.id]

    def say_count(self, now: int) -> None:
        """Say the totals."""
        self.counted = False
        self.seq += 1
        order, ahead = self.order, self.looks_at
        event = PartsCounted(
            now, self.seq, self.boot, self.total, self.good, self.scrap, self.rework, order.product.id, order.id,
            self.ideal_us, None if self.source else len(self.inbox), None if ahead is None else len(ahead),
        )  # fmt: skip
        self.out.append(emission((self.path, event)))

    def say_unit(self, unit: Unit, now: int, result: str, defects: tuple[str, ...], false_call: bool) -> None:
        """Say that ``unit`` is done here, and what became of it."""
        self.seq += 1
        order = unit.order
        event = UnitProcessed(
            now, self.seq, self.boot, unit.serial, order.product.id, order.id, unit.began, unit.attempt, result,  # type: ignore[arg-type]
            defects, false_call, unit.lots, unit.parents,
        )  # fmt: skip
        self.out.append(emission((self.path, event)))
        if self.truth is not None:
            self.truth.unit(now, unit, result, defects)

    def say_values(self, now: int, unit: Unit | None, values: dict[str, float]) -> None:
        """Say what was measured, on ``unit`` or on the machine itself."""
        self.seq += 1
        serial = "" if unit is None else unit.serial
        product = self.order.product.id if unit is None else unit.product.id
        self.out.append(emission((self.path, ValuesMeasured(now, self.seq, self.boot, serial, product, values))))

    def say_material(self, now: int, slot: Material, lot: str, what: str, remaining: int) -> None:
        """Say what happened to a lot, and what is left on its slot."""
        self.seq += 1
        event = MaterialChanged(now, self.seq, self.boot, slot.slot, slot.material, lot, what, slot.lot_size, remaining)
        self.out.append(emission((self.path, event)))

    def say_alarm(self, now: int, code: str, subject: str, *, is_active: bool) -> None:
        """Say that an alarm was raised or is over."""
        self.seq += 1
        self.out.append(emission((self.path, AlarmChanged(now, self.seq, self.boot, code, subject, is_active))))

    def beat(self, now: int) -> None:
        """Say that it is still there, with everything it said last."""
        self.seq += 1
        (state, reason, mode), order, ahead = self.condition, self.order, self.looks_at
        used_j, idle_j = (0, 0) if self.meter is None else self.meter.read(now)
        event = HeartBeaten(
            now, self.seq, self.boot, state, self.mode if mode is _PRODUCTION else mode, reason, self.since,
            self.total, self.good, self.scrap, self.rework, order.product.id, order.id, self.ideal_us,
            None if self.source else len(self.inbox), None if ahead is None else len(ahead), used_j, idle_j,
        )  # fmt: skip
        self.out.append(emission((self.path, event)))

    def describe(self, now: int, upstream: list[str], downstream: list[str]) -> None:
        """Say what it is and where it stands."""
        self.seq += 1
        spec, line = self.spec, self.line.spec
        event = MachineDescribed(
            now, self.seq, self.boot, spec.name, spec.role, self.number + 1, upstream, downstream, spec.ideal_us,
            spec.servers, None if self.source else spec.places, line.minor_stop_us, _reasons(spec), None,
            {product: ideal for product, ideal in self.ideals.items() if ideal != spec.ideal_us},
            line.exit_parts(self.number), spec.holds, spec.returns_to is not None, _defects(line, spec),
            {v.code: ValueDescribed(v.name, v.unit, v.target, v.lsl, v.usl) for v in spec.values},
            {m.slot: SlotDescribed(m.name, m.material, m.per_part, m.low_at) for m in spec.materials},
        )  # fmt: skip
        self.out.append(emission((self.path, event)))


def _reasons(spec: Station) -> dict[str, Words]:
    named = {mode.code: mode.name for mode in (*spec.micro_stops, *spec.failures)}
    named |= {wear.code: wear.name for wear in spec.wear} | {each.slot: each.name for each in spec.materials}
    if spec.inspects is not None and spec.inspects.false_call:
        named[REVIEW.reason] = REVIEW_WORDS
    return named


def _defects(line: LineSpec, spec: Station) -> dict[str, Words]:
    """What an inspection may find: everything made on the line; other stations: what they make."""
    makers = line.stations if spec.inspects is not None else (spec,)
    return {defect.code: defect.name for maker in makers for defect in maker.defects}
