"""The order of one machine's events: drops what came twice, holds what came early, gives up what does not come. Pure.

Order is (boot, seq). A gap is waited for until the machine's newest event is ``lateness_us`` of event time after the
oldest held one, or ``HELD_LIMIT`` events are held; then what is missing counts as lost, and is *late* should it come.
"""

from collections.abc import Iterator
from enum import IntEnum
from typing import Any

from msgspec import Struct

from contract.events import (
    AlarmChanged,
    HeartBeaten,
    MachineDescribed,
    MaterialChanged,
    PartsCounted,
    StateChanged,
    UnitProcessed,
    ValuesMeasured,
)

#: Events held for one machine while a gap waits.
HELD_LIMIT = 4096
#: Gaps of this boot remembered, to tell a late event from a duplicate.
GAPS_LIMIT = 256
#: Earlier boots remembered, to tell a duplicate of theirs from an event that cannot be placed any more.
BOOTS_LIMIT = 16
COUNT_LIMIT = 2**53

#: What has a place in time and is passed on as it is: it is about units, values, lots and alarms.
Told = UnitProcessed | ValuesMeasured | MaterialChanged | AlarmChanged
Said = StateChanged | PartsCounted | HeartBeaten | MachineDescribed | Told


class Before(IntEnum):
    """What lies between an event and the one applied before it."""

    NOTHING = 0
    LOST = 1
    REBOOT = 2
    #: A new boot of which the first events are missing.
    REBOOT_LOST = 3
    #: The first event ever seen of a machine that had already been talking to others.
    JOINED = 4


class HeldState(Struct, frozen=True, tag="s", array_like=True):
    """A held event, tagged so that it survives being stored."""

    event: StateChanged


class HeldCount(Struct, frozen=True, tag="c", array_like=True):
    """See :class:`HeldState`."""

    event: PartsCounted


class HeldBeat(Struct, frozen=True, tag="h", array_like=True):
    """See :class:`HeldState`."""

    event: HeartBeaten


class HeldInfo(Struct, frozen=True, tag="i", array_like=True):
    """See :class:`HeldState`."""

    event: MachineDescribed


class HeldUnit(Struct, frozen=True, tag="u", array_like=True):
    """See :class:`HeldState`."""

    event: UnitProcessed


class HeldValue(Struct, frozen=True, tag="v", array_like=True):
    """See :class:`HeldState`."""

    event: ValuesMeasured


class HeldMaterial(Struct, frozen=True, tag="m", array_like=True):
    """See :class:`HeldState`."""

    event: MaterialChanged


class HeldAlarm(Struct, frozen=True, tag="a", array_like=True):
    """See :class:`HeldState`."""

    event: AlarmChanged


Held = HeldState | HeldCount | HeldBeat | HeldInfo | HeldUnit | HeldValue | HeldMaterial | HeldAlarm
Ready = tuple[Before, Said]


_HOLDER: dict[type[Any], Any] = {
    StateChanged: HeldState,
    PartsCounted: HeldCount,
    HeartBeaten: HeldBeat,
    MachineDescribed: HeldInfo,
    UnitProcessed: HeldUnit,
    ValuesMeasured: HeldValue,
    MaterialChanged: HeldMaterial,
    AlarmChanged: HeldAlarm,
}


class Order(Struct, array_like=True):
    """Where one machine's sequence stands, and what the wire did to it (the counts of ``series.HEALTH_COLUMNS``)."""

    boot: int = -1
    seq: int = 0
    is_first: bool = True
    after: Before = Before.NOTHING
    held: dict[int, Held] = {}
    oldest_us: int = 0
    newest_us: int = 0
    gaps: list[tuple[int, int]] = []
    past: dict[int, int] = {}
    seen_boot: int = -1
    seen: list[int] = []
    duplicates: int = 0
    reordered: int = 0
    lost: int = 0
    late: int = 0

    def arrive(self, event: Said, lateness_us: int) -> Iterator[Ready] | str:
        """What can be applied now that ``event`` is here, in order; or why it cannot be placed ("": it is known).

        Exhaust the iterator before the next call.
        """
        if event.boot < self.boot:
            return self._of_old_boot(event)
        if event.boot > self.boot:
            return self._reboot(event, lateness_us)
        if event.seq <= self.seq:
            return self._again(event.seq)
        return self._place(event, lateness_us)

    def give_up(self) -> Iterator[Ready]:
        """Stop waiting: all that is held, in order, each with what is missing before it."""
        while self.held:
            self._skip_to(min(self.held))
            yield from self._run()

    def saw_retained(self, boot: int, seq: int) -> None:
        """The broker kept an event from before we listened: a sequence that goes on after it was not lost on us."""
        if not self.is_first or boot < self.seen_boot:
            return
        self.seen = sorted({seq, *(self.seen if boot == self.seen_boot else ())})[-HELD_LIMIT:]
        self.seen_boot = boot

    def _of_old_boot(self, event: Said) -> str:
        if event.seq > self.past.get(event.boot, 0):
            return "old_boot"
        self.duplicates += 1
        return ""

    def _again(self, seq: int) -> str:
        for index, (first, last) in enumerate(self.gaps):
            if first <= seq <= last:
                rest = [(first, seq - 1), (seq + 1, last)]
                self.gaps[index : index + 1] = [gap for gap in rest if gap[0] <= gap[1]]
                self.lost -= 1
                self.late += 1
                return "late"
        self.duplicates += 1
        return ""

    def _reboot(self, event: Said, lateness_us: int) -> Iterator[Ready]:
        yield from self.give_up()
        if not self.is_first:
            self.past[self.boot] = self.seq
            self.past = dict(sorted(self.past.items())[-BOOTS_LIMIT:])
        self.boot, self.seq, self.gaps = event.boot, 0, []
        self.oldest_us = self.newest_us = event.ts
        self.after = Before.REBOOT
        if self.is_first and self._is_joining(event):
            self._skip_to(event.seq)
        placed = self._place(event, lateness_us)
        if not isinstance(placed, str):
            yield from placed

    def _is_joining(self, event: Said) -> bool:
        # Further on than could ever be put in order, or right behind what the broker had kept for us.
        follows = event.boot == self.seen_boot and event.seq > self.seen[-1]
        return event.seq > HELD_LIMIT or (follows and event.seq > 1)

    def _place(self, event: Said, lateness_us: int) -> Iterator[Ready] | str:
        if event.seq in self.held:
            self.duplicates += 1
            return ""
        if event.seq > self.seq + 1:
            self.reordered += 1
        self.oldest_us = min(self.oldest_us, event.ts) if self.held else event.ts
        self.newest_us = max(self.newest_us, event.ts)
        self.held[event.seq] = _HOLDER[type(event)](event)
        return self._release(lateness_us)

    def _release(self, lateness_us: int) -> Iterator[Ready]:
        yield from self._run()
        while self.held and (len(self.held) > HELD_LIMIT or self.newest_us - self.oldest_us > lateness_us):
            self._skip_to(min(self.held))
            yield from self._run()

    def _run(self) -> Iterator[Ready]:
        had = len(self.held)
        while (held := self.held.pop(self.seq + 1, None)) is not None:
            self.seq += 1
            after, self.after, self.is_first = self.after, Before.NOTHING, False
            yield after, held.event
        if self.held and len(self.held) < had:
            self.oldest_us = min(held.event.ts for held in self.held.values())

    def _skip_to(self, seq: int) -> None:
        missing = seq - self.seq - 1
        if self.is_first:
            known = set(self.seen) if self.boot == self.seen_boot else set()
            if missing > len(known) or not known.issuperset(range(1, seq)):
                self.after = Before.JOINED
        elif missing:
            self.after = Before.LOST if self.after < Before.REBOOT else Before.REBOOT_LOST
            self.lost = min(self.lost + missing, COUNT_LIMIT)
            self.gaps = [*self.gaps[1 - GAPS_LIMIT :], (self.seq + 1, seq - 1)]
        self.seq = seq - 1
