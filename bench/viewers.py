"""What many viewers cost the board, and how late they see things: real streams from another process, at real time.

    python bench/viewers.py [--viewers 300] [--seconds 60] [--slow 20] [--crowd 1000] [--only now]

A demo makes the data; a board of its own (`mes board`) on the same store is what is measured, with nothing else in its
CPU time. Every viewer holds a TCP connection and unpacks what it gets, as a browser does. The delay is counted for
each change of a machine's state and each viewer: from the event's own time (at real time that is when it happens) until
the frame that shows it has come. Some viewers are slow: they stop reading. Last a crowd comes, more than are let in.
With ``--only`` all but the first follow that part of the stream, as the pages beside the wall do.
"""

import argparse
import asyncio
import os
import re
import sys
import time
import zlib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import paho.mqtt.client as mqtt
import psutil
from paho.mqtt.enums import CallbackAPIVersion

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench._running import board, demo
from contract.codec import decode
from contract.topics import EVERYTHING, Kind, parse
from dashboards.board.stream import PARTS

CONNECT_AT_ONCE = 50
_HEAD = re.compile(rb"event: (\w+)\n(?:id: (\d+)\n)?data: ")
_REQUEST = b"GET /events?only=%b HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\nAccept-Language: vi\r\n\r\n"


class Viewer(asyncio.Protocol):
    """One stream: when each frame came, by number. ``keep`` the frames too (one viewer does: all get the same).

    ``only``: the part of the stream that it follows.
    """

    def __init__(self, only: str = "", *, keep: bool = False) -> None:
        self._only = only
        self.status = self.bytes = self.resyncs = 0
        self.frames: dict[int, float] = {}
        self.bodies: dict[int, bytes] | None = {} if keep else None
        self.dropped, self.refusal = False, b""
        self.answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._raw = self._text = b""
        self._unpack: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(_REQUEST % self._only.encode())

    def connection_lost(self, _error: Exception | None) -> None:
        self.dropped = True
        if not self.answered.done():
            self.answered.set_result(None)

    def data_received(self, data: bytes) -> None:
        at_s = time.time()
        self.bytes += len(data)
        self._raw += data
        if not self.status:
            head, found, rest = self._raw.partition(b"\r\n\r\n")
            if not found:
                return
            self.status, self._raw = int(head.split(b" ", 2)[1]), rest
            self._unpack = zlib.decompressobj(31) if b"content-encoding: gzip" in head.lower() else None
            self.answered.set_result(None)
        if self.status != 200:
            self.refusal = self._raw
            return
        for chunk in self._chunks():
            self._text += self._unpack.decompress(chunk) if self._unpack else chunk
        *whole, self._text = self._text.split(b"\n\n")
        for event in whole:
            self._take(event, at_s)

    def _chunks(self) -> Iterator[bytes]:
        while (end := self._raw.find(b"\r\n")) > 0:
            size = int(self._raw[:end], 16)
            if len(self._raw) < end + size + 4:
                return
            yield self._raw[end + 2 : end + 2 + size]
            self._raw = self._raw[end + size + 4 :]

    def _take(self, event: bytes, at_s: float) -> None:
        head = _HEAD.match(event)
        assert head, event[:80]
        if head[2] is None:
            return
        number = int(head[2])
        if self.frames and head[1] == b"tick":
            assert number - 1 in self.frames, "a frame is missing"
        self.resyncs += bool(self.frames) and head[1] == b"snapshot"
        self.frames[number] = at_s
        if self.bodies is not None:
            self.bodies[number] = event[head.end() :]


async def come(address: str, viewers: list[Viewer]) -> None:
    """Let ``viewers`` connect, some at a time, until every one has an answer."""
    loop, at = asyncio.get_running_loop(), urlsplit(address)
    for first in range(0, len(viewers), CONNECT_AT_ONCE):
        some = viewers[first : first + CONNECT_AT_ONCE]
        for one in some:
            await loop.create_connection(lambda one=one: one, at.hostname, at.port)
        await asyncio.gather(*(one.answered for one in some))


async def leave(viewers: list[Viewer]) -> None:
    """Hang up, and wait until all are gone."""
    for one in viewers:
        one.transport.abort()
    while not all(one.dropped for one in viewers):  # noqa: ASYNC110 - what abort() left to the loop
        await asyncio.sleep(0)


@contextmanager
def heard(port: int) -> Iterator[list[tuple[str, int]]]:
    """Every change of a machine's state that goes over the broker meanwhile: (path, event time µs)."""
    found: list[tuple[str, int]] = []

    def on_message(_client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        topic = parse(message.topic)
        if topic.kind is Kind.STATE and not message.retain:
            found.extend((topic.path, event.ts) for event in decode(topic.kind, message.payload))

    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.on_message = on_message
    client.connect("127.0.0.1", port)
    client.subscribe(EVERYTHING, qos=1)
    client.loop_start()
    try:
        yield found
    finally:
        client.disconnect()
        client.loop_stop()


def delays(events: list[tuple[str, int]], viewers: list[Viewer]) -> list[float]:
    """Seconds from each event's own time to each viewer's frame that shows it, ascending."""
    told: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, body in sorted((viewers[0].bodies or {}).items()):
        for line in msgspec.json.decode(body).get("lines", ()):
            for station in line["stations"]:
                told[f"{line['path']}/{station['id']}"].append((station["heard_us"], number))
    numbers = [sorted(viewer.frames) for viewer in viewers]
    found = []
    for path, ts_us in events:
        place = bisect_left(told[path], (ts_us, 0))
        if place == len(told[path]) or place == 0:
            continue  # before the first frame, or after the last
        for viewer, mine in zip(viewers, numbers, strict=True):
            at = bisect_left(mine, told[path][place][1])
            if at < len(mine):
                found.append(viewer.frames[mine[at]] - ts_us / 1e6)
    return sorted(found)


def at_share(values: list[float], share: float) -> float:
    """The percentile of ascending ``values``."""
    return values[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


class Board:
    """The process that is measured, and the port of the broker by which the events came."""

    def __init__(self, process: psutil.Process, broker_port: int) -> None:
        self._process, self.broker_port = process, broker_port
        self._since()

    def _since(self) -> None:
        self._at, self._cpu_s = time.monotonic(), sum(self._process.cpu_times()[:2])

    def said(self) -> str:
        """Its share of a core since the last time this was asked, and its memory now."""
        at, cpu_s = self._at, self._cpu_s
        self._since()
        share = (self._cpu_s - cpu_s) / (self._at - at)
        return f"board {share:6.1%} of a core, {self._process.memory_info().rss / 1e6:4.0f} MB"


async def watched(what: str, measured: Board, viewers: list[Viewer], seconds: float) -> None:
    """Measure ``seconds`` of ``viewers`` that are there already."""
    bytes_before = sum(viewer.bytes for viewer in viewers)
    with heard(measured.broker_port) as events:
        await asyncio.sleep(1)
        measured.said()
        own_s, began = sum(os.times()[:2]), time.monotonic()
        await asyncio.sleep(seconds)
        took = time.monotonic() - began
        cost, own_share = measured.said(), (sum(os.times()[:2]) - own_s) / took
        await asyncio.sleep(1)
    late = delays([one for one in events if one[1] / 1e6 < time.time() - 1], viewers)
    bytes_each = (sum(viewer.bytes for viewer in viewers) - bytes_before) / len(viewers) / (took + 2)
    print(
        f"{what:<34} {cost}; delay p50 {at_share(late, 0.5) * 1e3:.0f}, p95 {at_share(late, 0.95) * 1e3:.0f}, "
        f"p99 {at_share(late, 0.99) * 1e3:.0f} ms over {len(events)} events × {len(viewers)}; "
        f"{bytes_each / 1e3:.1f} kB/s each; dropped {sum(viewer.dropped for viewer in viewers)}, "
        f"resyncs {sum(viewer.resyncs for viewer in viewers)}; the viewers' own process {own_share:.1%}",
        flush=True,
    )


async def scene(asked: argparse.Namespace, address: str, measured: Board) -> None:
    measured.said()
    await asyncio.sleep(asked.seconds / 4)
    print(f"{'nobody':<34} {measured.said()}")
    viewers = [Viewer(keep=True)]
    await come(address, viewers)
    await watched("1 viewer", measured, viewers, asked.seconds / 2)
    more = [Viewer(asked.only) for _ in range(asked.viewers - asked.slow - 1)]
    await come(address, more)
    viewers += more
    await watched(f"{len(viewers)} viewers", measured, viewers, asked.seconds)
    slow = [Viewer(asked.only) for _ in range(asked.slow)]
    await come(address, slow)
    for one in slow:
        one.transport.pause_reading()
    await watched(f"{len(viewers)} and {len(slow)} that do not read", measured, viewers, asked.seconds)
    crowd = [Viewer() for _ in range(asked.crowd - asked.viewers)]
    await come(address, crowd)
    refused = [one for one in crowd if one.status == 503]
    print(f"a crowd of {asked.crowd}: {asked.viewers} were in, of the others {len(refused)} are told: ", end="")
    print(refused[0].refusal.decode(errors="replace").split("\r\n\r\n")[-1] if refused else "")
    await watched("the same, after the crowd", measured, viewers, asked.seconds / 2)
    await leave([*viewers, *slow, *crowd])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--viewers", type=int, default=300, help="the board's limit")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--slow", type=int, default=20)
    parser.add_argument("--crowd", type=int, default=1000)
    parser.add_argument(
        "--only", choices=PARTS, default="", help="the part of the stream that all but the first follow"
    )
    asked = parser.parse_args()
    with demo() as running, board(running.store) as (process, address):
        print(f"plant phone at real time, load of this machine {os.getloadavg()[0]:.1f}")
        asyncio.run(scene(asked, address, Board(process, running.broker_port)))


if __name__ == "__main__":
    main()
