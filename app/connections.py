"""Connections to the board that hang up on who keeps them waiting, so that slow or many askers cannot use it up.

uvicorn waits for the head of a request for as long as it takes, on as many connections as there are. Here who has not
said what it wants within ``head_s`` is hung up on, and so are connections beyond :data:`CONNECTIONS`, half of them
from one address; this machine itself is always let in.
"""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

from dashboards.board.guard import is_loopback

#: What a process may usually have open is 1024 files; the board needs a few for itself.
CONNECTIONS = 800


class Connection(H11Protocol):
    """One connection; what a request may then take is up to who answers it."""

    head_s = 10.0
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        if self._is_too_many():
            transport.abort()
        else:
            self._wait()

    def data_received(self, data: bytes) -> None:
        """Go on waiting until a request's head is whole, and begin again with the next."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._deadline is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing to wait for any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def comes_from(self, address: str) -> bool:
        """Whether the other end has that IP address."""
        return self.client is not None and self.client[0] == address

    def _is_too_many(self) -> bool:
        address = self.client[0] if self.client else ""
        if is_loopback(address):
            return False
        there = sum(isinstance(other, Connection) and other.comes_from(address) for other in self.connections)
        return len(self.connections) > CONNECTIONS or there > CONNECTIONS // 2

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(self.head_s, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
