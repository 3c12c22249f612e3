"""A store's file, opened to read: also where we may not write beside it, such as a read-only disk or volume."""

import sqlite3
from pathlib import Path

from contract.errors import NoStore, OtherVersion, StoreError
from contract.series import STORE_VERSION

#: Nobody who writes the store keeps a reader waiting; who locks all of it is not waited for long.
_PATIENCE_S = 1
#: The bits of SQLite's extended error codes that say which error it is of.
_PRIMARY = 0xFF
_NOT_LET_IN = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM})


def connect(path: Path) -> tuple[sqlite3.Connection, bool]:
    """A connection that only reads, and whether to a store at rest: right until it :func:`has_log`.

    Raises :class:`NoStore` where there is none, and :class:`StoreError` for one that is not of this version, that
    somebody locks, that this user may not read or that is something else, saying how to mend it.
    """
    _require_file(path)
    try:
        connection, at_rest = _connected(path)
        try:
            _require_version(path, connection)
        except BaseException:
            connection.close()
            raise
    except (sqlite3.DatabaseError, ValueError) as error:
        raise _refusal(path, error) from error
    return connection, at_rest


def has_log(path: Path) -> bool:
    """Whether somebody writes the store at ``path``, or was stopped while at it."""
    return path.with_name(f"{path.name}-wal").exists()


def _require_file(path: Path) -> None:
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
    except PermissionError as error:
        raise _not_let_in(path, error.strerror) from error
    if is_folder:
        raise NoStore(f"{path} is a directory: give the name of a file, such as {path / 'mes.db'}")
    if not is_file:
        raise NoStore(f"there is no store at {path}: make one with `mes replay` or `mes collect`")


def _connected(path: Path) -> tuple[sqlite3.Connection, bool]:
    """SQLite wants its -shm file beside a store, which whoever writes has made.

    Where there is none, nor a log, nobody has the store open, so it can be read as it lies.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, timeout=_PATIENCE_S)
    try:
        connection.execute("PRAGMA schema_version")
    except sqlite3.DatabaseError as error:
        connection.close()
        if not _is_kept_from_us(error) or has_log(path):
            raise
        return sqlite3.connect(f"{uri}&immutable=1", uri=True, timeout=_PATIENCE_S), True
    return connection, False


def _require_version(path: Path, connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only = 1")
    row = connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    version = int(row[0]) if row else 0
    if version > STORE_VERSION:
        raise OtherVersion(
            f"{path} was written by a newer version (store version {version}, this program reads up to "
            f"{STORE_VERSION}): upgrade this program, or replay the event file into a new store",
            is_older=False,
        )
    if version < STORE_VERSION:
        raise OtherVersion(
            f"{path} was written by an older version (store version {version}, this program reads {STORE_VERSION}): "
            "replay the event file into a new store, or collect into one",
            is_older=True,
        )


def _refusal(path: Path, error: sqlite3.DatabaseError | ValueError) -> StoreError:
    if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
        return StoreError(f"{path} is locked by another program: end it, or try again later")
    if isinstance(error, sqlite3.DatabaseError) and _is_kept_from_us(error):
        return _not_let_in(path, error)
    return StoreError(f"{path} is not a store of this program ({error}): name another file")


def _is_kept_from_us(error: sqlite3.DatabaseError) -> bool:
    return error.sqlite_errorcode & _PRIMARY in _NOT_LET_IN


def _not_let_in(path: Path, why: object) -> StoreError:
    return StoreError(f"{path} cannot be opened ({why}): let this user read it and look into its folder")
