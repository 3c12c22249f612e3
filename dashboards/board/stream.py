"""One look at the store, seen by every viewer: server-sent events from a task that runs while somebody looks.

    store ─ Reader (own thread) ─ Hub, every tick ─┬─ Mailbox (one slot) ─ viewer
                                                   └─ Mailbox (one slot) ─ viewer

The wall first gets a ``snapshot``, then a ``tick`` at every change; ids count on by one, so that a page sees a gap. Who
is too slow to empty the slot gets a snapshot next, never a queue. A page that asks for its numbers follows the same
frames for less (:data:`PARTS`): how the stations stand ``now``, or only that something was heard. Beside the frames
everybody gets what is told at the desk (``notice``) and, in silence, a ``beat``. Everything is serialised and
compressed once for all viewers: a piece of compressed stream refers to nothing before it, so every viewer's may be
joined from the same pieces.
"""

import asyncio
import time
import zlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

import msgspec

from dashboards.board.guard import is_loopback
from dashboards.board.reader import Reader, Reading, committed_at
from dashboards.board.snapshot import standing
from dashboards.board.troubles import Trouble

#: How often the store is asked whether there is anything new, s: a change is not seen later than this.
LOOK_S = 0.1
#: What of each frame a viewer gets: everything, how the stations stand, or nothing but its beat.
Part = Literal["", "now", "beside"]
PARTS: tuple[Part, ...] = get_args(Part)
#: RFC 1952: deflated, no name, no time, of no system in particular.
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LEVEL = 6
_encode = msgspec.json.Encoder().encode


class Piece:
    """Events of a stream as text, and compressed at most once."""

    def __init__(self, text: bytes) -> None:
        self.text = text

    @cached_property
    def packed(self) -> bytes:
        """Deflated without any reference to what came before, up to the end of a byte (RFC 1951)."""
        packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        return packer.compress(self.text) + packer.flush(zlib.Z_SYNC_FLUSH)


def event(kind: str, data: bytes, number: int | None = None) -> Piece:
    """One server-sent event; ``data`` is one line of JSON."""
    identity = b"" if number is None else b"id: %d\n" % number
    return Piece(b"event: %b\n%bdata: %b\n\n" % (kind.encode(), identity, data))


class Frame:
    """What one tick tells, encoded at most once in each form."""

    def __init__(self, number: int, news: Reading | Trouble) -> None:
        self.number, self.news = number, news

    @cached_property
    def everything(self) -> Piece:
        """For a viewer that knows nothing, or not the frame before."""
        if isinstance(self.news, Trouble):
            return event("trouble", _encode(self.news), self.number)
        return event("snapshot", _encode(self.news.everything), self.number)

    @cached_property
    def changes(self) -> Piece:
        """For a viewer that has seen the frame before."""
        if isinstance(self.news, Trouble):
            return self.everything
        return event("tick", _encode(self.news.changes), self.number)

    @cached_property
    def now(self) -> Piece:
        """How the stations stand, whatever the viewer has seen."""
        if isinstance(self.news, Trouble):
            return self.everything
        return event("now", _encode(standing(self.news.changes)), self.number)

    @cached_property
    def beat(self) -> Piece:
        """That there is news, which is as old as this frame."""
        return self.everything if isinstance(self.news, Trouble) else event("beat", b'{"age_s":0}', self.number)

    def piece(self, part: Part, *, missed: bool) -> Piece:
        """What a viewer of ``part`` gets, who ``missed`` the frame before or not."""
        if part == "now":
            return self.now
        if part == "beside":
            return self.beat
        return self.everything if missed else self.changes


class Mailbox:
    """One viewer's slot: the newest frame, or nothing; and one for each kind of what is said beside the frames."""

    def __init__(self, address: str = "", part: Part = "") -> None:
        self.address, self._part = address, part
        self._slot: Piece | None = None
        self._beside: dict[str, Piece] = {}
        self._up_to_date = False
        self._filled = asyncio.Event()
        self.greeted = self.closed = False

    def put(self, frame: Frame) -> None:
        """Offer a frame; one that was never taken is replaced by everything."""
        missed = self._slot is not None or not self._up_to_date
        self._slot = frame.piece(self._part, missed=missed)
        self._up_to_date = not isinstance(frame.news, Trouble)
        self.greeted = True
        self._filled.set()

    def tell(self, kind: str, piece: Piece) -> None:
        """Offer what is not of the store, after the first frame; one of its kind that was never taken is replaced."""
        self._beside[kind] = piece
        if self.greeted:
            self._filled.set()

    def close(self) -> None:
        """Wake the viewer up for the last time."""
        self.closed = True
        self._filled.set()

    async def take(self) -> list[Piece]:
        """What was offered since the last time, as soon as there is something; nothing once it is closed."""
        await self._filled.wait()
        self._filled.clear()
        taken = [*([self._slot] if self._slot else ()), *self._beside.values()]
        self._slot = None
        self._beside.clear()
        return taken


class Hub:
    """All viewers of one store. At most ``max_viewers``; ``heartbeat_s`` is the longest silence on a stream.

    What happens after a silence is shown at once; frames follow one another no faster than every ``tick_s``.
    """

    def __init__(self, store: Path, tick_s: float, max_viewers: int, heartbeat_s: float) -> None:
        self._store, self._tick_s = store, tick_s
        self._max_viewers, self._heartbeat_s = max_viewers, heartbeat_s
        self._mailboxes: set[Mailbox] = set()
        self._latest: Frame | None = None
        self._notice: Piece | None = None
        self._task: asyncio.Task[None] | None = None
        self._said_at = 0.0
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
            mailbox.tell("notice", self._notice)

    async def watch(self, address: str, part: Part = "", *, packed: bool = False) -> AsyncIterator[bytes]:
        """``part`` of the stream of one viewer at ``address``, gzipped if ``packed``, until it leaves or all must."""
        mailbox = Mailbox(address, part)
        self._mailboxes.add(mailbox)
        head = _GZIP_HEAD if packed else b""
        try:
            self._welcome(mailbox)
            while not mailbox.closed:
                pieces = await mailbox.take()
                yield head + b"".join([piece.packed if packed else piece.text for piece in pieces])
                head = b""
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
            mailbox.tell("notice", self._notice)
        if self._task is None or self._task.done():
            self._latest = None
            self._task = asyncio.create_task(self._follow())
        elif self._latest is not None:
            mailbox.tell("beat", self._beat())
            mailbox.put(self._latest)

    def _beat(self) -> Piece:
        """Still here, and how old the newest commit is: the page cannot know that by itself."""
        committed_s = committed_at(self._store)
        age_s = max(0.0, time.time() - committed_s) if committed_s else None
        return event("beat", _encode({"age_s": age_s}))

    async def _follow(self) -> None:
        loop, reader = asyncio.get_running_loop(), Reader(self._store, time.monotonic)
        beating = asyncio.create_task(self._beat_in_silence())
        with ThreadPoolExecutor(1, "board-reader") as thread:  # SQLite connections belong to one thread
            try:
                while self._mailboxes and not self._closed:
                    is_new = self._publish(await loop.run_in_executor(thread, reader.read))
                    await asyncio.sleep(self._tick_s if is_new else min(LOOK_S, self._tick_s))
            finally:
                beating.cancel()
                thread.submit(reader.close)
                self._dismiss()  # on an error of ours too: pages then say that the connection is lost, and try again

    async def _beat_in_silence(self) -> None:
        while True:
            quiet_s = time.monotonic() - self._said_at
            if quiet_s >= self._heartbeat_s:
                self._tell_all(self._beat())
            await asyncio.sleep(max(0.0, self._said_at + self._heartbeat_s - time.monotonic()))

    def _tell_all(self, beat: Piece) -> None:
        self._said_at = time.monotonic()
        for mailbox in self._mailboxes:
            mailbox.tell("beat", beat)

    def _publish(self, news: Reading | Trouble | None) -> bool:
        if news is None or (isinstance(news, Trouble) and self._latest is not None and news == self._latest.news):
            return False
        self._latest = Frame(self._latest.number + 1 if self._latest else 1, news)
        self._said_at, beat = time.monotonic(), self._beat()
        for mailbox in self._mailboxes:
            if not mailbox.greeted:
                mailbox.tell("beat", beat)
            mailbox.put(self._latest)
        return True
