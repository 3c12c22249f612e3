"""One look at the store, seen by every viewer: server-sent events from a task that runs while somebody looks.

    store ─ Reader (own thread) ─ Hub, every tick ─┬─ Mailbox (one slot) ─ viewer
                                                   └─ Mailbox (one slot) ─ viewer

A viewer first gets a ``snapshot``, then a ``tick`` at every change; ids count on by one, so that a page sees a gap. Who
is too slow to empty the slot gets a snapshot next, never a queue. Everything is serialised once for all viewers.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import msgspec

from dashboards.board.guard import is_loopback
from dashboards.board.reader import Reader, Reading, Trouble, committed_at

_encode = msgspec.json.Encoder().encode


def event(kind: str, data: bytes, number: int | None = None) -> bytes:
    """One server-sent event; ``data`` is one line of JSON."""
    identity = b"" if number is None else b"id: %d\n" % number
    return b"event: %b\n%bdata: %b\n\n" % (kind.encode(), identity, data)


class Frame:
    """What one tick tells, encoded at most once in each form."""

    def __init__(self, number: int, news: Reading | Trouble) -> None:
        self.number, self.news = number, news

    @cached_property
    def everything(self) -> bytes:
        """For a viewer that knows nothing, or not the frame before."""
        if isinstance(self.news, Trouble):
            return event("trouble", _encode(self.news), self.number)
        return event("snapshot", _encode(self.news.everything), self.number)

    @cached_property
    def changes(self) -> bytes:
        """For a viewer that has seen the frame before."""
        if isinstance(self.news, Trouble):
            return self.everything
        return event("tick", _encode(self.news.changes), self.number)


class Mailbox:
    """One viewer's slot: the newest frame, or nothing."""

    def __init__(self, address: str = "") -> None:
        self.address = address
        self._slot: bytes | None = None
        self._notice = b""
        self._greeted = self._up_to_date = False
        self._filled = asyncio.Event()
        self.closed = False

    def put(self, frame: Frame) -> None:
        """Offer a frame; one that was never taken is replaced by everything."""
        missed = self._slot is not None or not self._up_to_date
        self._slot = frame.everything if missed else frame.changes
        self._up_to_date = not isinstance(frame.news, Trouble)
        self._greeted = True
        self._filled.set()

    def tell(self, notice: bytes) -> None:
        """Offer what is not of the store, after the first frame; one that was never taken is replaced."""
        self._notice = notice
        if self._greeted:
            self._filled.set()

    def close(self) -> None:
        """Wake the viewer up for the last time."""
        self.closed = True
        self._filled.set()

    async def take(self, patience_s: float) -> bytes | None:
        """The next frame, or ``None`` when none came within ``patience_s``."""
        try:
            await asyncio.wait_for(self._filled.wait(), patience_s)
        except TimeoutError:
            return None
        self._filled.clear()
        taken = (self._slot or b"") + self._notice
        self._slot, self._notice = None, b""
        return taken


class Hub:
    """All viewers of one store. At most ``max_viewers``; ``heartbeat_s`` is the longest silence on a stream."""

    def __init__(self, store: Path, tick_s: float, max_viewers: int, heartbeat_s: float) -> None:
        self._store, self._tick_s = store, tick_s
        self._max_viewers, self._heartbeat_s = max_viewers, heartbeat_s
        self._mailboxes: set[Mailbox] = set()
        self._latest: Frame | None = None
        self._notice = b""
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def viewers(self) -> int:
        """How many are watching now."""
        return len(self._mailboxes)

    def is_full_for(self, address: str) -> bool:
        """Whether one more viewer there would be too many: another address than this machine's gets half at most."""
        if is_loopback(address):
            return self.viewers >= self._max_viewers
        same = sum(1 for mailbox in self._mailboxes if mailbox.address == address)
        return self.viewers >= self._max_viewers or same >= -(-self._max_viewers // 2)

    def tell(self, notice: object) -> None:
        """Show ``notice`` to everybody, and to whoever comes later, until there is another."""
        self._notice = event("notice", _encode(notice))
        for mailbox in self._mailboxes:
            mailbox.tell(self._notice)

    async def watch(self, address: str) -> AsyncIterator[bytes]:
        """The stream of one viewer at ``address``, until it leaves or the hub closes."""
        mailbox = Mailbox(address)
        self._mailboxes.add(mailbox)
        try:
            self._welcome(mailbox)
            while not mailbox.closed:
                frame = await mailbox.take(self._heartbeat_s)
                if frame is None or frame.startswith(b"event: snapshot"):
                    frame = (frame or b"") + self._beat()
                yield frame
        finally:
            self._mailboxes.discard(mailbox)

    def close(self) -> None:
        """End every stream, so that a server can stop without waiting for its viewers."""
        self._closed = True
        self._dismiss()

    def _dismiss(self) -> None:
        for mailbox in self._mailboxes:
            mailbox.close()

    def _welcome(self, mailbox: Mailbox) -> None:
        if self._notice:
            mailbox.tell(self._notice)
        if self._task is None or self._task.done():
            self._latest = None
            self._task = asyncio.create_task(self._follow())
        elif self._latest is not None:
            mailbox.put(self._latest)

    def _beat(self) -> bytes:
        """Still here, and how old the newest commit is: the page cannot know that by itself."""
        committed_s = committed_at(self._store)
        age_s = max(0.0, time.time() - committed_s) if committed_s else None
        return event("beat", _encode({"age_s": age_s}))

    async def _follow(self) -> None:
        loop, reader = asyncio.get_running_loop(), Reader(self._store, time.monotonic)
        with ThreadPoolExecutor(1, "board-reader") as thread:  # SQLite connections belong to one thread
            try:
                while self._mailboxes and not self._closed:
                    self._publish(await loop.run_in_executor(thread, reader.read))
                    await asyncio.sleep(self._tick_s)
            finally:
                thread.submit(reader.close)
                self._dismiss()  # on an error of ours too: pages then say that the connection is lost, and try again

    def _publish(self, news: Reading | Trouble | None) -> None:
        if news is None or (isinstance(news, Trouble) and self._latest is not None and news == self._latest.news):
            return
        self._latest = Frame(self._latest.number + 1 if self._latest else 1, news)
        for mailbox in self._mailboxes:
            mailbox.put(self._latest)
