"""Publishing and collecting for as long as it lasts: what ``simulate``, ``collect`` and ``demo`` share."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

from app.progress import console, progress
from collector.intake import Intake
from collector.journal import Journal
from collector.subscribe import Subscriber, SubscribeSettings
from contract.broker_url import BrokerUrl
from contract.instants import SECOND_US
from simulator.command_log import Commands
from simulator.control import Ear
from simulator.engine import Factory
from simulator.mess import Mess
from simulator.pacing import run_live
from simulator.publish import BasePublisher, Publisher, PublishSettings
from simulator.publish_mess import MessyPublisher

#: How often a person is told how it goes, s.
_TELL_S = 0.5
#: How long an end may take without a word, s.
_LONG_S = 2.0
#: Something that runs beside a collector until it is told to stop.
Beside = Callable[[asyncio.Event, Subscriber], Coroutine[None, None, None]]
#: What is open while a factory publishes until an instant (µs; none: without end).
Around = Callable[[Factory, int | None], contextlib.AbstractAsyncContextManager[int | None]]


def open_publisher(settings: PublishSettings, factory: Factory, mess: Mess | None) -> BasePublisher[Any]:
    """The publisher of what ``factory`` says, with ``mess`` between where there is one."""
    if mess is None:
        return Publisher(settings, factory.paths, factory.start_us)
    return MessyPublisher(settings, factory.paths, factory.start_us, mess)


def open_ear(broker: BrokerUrl, factory: Factory, commands: Commands, mess: Mess | None) -> Ear:
    """What hears the commands that ``factory`` is given at ``broker``, in its own time, and wishes for its ``mess``."""
    return Ear(broker, factory.paths, commands, lambda: factory.now_us, factory.start_us // SECOND_US, mess)


async def publish_until(  # noqa: PLR0913 - each is a different thing, and all are needed
    stop: asyncio.Event,
    factory: Factory,
    broker: BrokerUrl,
    speed: float,
    until_us: int,
    *,
    mess: Mess | None = None,
    commands: Commands | None = None,
    goes_on: bool = False,
    around: Around | None = None,
) -> None:
    """Publish what ``factory`` says until ``until_us`` (µs; not after where it stands: without end) or ``stop``.

    ``speed`` 0 means as fast as the broker takes it. It is given ``commands`` and those that come over the broker.
    However it ends, every machine is heard of up to the very end, and what the ``mess`` had put off comes too. Only a
    run that ``goes_on`` another time says no last words. ``around`` is open from when all are connected to the last
    event; it may say which event time (µs) it is when that begins.
    """
    last_us = until_us if until_us > factory.now_us else None
    settings, commands = PublishSettings(broker, batching=speed != 1), commands or Commands()
    async with (
        _patient(stop, broker),
        open_publisher(settings, factory, mess) as publisher,
        open_ear(broker, factory, commands, mess) as ear,
    ):
        async with (around or _told(broker))(factory, last_us) as anchor_us:
            await run_live(
                factory, publisher, speed or None, last_us, stop,
                anchor_us=anchor_us, commands=commands, heard=ear.heard, goes_on=goes_on,
            )  # fmt: skip
        if stop.is_set() and not goes_on:
            await publisher.send(factory.finish(), factory.now_us)
        await publisher.finish()


@contextlib.asynccontextmanager
async def _patient(stop: asyncio.Event, broker: BrokerUrl) -> AsyncIterator[None]:
    """While inside, says once that the end takes long after ``stop``: whoever stopped must know what it waits for."""

    async def say() -> None:
        await stop.wait()
        await asyncio.sleep(_LONG_S)
        said = f"stopping: {broker} has not taken all that was said; Ctrl-C again leaves the rest unsaid"
        console.print(said, soft_wrap=True)

    saying = asyncio.create_task(say())
    try:
        yield
    finally:
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)


def _told(broker: BrokerUrl) -> Around:
    """Says where it publishes, and the progress of a run that has an end."""

    @contextlib.asynccontextmanager
    async def told(factory: Factory, last_us: int | None) -> AsyncIterator[None]:
        console.print(f"publishing {len(factory.paths)} machines to {broker}")
        if last_us is None:
            yield
            return
        with progress("simulating") as say:
            telling = asyncio.create_task(tell(factory, last_us, say))
            try:
                yield
            finally:
                telling.cancel()
                await asyncio.gather(telling, return_exceptions=True)

    return told


async def tell(factory: Factory, last_us: int, say: Callable[[float], None]) -> None:
    """Say every now and then which share of the way to ``last_us`` (µs) is done, until cancelled."""
    begin_us, whole_us = factory.now_us, last_us - factory.now_us
    while True:
        say((factory.now_us - begin_us) / whole_us)
        await asyncio.sleep(_TELL_S)


@contextlib.contextmanager
def collecting(broker: BrokerUrl, intake: Intake, journal: Journal) -> Iterator[Subscriber]:
    """A subscriber at work while inside. Raises :class:`contract.errors.BrokerError` when there is no broker."""
    subscriber = Subscriber(SubscribeSettings(broker), intake, journal)
    subscriber.start()
    try:
        yield subscriber
    finally:
        subscriber.stop()


async def collect_until(
    stop: asyncio.Event, broker: BrokerUrl, intake: Intake, journal: Journal, beside: Beside | None = None
) -> None:
    """Collect until ``stop``, with ``beside`` running too; raises what ended the collector if that was our bug."""
    with collecting(broker, intake, journal) as subscriber:
        console.print(f"collecting from {broker}")
        async with asyncio.TaskGroup() as group:
            group.create_task(watch(stop, subscriber))
            if beside is not None:
                group.create_task(beside(stop, subscriber))
    console.print(f"stopped: {subscriber.stats.events} events in {subscriber.stats.commits} commits")


async def watch(stop: asyncio.Event, subscriber: Subscriber) -> None:
    """Return at ``stop``; raise the subscriber's failure as soon as there is one."""
    while not stop.is_set():
        if subscriber.failure is not None:
            raise subscriber.failure
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _TELL_S)
