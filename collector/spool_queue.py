"""The sender's side of the spool: what waits, oldest first; taken away only when it is told that it arrived.

A connection of its own, for the thread that made it. It writes a few rows at a time and waits for no disk (what is lost
with the power is only that something arrived: it is sent again), so the journal hardly ever waits for it.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from collector import spool_history
from contract.errors import StoreError
from contract.spool import REFUSED_LIMIT, ROW_TABLES, SpoolEntry, SpoolKind, sent_key

#: While more waits than one batch, each also takes this many of the newest states: what is now is seen at once.
PRESENT = 200
_STATUS, _REFUSED = "spool_status", "spool_refused"
_SET = "INSERT OR REPLACE INTO meta VALUES (?, ?)"
#: But where the journal meanwhile wants some again.
_SENT = "UPDATE meta SET value = ? WHERE key = ? AND value = ?"
_DELETE_LIMIT = 2_000


class Refusal(Struct, frozen=True):
    """A line that the database will never take, and what it said."""

    bucket: str
    line: bytes
    reason: str


class SenderStatus(Struct, frozen=True):
    """How sending goes, as other programs read it from the store. ``trouble`` is empty while all is well."""

    url: str
    trouble: str
    since_us: int


class SpoolQueue:
    """What waits in the store at ``path``. Every method raises :class:`StoreError` where the store does not answer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._db = sqlite3.connect(path, timeout=5, isolation_level=None)
            self._db.execute("PRAGMA synchronous=NORMAL")
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def take(self, keys: int, rows: int, after: Sequence[SpoolEntry] = ()) -> list[SpoolEntry]:
        """The oldest ``keys`` entries, and ranges of up to ``rows`` rows of each table that is sent by rows.

        Where there are fewer, history that was never sent is put behind them.
        ``after``: what was taken last and is not done yet; what comes next is taken.
        """
        columns = "SELECT id, kind, path, at_us FROM spool"
        oldest = [entry.id for entry in after if entry.id][:keys]
        sent = {entry.kind: entry.to_row for entry in after if not entry.id}
        try:
            first = (oldest[-1] if oldest else 0, keys)
            asked = f"{columns} WHERE id > ? ORDER BY id LIMIT ?"
            while len(found := self._db.execute(asked, first).fetchall()) < keys and self._put_history():
                pass
            if len(found) == keys:
                newest = f"{columns} WHERE id > ? AND kind = ? ORDER BY id DESC LIMIT ?"
                found += self._db.execute(newest, (found[-1][0], SpoolKind.STATE.value, PRESENT)).fetchall()
            entries = [SpoolEntry(id_, SpoolKind(kind), path, at_us) for id_, kind, path, at_us in found]
            return entries + [
                entry for table in ROW_TABLES for entry in self._rows(table, rows, sent.get(ROW_TABLES[table]))
            ]
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def done(self, entries: Sequence[SpoolEntry], refused: Iterable[Refusal] = (), now_us: int = 0) -> None:
        """They arrived, but for what is ``refused``: that is kept apart, with the reason."""
        tables = {kind: table for table, kind in ROW_TABLES.items()}
        ids = [entry.id for entry in entries if entry.kind not in tables]
        sent = [(str(entry.to_row), sent_key(tables[entry.kind]), str(entry.at_us)) for entry in entries
                if entry.kind in tables]  # fmt: skip
        letters = [(now_us, one.bucket, one.reason, one.line) for one in refused]
        try:
            # First, so that a crash between makes two of one refusal rather than none.
            if letters:
                self._refuse(letters)
            # The journal waits while this writes: so little at a time.
            for start in range(0, len(ids), _DELETE_LIMIT):
                self._write("DELETE FROM spool WHERE id = ?", [(each,) for each in ids[start : start + _DELETE_LIMIT]])
            self._write(_SENT, sent)
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def waiting(self) -> int:
        """How many entries and rows wait; of a past that was never sent, about how many."""
        try:
            (count,) = self._db.execute("SELECT COUNT(*) FROM spool").fetchone()
            count += spool_history.left(self._db)
            return int(count) + sum(each.to_row - each.at_us for table in ROW_TABLES for each in self._rows(table))
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def refused(self) -> int:
        """How many lines the database refused since the spool began."""
        return int(self._meta(_REFUSED, "0"))

    def newest_refusal(self) -> Refusal | None:
        """The line that was refused last."""
        sql = "SELECT bucket, line, reason FROM refused ORDER BY refused_id DESC LIMIT 1"
        row = self._one(sql)
        return None if row is None else Refusal(*row)

    def status(self) -> SenderStatus | None:
        """What the sender said last, if it ever did."""
        text = self._meta(_STATUS, "")
        return msgspec.json.decode(text, type=SenderStatus) if text else None

    def tell(self, status: SenderStatus) -> None:
        """Leave word of how sending goes."""
        try:
            self._write(_SET, [(_STATUS, msgspec.json.encode(status).decode())])
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def _put_history(self) -> bool:
        self._db.execute("BEGIN IMMEDIATE")
        with self._db:
            return spool_history.put_next(self._db)

    def _rows(self, table: str, limit: int | None = None, sent: int | None = None) -> list[SpoolEntry]:
        (last,) = self._db.execute(f"SELECT MAX(rowid) FROM {table}").fetchone()
        sent = int(self._meta(sent_key(table), "0")) if sent is None else sent
        if last is None or last <= sent:
            return []
        to_row = last if limit is None else min(last, sent + limit)
        return [SpoolEntry(0, ROW_TABLES[table], "", sent, to_row)]

    def _refuse(self, letters: list[tuple[int, str, str, bytes]]) -> None:
        count = self.refused() + len(letters)
        self._db.execute("BEGIN IMMEDIATE")
        with self._db:
            many = "INSERT INTO refused (refused_us, bucket, reason, line) VALUES (?, ?, ?, ?)"
            self._db.executemany(many, letters)
            sql = "DELETE FROM refused WHERE refused_id <= (SELECT MAX(refused_id) FROM refused) - ?"
            self._db.execute(sql, (REFUSED_LIMIT,))
            self._db.execute(_SET, (_REFUSED, str(count)))

    def _write(self, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
        if rows:
            self._db.execute("BEGIN IMMEDIATE")
            with self._db:
                self._db.executemany(sql, rows)

    def _meta(self, key: str, default: str) -> str:
        row = self._one("SELECT value FROM meta WHERE key = ?", key)
        return default if row is None else str(row[0])

    def _one(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        try:
            with closing(self._db.execute(sql, values)) as cursor:
                row: tuple[Any, ...] | None = cursor.fetchone()
                return row
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def _trouble(self, error: sqlite3.Error) -> StoreError:
        return StoreError(f"{self._path}: what waits to be sent cannot be read or written ({error})")
