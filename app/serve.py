"""The board, and what else is served, beside whatever else runs in this event loop."""

import asyncio
import contextlib
import io
import socket
from collections.abc import Iterator
from pathlib import Path

import segno
import uvicorn
from starlette.applications import Starlette

from app.broker import ANYWHERE, LOCAL
from app.connections import Connection
from app.progress import console
from dashboards.board.app import BoardSettings, Instructor, create_app

#: How long a stopping server waits for its viewers, s.
_GOODBYE_S = 1


class Server(uvicorn.Server):
    """A uvicorn server that leaves signals to whoever runs the event loop, and its log to ours.

    ``held`` is bound to the port it shall serve; the server works on a duplicate, so another can follow it there.
    """

    def __init__(self, app: Starlette, held: socket.socket) -> None:
        self._held = held
        super().__init__(
            uvicorn.Config(
                app,
                http=Connection,
                log_config=None,
                log_level="warning",
                timeout_graceful_shutdown=_GOODBYE_S,
                access_log=False,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none: Ctrl-C cancels the task this server runs in."""
        yield

    async def run_until(self, stop: asyncio.Event) -> None:
        """Serve until ``stop`` is set, or until something beside it fails: then viewers are let go in order, too."""
        serving = asyncio.create_task(self.serve([self._held.dup()]))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            self.should_exit = True
            await serving


class BoardServer(Server):
    """The board of a store, with the proof on its page of data health where ``truth`` is at hand."""

    def __init__(
        self, store: Path, held: socket.socket, *, truth: Path | None = None, instructor: Instructor | None = None
    ) -> None:
        host, port = held.getsockname()
        lan = host == ANYWHERE
        names = frozenset({socket.gethostname().lower(), socket.getfqdn().lower()}) if lan else frozenset[str]()
        app = create_app(BoardSettings(store=store, truth=truth, hosts=names), instructor)
        self.hub, self._pin = app.state.hub, instructor.guard.pin if instructor else ""
        self._addresses = addresses(port, lan)
        self.listening = asyncio.Event()
        super().__init__(app, held)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and only then say where."""
        await super().startup(sockets)
        self.listening.set()
        if self._pin:
            console.print(f"desk:   {self._addresses[-1]}desk   PIN {self._pin}")
        if console.is_terminal and len(self._addresses) > 1:
            console.print(qr_code(self._addresses[-1]), markup=False)
        console.print(f"[bold]board:  {' or '.join(self._addresses)}[/]   (Ctrl-C stops)")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams first: they never end by themselves, and a stopping server waits for its viewers."""
        self.hub.close()
        await super().shutdown(sockets)


def qr_code(text: str) -> str:
    """``text`` as a QR code of block characters, for a dark terminal as for a light one."""
    drawn = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(drawn, compact=True, border=2)
    return drawn.getvalue()


def addresses(port: int, lan: bool) -> list[str]:
    """Where a browser finds the board: on this machine, and from the network if it was let in."""
    found = [f"http://{LOCAL}:{port}/"]
    if lan:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
            # No packet is sent: connecting a datagram socket only asks the routing table which address we would use.
            probe.connect(("192.0.2.1", 9))
            found.append(f"http://{probe.getsockname()[0]}:{port}/")
    return found
