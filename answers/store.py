"""The store, opened to read: the only place here with SQL. Never writes, never waits for the collector.

    Store.open(path) ─ lines() ─ machines(line) ─ sums(…) ─ minutes(…) ─ intervals(…) ─ current() ─ windows(…)

Rows come back as the frozen records below, machines by path. One ``Store`` belongs to one thread.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec

from answers.connection import connect, has_log
from contract import codec, topics
from contract.errors import StoreError
from contract.events import CalendarPublished, Event, LineDescribed, MachineDescribed, OrderStarted, Words
from contract.kpi import Sums
from contract.series import CURRENT_COLUMNS, HEALTH_COLUMNS, SUM_COLUMNS
from contract.states import Category
from contract.topics import Kind

_SUMS = ", ".join(f"SUM({name})" for name in SUM_COLUMNS)
_MINUTE = ", ".join(SUM_COLUMNS)
_CURRENT = ", ".join(f"c.{name}" for name in CURRENT_COLUMNS[1:])
# A machine is who said what it is or what it does; a path alone may be anybody's mistake.
_REAL = (
    "(machine_id IN (SELECT machine_id FROM current_state)"
    f" OR path IN (SELECT path FROM facts WHERE kind = '{Kind.INFO}'))"
)
_HEALTH = ", ".join(HEALTH_COLUMNS)
_Event = TypeVar("_Event", bound=Event)


class Interval(msgspec.Struct, frozen=True):
    """A machine in one category over [start_us, end_us); ``stop_us`` is when the state it belongs to began."""

    machine: str
    start_us: int
    end_us: int
    category: Category
    state: str
    reason: str
    stop_us: int


class Current(msgspec.Struct, frozen=True):
    """What a machine last said. Counts are totals since its boot; ``online`` is 1 or 0."""

    machine: str
    ts_us: int
    boot: int
    seq: int
    state: str
    mode: str
    reason: str
    since_us: int
    total: int
    good: int
    scrap: int
    rework: int
    product: str
    order_id: str
    ideal_us: int
    buffer_in: int | None
    buffer_out: int | None
    online: int


class PlannedWindow(msgspec.Struct, frozen=True):
    """A shift or break of a line, [start_us, end_us)."""

    kind: str
    start_us: int
    end_us: int
    name: Words


class Health(msgspec.Struct, frozen=True):
    """What the wire did to a path's events, as counts."""

    path: str
    duplicates: int
    reordered: int
    lost: int
    late: int
    quarantined: int


class Quarantined(msgspec.Struct, frozen=True):
    """Something the collector could not take, and why."""

    received_us: int | None
    topic: str
    reason: str
    detail: str


class Store:
    """A read-only view of a store. Raises :class:`StoreError` when there is none or it is not ours to read."""

    def __init__(self, connection: sqlite3.Connection, path: Path, *, at_rest: bool = False) -> None:
        self._connection, self._at_rest = connection, at_rest
        self.path = path

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the store at ``path``; it must be of this version. Raises :class:`NoStore` where there is none."""
        connection, at_rest = connect(path)
        return cls(connection, path, at_rest=at_rest)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows that ``sql`` finds, for the questions of the files beside this one."""
        if self._at_rest and has_log(self.path):
            raise StoreError(f"{self.path} is written again: open it anew")
        try:
            return self._connection.execute(sql, values).fetchall()
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: sqlite3.DatabaseError | UnicodeDecodeError) -> StoreError:
        return StoreError(f"{self.path} cannot be read now ({error}): try again, or check the disk")

    @contextmanager
    def moment(self) -> Iterator[None]:
        """Everything read inside sees the store at one moment, whatever the collector commits meanwhile."""
        if self._connection.in_transaction:  # part of a larger question
            yield
            return
        self.rows("BEGIN")
        try:
            yield
        finally:
            self._connection.rollback()

    def problems(self) -> str:
        """What SQLite's own check finds wrong with the file; empty when it is whole."""
        found = [str(row[0]) for row in self.rows("PRAGMA quick_check(3)")]
        return "" if found == ["ok"] else "; ".join(found)

    def change_token(self) -> int:
        """A number that changes whenever somebody commits to the store."""
        return int(self.rows("PRAGMA data_version")[0][0])

    def lines(self) -> list[str]:
        """Paths of all lines with a machine, in order."""
        return [path for (path,) in self.rows(f"SELECT DISTINCT line_path FROM machines WHERE {_REAL} ORDER BY 1")]

    def machines(self, line: str | None = None) -> list[str]:
        """Paths of all machines (of a line), in order of path; see :func:`answers.plant.stations` for the flow."""
        where, values = ("AND line_path = ?", (line,)) if line else ("", ())
        return [
            path for (path,) in self.rows(f"SELECT path FROM machines WHERE {_REAL} {where} ORDER BY path", *values)
        ]

    def strangers(self) -> list[str]:
        """Paths that never said what they are nor what they do: a last will of nobody, for instance."""
        return [path for (path,) in self.rows(f"SELECT path FROM machines WHERE NOT {_REAL} ORDER BY path")]

    def described(self, line: str) -> dict[str, MachineDescribed]:
        """Machine path → its latest info, for the machines of ``line`` that sent one."""
        rows = self.rows(
            "SELECT f.path, f.payload FROM facts f JOIN machines m ON m.path = f.path"
            " WHERE f.kind = ? AND m.line_path = ?",
            Kind.INFO,
            line,
        )
        return {path: decoded(MachineDescribed, Kind.INFO, payload) for path, payload in rows}

    def named(self, line: str) -> LineDescribed | None:
        """What people call a line and its plant."""
        return self.fact(LineDescribed, Kind.LINE, line)

    def calendar(self, line: str) -> CalendarPublished | None:
        """The latest calendar of a line."""
        return self.fact(CalendarPublished, Kind.CALENDAR, line)

    def tz(self, line: str) -> str:
        """The IANA zone in which people at ``line`` read a clock; UTC until its calendar arrived."""
        calendar = self.calendar(line)
        return calendar.tz if calendar else "UTC"

    def order(self, line: str) -> OrderStarted | None:
        """The latest order of a line."""
        return self.fact(OrderStarted, Kind.ORDER, line)

    def fact(self, cls: type[_Event], kind: Kind, path: str) -> _Event | None:
        """The latest of its kind that ``path`` said, or ``None``."""
        rows = self.rows("SELECT payload FROM facts WHERE path = ? AND kind = ?", path, kind)
        return decoded(cls, kind, rows[0][0]) if rows else None

    def windows(self, line: str, from_us: int, to_us: int) -> list[PlannedWindow]:
        """Shifts and breaks of a line that overlap [from_us, to_us), by start."""
        rows = self.rows(
            "SELECT kind, start_us, end_us, name_en, name_vi FROM windows"
            " WHERE line_path = ? AND end_us > ? AND start_us < ? ORDER BY start_us, kind DESC",
            line,
            from_us,
            to_us,
        )
        return [PlannedWindow(kind, start, end, Words(en=en, vi=vi)) for kind, start, end, en, vi in rows]

    def evidence(self) -> tuple[int, int] | None:
        """First and last instant (µs) for which any machine has evidence, or ``None`` for an empty store."""
        first, last = self.rows("SELECT MIN(minute_us), (SELECT MAX(ts_us) FROM current_state) FROM minutes")[0]
        return None if first is None or last is None else (first, last)

    def heard(self) -> dict[str, int]:
        """Machine path → when it last spoke (µs)."""
        return dict(self.rows("SELECT path, ts_us FROM current_state JOIN machines USING (machine_id)"))

    def sums(self, from_us: int, to_us: int, line: str | None = None) -> dict[str, Sums]:
        """Machine path → sums over the minutes of [from_us, to_us); whole minutes; without a row, absent."""
        rows = self.rows(
            # Machines first, as the key of the minutes has it: else SQLite reads all there are to find those of a span.
            f"SELECT path, {_SUMS} FROM machines CROSS JOIN minutes USING (machine_id)"
            " WHERE minute_us >= ? AND minute_us < ? AND (? IS NULL OR line_path = ?) GROUP BY machine_id",
            from_us,
            to_us,
            line,
            line,
        )
        return {path: Sums(*values) for path, *values in rows}

    def planned_us(self, from_us: int, to_us: int, line: str) -> dict[str, int]:
        """Machine path → planned time (µs) of the minutes of [from_us, to_us); without a row, absent."""
        rows = self.rows(
            "SELECT path, SUM(planned_us) FROM machines CROSS JOIN minutes USING (machine_id)"
            " WHERE minute_us >= ? AND minute_us < ? AND line_path = ? GROUP BY machine_id",
            from_us,
            to_us,
            line,
        )
        return dict(rows)

    def minutes(self, machine: str, from_us: int, to_us: int) -> list[tuple[int, Sums]]:
        """(minute start µs, sums) of a machine over [from_us, to_us), oldest first."""
        rows = self.rows(
            f"SELECT minute_us, {_MINUTE} FROM minutes JOIN machines USING (machine_id)"
            " WHERE path = ? AND minute_us >= ? AND minute_us < ? ORDER BY minute_us",
            machine,
            from_us,
            to_us,
        )
        return [(minute, Sums(*values)) for minute, *values in rows]

    def machine_sums(self, machine: str, from_us: int, to_us: int) -> Sums:
        """Sums of one machine over the minutes of [from_us, to_us); without a row, all 0."""
        [row] = self.rows(
            f"SELECT {_SUMS} FROM minutes JOIN machines USING (machine_id)"
            " WHERE path = ? AND minute_us >= ? AND minute_us < ?",
            machine,
            from_us,
            to_us,
        )
        return Sums() if row[0] is None else Sums(*row)

    def intervals(self, machine: str, from_us: int, to_us: int) -> list[Interval]:
        """A machine's intervals that overlap [from_us, to_us), oldest first, not clipped."""
        rows = self.rows(
            # Intervals never overlap: none that began before the last one by then reaches into the span.
            "SELECT start_us, end_us, category, state, reason, stop_us FROM machines m CROSS JOIN intervals i"
            " ON i.machine_id = m.machine_id AND start_us >= COALESCE((SELECT MAX(start_us) FROM intervals"
            " WHERE machine_id = m.machine_id AND start_us <= ?2), 0)"
            " WHERE path = ?1 AND end_us > ?2 AND start_us < ?3 ORDER BY start_us",
            machine,
            from_us,
            to_us,
        )
        return [
            Interval(machine, start, end, Category(category), state, reason, stop)
            for start, end, category, state, reason, stop in rows
        ]

    def intervals_back(self, machine: str, before_us: int) -> Iterator[Interval]:
        """A machine's intervals that end by ``before_us``, newest first, read as far as they are taken."""
        return self._walk(machine, "start_us < ?1 AND end_us <= ?1 ORDER BY start_us DESC", before_us)

    def intervals_on(self, machine: str, from_us: int) -> Iterator[Interval]:
        """A machine's intervals that start from ``from_us`` on, oldest first, read as far as they are taken."""
        return self._walk(machine, "start_us >= ?1 ORDER BY start_us", from_us)

    def _walk(self, machine: str, where: str, edge_us: int) -> Iterator[Interval]:
        sql = (
            "SELECT start_us, end_us, category, state, reason, stop_us FROM intervals"
            f" WHERE machine_id = (SELECT machine_id FROM machines WHERE path = ?2) AND {where}"
        )
        with closing(self._connection.cursor()) as cursor:
            try:
                for start, end, category, state, reason, stop in cursor.execute(sql, (edge_us, machine)):
                    yield Interval(machine, start, end, Category(category), state, reason, stop)
            except sqlite3.DatabaseError as error:
                raise self._unreadable(error) from error

    def stop_times(self, line: str, from_us: int, to_us: int) -> list[tuple[str, Category, str, int, int]]:
        """(machine path, category, reason, µs in [from_us, to_us), number of stops) of all but execute and planned."""
        rows = self.rows(
            "SELECT path, category, reason, SUM(MIN(end_us, ?2) - MAX(start_us, ?1)), COUNT(DISTINCT stop_us)"
            " FROM intervals JOIN machines USING (machine_id) WHERE line_path = ?3 AND end_us > ?1 AND start_us < ?2"
            " AND category NOT IN ('execute', 'planned') GROUP BY path, category, reason ORDER BY 4 DESC",
            from_us,
            to_us,
            line,
        )
        return [(path, Category(category), reason, us, stops) for path, category, reason, us, stops in rows]

    def current(self, line: str) -> dict[str, Current]:
        """Machine path → what it last said."""
        rows = self.rows(
            f"SELECT m.path, {_CURRENT} FROM current_state c JOIN machines m USING (machine_id) WHERE m.line_path = ?",
            line,
        )
        return {row[0]: Current(*row) for row in rows}

    def health(self) -> list[Health]:
        """What the wire did, by path."""
        return [Health(*row) for row in self.rows(f"SELECT path, {_HEALTH} FROM health ORDER BY path")]

    def quarantine_reasons(self) -> dict[str, int]:
        """Reason → how many of the records kept in quarantine it has, the most frequent first."""
        return dict(self.rows("SELECT reason, COUNT(*) FROM quarantine GROUP BY reason ORDER BY 2 DESC, 1"))

    def delays(self) -> dict[str, int]:
        """Path → how long (µs) after their own time its newest messages arrived; empty where all came from files."""
        return dict(self.rows("SELECT path, delay_us FROM delays"))

    def quarantine(self, limit: int) -> list[Quarantined]:
        """The newest ``limit`` quarantined records."""
        rows = self.rows(
            "SELECT received_us, topic, reason, detail FROM quarantine ORDER BY quarantine_id DESC LIMIT ?", limit
        )
        return [Quarantined(*row) for row in rows]


def decoded(cls: type[_Event], kind: Kind, payload: bytes) -> _Event:
    """What the store kept of one event, as the event again."""
    fact = codec.decode(kind, payload)[0]
    assert isinstance(fact, cls)
    return fact


def short(path: str) -> str:
    """Last segment of a path: what people call the machine or line."""
    parts = topics.address(path)
    return parts.machine or parts.line
