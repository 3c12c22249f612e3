"""A store's file, connected to read: also where we may not write beside it, such as a read-only disk or volume."""

import sqlite3
from pathlib import Path

#: Nobody who writes the store keeps a reader waiting; who locks all of it is not waited for long.
_PATIENCE_S = 1


def connect(path: Path) -> tuple[sqlite3.Connection, bool]:
    """A connection that only reads, and whether to a store at rest: right until it :func:`has_log`.

    SQLite wants its -shm file beside a store, which whoever writes has made. Where there is none, nor a log, nobody
    has the store open, so it can be read as it lies. Raises ``sqlite3.DatabaseError``.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, timeout=_PATIENCE_S)
    try:
        connection.execute("PRAGMA schema_version")
    except sqlite3.DatabaseError as error:
        connection.close()
        if error.sqlite_errorcode != sqlite3.SQLITE_CANTOPEN or has_log(path):
            raise
        return sqlite3.connect(f"{uri}&immutable=1", uri=True, timeout=_PATIENCE_S), True
    return connection, False


def has_log(path: Path) -> bool:
    """Whether somebody writes the store at ``path``, or was stopped while at it."""
    return path.with_name(f"{path.name}-wal").exists()
