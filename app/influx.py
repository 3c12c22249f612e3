"""Sending to InfluxDB beside whatever fills a store: ``collect``, ``demo`` and ``replay`` share it.

checked(settings) ─▶ Journal.open(spool=True) ─▶ with sending(…): fill the store ─▶ the rest is sent, or waits in it
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from answers.points import batch
from answers.store import Store
from app.influx_setup import set_up
from app.progress import console, progress
from collector.influx import Sender
from collector.influx_ahead import Reader
from collector.influx_client import InfluxSettings
from collector.spool_queue import SpoolQueue
from contract.errors import InfluxError, StoreError
from contract.spool import SpoolEntry

_LOOK_S = 0.2
#: How long a replay waits for a database that does not take anything.
_PATIENCE_S = 30.0


def checked(settings: InfluxSettings | None, *, must_answer: bool = False) -> InfluxSettings | None:
    """The same settings, once the database was asked; what was found is said.

    Raises :class:`InfluxError` where they are wrong; one that does not answer now only for ``must_answer``.
    """
    if settings is None:
        return None
    found = set_up(settings, time.time_ns() // 1000)
    if found.version:
        console.print(f"sending to {found.said}", markup=False)
    elif must_answer:
        raise InfluxError(found.said)
    else:
        console.print(f"{found.said}; until then everything waits in the store", markup=False)
    return settings


@contextmanager
def sending(settings: InfluxSettings | None, store: Path, *, is_kept: bool = True) -> Iterator[Sender | None]:
    """A sender of the open ``store`` at work while inside; none where nothing is to be sent.

    ``is_kept``: the store stays, and with it what was not sent.
    """
    if settings is None:
        yield None
        return
    sender = Sender(settings, store, lambda: _reader(store))
    sender.start()
    try:
        yield sender
    finally:
        sender.stop()
        _say_what_waits(settings, sender, store, is_kept=is_kept)


def _say_what_waits(settings: InfluxSettings, sender: Sender, store: Path, *, is_kept: bool) -> None:
    # Asked of the store: a sender that waits for an answer has not counted for a while.
    with suppress(StoreError), closing(SpoolQueue(store)) as queue:
        if waiting := queue.waiting():
            why = sender.stats.trouble or f"InfluxDB at {settings.url} is slow to answer"
            where = f"they wait in {store}, the next start sends them" if is_kept else "they go with the demo's store"
            console.print(f"{waiting} changes were not sent ({why}): {where}", markup=False, soft_wrap=True)


def send_all(sender: Sender, store: Path) -> None:
    """Wait until nothing waits. Raises :class:`InfluxError` when the database takes nothing for long."""
    with closing(SpoolQueue(store)) as queue, progress("sending to InfluxDB") as say:
        whole = max(1, queue.waiting())
        moved_s, before = time.monotonic(), whole
        while waiting := queue.waiting():
            if sender.failure is not None:
                raise sender.failure
            if waiting < before:
                moved_s, before = time.monotonic(), waiting
            if time.monotonic() - moved_s > _PATIENCE_S:
                reason = sender.stats.trouble or "InfluxDB takes nothing"
                raise InfluxError(f"{reason}. {waiting} changes wait in {store}: the same command sends them later")
            say(1 - waiting / whole if waiting < whole else 0.0)
            time.sleep(_LOOK_S)


@contextmanager
def _reader(path: Path) -> Iterator[Reader]:
    with Store.open(path) as store:
        yield _read_with(store)


def _read_with(store: Store) -> Callable[[Sequence[SpoolEntry]], dict[str, list[bytes]]]:
    return lambda entries: batch(store, entries)
