"""The next batch is read while the one before is written: a thread that reads, never more than one batch ahead."""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from pathlib import Path
from queue import SimpleQueue

from msgspec import Struct

from collector.spool_queue import SpoolQueue
from contract.spool import SpoolEntry

#: Entries, and rows of each table that is sent by rows, that one batch has at most.
KEYS, ROWS = 10_000, 10_000

#: What waits → bucket suffix → lines of line protocol with µs.
Reader = Callable[[Sequence[SpoolEntry]], dict[str, list[bytes]]]


class Batch(Struct, frozen=True):
    """Entries and what they were read as."""

    entries: list[SpoolEntry]
    points: dict[str, list[bytes]]

    @property
    def is_full(self) -> bool:
        """Whether more waits, as far as one can tell."""
        return len(self.entries) >= KEYS or any(each.to_row - each.at_us >= ROWS for each in self.entries)


class Ahead:
    """Reads what waits in ``store``, in a thread and with connections of its own, for one that asks."""

    def __init__(self, store: Path, open_reader: Callable[[], AbstractContextManager[Reader]]) -> None:
        self._store, self._open_reader = store, open_reader
        self._asked: SimpleQueue[Sequence[SpoolEntry] | None] = SimpleQueue()
        self._answers: SimpleQueue[Batch | Exception] = SimpleQueue()
        self._is_asked = False
        threading.Thread(target=self._work, name="influx-reader", daemon=True).start()

    def ask(self, after: Sequence[SpoolEntry] = ()) -> None:
        """Begin to read what comes ``after`` those entries, which are not taken away yet."""
        if self._is_asked:
            self._answers.get()
        self._is_asked = True
        self._asked.put(after)

    def answer(self) -> Batch:
        """What was asked for last. Raises what reading it raised."""
        self._is_asked = False
        found = self._answers.get()
        if isinstance(found, Exception):
            raise found
        return found

    def close(self) -> None:
        """Nothing more is asked."""
        self._asked.put(None)

    def _work(self) -> None:
        try:
            with closing(SpoolQueue(self._store)) as queue, self._open_reader() as read:
                while (after := self._asked.get()) is not None:
                    self._answers.put(self._read(queue, read, after))
        except Exception as error:  # noqa: BLE001 - raised to whoever asks
            while self._asked.get() is not None:
                self._answers.put(error)

    def _read(self, queue: SpoolQueue, read: Reader, after: Sequence[SpoolEntry]) -> Batch | Exception:
        try:
            entries = queue.take(KEYS, ROWS, after)
            return Batch(entries, read(entries) if entries else {})
        except Exception as error:  # noqa: BLE001 - raised to whoever asked
            return error
