"""The board, and what else is served, beside whatever else runs in this event loop."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from app.broker import ANYWHERE, LOCAL
from app.progress import console
from dashboards.board.app import BoardSettings, create_app

#: How long a stopping server waits for its viewers, s.
_GOODBYE_S = 1


class Server(uvicorn.Server):
    """A uvicorn server that leaves signals to whoever runs the event loop, and its log to ours."""

    def __init__(self, app: Starlette, port: int, lan: bool) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=ANYWHERE if lan else LOCAL,
                port=port,
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
        """Serve until ``stop`` is set."""
        serving = asyncio.create_task(self.serve())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        self.should_exit = True
        await serving


class BoardServer(Server):
    """The board of a store, with the proof on its page of data health where ``truth`` is at hand."""

    def __init__(self, store: Path, port: int, lan: bool, truth: Path | None = None) -> None:
        app = create_app(BoardSettings(store=store, truth=truth))
        self.hub = app.state.hub
        self._addresses = addresses(port, lan)
        super().__init__(app, port, lan)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and only then say where."""
        await super().startup(sockets)
        console.print(f"[bold]board:  {' or '.join(self._addresses)}[/]   (Ctrl-C stops)")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams first: they never end by themselves, and a stopping server waits for its viewers."""
        self.hub.close()
        await super().shutdown(sockets)


def addresses(port: int, lan: bool) -> list[str]:
    """Where a browser finds the board: on this machine, and from the network if it was let in."""
    found = [f"http://{LOCAL}:{port}/"]
    if lan:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
            # No packet is sent: connecting a datagram socket only asks the routing table which address we would use.
            probe.connect(("192.0.2.1", 9))
            found.append(f"http://{probe.getsockname()[0]}:{port}/")
    return found
