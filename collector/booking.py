"""Time into rows: the open state of one machine becomes intervals and minutes, cut at the edges of planned time. Pure.

Rows are lists changed in place until they are final. The rows of an open fault younger than the machine's limit are
never final: when it reaches the limit it was a breakdown from its first second, and they are written again.

Time in which parts can be made is booked only where the totals at both its ends are proved too, and the ideal time of
parts only where the time in which they were made is booked. So OEE compares parts and time of the same stretch: parts
proved across an unknown stretch are production, but no OEE. The same holds for parts whose ideal time nobody can tell
because they span two orders: to book their time would show it as slow, so it stays unknown like that of a gap.
"""

from msgspec import Struct

from collector.counting import Made
from collector.minutes import Defects, MadeRows, Minutes, row_of, spread, sum_up
from collector.planned import Planned
from collector.units import tell_units
from contract.events import HeartBeaten, StateChanged, UnitProcessed
from contract.instants import DAY_US, MINUTE_US
from contract.series import SUM_COLUMNS
from contract.states import BOOKED, Category, Cause, Mode, State, classify

#: One step of evidence longer than this books nothing: no machine is silent for a week and then says it was running.
SILENCE_LIMIT_US = 7 * DAY_US
#: Minute rows kept while a gap waits for the state that ends it.
MINUTES_LIMIT = 1440
#: Totals kept while a gap waits for the state that ends it.
PENDING_LIMIT = 4096
#: A longer limit between minor stop and breakdown is taken as this one: the rows it may rewrite have to be kept.
MINOR_STOP_LIMIT_US = DAY_US
DEFAULT_MINOR_STOP_US = 120_000_000

EXECUTE, BREAKDOWN, MINOR, PLANNED = (
    BOOKED.index(category) for category in (Category.EXECUTE, Category.BREAKDOWN, Category.MINOR_STOP, Category.PLANNED)
)
BREAKDOWNS, MINOR_STOPS = SUM_COLUMNS.index("breakdowns"), SUM_COLUMNS.index("minor_stops")
_COLUMN_OF = {
    cause: MINOR if cause is Cause.FAULT else BOOKED.index(Category(cause.value))
    for cause in Cause
}  # fmt: skip


class Part(Struct, array_like=True):
    """One row of ``intervals``: [start, end) µs in the category of that ``column`` of ``states.BOOKED``."""

    start_us: int
    end_us: int
    column: int
    state: State
    reason: str
    stop_us: int


class Book(Struct, array_like=True):
    """The time account of one machine: its open state and the rows that are not final yet.

    ``evidence_us`` is how far time is booked, ``skipped_us`` the end of the last stretch left out of it: a part
    finished just then was made in it. ``torn``: something between there and now was missed, so that only a state or
    heartbeat can tell where evidence goes on; ``pending`` are the totals of that time. ``blind``: what was missed may
    have been parts. ``uncounted``: the state is known again, the totals not yet.
    """

    minutes: Minutes = {}
    made: MadeRows = {}
    defects: Defects = {}
    parts: list[Part] = []
    growing: bool = False
    torn: bool = False
    blind: bool = False
    uncounted: bool = False
    pending: list[Made] = []
    evidence_us: int = -1
    skipped_us: int = -1
    opened_us: int = 0
    since_us: int = 0
    column: int = -1
    state: State = State.STOPPED
    mode: Mode = Mode.PRODUCTION
    reason: str = ""
    is_fault: bool = False
    is_setup: bool = False
    is_making: bool = False
    counted_us: int = -1
    minor_stop_us: int = DEFAULT_MINOR_STOP_US

    def tell(self, said: StateChanged | HeartBeaten, planned: Planned) -> bool:
        """Take what a state or heartbeat proves; whether it opened a state. Evidence starts at the first ``ts``."""
        since_us, is_first = said.since, self.column < 0
        is_same = (
            since_us <= self.evidence_us
            and said.state is self.state
            and said.mode is self.mode
            and said.reason == self.reason
            and not is_first
        )
        if not is_same:
            self.reach(since_us, planned)
            self._open(said, said.ts if is_first else max(since_us, self.evidence_us))
        if self.torn:
            self._mend(planned, is_bridged=is_same)
        self.reach(said.ts, planned)
        return not is_same

    def credit(self, made: Made, planned: Planned) -> None:
        """Take the ideal time of proved parts, if the time they were made in is covered or may yet turn out to be."""
        if self.torn:
            self._put_off(made)
        elif not self.uncounted:
            if made.is_mixed:
                self._forgo(made, planned)
            elif made.ts_us > self.skipped_us and (made.ideal_us or made.good):
                made.add_to(self.made)
        elif made.ts_us >= self._counts_from_us:
            self._count_again(made, planned)

    def reach(self, to_us: int, planned: Planned) -> None:
        """The open state is proved up to ``to_us``: book it, unless evidence is torn."""
        from_us = self.evidence_us
        if to_us <= from_us or self.torn or self.column < 0 or (self.uncounted and self.is_making):
            return
        self.evidence_us = to_us
        if to_us - from_us > SILENCE_LIMIT_US:
            self.growing, self.uncounted = False, True
            return
        if self.is_fault and self.column == MINOR and to_us - self.since_us >= self.minor_stop_us:
            self._escalate()
        column = self.column
        if column in (EXECUTE, PLANNED) or planned.works_through(from_us, to_us):
            self._put(from_us, to_us, column)
            return
        for start_us, end_us, working in planned.pieces(from_us, to_us):
            self._put(start_us, end_us, column if working else PLANNED)

    def tear(self, *, is_blind: bool = True) -> None:
        """Something was missed after ``evidence_us``; ``is_blind``: it may have been parts."""
        self.torn, self.blind = True, self.blind or is_blind

    def restart(self, at_us: int, *, is_whole: bool) -> None:
        """Its totals began anew at ``at_us``, and what it made just before that nobody knows.

        ``is_whole``: everything it said since then was heard.
        """
        self.torn, self.blind, self.uncounted = True, not is_whole, False
        self.pending.clear()
        if self.is_making:
            self._skip(at_us)

    def forget(self) -> None:
        """Drop the rows that nothing can change any more. Call it once they are on their way to the store."""
        is_young = self.is_fault and self.column == MINOR
        keep_us = self.opened_us if is_young else self.evidence_us
        if is_young:
            self.parts = [part for part in self.parts if part.start_us >= keep_us]
        else:
            self.parts = self.parts[-1:] if self.growing else []
        # The heartbeat that falls on the end of a minute has yet to say how much energy it took.
        from_us = keep_us - 1 - (keep_us - 1) % MINUTE_US
        if len(self.minutes) > MINUTES_LIMIT and not is_young:
            from_us = self._bound(from_us)
        self.minutes = {minute: row for minute, row in self.minutes.items() if minute >= from_us}
        self.made = {minute: rows for minute, rows in self.made.items() if minute >= from_us}
        self.defects = {minute: found for minute, found in self.defects.items() if minute >= from_us}

    def sum_up(self, units: list[UnitProcessed]) -> None:
        """Make the rows whole: of ``units``, what they tell of the minutes they were done in."""
        tell_units(units, self.made, self.defects)
        sum_up(self.minutes, self.made)

    def _bound(self, from_us: int) -> int:
        # Only counts after a gap get here: give up proving time in the oldest minutes, so that their rows are final.
        kept = sorted(minute for minute in self.minutes if minute >= from_us)
        if len(kept) <= MINUTES_LIMIT:
            return from_us
        from_us = kept[-MINUTES_LIMIT]
        self._skip(from_us)
        self.uncounted = True
        self.pending = [made for made in self.pending if made.at_us >= from_us]
        return from_us

    def _open(self, said: StateChanged | HeartBeaten, start_us: int) -> None:
        cause = classify(said.state, said.mode, said.reason)
        self.state, self.mode, self.reason = said.state, said.mode, said.reason
        self.since_us, self.opened_us, self.evidence_us = said.since, start_us, start_us
        self.column = _COLUMN_OF[cause]
        self.is_fault, self.is_setup = cause is Cause.FAULT, cause is Cause.SETUP
        self.is_making = cause is Cause.EXECUTE or said.state is State.EXECUTE
        self.growing = False
        self.counted_us = -1

    @property
    def _counts_from_us(self) -> int:
        return self.evidence_us if self.is_making else self.opened_us

    def _mend(self, planned: Planned, *, is_bridged: bool) -> None:
        """The state is known again; ``is_bridged``: it had never changed, so all time between is known with it."""
        pending, self.pending = self.pending, []
        if not is_bridged:
            self.uncounted = self.uncounted or self.blind
            pending = [made for made in pending if self.uncounted or made.ts_us > self._counts_from_us]
        self.torn = self.blind = False
        for made in pending:
            if not made.is_mixed:
                self.reach(made.ts_us, planned)
            self.credit(made, planned)

    def _count_again(self, made: Made, planned: Planned) -> None:
        """The first totals after a gap: parts proved by them were made in it, unless it is clear that none was."""
        self.uncounted = False
        if not made.is_close:
            if self.is_making:
                self._skip(made.ts_us)
        elif (made.ideal_us or made.good) and made.ts_us > self._counts_from_us:
            made.add_to(self.made)
        self.reach(made.ts_us, planned)

    def _forgo(self, made: Made, planned: Planned) -> None:
        """Nobody knows how long these parts should have taken: the time they were made in may not count either."""
        if self.is_making:
            self._skip(made.ts_us)
        self.reach(made.ts_us, planned)

    def _put_off(self, made: Made) -> None:
        self.pending.append(made)
        if len(self.pending) > PENDING_LIMIT:
            self._skip(self.pending.pop(0).ts_us)

    def _skip(self, to_us: int) -> None:
        """Time up to ``to_us`` that is not booked yet stays unknown."""
        if to_us > self.evidence_us >= 0:
            self.evidence_us = self.skipped_us = to_us
            self.growing = False

    def _put(self, start_us: int, end_us: int, column: int) -> None:
        if self.growing and self.parts[-1].column == column:
            self.parts[-1].end_us = end_us
        else:
            self.parts.append(Part(start_us, end_us, column, self.state, self.reason, self.since_us))
            self.growing = True
            if self.counted_us < 0 and self.is_fault and column != PLANNED:
                self._count_stop(start_us)
        spread(self.minutes, column, start_us, end_us)

    def _count_stop(self, at_us: int) -> None:
        self.counted_us = at_us
        row_of(self.minutes, at_us)[BREAKDOWNS if self.column == BREAKDOWN else MINOR_STOPS] += 1

    def _escalate(self) -> None:
        self.column = BREAKDOWN
        for part in self.parts:
            if part.start_us >= self.opened_us and part.column == MINOR:
                part.column = BREAKDOWN
                spread(self.minutes, MINOR, part.start_us, part.end_us, sign=-1)
                spread(self.minutes, BREAKDOWN, part.start_us, part.end_us)
        if self.counted_us >= 0:
            row = row_of(self.minutes, self.counted_us)
            row[MINOR_STOPS] -= 1
            row[BREAKDOWNS] += 1
