"""The embedded broker: a real MQTT broker inside a wheel, for the demo and for classrooms without one.

It is fast and needs no installation, but it is not durable: queues and retained messages die with it. Where that
matters, run Mosquitto and give its address to ``--broker``.
"""

import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from iotcore import Broker

from contract.codec import PAYLOAD_LIMIT_BYTES
from contract.errors import BrokerError, UsageError

LOCAL = "127.0.0.1"
ANYWHERE = "0.0.0.0"  # noqa: S104 - only with --lan, which says so

# The log of a filter holds SEGMENTS segments: what a subscriber that falls behind may still read (64 MiB here, where
# the broker's own default keeps about 1 GB a filter). At most 100 packets in flight: see collector.subscribe.
_SEGMENT_BYTES, _SEGMENTS, _IN_FLIGHT = 8 * 1024 * 1024, 8, 100

_SETTINGS = """\
id = 0
[router]
id = 0
max_connections = 10010
max_outgoing_packet_count = 200
max_segment_size = {segment_bytes}
max_segment_count = {segments}
[v4.1]
name = "mes"
listen = "{host}:{port}"
next_connection_delay_ms = 1
[v4.1.connections]
connection_timeout_ms = 10000
max_payload_size = {payload_bytes}
max_inflight_count = {in_flight}
dynamic_filters = true
"""


def free_port(host: str = LOCAL) -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def hold_port(host: str, port: int, option: str) -> socket.socket:
    """A socket bound to ``port`` (0: any free one), so that nobody can take it before its server listens there.

    Raises :class:`UsageError` saying what to do when the port is taken or not ours to take.
    """
    held = socket.socket()
    try:
        # On Windows this option would let two programs have the same port.
        if sys.platform != "win32":
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((host, port))
    except PermissionError as error:
        held.close()
        raise UsageError(f"port {port} is not ours to open: choose one above 1023, e.g. {option} 8080") from error
    except OSError as error:
        held.close()
        raise UsageError(
            f"port {port} on {host} is busy: another program listens there. Stop it, or choose another port, "
            f"e.g. {option} {free_port()}"
        ) from error
    return held


def require_free(host: str, port: int, option: str) -> None:
    """Raise as :func:`hold_port` does, and hold nothing: for a server that binds its port itself."""
    hold_port(host, port, option).close()


@contextmanager
def _alone(port: int) -> Iterator[None]:
    """While inside no other broker of ours begins at ``port``: each would take the first to listen for its own child.

    The datagram port of the same number stands for it, which nobody else has a use for at that moment.
    """
    with socket.socket(type=socket.SOCK_DGRAM) as claim:
        try:
            claim.bind((LOCAL, port))
        except OSError as error:
            raise UsageError(
                f"port {port} is busy: another broker begins there. Choose another port, e.g. --port {free_port()}"
            ) from error
        yield


class EmbeddedBroker:
    """The broker as a child process that ends with us; a context manager.

    Raises :class:`UsageError` when the port is busy and :class:`BrokerError` when the broker does not come up.
    """

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._folder = tempfile.TemporaryDirectory(prefix="mes-broker-")
        settings = Path(self._folder.name) / "broker.toml"
        settings.write_text(
            _SETTINGS.format(
                host=host,
                port=port,
                segment_bytes=_SEGMENT_BYTES,
                segments=_SEGMENTS,
                payload_bytes=PAYLOAD_LIMIT_BYTES + 1024,
                in_flight=_IN_FLIGHT,
            ),
            encoding="utf-8",
        )
        self._broker = Broker(config_path=str(settings))

    @property
    def url(self) -> str:
        """Where clients on this machine find it."""
        return f"mqtt://{LOCAL}:{self.port}"

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._folder.cleanup()
            raise
        return self

    def _start(self) -> None:
        require_free(self.host, self.port, "--port")
        with _alone(self.port):
            require_free(self.host, self.port, "--port")
            try:
                self._broker.start()
            except (OSError, RuntimeError) as error:
                raise BrokerError(f"the embedded broker did not start on {self.host}:{self.port}: {error}") from error

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._broker.stop()
        self._folder.cleanup()
