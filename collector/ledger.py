"""The account of one machine: a fold over what it said. Pure: no clock, no I/O, and small enough to store.

    apply(event) → order (reorder.py) → time (booking.py) and parts (counting.py) → rows()
                                      → what is told of units, values, lots and alarms, as it is

The same events give the same rows, whatever was doubled, shuffled within bounds, split into batches or interrupted by
restarts. Nothing is booked beyond evidence: what no row claims is unknown.

Production is all that totals prove. OEE is of covered time: ``ideal_us`` and ``good_ideal_us`` hold only parts whose
whole stretch since the totals before is booked, and after a gap Execute is booked only from the first totals on
(unless they prove that nothing was made). A new boot's totals begin at 0, but what the old one made last is not known.

What is told of units, values, lots and alarms is passed on once, in order; defects and first passes are also summed up
by the minute. It proves the machine's time only up to the microsecond before it: a part of that very instant may be
counted later.
"""

from math import isfinite
from typing import Any

from msgspec import Struct, field, msgpack

from collector.booking import MINOR_STOP_LIMIT_US, Book
from collector.counting import Made, Problem, Tally
from collector.current import Current
from collector.minutes import made_rows
from collector.planned import Planned
from collector.reorder import Before, Order, Said, Told
from contract.events import (
    HeartBeaten,
    LinkChanged,
    MachineDescribed,
    PartsCounted,
    StateChanged,
    UnitProcessed,
    ValuesMeasured,
)
from contract.instants import SECOND_US
from contract.states import BOOKED

#: How long (µs of event time) a gap is waited for.
LATENESS_US = 300_000_000
#: A boot this far after the event that carries it comes from a broken clock.
BOOT_TOLERANCE_US = 600_000_000

#: Why something was quarantined that only the ledger can see → what that means; see also ``contract.codec.REASONS``.
REASONS = {
    "old_boot": "it belongs to a boot before the present one and was not heard then",
    "boot_in_future": "the boot is later than the event itself",
    "late": "it came after its gap had been given up",
    "ts_backwards": "its time is before that of the event before it in the sequence",
    "since_after_ts": "the state began after it was said",
    "total_fell": "a running total fell inside a boot",
    "inconsistent_counts": "good, scrap and rework are more than the parts made",
    "absurd_count": "more parts than could be made, or energy than could be used",
    "not_storable": "a code of a defect, lot or parent is empty or has a space in it, or a value is no finite number",
}


class Rows(Struct):
    """What is to be stored of one machine; every row replaces the one with the same key.

    ``minutes``: (minute µs, one number a column of ``series.SUM_COLUMNS``); ``intervals`` and ``current``: the columns
    of ``series`` after ``machine_id``; ``health``: ``series.HEALTH_COLUMNS``. ``made`` and ``defects``: the same of the
    tables of that name. Only ``told`` replaces nothing: each event is given once, in its order.
    """

    minutes: list[tuple[int, ...]]
    intervals: list[tuple[int, int, str, str, str, int]]
    current: tuple[Any, ...] | None
    health: tuple[int, ...]
    made: list[tuple[Any, ...]]
    defects: list[tuple[int, str, str, int]]
    told: list[Told]


class Ledger(Struct, array_like=True):
    """State of the fold of one machine; :meth:`freeze` and :func:`thaw` carry it over a restart.

    ``refused`` holds (event, reason, detail) of what could not be taken, for the caller to collect and clear; ``told``
    what the next :meth:`rows` passes on.
    """

    order: Order = field(default_factory=Order)
    book: Book = field(default_factory=Book)
    tally: Tally = field(default_factory=Tally)
    now: Current = field(default_factory=Current)
    last_us: int = 0
    quarantined: int = 0
    described: tuple[int, int] = (-1, 0)
    refused: list[Any] = []
    told: list[Any] = []

    def apply(self, event: Said, planned: Planned, lateness_us: int = LATENESS_US) -> None:
        """Fold one event in. What cannot be taken goes to ``refused``; nothing raises."""
        order = self.order
        if event.boot == order.boot and event.seq == order.seq + 1 and not order.held:
            order.seq += 1
            self._take(event, Before.NOTHING, planned)
            return
        if event.boot * SECOND_US > event.ts + BOOT_TOLERANCE_US:
            self._refuse(event, "boot_in_future", f"boot {event.boot} s > ts {event.ts} µs")
            return
        ready = order.arrive(event, lateness_us)
        if isinstance(ready, str):
            if ready:
                self._refuse(event, ready, f"boot {event.boot}, seq {event.seq} < boot {order.boot}, seq {order.seq}")
            return
        for before, each in ready:
            self._take(each, before, planned)
        if event.boot == order.boot and event.seq > order.seq:
            self.now.hear(event)

    def close(self, planned: Planned) -> None:
        """No more events will come: stop waiting for gaps and apply what is held."""
        for before, each in self.order.give_up():
            self._take(each, before, planned)

    def see_retained(self, event: Said) -> None:
        """Something the broker kept: it may tell the present and describe the machine, never time or production."""
        self.order.saw_retained(event.boot, event.seq)
        self.now.hear(event)
        if isinstance(event, MachineDescribed) and (event.boot, event.seq) >= self.described:
            self._describe(event)

    def link(self, event: LinkChanged) -> bool:
        """The machine's connection came up or was lost; whether that is news."""
        return self.now.link(event)

    def is_newest_info(self, event: MachineDescribed) -> bool:
        """Whether this description is newer than all before; it is from now on the one known."""
        is_newest = (event.boot, event.seq) > self.described
        self.described = max(self.described, (event.boot, event.seq))
        return is_newest

    def rows(self) -> Rows:
        """Everything that changed since the last call, as whole rows; final rows are forgotten."""
        book, order = self.book, self.order
        told, self.told = self.told, []
        book.sum_up([each for each in told if type(each) is UnitProcessed])
        rows = Rows(
            minutes=[(minute, *row) for minute, row in book.minutes.items()],
            intervals=[
                (p.start_us, p.end_us, BOOKED[p.column].value, p.state.value, p.reason, p.stop_us) for p in book.parts
            ],
            current=self.now.row(is_heard=not order.is_first),
            health=(order.duplicates, order.reordered, order.lost, order.late, self.quarantined),
            made=made_rows(book.made),
            defects=[(minute, *key, count) for minute, found in book.defects.items() for key, count in found.items()],
            told=told,
        )
        if book.column < 0:
            book.evidence_us = max(book.evidence_us, self.last_us)
        book.forget()
        return rows

    def freeze(self) -> bytes:
        """The whole state as bytes. Call it after :meth:`rows`, so that no row is stored in it that is final."""
        return _encoder.encode(self)

    def _take(self, event: Said, before: Before, planned: Planned) -> None:
        if before:
            self._resume(before, event)
        ts, before_us = event.ts, self.last_us
        if ts < before_us:
            self._miss()
            self._refuse(event, "ts_backwards", f"ts {ts} < {before_us}")
            return
        self.last_us = ts
        self.now.hear(event)
        if isinstance(event, StateChanged):
            self._tell(event, planned)
        elif isinstance(event, PartsCounted):
            if (made := self._count(event, ts)) is not None:
                if not made.is_mixed:
                    self.book.reach(ts, planned)
                self.book.credit(made, planned)
        elif isinstance(event, HeartBeaten):
            self._beat(event, before_us, planned)
        elif isinstance(event, MachineDescribed):
            self.book.reach(ts, planned)
            self._describe(event)
        else:
            self._pass_on(event, planned)

    def _beat(self, event: HeartBeaten, before_us: int, planned: Planned) -> None:
        problem = self.tally.meter(event, self.book.minutes)
        if problem is not None:
            self._disbelieve(event, problem)
            return
        # It falls on the end of a minute: parts whose own events were lost were made in the minute that ends.
        made = self._count(event, max(before_us, event.ts - 1) if before_us else event.ts)
        if made is None:
            return
        if made.is_mixed:
            self.book.credit(made, planned)
        self._tell(event, planned)
        if not made.is_mixed:
            self.book.credit(made, planned)

    def _pass_on(self, event: Told, planned: Planned) -> None:
        what = _unstorable(event)
        if what:
            self._refuse(event, "not_storable", what)
            return
        self.book.reach(event.ts - 1, planned)
        self.told.append(event)

    def _resume(self, before: Before, event: Said) -> None:
        if before is Before.LOST:
            self._miss()
            return
        self.tally.restart(is_known=before is not Before.JOINED)
        self.tally.is_gapped = before is Before.REBOOT_LOST
        began_us = min(event.ts, (event.boot + 1) * SECOND_US)
        self.book.restart(began_us, is_whole=before is Before.REBOOT)

    def _tell(self, event: StateChanged | HeartBeaten, planned: Planned) -> None:
        if event.since > event.ts:
            self.book.tear(is_blind=False)
            self._refuse(event, "since_after_ts", f"since {event.since} > ts {event.ts}")
            return
        was_setup = self.book.is_setup
        if self.book.tell(event, planned) and (was_setup or self.book.is_setup):
            self.tally.start_up()

    def _count(self, event: PartsCounted | HeartBeaten, at_us: int) -> Made | None:
        """What its totals prove. If they cannot be believed they are refused, and the event proves no time either."""
        made = self.tally.take(event, self.book.made, at_us)
        if isinstance(made, Made):
            return made
        self._disbelieve(event, made)
        return None

    def _miss(self) -> None:
        self.tally.is_gapped = True
        self.book.tear()

    def _disbelieve(self, event: PartsCounted | HeartBeaten, problem: Problem) -> None:
        self._miss()
        self._refuse(event, problem.reason, problem.detail)

    def _describe(self, event: MachineDescribed) -> None:
        self.book.minor_stop_us = min(event.minor_stop_us, MINOR_STOP_LIMIT_US)
        self.tally.modulus = event.counter_modulus or 0

    def _refuse(self, event: Said, reason: str, detail: str) -> None:
        self.refused.append((event, reason, detail))


def _unstorable(event: Told) -> str:
    """Why ``event`` cannot be stored as it is; empty where it can."""
    if isinstance(event, UnitProcessed):
        # They are kept with a space between.
        codes = (*event.defects, *event.lots, *event.parents)
        return next((repr(code) for code in codes if not code or " " in code), "")
    if isinstance(event, ValuesMeasured):
        return next((f"{code} = {value}" for code, value in event.values.items() if not isfinite(value)), "")
    return ""


def thaw(frozen: bytes) -> Ledger:
    """What :meth:`Ledger.freeze` gave → the ledger. Raises ``msgspec.DecodeError`` on anything else."""
    return _decoder.decode(frozen)


_encoder = msgpack.Encoder()
_decoder = msgpack.Decoder(Ledger)
