"""Events to the broker as machines would send them: one MQTT connection a machine, and one a line.

    send() ─→ outbox (bounded) ─→ packets (unacknowledged, sent again after a reconnect) ─→ broker, QoS 1
       ↑ waits while it is full                                    ↑ one at a time, so order holds

Each connection carries a last will, so the broker says ``link`` offline when a machine falls silent. Duplicates after
a reconnect are harmless: counters are totals and every event has its ``seq``.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Any, Generic, NamedTuple, Self, TypeVar

import aiomqtt
import msgspec

from contract.broker_url import BrokerUrl
from contract.codec import KIND_OF, encode, encode_many
from contract.errors import BrokerError
from contract.events import DISORDER_US, CommandAnswered, Event, LinkChanged
from contract.instants import SECOND_US
from contract.topics import LINE_KINDS, RETAINED, Kind, topic_of, with_lines
from simulator.agenda import NEVER, Emission

#: Events of one machine that may wait for the broker before the simulation waits too.
OUTBOX_LIMIT = 500
#: Most events in one payload, and the longest an event waits for company (s), when time is accelerated.
BATCH_LIMIT, FLUSH_S = 50, 0.25
_BACKOFF_S = (0.2, 15.0)  # first and longest wait before connecting again
_TIMEOUT_S = 5.0  # for a connection, and for an acknowledgement
_CLOSE_S = 5.0  # for the last words of all machines
_KEEPALIVE_S = 30
_LINE_FIRST = (LINE_KINDS & RETAINED) - {Kind.LINK}

_log = logging.getLogger(__name__)


class PublishSettings(msgspec.Struct, frozen=True):
    """Where to publish. ``batching`` puts up to 50 events of a kind in one payload: for accelerated time."""

    broker: BrokerUrl
    batching: bool = False


class Packet(NamedTuple):
    """One message to send. ``link`` is for a sender that makes a mess: no message, but its link lost or there again."""

    topic: str
    payload: bytes
    retain: bool
    last: Event | None = None
    link: LinkChanged | None = None


T = TypeVar("T")


class Sender(Generic[T]):
    """The connection of one path; subclasses say what waits in the outbox (``T``) and how it becomes packets."""

    def __init__(self, settings: PublishSettings, path: str, start_us: int) -> None:
        self._settings, self._path = settings, path
        self._boot, self._last_us, self._last_seq = start_us // SECOND_US, start_us, 0
        self._outbox: deque[T] = deque()
        self._packets: deque[Packet] = deque()
        self._some, self._hurry = asyncio.Event(), asyncio.Event()  # to send; to send at once
        self._room, self._idle = asyncio.Event(), asyncio.Event()  # the outbox has room; nothing is unacknowledged
        self._room.set()
        self._idle.set()
        self._closing = False
        self.batching = settings.batching
        self._backoff_s = _BACKOFF_S[0]
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.task = asyncio.create_task(self._run(), name=f"publish {path}")
        self.task.add_done_callback(self._wake)

    # ------------------------------------------------------------------ called by the publisher

    def introduce(self, link: LinkChanged) -> None:
        """Its next word about its link, and its next last will, say the boot, time and sequence of ``link``."""
        self._boot, self._last_us, self._last_seq = link.boot, link.ts, link.seq

    async def put(self, item: T) -> None:
        """Hand something over; waits while the outbox is full."""
        while len(self._outbox) >= OUTBOX_LIMIT:
            self._hurry.set()
            self._room.clear()
            await self._room.wait()
            self._raise_if_dead()
        self._outbox.append(item)
        self._idle.clear()
        self._some.set()
        if len(self._outbox) >= BATCH_LIMIT:
            self._hurry.set()

    async def drained(self) -> None:
        """Return when everything handed over is acknowledged."""
        self._hurry.set()
        await self._idle.wait()
        self._raise_if_dead()

    def close(self) -> None:
        """Send what is left, say goodbye, disconnect."""
        self._closing = True
        self._some.set()
        self._hurry.set()

    def _wake(self, task: asyncio.Task[None]) -> None:
        """Whatever ended the task: nobody may go on waiting for it."""
        failure = None if task.cancelled() else task.exception()
        if not self.ready.done():
            self.ready.set_exception(failure or BrokerError(f"{self._path}: stopped before it was connected"))
        self._room.set()
        self._idle.set()

    def _raise_if_dead(self) -> None:
        if self.task.done() and not self._closing:
            self.task.result()
            raise BrokerError(f"{self._path}: the connection to {self._settings.broker} was closed")

    # ------------------------------------------------------------------ the connection's own task

    async def _run(self) -> None:
        while (reason := await self._attempt()) is not None:
            if not self.ready.done():
                self.ready.set_exception(self._no_broker(reason))
                return
            _log.warning("%s: connection lost (%s), trying again", self._path, reason)
            await asyncio.sleep(self._backoff_s)
            self._backoff_s = min(2 * self._backoff_s, _BACKOFF_S[1])

    async def _attempt(self) -> BaseException | None:
        """One session; what ended it, or ``None`` when it was closed."""
        reason: BaseException | None = None
        try:
            await self._session()
        except* aiomqtt.MqttError as group:
            reason = group.exceptions[0]
        return reason

    def _no_broker(self, reason: BaseException) -> BrokerError:
        broker = self._settings.broker
        mend = "start one with `mes broker`, or check the address"
        return BrokerError(f"no broker answers at {broker} ({reason}): {mend}")

    async def _session(self) -> None:
        """Connect, say online, send until closed, say offline. A lost link raises ``MqttError`` (in a group)."""
        async with self._client() as client, asyncio.TaskGroup() as group:
            watcher = group.create_task(_watch(client))
            await self._say_link(client, online=True)
            self._backoff_s = _BACKOFF_S[0]
            if not self.ready.done():
                self.ready.set_result(None)
            await self._pump(client)
            await self._say_link(client, online=False)
            watcher.cancel()

    def _client(self) -> aiomqtt.Client:
        broker = self._settings.broker
        return aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.user,
            password=broker.password,
            identifier=f"mes-sim.{self._path.replace('/', '.')}",
            protocol=aiomqtt.ProtocolVersion.V311,
            keepalive=_KEEPALIVE_S,
            timeout=_TIMEOUT_S,
            will=self._will(),
        )

    def _will(self) -> aiomqtt.Will | None:
        return aiomqtt.Will(topic_of(self._path, Kind.LINK), encode(self._link(online=False)), 1, retain=True)

    def _link(self, *, online: bool) -> LinkChanged:
        return LinkChanged(self._last_us, self._last_seq, self._boot, online)

    async def _say_link(self, client: aiomqtt.Client, *, online: bool) -> None:
        await client.publish(topic_of(self._path, Kind.LINK), encode(self._link(online=online)), qos=1, retain=True)

    async def _pump(self, client: aiomqtt.Client) -> None:
        """One packet at a time; it is forgotten only once it is acknowledged."""
        while await self._fill():
            await self._deliver(client, self._packets[0])
            self._forget()

    async def _deliver(self, client: aiomqtt.Client, packet: Packet) -> None:
        await client.publish(packet.topic, packet.payload, qos=1, retain=packet.retain)
        if packet.last is not None:
            self._last_us, self._last_seq = packet.last.ts, max(self._last_seq, packet.last.seq)

    def _forget(self) -> None:
        self._packets.popleft()
        if not self._packets and not self._outbox:
            self._idle.set()

    async def _fill(self) -> bool:
        """Wait until there is a packet; false when closed and everything is sent."""
        while not self._packets:
            if self._outbox:
                await self._gather()
            elif self._closing:
                return False
            else:
                self._some.clear()
                self._hurry.clear()
                await self._some.wait()
        return True

    async def _gather(self) -> None:
        """Outbox → packets, once there is enough or it has waited long enough."""
        limit = BATCH_LIMIT if self.batching else 1
        if limit > len(self._outbox) and not self._hurry.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), FLUSH_S)
        self.pack(min(limit, len(self._outbox)))
        self._room.set()
        if len(self._outbox) < BATCH_LIMIT and not self._closing:
            self._hurry.clear()

    def pack(self, limit: int) -> None:
        """Make packets of at least one and at most ``limit`` of what waits longest."""
        raise NotImplementedError


class _EventSender(Sender[Event]):
    """Says events."""

    async def put(self, item: Event) -> None:
        """See :class:`Sender`; somebody waits for an answer."""
        await super().put(item)
        if isinstance(item, CommandAnswered):
            self._hurry.set()

    def pack(self, limit: int) -> None:
        """See :class:`Sender`. Kinds of one batch leave the order of ``seq``, by no more than the contract allows."""
        kinds: dict[Kind, list[Event]] = {}
        last_us = self._outbox[0].ts + DISORDER_US
        for _ in range(limit):
            if self._outbox[0].ts > last_us:
                break
            event = self._outbox.popleft()
            kinds.setdefault(KIND_OF[type(event)], []).append(event)
        for kind, events in kinds.items():
            topic = topic_of(self._path, kind)
            for together in [[event] for event in events] if kind is Kind.REPLY else [events]:
                payload = encode(together[0]) if len(together) == 1 else encode_many(together)
                self._packets.append(Packet(topic, payload, kind in RETAINED, together[-1]))


async def _watch(client: aiomqtt.Client) -> None:
    """Raises ``MqttError`` as soon as the connection is lost, not only when the next acknowledgement is overdue."""
    async for _ in client.messages:
        pass


class BasePublisher(Generic[T]):
    """All connections of a plant, open while inside ``async with``.

    Entering connects every machine and line, or raises :class:`BrokerError`. Leaving sends what is left, says ``link``
    offline and disconnects, within 5 s.
    """

    def __init__(self, settings: PublishSettings, paths: Iterable[str], start_us: int) -> None:
        self._paths = with_lines(paths)
        self._settings, self._start_us = settings, start_us
        self._senders: dict[str, Sender[T]] = {}

    async def __aenter__(self) -> Self:
        self._senders = {path: self.connect(path) for path in self._paths}
        outcomes = await asyncio.gather(*(sender.ready for sender in self._senders.values()), return_exceptions=True)
        errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        if errors:
            await self._close()
            raise errors[0]
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._close()

    @property
    def next_us(self) -> int:
        """When there is something to send although nobody says anything, event time in µs."""
        return NEVER

    def connect(self, path: str) -> Sender[T]:
        """A connection for ``path``."""
        raise NotImplementedError

    async def send(self, emissions: Iterable[Emission], now_us: int) -> None:
        """Queue what was said up to ``now_us``, as :meth:`put` does."""
        raise NotImplementedError

    async def put(self, items: Iterable[Any]) -> None:
        """Queue what this publisher sends; waits while a queue is full, and until a calendar or order is received.

        So no machine's event can overtake the calendar that says whether its time was planned.
        """
        raise NotImplementedError

    async def finish(self) -> None:
        """Nothing more will be said: return when the broker has acknowledged everything."""
        await self.drain()

    def batch(self, on: bool) -> None:
        """From now on as :attr:`PublishSettings.batching` says: for a time that becomes faster or slower."""
        for sender in self._senders.values():
            sender.batching = on

    async def drain(self) -> None:
        """Return when the broker has acknowledged everything sent so far."""
        for sender in self._senders.values():
            await sender.drained()

    async def _close(self) -> None:
        tasks = [sender.task for sender in self._senders.values()]
        for sender in self._senders.values():
            sender.close()
        _, late = await asyncio.wait(tasks, timeout=_CLOSE_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Publisher(BasePublisher[Event]):
    """``async with Publisher(settings, factory.paths, factory.start_us) as publisher: await publisher.send(...)``."""

    def connect(self, path: str) -> Sender[Event]:
        """See :class:`BasePublisher`."""
        return _EventSender(self._settings, path, self._start_us)

    async def send(self, emissions: Iterable[Emission], now_us: int = 0) -> None:
        """See :class:`BasePublisher`; here it does not matter up to when."""
        del now_us
        await self.put(emissions)

    async def put(self, items: Iterable[Emission]) -> None:
        """See :class:`BasePublisher`."""
        for path, event in items:
            sender = self._senders[path]
            await sender.put(event)
            if KIND_OF[type(event)] in _LINE_FIRST:
                await sender.drained()
