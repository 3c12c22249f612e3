"""From the spool to InfluxDB: takes what waits, oldest first, and forgets it only once the database has it.

    journal ─▶ spool ─▶ take, read (influx_ahead.py) ─▶ write ─▶ 2xx ─▶ done
                 ▲                                         └─▶ later / held: wait, the same again (influx_policy.py)
                 └──── whatever happens before `done`, it still waits there

Threads of its own, with connections of their own: however slow the database is, the collector goes on, and no more than
two batches are in memory. Only what changes is logged, not every attempt.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, suppress
from pathlib import Path

from msgspec import Struct

from collector.influx_ahead import Ahead, Batch, Reader
from collector.influx_client import InfluxSettings, InfluxWriter, explain
from collector.influx_policy import BYTES_LIMIT, Delivery, Patience, Verdict
from collector.spool_queue import Refusal, SenderStatus, SpoolQueue
from contract.errors import StoreError

#: Between batches while little waits, so that a minute that grows is not sent with every part, s.
PAUSE_S = 1.0
#: How often the collector tells of itself, s.
TELL_S = 10.0
#: How long leaving may take: to send the rest, and in all, s.
FINISH_S, LEAVE_S = 1.5, 2.5
#: Once the database took a line of ours, a line that it refuses is to blame itself; for so long, s.
_TRUST_S = 5.0

_log = logging.getLogger(__name__)


class SenderStats(Struct, frozen=True):
    """How it goes: entries that wait; lines refused since the spool began, written since the start; what is wrong."""

    waiting: int
    refused: int
    written: int
    trouble: str
    since_us: int


class Sender:
    """Sends what the spool of ``store`` holds, between :meth:`start` and :meth:`stop`.

    ``open_reader`` is called in the sender's own thread. ``failure`` is set when a bug of ours ended the work.
    """

    def __init__(
        self, settings: InfluxSettings, store: Path, open_reader: Callable[[], AbstractContextManager[Reader]]
    ) -> None:
        self._settings, self._store, self._open_reader = settings, store, open_reader
        self._client = InfluxWriter(settings)
        self._stopping, self._finish_by_s = threading.Event(), 0.0
        self._next: Batch | None = None
        self._patience, self._bytes_limit, self._trusted_s = Patience(), BYTES_LIMIT, 0.0
        self._kind: tuple[Verdict, int | None] | None = None
        self._trouble, self._since_us = "", _now_us()
        self._short: set[str] = set()
        self._waiting = self._refused = self._written = 0
        self._counted_s = self._told_s = 0.0
        self._thread = threading.Thread(target=self._work, name="influx", daemon=True)
        self.failure: BaseException | None = None

    def start(self) -> None:
        """Go to work."""
        self._thread.start()

    def stop(self) -> None:
        """Send what waits if that is quick, then leave: within ``LEAVE_S``. What was not sent waits in the store."""
        self._finish_by_s = time.monotonic() + FINISH_S
        self._stopping.set()
        self._thread.join(LEAVE_S)

    @property
    def stats(self) -> SenderStats:
        """How it goes now."""
        return SenderStats(self._waiting, self._refused, self._written, self._trouble, self._since_us)

    def _work(self) -> None:
        try:
            with (
                closing(self._client),
                closing(SpoolQueue(self._store)) as queue,
                closing(Ahead(self._store, self._open_reader)) as ahead,
            ):
                self._tell(queue)
                while self._goes_on(queue):
                    self._try_round(queue, ahead)
                self._count(queue, 0)
        except Exception as error:  # noqa: BLE001 - kept in ``failure``, and shown, for whoever runs us
            _log.exception("the sender stops: this is a bug. The collector goes on, and what is not sent waits")
            self.failure, self._trouble = error, f"the sender failed: {error!r}"

    def _goes_on(self, queue: SpoolQueue) -> bool:
        if not self._stopping.is_set():
            return True
        if time.monotonic() > self._finish_by_s or self._trouble:
            return False
        # What was committed last of all waits too.
        self._count(queue, 0)
        return self._waiting > 0

    def _try_round(self, queue: SpoolQueue, ahead: Ahead) -> None:
        try:
            is_more = self._round(queue, ahead)
        except StoreError as error:
            self._is_wrong(queue, (Verdict.LATER, -1), str(error))
            is_more = False
        if not is_more:
            self._stopping.wait(PAUSE_S)

    def _round(self, queue: SpoolQueue, ahead: Ahead) -> bool:
        """One batch; whether more waits already."""
        self._tell_of_itself(queue)
        batch, self._next = self._next, None
        if batch is None:
            ahead.ask()
            batch = ahead.answer()
        if batch.is_full:
            ahead.ask(batch.entries)
        refused: list[Refusal] = []
        for suffix, lines in batch.points.items():
            if not self._deliver(queue, self._settings.bucket + suffix, lines, refused):
                return False
        queue.done(batch.entries, refused, _now_us())
        self._refused += len(refused)
        self._count(queue, PAUSE_S if batch.is_full else 0)
        if batch.is_full:
            self._next = ahead.answer()
        return batch.is_full

    def _deliver(self, queue: SpoolQueue, bucket: str, lines: list[bytes], refused: list[Refusal]) -> bool:
        """Write until all is settled; false only where we are told to leave before that."""
        delivery = Delivery(lines, self._bytes_limit)
        while request := delivery.request():
            answer = self._client.write(bucket, b"\n".join(request))
            verdict = answer.verdict
            if verdict is Verdict.BAD and len(request) == 1 and not self._takes_ours():
                # Not even a line that is surely good: it is not the line's fault.
                verdict = Verdict.HELD
            elif verdict in {Verdict.WRITTEN, Verdict.BAD}:
                delivery.answer(answer)
                self._is_well(queue)
                continue
            self._is_wrong(queue, (verdict, answer.status), explain(self._settings, bucket, answer))
            self._count(queue, PAUSE_S)
            if self._stopping.is_set() or self._stopping.wait(self._patience.wait_s(answer)):
                return False
        self._bytes_limit = delivery.bytes_limit
        self._written += delivery.written
        if delivery.outdated and bucket not in self._short:
            self._short.add(bucket)
            text = (
                "InfluxDB at %s keeps bucket %s for less time than the store has: points older than that are left out"
            )
            _log.warning(text, self._settings.url, bucket)
        refused += [Refusal(bucket, line, reason) for line, reason in delivery.refused]
        return True

    def _takes_ours(self) -> bool:
        if time.monotonic() - self._trusted_s > _TRUST_S:
            if self._client.write(self._settings.bucket, self._itself()).verdict is not Verdict.WRITTEN:
                return False
            self._trusted_s = time.monotonic()
        return True

    def _itself(self) -> bytes:
        return own_line(self.stats, _now_us())

    def _tell_of_itself(self, queue: SpoolQueue) -> None:
        if time.monotonic() - self._told_s < TELL_S:
            return
        self._told_s = time.monotonic()
        self._count(queue, 0)
        # Where it does not arrive, the batch that follows says why.
        self._client.write(self._settings.bucket, self._itself())

    def _count(self, queue: SpoolQueue, every_s: float) -> None:
        if time.monotonic() - self._counted_s >= every_s:
            self._counted_s = time.monotonic()
            # Where the store does not tell now, the count before is shown.
            with suppress(StoreError):
                self._waiting, self._refused = queue.waiting(), queue.refused()

    def _is_well(self, queue: SpoolQueue) -> None:
        self._patience.calm()
        if self._kind is not None:
            lasted_s = (_now_us() - self._since_us) // 1_000_000
            _log.warning("InfluxDB at %s writes again, after %d s", self._settings.url, lasted_s)
            self._kind, self._trouble, self._since_us = None, "", _now_us()
            self._tell(queue)

    def _is_wrong(self, queue: SpoolQueue, kind: tuple[Verdict, int | None], text: str) -> None:
        if kind != self._kind:
            _log.warning("%s. Nothing is lost: it waits in the store; trying again", text)
            self._since_us = self._since_us if self._kind else _now_us()
            self._kind, self._trouble = kind, text
            self._tell(queue)

    def _tell(self, queue: SpoolQueue) -> None:
        # Only word for other programs: where the store does not take it now, the log has it all the same.
        with suppress(StoreError):
            queue.tell(SenderStatus(self._settings.url, self._trouble, self._since_us))


def own_line(stats: SenderStats, now_us: int) -> bytes:
    """The measurement ``collector``."""
    counts = f"waiting={stats.waiting}i,refused={stats.refused}i,written={stats.written}i"
    return f"collector {counts} {now_us}".encode()


def _now_us() -> int:
    return time.time_ns() // 1000
