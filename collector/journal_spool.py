"""Which rows a commit changed, as keys of the table ``spool``, written in the commit's own transaction.

Cheap, because it knows from the changes alone what changed: of a machine's stop that is not over only its pieces are
remembered, and where its active period began. Both are read from the store again after a restart or a failed commit.
"""

import sqlite3
from collections.abc import Iterable, Iterator

from msgspec import Struct, structs

from collector import spool_history
from collector.changes import Changes, MachineChange
from contract import spool
from contract.codec import decode
from contract.events import AlarmChanged, MachineDescribed
from contract.instants import DAY_US, HOUR_US, LATEST_US, MINUTE_US, floor_minute
from contract.points import POINTS_VERSION
from contract.series import CURRENT_COLUMNS
from contract.spool import SpoolKind
from contract.states import Category
from contract.topics import Kind

_Key = tuple[str, str, int]
_PUT = "INSERT OR REPLACE INTO spool (kind, path, at_us) VALUES (?, ?, ?)"
_EXECUTE = Category.EXECUTE.value
_INACTIVE = {Category.STARVED.value, Category.BLOCKED.value, Category.WAITING.value, Category.PLANNED.value}
#: Waiting for the repair is a part of the stop, for the station it is as active as during the stop itself.
_REPAIR = "waiting_maintenance"
#: An active period is followed back this far after a restart.
_BACK_US = DAY_US
_HOUR = f"minute_us - minute_us % {HOUR_US}"
_OF_LINE = (
    "FROM machines CROSS JOIN minutes USING (machine_id) WHERE line_path = ?1 AND minute_us >= ?2 AND minute_us < ?3"
)
_Kinds = tuple[tuple[SpoolKind, str], ...]
_OF_SUMS: _Kinds = ((SpoolKind.LINE_MINUTE, "minute_us"), (SpoolKind.LINE_HOUR, _HOUR))
#: What a line's stations are decides too which of them can be its bottleneck.
_OF_STATIONS: _Kinds = (
    *_OF_SUMS,
    (SpoolKind.BOTTLENECK_MINUTE, "minute_us"),
    (SpoolKind.BOTTLENECK_HOUR, _HOUR),
)
_VERSION = "spool_points_version"
_IDEAL = CURRENT_COLUMNS.index("ideal_us") - 1
_last_stop = "(SELECT stop_us FROM intervals WHERE machine_id = i.machine_id ORDER BY start_us DESC LIMIT 1)"
# Its names for what it does stand in its states and stops, and whether it is off the flow in its minutes.
_of_machine = "machine_id = (SELECT machine_id FROM machines WHERE path = ?1)"
_OF_MACHINE = f"""
    INSERT OR REPLACE INTO spool (kind, path, at_us) SELECT kind, ?1, at_us FROM (
        SELECT '{SpoolKind.MACHINE_MINUTE}' AS kind, minute_us AS at_us FROM minutes WHERE {_of_machine}
        UNION SELECT '{SpoolKind.MACHINE_HOUR}', {_HOUR} FROM minutes WHERE {_of_machine}
        UNION SELECT '{SpoolKind.STATE}', start_us FROM intervals i WHERE {_of_machine}
        UNION SELECT '{SpoolKind.DOWNTIME}', start_us FROM intervals i WHERE {_of_machine}
            AND category <> '{_EXECUTE}' AND stop_us <> {_last_stop}
    ) ORDER BY at_us
"""
# Its limits stand beside its values: from the first of them on, values are sent again; one less, so that the place is
# another one than that from which the sender is perhaps reading now.
_VALUES_AGAIN = f"""
    UPDATE meta SET value = CAST(min(CAST(value AS INTEGER), first.id - 1) - 1 AS TEXT)
    FROM (SELECT MIN(rowid) AS id FROM measurements WHERE {_of_machine}) first WHERE key = ?2 AND first.id IS NOT NULL
"""


def prepare(db: sqlite3.Connection, statements: Iterable[str]) -> None:
    """Inside a transaction: make the spool; where it is new, or its points are of an earlier kind, all waits."""
    known = db.execute("SELECT value FROM meta WHERE key = ?", (_VERSION,)).fetchone()
    if known == (str(POINTS_VERSION),):
        return
    for statement in statements:
        db.execute(statement)
    spool_history.begin(db)
    sent = ((spool.sent_key(table), "0") for table in spool.ROW_TABLES)
    db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", (*sent, (_VERSION, str(POINTS_VERSION))))


def drop(db: sqlite3.Connection) -> None:
    """Inside a transaction: nobody sends any more, so nothing waits; the next spool begins with everything."""
    if _has_spool(db):
        db.execute("DROP TABLE spool")
        db.execute("DELETE FROM meta WHERE key GLOB 'spool_*'")


def _has_spool(db: sqlite3.Connection) -> bool:
    return db.execute("SELECT 1 FROM sqlite_master WHERE name = 'spool'").fetchone() is not None


class _Open(Struct):
    """A machine's stop (or run) that is not over: its intervals by start; and its active period, if it is in one."""

    stop_us: int = -1
    pieces: dict[int, str] = {}
    end_us: int = -1
    active_us: int | None = None


class SpoolWriter:
    """Puts keys into the spool; one belongs to one journal."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._open: dict[int, _Open] = {}
        self._health: dict[str, tuple[int, ...]] = {}
        self._described: set[str] = set()
        self._ideals: dict[int, int | None] = {}

    def forget(self) -> None:
        """The transaction was taken back: what is remembered may not be so."""
        self._open.clear()
        self._health.clear()
        self._described.clear()
        self._ideals.clear()

    def note(self, changes: Changes, machines: list[tuple[int, MachineChange]]) -> None:
        """Put the keys of ``changes``. Inside the transaction, before any of their rows is written."""
        keys: dict[_Key, None] = {}
        minutes: dict[tuple[str, int], None] = {}
        for machine_id, change in machines:
            self._machine(keys, minutes, change)
            if change.rows.intervals:
                self._intervals(keys, machine_id, change)
        for line, minute_us in minutes:
            _both(keys, SpoolKind.LINE_MINUTE, SpoolKind.LINE_HOUR, line, minute_us)
            _both(keys, SpoolKind.BOTTLENECK_MINUTE, SpoolKind.BOTTLENECK_HOUR, line, minute_us)
        keys |= dict.fromkeys((SpoolKind.ORDER.value, each.path, each.ts_us) for each in changes.progress)
        keys |= dict.fromkeys((SpoolKind.COMMAND.value, each.path, each.ts_us) for each in changes.commands)
        self._db.executemany(_PUT, keys)
        self._line_facts(changes)
        for line in dict.fromkeys((*self._told_anew(changes), *self._seen_anew(machines))):
            self._again(line, 0, LATEST_US, _OF_STATIONS)

    def _machine(self, keys: dict[_Key, None], lines: dict[tuple[str, int], None], change: MachineChange) -> None:
        rows, path = change.rows, change.path
        for minute_us in dict.fromkeys(row[0] for table in (rows.minutes, rows.made, rows.defects) for row in table):
            _both(keys, SpoolKind.MACHINE_MINUTE, SpoolKind.MACHINE_HOUR, path, minute_us)
            lines[change.line_path, minute_us] = None
        for said in rows.told:
            if type(said) is AlarmChanged:
                keys[SpoolKind.ALARM.value, path, said.ts] = None
        if rows.current and self._health.get(path) != rows.health:
            self._health[path] = rows.health
            keys[SpoolKind.HEALTH.value, path, floor_minute(rows.current[0])] = None

    def _intervals(self, keys: dict[_Key, None], machine_id: int, change: MachineChange) -> None:
        path, now = change.path, self._open.get(machine_id)
        if now is None:
            now = self._open[machine_id] = self._load(machine_id)
        for start_us, end_us, category, _, reason, stop_us in change.rows.intervals:
            if now.pieces.get(start_us) != category:
                keys[SpoolKind.STATE.value, path, start_us] = None
            if now.pieces and start_us < min(now.pieces):
                continue
            if stop_us != now.stop_us:
                keys |= dict.fromkeys((SpoolKind.DOWNTIME.value, path, each) for each in _stops(now.pieces))
                now.stop_us, now.pieces = stop_us, {}
            if start_us not in now.pieces:
                self._activity(keys, change.line_path, now, start_us, is_active=_is_active(category, reason))
            now.pieces[start_us], now.end_us = category, end_us

    def _activity(self, keys: dict[_Key, None], line: str, now: _Open, start_us: int, *, is_active: bool) -> None:
        """A new interval; where it ends an active period, all minutes of that have their bottleneck anew.

        And those as far again on either side: a period that this one outgrew is shorter, overlaps it, and was perhaps
        the one that a third was shifting to.
        """
        if now.active_us is not None and (not is_active or start_us != now.end_us):
            length_us = now.end_us - now.active_us
            for minute_us in range(floor_minute(now.active_us - length_us), now.end_us + length_us, MINUTE_US):
                _both(keys, SpoolKind.BOTTLENECK_MINUTE, SpoolKind.BOTTLENECK_HOUR, line, minute_us)
            now.active_us = None
        if is_active and now.active_us is None:
            now.active_us = start_us

    def _load(self, machine_id: int) -> _Open:
        columns = "start_us, end_us, category, reason, stop_us"
        rows = self._db.execute(
            f"SELECT {columns} FROM intervals WHERE machine_id = ? ORDER BY start_us DESC", (machine_id,)
        )
        found = _Open()
        is_active = True
        for start_us, end_us, category, reason, stop_us in rows:
            if found.stop_us < 0:
                found.stop_us, found.end_us = stop_us, end_us
            goes_on = is_active and _is_active(category, reason) and found.active_us in (None, end_us)
            if stop_us == found.stop_us:
                found.pieces[start_us] = category
            elif not goes_on or start_us < found.end_us - _BACK_US:
                break
            is_active = goes_on
            if goes_on:
                found.active_us = start_us
        rows.close()
        return found

    def _line_facts(self, changes: Changes) -> None:
        """What a line's sums rest on besides its minutes; such a change reaches back over minutes sent already."""
        for order in changes.orders:
            sql = "SELECT MIN(started_us) FROM orders WHERE line_path = ? AND started_us > ?"
            (next_us,) = self._db.execute(sql, (order.path, order.ts_us)).fetchone()
            self._again(order.path, floor_minute(order.ts_us), next_us or LATEST_US)
        for line in changes.lines:
            for windows in line.windows:
                self._again(line.path, windows.from_us, windows.to_us)
                sql = f"SELECT ?4, path, minute_us {_OF_LINE}"
                values = (line.path, windows.from_us, windows.to_us, SpoolKind.MACHINE_MINUTE.value)
                self._db.execute(f"INSERT OR REPLACE INTO spool (kind, path, at_us) {sql}", values)
                sql = f"SELECT DISTINCT ?4, path, {_HOUR} {_OF_LINE}"
                self._db.execute(
                    f"INSERT OR REPLACE INTO spool (kind, path, at_us) {sql}",
                    (*values[:3], SpoolKind.MACHINE_HOUR.value),
                )

    def _told_anew(self, changes: Changes) -> Iterator[str]:
        """Lines of which a machine says that it is something else than before; what rests on its own words is put."""
        for fact in changes.facts:
            if fact.kind != Kind.INFO.value:
                continue
            sql = "SELECT payload FROM facts WHERE path = ? AND kind = ?"
            row = self._db.execute(sql, (fact.path, fact.kind)).fetchone()
            was, said = _timeless(row[0]) if row else None, _timeless(fact.payload)
            if _words(was) != _words(said):
                self._db.execute(_OF_MACHINE, (fact.path,))
            if said.values != (was.values if was else {}):
                self._db.execute(_VALUES_AGAIN, (fact.path, spool.sent_key("measurements")))
            if was != said:
                yield fact.path.rpartition("/")[0]

    def _seen_anew(self, machines: list[tuple[int, MachineChange]]) -> Iterator[str]:
        """Lines of which a machine that never said what it is appears, or goes by another ideal time."""
        for machine_id, change in machines:
            if change.rows.current and not self._is_described(change.path):
                ideal_us = change.rows.current[_IDEAL]
                if machine_id not in self._ideals:
                    sql = "SELECT ideal_us FROM current_state WHERE machine_id = ?"
                    row = self._db.execute(sql, (machine_id,)).fetchone()
                    self._ideals[machine_id] = row[0] if row else None
                if self._ideals[machine_id] != ideal_us:
                    self._ideals[machine_id] = ideal_us
                    yield change.line_path

    def _is_described(self, path: str) -> bool:
        if path not in self._described:
            sql = "SELECT 1 FROM facts WHERE path = ? AND kind = ?"
            if self._db.execute(sql, (path, Kind.INFO.value)).fetchone() is None:
                return False
            self._described.add(path)
        return True

    def _again(self, line: str, from_us: int, to_us: int, kinds: _Kinds = _OF_SUMS) -> None:
        for kind, at in kinds:
            sql = f"SELECT DISTINCT ?4, ?1, {at} {_OF_LINE}"
            values = (line, from_us, to_us, kind.value)
            self._db.execute(f"INSERT OR REPLACE INTO spool (kind, path, at_us) {sql}", values)


def _both(keys: dict[_Key, None], minute: SpoolKind, hour: SpoolKind, path: str, minute_us: int) -> None:
    keys[minute.value, path, minute_us] = None
    keys[hour.value, path, minute_us - minute_us % HOUR_US] = None


def _stops(pieces: dict[int, str]) -> Iterator[int]:
    return (start_us for start_us, category in pieces.items() if category != _EXECUTE)


def _is_active(category: str, reason: str) -> bool:
    return category not in _INACTIVE or (category == Category.WAITING.value and reason == _REPAIR)


def _words(said: MachineDescribed | None) -> tuple[object, ...]:
    return (said.off_flow, said.reasons) if said else (False, {})


def _timeless(payload: bytes) -> MachineDescribed:
    [described] = decode(Kind.INFO, payload)
    assert isinstance(described, MachineDescribed)
    return structs.replace(described, ts=0, seq=0, boot=0)
