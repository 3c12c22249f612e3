"""The store's one writer: every commit is one transaction of rows, facts and the ledgers' own state.

So a crash at any moment leaves a store from which the collector goes on exactly: what is in it is all there, and
whatever is not was never acknowledged.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from msgspec import Struct

from collector.changes import Changes
from collector.journal_rows import insert, writes_of_lines, writes_of_machines
from collector.journal_spool import SpoolWriter, drop, prepare
from collector.lockfile import LockFile
from contract import series
from contract.errors import StoreError
from contract.spool import SCHEMA as SPOOL_SCHEMA

#: Quarantine records kept, newest first to stay.
QUARANTINE_LIMIT = 10_000

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=OFF")

_MINUTES = insert("minutes", ("machine_id", "minute_us", *series.SUM_COLUMNS))
_INTERVALS = insert("intervals", series.INTERVAL_COLUMNS)
_CURRENT = insert("current_state", series.CURRENT_COLUMNS)
_HEALTH = insert("health", ("path", *series.HEALTH_COLUMNS))
_LEDGER = insert("ledger", ("path", "state"))
_FACTS = insert("facts", ("path", "kind", "ts_us", "payload"))
_DELAYS = insert("delays", ("path", "delay_us"))
_ORDERS = insert("orders", ("line_path", "started_us", "payload"))
_WINDOWS = insert("windows", ("line_path", "start_us", "end_us", "kind", "name_en", "name_vi"))
_QUARANTINE = insert("quarantine", ("received_us", "topic", "reason", "detail", "payload"))
_DROP_PARENT = "DELETE FROM parents WHERE parent = ? AND unit = ?"


class Keep(Struct, frozen=True):
    """How many of the rows that come without end a store keeps; the oldest go first."""

    units: int = series.UNITS_LIMIT
    measurements: int = series.VALUES_LIMIT
    commands: int = series.LOG_LIMIT


class Journal:
    """An open store. One at a time, in one process; use it from one thread at a time."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, lock: LockFile, keep: Keep, *, spool: bool = False
    ) -> None:
        self._path, self._connection, self._lock, self._keep = path, connection, lock, keep
        self._spool = SpoolWriter(connection) if spool else None
        self._ids: dict[str, int] = dict(connection.execute("SELECT path, machine_id FROM machines"))

    @classmethod
    def open(cls, path: Path, keep: Keep | None = None, *, spool: bool = False) -> Self:
        """Open or create the store at ``path``. Raises :class:`StoreError` saying what is wrong and how to mend it.

        With ``spool`` every commit also notes which rows it changed, for a sender; where that is new, all there is
        waits to be sent. Without, nothing waits any more.
        """
        lock = _lock(path)
        connection = None
        try:
            connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            _prepare(path, connection, is_spooled=spool)
            return cls(path, connection, lock, keep or Keep(), spool=spool)
        except (sqlite3.Error, StoreError) as error:
            if connection is not None:
                connection.close()
            lock.release()
            raise error if isinstance(error, StoreError) else _refusal(path, error) from error

    def load(self) -> list[tuple[str, bytes]]:
        """The ledgers' states as of the last commit: path and bytes, for ``Intake``."""
        return self._connection.execute("SELECT path, state FROM ledger").fetchall()

    def commit(self, changes: Changes) -> None:
        """Write everything or nothing. Raises :class:`StoreError`; the same changes can then be committed again."""
        db = self._connection
        try:
            db.execute("BEGIN IMMEDIATE")
            try:
                self._write(changes)
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                self._ids = dict(db.execute("SELECT path, machine_id FROM machines"))
                if self._spool is not None:
                    self._spool.forget()
                raise
        except sqlite3.Error as error:
            raise StoreError(f"{self._path} could not be written: {error}. Is the disk full or read-only?") from error

    def close(self) -> None:
        """Close the store; what was committed is safe with or without this."""
        self._connection.close()
        self._lock.release()

    def _write(self, changes: Changes) -> None:
        many = self._connection.executemany
        machines = [(self._id(change.path, change.line_path), change) for change in changes.machines]
        if self._spool is not None:
            self._spool.note(changes, machines)
        rows = [(machine_id, change.rows) for machine_id, change in machines]
        many(_MINUTES, ((machine_id, *minute) for machine_id, each in rows for minute in each.minutes))
        many(_INTERVALS, ((machine_id, *interval) for machine_id, each in rows for interval in each.intervals))
        many(_CURRENT, ((machine_id, *each.current) for machine_id, each in rows if each.current))
        many(_HEALTH, ((change.path, *change.rows.health) for change in changes.machines))
        many(_HEALTH, ((line.path, *line.health) for line in changes.lines))
        many(_LEDGER, ((machine.path, machine.state) for machine in changes.machines))
        many(_LEDGER, ((line.path, line.state) for line in changes.lines))
        many(_DELAYS, changes.delays)
        many(_ORDERS, ((order.path, order.ts_us, order.payload) for order in changes.orders))
        many(_FACTS, ((fact.path, fact.kind, fact.ts_us, fact.payload) for fact in changes.facts))
        for statement, values in (*writes_of_machines(rows), *writes_of_lines(changes)):
            many(statement, values)
        self._write_windows(changes)
        self._write_quarantine(changes)
        if changes.commands:
            self._trim("commands", self._keep.commands)
        if any(each.told for _, each in rows):
            self._trim("measurements", self._keep.measurements)
            self._trim_units()

    def _write_windows(self, changes: Changes) -> None:
        for line in changes.lines:
            for windows in line.windows:
                self._connection.execute(
                    "DELETE FROM windows WHERE line_path = ? AND start_us >= ? AND start_us < ?",
                    (line.path, windows.from_us, windows.to_us),
                )
                self._connection.executemany(_WINDOWS, ((line.path, *row) for row in windows.rows))

    def _write_quarantine(self, changes: Changes) -> None:
        if changes.quarantine:
            records = ((q.received_us, q.topic, q.reason, q.detail, q.payload) for q in changes.quarantine)
            self._connection.executemany(_QUARANTINE, records)
            self._connection.execute(
                "DELETE FROM quarantine WHERE quarantine_id <= (SELECT max(quarantine_id) FROM quarantine) - ?",
                (QUARANTINE_LIMIT,),
            )

    def _trim(self, table: str, limit: int) -> None:
        self._connection.execute(f"DELETE FROM {table} WHERE rowid <= (SELECT max(rowid) FROM {table}) - ?", (limit,))

    def _trim_units(self) -> None:
        """The oldest units go, and with them who their parents were and which lots only they had."""
        (last,) = self._connection.execute("SELECT max(rowid) FROM units").fetchone()
        old = ((last or 0) - self._keep.units,)
        parents = self._connection.execute("SELECT unit, parents FROM units WHERE rowid <= ?", old).fetchall()
        if not parents:
            return
        lots = self._connection.execute(
            "SELECT DISTINCT lots_id FROM units WHERE rowid <= ? AND lots_id IS NOT NULL", old
        ).fetchall()
        many = self._connection.executemany
        self._connection.execute("DELETE FROM units WHERE rowid <= ?", old)
        many(_DROP_PARENT, ((one, unit) for unit, text in parents if text for one in text.split(" ")))
        for table in ("lot_set_members", "lot_sets"):
            many(
                f"DELETE FROM {table} WHERE lots_id = ?1 AND NOT EXISTS (SELECT 1 FROM units WHERE lots_id = ?1)", lots
            )

    def _id(self, path: str, line_path: str) -> int:
        known = self._ids.get(path)
        if known is None:
            sql = "INSERT INTO machines (path, line_path) VALUES (?, ?) RETURNING machine_id"
            (known,) = self._connection.execute(sql, (path, line_path)).fetchone()
            self._ids[path] = known
        return known


def _lock(path: Path) -> LockFile:
    try:
        if path.is_dir():
            raise StoreError(f"{path} is a directory: give the name of a file, such as {path / 'mes.db'}")
        return LockFile(path.with_name(path.name + ".lock"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise StoreError(f"{path.parent} is no directory: create it first, or choose another place") from error
    except PermissionError as error:
        raise StoreError(f"{path.parent} cannot be written: choose another place or mend its permissions") from error
    except BlockingIOError as error:
        raise StoreError(f"{path} is in use by another collector: stop that one, or use another store") from error
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {error}") from error


def _prepare(path: Path, db: sqlite3.Connection, *, is_spooled: bool) -> None:
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if tables and "meta" not in tables:
        raise StoreError(f"{path} is a database of another program: choose another file")
    if tables:
        _check_version(path, db)
    for pragma in _PRAGMAS:
        db.execute(f"PRAGMA {pragma}")
    db.execute("BEGIN IMMEDIATE")
    for statement in _statements(series.SCHEMA):
        db.execute(statement)
    db.execute("INSERT OR IGNORE INTO meta VALUES ('schema_version', ?)", (str(series.STORE_VERSION),))
    if is_spooled:
        prepare(db, _statements(SPOOL_SCHEMA))
    else:
        drop(db)
    db.execute("COMMIT")


def _check_version(path: Path, db: sqlite3.Connection) -> None:
    row = db.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    version = int(row[0]) if row and str(row[0]).isdigit() else 0
    if version == series.STORE_VERSION:
        return
    mend = "update this program" if version > series.STORE_VERSION else "replay its event file into a new store"
    raise StoreError(
        f"{path} has store version {version}, this program writes {series.STORE_VERSION}: {mend}, or use another store"
    )


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: ``executescript`` would commit the transaction they stand in."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _refusal(path: Path, error: sqlite3.Error) -> StoreError:
    text = str(error)
    if "not a database" in text or "malformed" in text:
        return StoreError(f"{path} is not a store (or is damaged): choose another file")
    if "locked" in text:
        return StoreError(f"{path} is locked by another program: close it and try again")
    if "readonly" in text or "unable to open" in text:
        return StoreError(f"{path} cannot be written: choose another place or mend its permissions")
    return StoreError(f"{path} cannot be opened: {text}")
