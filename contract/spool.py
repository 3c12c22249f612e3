"""What waits to be sent to InfluxDB: keys of rows that changed, never the rows. A table beside those they are of.

The journal writes a key in the transaction that changes the row; whoever sends reads the row as it is then, and takes
the key away once the database has it, by ``id``. A row that changes again gets a new ``id``, so its key stays. The
oldest ``id`` goes first. Units and values are many and never change: of these only the last row sent is kept, in
``meta``, and a range of rows is one entry; it goes back where the limits change that stand beside values.
"""

from enum import StrEnum

from msgspec import Struct


class SpoolKind(StrEnum):
    """What a key is of; ``path`` is a machine's but for the ``line_*``, ``bottleneck_*``, order and command kinds."""

    #: Rows of ``minutes``, ``made`` and ``defects`` of the minute that begins at ``at_us``; their sums of the hour.
    MACHINE_MINUTE = "machine_minute"
    MACHINE_HOUR = "machine_hour"
    #: A line's sums: a machine's minute changed, or its orders, its calendar or what a machine says it is.
    LINE_MINUTE = "line_minute"
    LINE_HOUR = "line_hour"
    #: Again once an active period that held the minute is over: only then it is known how long that was.
    BOTTLENECK_MINUTE = "bottleneck_minute"
    BOTTLENECK_HOUR = "bottleneck_hour"
    #: The interval that begins at ``at_us``: it is new, or its category changed.
    STATE = "state"
    #: The interval that begins at ``at_us`` and is not Execute: its stop is over, nothing of it changes any more.
    DOWNTIME = "downtime"
    #: The order that ``progress`` tells of at ``at_us``.
    ORDER = "order"
    #: Alarms raised or cleared at ``at_us``.
    ALARM = "alarm"
    #: The command to a machine or line answered at ``at_us``.
    COMMAND = "command"
    #: The machine's row of ``health`` changed; ``at_us`` is the minute of its newest event.
    HEALTH = "health"
    #: Rows of ``units`` and ``measurements`` after rowid ``at_us`` up to rowid ``to_row``; no path, no ``id``.
    UNITS = "units"
    VALUES = "values"


class SpoolEntry(Struct, frozen=True):
    """One key that waits. ``at_us`` in µs since the epoch, but for ranges of rows."""

    id: int
    kind: SpoolKind
    path: str
    at_us: int
    to_row: int = 0


#: Tables whose rows are sent by ranges of rowid → the kind of their entries.
ROW_TABLES = {"units": SpoolKind.UNITS, "measurements": SpoolKind.VALUES}
#: Lines that the database refused are kept with the reason, the newest of them.
REFUSED_LIMIT = 10_000

SCHEMA = """
-- keys of rows that InfluxDB has not got yet; only where they are sent to one
CREATE TABLE IF NOT EXISTS spool (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    path TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    UNIQUE (kind, path, at_us)
);

-- points that InfluxDB refused for ever, with its reason; the newest REFUSED_LIMIT
CREATE TABLE IF NOT EXISTS refused (
    refused_id INTEGER PRIMARY KEY AUTOINCREMENT,
    refused_us INTEGER NOT NULL,
    bucket TEXT NOT NULL,
    reason TEXT NOT NULL,
    line BLOB NOT NULL
);
"""


def sent_key(table: str) -> str:
    """The key of ``meta`` under which the last rowid of ``table`` stands that was sent."""
    return f"spool_sent_{table}"
