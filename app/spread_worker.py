"""What a process of ``mes simulate --processes`` does with its share of the lines; :mod:`app.spread` tells it."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from multiprocessing.connection import Connection
from typing import NamedTuple

from app.live import publish_until, tell
from app.logs import LogFormat, configure
from contract.broker_url import BrokerUrl
from contract.errors import MesError
from contract.topics import with_lines
from contract.truth import encode_record
from simulator.agenda import Emission
from simulator.checkpoint import freeze, thaw
from simulator.command_log import Commands, TimedCommand
from simulator.engine import Factory
from simulator.pacing import wall_us
from simulator.record import lines_of

#: How often a process that publishes looks whether it is told something, s.
_LOOK_S = 0.02


class Share(NamedTuple):
    """A factory of some engines, frozen, and their ``numbers`` in the whole."""

    numbers: tuple[int, ...]
    frozen: bytes


class Slice(NamedTuple):
    """Run to ``until_us``, with ``commands`` on the way; answered with what was said before and after each of them."""

    until_us: int
    commands: tuple[TimedCommand, ...]


class End(NamedTuple):
    """No more slices: which of the last words, the truth (engine by engine) and the frozen share are wanted."""

    is_over: bool
    has_truth: bool
    is_kept: bool


class Said(NamedTuple):
    """What engine ``number`` said: when, and the lines of the event file."""

    number: int
    times_us: list[int]
    lines: list[bytes]


class Broadcast(NamedTuple):
    """How to publish; as for :func:`app.live.publish_until`."""

    broker: BrokerUrl
    speed: float
    until_us: int
    script: tuple[TimedCommand, ...]


class Connected(NamedTuple):
    """Every machine of the share is there; waits for :class:`Go`."""


class Go(NamedTuple):
    """Event time is where the factory stands at ``wall_us`` on the wall clock."""

    wall_us: int


class Failed(NamedTuple):
    """A person's mistake, or a broker's fault."""

    why: str


class Done(NamedTuple):
    """Everything is published."""


def record_share(pipe: Connection, how: LogFormat, share: Share) -> None:
    """Run slices and answer with what was said, until the end or until the parent is gone."""
    _settle_in(how)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):  # the parent is gone: nobody to work for
        factory = thaw(share.frozen, "a share of lines")
        paths, topics = set(with_lines(factory.paths)), dict[tuple[str, type], str]()

        def said(emitted: list[list[Emission]]) -> list[Said]:
            return [
                Said(number, [event.ts for _, event in emissions], lines_of(emissions, topics))
                for number, emissions in zip(share.numbers, emitted, strict=True)
            ]

        def run_until(until_us: int) -> list[Said]:
            return said([engine.run_until(until_us) for engine in factory.engines])

        while isinstance(order := pipe.recv(), Slice):
            chunks = []
            for at_us, path, given in order.commands:
                chunks.append(run_until(at_us))
                if path in paths:
                    factory.command(path, given)
                chunks.append(run_until(at_us))
            chunks.append(run_until(order.until_us))
            pipe.send(chunks)
        _end(pipe, factory, order, said)


def _end(pipe: Connection, factory: Factory, end: End, said: Callable[[list[list[Emission]]], list[Said]]) -> None:
    if end.is_over:
        pipe.send([said([engine.finish() for engine in factory.engines])])
    if end.has_truth:
        for engine in factory.engines:
            pipe.send([encode_record(line) for line in engine.truth()])
    if end.is_kept:
        pipe.send(freeze(factory))


def publish_share(pipe: Connection, how: LogFormat, share: Share, broadcast: Broadcast) -> None:
    """Publish what the share says until its end, until the parent says anything after :class:`Go`, or is gone."""
    _settle_in(how)
    with suppress(BrokenPipeError, ConnectionResetError):  # the parent is gone: nobody to tell
        try:
            asyncio.run(_publish(pipe, thaw(share.frozen, "a share of lines"), broadcast))
        except MesError as error:
            pipe.send(Failed(str(error)))
        else:
            pipe.send(Done())


async def _publish(pipe: Connection, factory: Factory, broadcast: Broadcast) -> None:
    stop, paths = asyncio.Event(), set(with_lines(factory.paths))

    @asynccontextmanager
    async def around(factory: Factory, last_us: int | None) -> AsyncIterator[int]:
        pipe.send(Connected())
        heard = await _heard(pipe)
        if not isinstance(heard, Go):
            stop.set()
            yield factory.now_us
            return
        tasks = [asyncio.create_task(_stop_when_told(pipe, stop))]
        if last_us is not None:
            tasks.append(asyncio.create_task(tell(factory, last_us, pipe.send)))
        try:
            yield factory.now_us + int((wall_us() - heard.wall_us) * broadcast.speed)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    commands = Commands([timed for timed in broadcast.script if timed.path in paths])
    where = factory, broadcast.broker, broadcast.speed, broadcast.until_us
    await publish_until(stop, *where, commands=commands, around=around)


async def _stop_when_told(pipe: Connection, stop: asyncio.Event) -> None:
    await _heard(pipe)
    stop.set()


async def _heard(pipe: Connection) -> object:
    """What the parent says next; none: it is gone."""
    try:
        while not pipe.poll():  # noqa: ASYNC110 - a pipe of Windows cannot be awaited
            await asyncio.sleep(_LOOK_S)
        return pipe.recv()
    except (EOFError, OSError):
        return None


def _settle_in(how: LogFormat) -> None:
    """Ctrl-C reaches every process of a terminal, but it is the parent that says what follows."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    configure(how)
