"""The store's one writer: every commit is one transaction of rows, facts and the ledgers' own state.

So a crash at any moment leaves a store from which the collector goes on exactly: what is in it is all there, and
whatever is not was never acknowledged.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from collector.changes import Changes
from collector.lockfile import LockFile
from contract import series
from contract.errors import StoreError

#: Quarantine records kept, newest first to stay.
QUARANTINE_LIMIT = 10_000

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=OFF")


def _insert(table: str, columns: Iterable[str]) -> str:
    names = tuple(columns)
    marks = ", ".join("?" * len(names))
    return f"INSERT OR REPLACE INTO {table} ({', '.join(names)}) VALUES ({marks})"


_MINUTES = _insert("minutes", ("machine_id", "minute_us", *series.SUM_COLUMNS))
_INTERVALS = _insert("intervals", series.INTERVAL_COLUMNS)
_CURRENT = _insert("current_state", series.CURRENT_COLUMNS)
_HEALTH = _insert("health", ("path", *series.HEALTH_COLUMNS))
_LEDGER = _insert("ledger", ("path", "state"))
_FACTS = _insert("facts", ("path", "kind", "ts_us", "payload"))
_DELAYS = _insert("delays", ("path", "delay_us"))
_ORDERS = _insert("orders", ("line_path", "started_us", "payload"))
_WINDOWS = _insert("windows", ("line_path", "start_us", "end_us", "kind", "name_en", "name_vi"))
_QUARANTINE = _insert("quarantine", ("received_us", "topic", "reason", "detail", "payload"))


class Journal:
    """An open store. One at a time, in one process; use it from one thread at a time."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: LockFile) -> None:
        self._path, self._connection, self._lock = path, connection, lock
        self._ids: dict[str, int] = dict(connection.execute("SELECT path, machine_id FROM machines"))

    @classmethod
    def open(cls, path: Path) -> "Journal":
        """Open or create the store at ``path``. Raises :class:`StoreError` saying what is wrong and how to mend it."""
        lock = _lock(path)
        connection = None
        try:
            connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            _prepare(path, connection)
            return cls(path, connection, lock)
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
        self._write_windows(changes)
        self._write_quarantine(changes)

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

    def _id(self, path: str, line_path: str) -> int:
        known = self._ids.get(path)
        if known is None:
            sql = "INSERT INTO machines (path, line_path) VALUES (?, ?) RETURNING machine_id"
            (known,) = self._connection.execute(sql, (path, line_path)).fetchone()
            self._ids[path] = known
        return known


def _lock(path: Path) -> LockFile:
    if path.is_dir():
        raise StoreError(f"{path} is a directory: give the name of a file, such as {path / 'mes.db'}")
    lock_path = path.with_name(path.name + ".lock")
    try:
        return LockFile(lock_path)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise StoreError(f"{path.parent} is no directory: create it first, or choose another place") from error
    except PermissionError as error:
        raise StoreError(f"{path.parent} cannot be written: choose another place or mend its permissions") from error
    except BlockingIOError as error:
        raise StoreError(f"{path} is in use by another collector: stop that one, or use another store") from error
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {error}") from error


def _prepare(path: Path, db: sqlite3.Connection) -> None:
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
    db.execute("COMMIT")


def _check_version(path: Path, db: sqlite3.Connection) -> None:
    row = db.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    version = row[0] if row else "none"
    if version != str(series.STORE_VERSION):
        mend = "update this program, or use another store"
        raise StoreError(f"{path} has store version {version}, this program reads {series.STORE_VERSION}: {mend}")


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
