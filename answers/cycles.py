"""How long a machine took for each unit."""

from collections.abc import Sequence
from itertools import groupby

import msgspec

from answers.span import Span
from answers.store import Store
from contract.instants import HOUR_US

#: Units are kept in order of arrival; one that arrived later than this after its end is not looked for.
_LATE_US = HOUR_US


class Cycle(msgspec.Struct, frozen=True):
    """A unit was finished at ``ended_us`` after ``lasted_us`` of work, stops in between included."""

    ended_us: int
    lasted_us: int
    unit: str
    result: str


def cycles(store: Store, machine: str, span: Span) -> list[Cycle]:
    """What ``machine`` finished over ``span``, oldest first."""
    rows = store.rows(
        "SELECT ended_us, ended_us - began_us, unit, result FROM units"
        " WHERE rowid >= ? AND rowid < ? AND machine_id = (SELECT machine_id FROM machines WHERE path = ?)"
        " AND ended_us >= ? AND ended_us < ? ORDER BY ended_us, rowid",
        _first_row(store, span.from_us - _LATE_US),
        _first_row(store, span.to_us + _LATE_US),
        machine,
        span.from_us,
        span.to_us,
    )
    return [Cycle(*row) for row in rows]


def _first_row(store: Store, ended_us: int) -> int:
    """The first row of a unit that ended about then or later: there are millions, and no index by time."""
    low, high = store.rows("SELECT COALESCE(MIN(rowid), 0), COALESCE(MAX(rowid), 0) + 1 FROM units")[0]
    while low < high:
        middle = (low + high) // 2
        found = store.rows("SELECT ended_us FROM units WHERE rowid >= ? ORDER BY rowid LIMIT 1", middle)
        if found and found[0][0] < ended_us:
            low = middle + 1
        else:
            high = middle
    return int(low)


def paces(done: Sequence[Cycle], servers: int) -> list[Cycle]:
    """The same with the time each unit took of the machine, to compare with its ideal time a part.

    It is the time worked on it or since the unit before, whichever is shorter (an oven holds many at once), shared by
    ``servers`` that work side by side and by all units that were finished at the same instant (cut from one panel).
    """
    batches = [list(same) for _, same in groupby(done, key=lambda one: one.ended_us)]
    found: list[Cycle] = []
    for place, batch in enumerate(batches):
        ended_us = batch[0].ended_us
        took_us = max(one.lasted_us for one in batch)
        if place >= servers:
            took_us = min(took_us, ended_us - batches[place - servers][0].ended_us)
        each_us = took_us // (servers * len(batch))
        found += [msgspec.structs.replace(one, lasted_us=each_us) for one in batch]
    return found
