"""What is told at the desk, for pages that follow no line: server-sent events with the newest notice, and a heartbeat.

The wall gets its notices in the stream of :mod:`dashboards.board.stream`; a browser has few connections to give away.
"""

import asyncio
from collections.abc import AsyncIterator


class Notices:
    """The newest notice, for at most ``most`` listeners; ``heartbeat_s`` is the longest silence."""

    def __init__(self, most: int, heartbeat_s: float) -> None:
        self._most, self._heartbeat_s = most, heartbeat_s
        self._listeners: set[asyncio.Event] = set()
        self._newest = b""
        self._closed = False

    @property
    def full(self) -> bool:
        """Whether one more would be too many."""
        return len(self._listeners) >= self._most

    def tell(self, notice: bytes) -> None:
        """Send a server-sent event to everybody, and to whoever comes later, until there is another."""
        self._newest = notice
        self._wake()

    def close(self) -> None:
        """End every stream."""
        self._closed = True
        self._wake()

    async def listen(self) -> AsyncIterator[bytes]:
        """The stream of one listener, until it leaves or all are sent away; who is slow misses what was replaced."""
        news = asyncio.Event()
        self._listeners.add(news)
        try:
            yield self._newest or b": nothing yet\n\n"
            while not self._closed:
                try:
                    await asyncio.wait_for(news.wait(), self._heartbeat_s)
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                news.clear()
                yield self._newest
        finally:
            self._listeners.discard(news)

    def _wake(self) -> None:
        for news in self._listeners:
            news.set()
