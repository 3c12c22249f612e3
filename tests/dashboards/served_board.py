"""The board of a store, served for real on a free port, and its stream as an iterator."""

import json
import threading
from contextlib import contextmanager

import httpx
import uvicorn
from servers import free_port

from app.connections import Connection
from dashboards.board.app import BoardSettings, create_app


class _Server(uvicorn.Server):
    """A server in its own thread that says when it listens."""

    def __init__(self, app, port, http):
        super().__init__(
            uvicorn.Config(app, host="127.0.0.1", port=port, http=http, log_level="error", timeout_graceful_shutdown=1)
        )
        self.ready = threading.Event()

    async def startup(self, sockets=None):
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets=None):
        self.config.app.state.hub.close()
        await super().shutdown(sockets)


@contextmanager
def serving(store, port=None, instructor=None, http=Connection, **settings):
    """The board of ``store`` on 127.0.0.1; gives its address."""
    port = port or free_port()
    app = create_app(BoardSettings(store=store, **{"tick_s": 0.05, **settings}), instructor)
    server = _Server(app, port, http)
    thread = threading.Thread(target=server.run)
    thread.start()
    assert server.ready.wait(10), "the server did not start"
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive(), "streams kept the server from stopping"


@contextmanager
def watching(address, path="/events", **headers):
    """A stream of the board: gives an iterator of (event, id, data)."""
    with httpx.stream("GET", f"{address}{path}", headers=headers, timeout=10) as response:
        assert response.status_code == 200, response.status_code
        yield _events(response)


def _events(response):
    event = number = None
    for line in response.iter_lines():
        key, _, value = line.partition(": ")
        if key == "event":
            event, number = value, None
        elif key == "id":
            number = int(value)
        elif key == "data":
            yield event, number, json.loads(value)
