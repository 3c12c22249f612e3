"""How long a machine worked on each unit."""

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
