"""The stops of a machine one by one, as a person would tell them: pieces of one stop are one."""

import msgspec

from answers.bottleneck import is_active
from answers.span import Span
from answers.store import Interval, Store
from contract.states import Category
from contract.topics import address

_AS_PLANNED = frozenset({Category.EXECUTE, Category.PLANNED})


class Stop(msgspec.Struct, frozen=True):
    """``machine`` stood over [began_us, ended_us), clipped to the span asked about, for ``reason``.

    ``goes_on``: it is the machine's newest state; ``outlasts``: it lasted beyond the span, or goes on.
    """

    machine: str
    began_us: int
    ended_us: int
    category: Category
    reason: str
    goes_on: bool
    outlasts: bool

    @property
    def lasted_us(self) -> int:
        """How much of the span it took."""
        return self.ended_us - self.began_us


def machine_stops(store: Store, machine: str, span: Span) -> list[Stop]:
    """Every stop of ``machine`` in ``span`` that was not planned, waits for a neighbour among them, oldest first."""
    joined: list[list[Interval]] = []
    for one in store.intervals(machine, span.from_us, span.to_us):
        if one.category in _AS_PLANNED:
            continue
        before = joined[-1][-1] if joined else None
        if before and before.stop_us == one.stop_us and before.end_us == one.start_us:
            joined[-1].append(one)
        else:
            joined.append([one])
    said = store.current(address(machine).line_path).get(machine)
    newest_us = said.since_us if said else None
    return [_stop(pieces, span, goes_on=pieces[-1].stop_us == newest_us) for pieces in joined]


def _stop(pieces: list[Interval], span: Span, *, goes_on: bool) -> Stop:
    """What the pieces are together; the last of them that nobody else is to blame for says why."""
    first, last = pieces[0], pieces[-1]
    told = next((one for one in reversed(pieces) if is_active(one.category, one.reason)), last)
    return Stop(
        machine=last.machine,
        began_us=max(first.start_us, span.from_us),
        ended_us=min(last.end_us, span.to_us),
        category=told.category,
        reason=told.reason,
        goes_on=goes_on,
        outlasts=goes_on or last.end_us > span.to_us,
    )
