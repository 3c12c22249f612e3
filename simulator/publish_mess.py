"""A publisher that makes a mess: lost links are lost for real, and what the network holds back comes when it comes.

    send() ─→ mess ─→ each machine's connection, dropped without a goodbye where its link is lost
                 └──→ the relay: what the network still had under way of a machine whose link is lost

Across machines the order is that of separate connections: nearly, but not exactly, the order of the mess.
"""

import asyncio
import socket
from collections.abc import Iterable

import aiomqtt

from contract.codec import decode
from contract.events import LinkChanged
from contract.topics import Kind, address
from simulator.agenda import Emission
from simulator.mess import Mess, Wire
from simulator.publish import BasePublisher, Packet, PublishSettings, Sender

#: Stands where a path stands, for the connection of the network itself.
_RELAY = "network"
_REPLY_END = f"/{Kind.REPLY}"
#: How long a dropped connection may take until this side sees that it is gone (s).
_DROP_S = 5.0


class _MessySender(Sender[Wire]):
    """The connection of one machine, as the mess has it."""

    def __init__(self, settings: PublishSettings, path: str, start_us: int, link: LinkChanged | None) -> None:
        super().__init__(settings, path, start_us)
        self._is_down = False
        if link is not None:
            self.introduce(link)

    def pack(self, limit: int) -> None:
        """See :class:`Sender`; a packet has neighbours of one topic, so that the order is that of the mess."""
        waiting = [self._outbox.popleft() for _ in range(limit)]
        while waiting:
            first = waiting.pop(0)
            if first.link is not None:
                [link] = decode(Kind.LINK, first.payload)
                self._packets.append(Packet(first.topic, first.payload, retain=True, link=link))
                continue
            payloads = [first.payload]
            while waiting and _go_together(first, waiting[0]):
                payloads.append(waiting.pop(0).payload)
            payload = b"[" + b",".join(payloads) + b"]" if len(payloads) > 1 else first.payload
            self._packets.append(Packet(first.topic, payload, first.retain))

    async def _attempt(self) -> BaseException | None:
        """Nothing is tried while the link is down."""
        if self._is_down and not await self._comes_up():
            return None
        return await super()._attempt()

    async def _comes_up(self) -> bool:
        """Wait for the order to; false when closed before."""
        while await self._fill():
            link = self._packets[0].link
            assert link is not None, f"{self._path}: something is to be said over a link that is down"
            self._forget()
            if link.online:
                self.introduce(link)
                self._is_down = False
                return True
        return False

    async def _deliver(self, client: aiomqtt.Client, packet: Packet) -> None:
        if packet.link is None:
            await super()._deliver(client, packet)
        elif packet.link.online:
            self.introduce(packet.link)
            await self._say_link(client, online=True)
        else:
            self._is_down = True
            await _drop(client)


async def _drop(client: aiomqtt.Client) -> None:
    """Break the connection as a pulled cable would: without a goodbye, so that the broker says the last will."""
    wire = client._client.socket()  # noqa: SLF001 - no client offers to break its own connection
    assert isinstance(wire, socket.socket)
    wire.shutdown(socket.SHUT_RDWR)
    await asyncio.sleep(_DROP_S)
    raise aiomqtt.MqttError("the link was dropped")


def _go_together(one: Wire, other: Wire) -> bool:
    is_reply = one.topic.endswith(_REPLY_END)
    return one.topic == other.topic and one.events == other.events == 1 and other.link is None and not is_reply


class _Relay(_MessySender):
    """The network's own connection: nobody's link, nobody's will."""

    def _will(self) -> aiomqtt.Will | None:
        return None

    async def _say_link(self, client: aiomqtt.Client, *, online: bool) -> None:
        """It has none."""


class MessyPublisher(BasePublisher[Wire]):
    """As :class:`simulator.publish.Publisher`, with ``mess`` between."""

    def __init__(self, settings: PublishSettings, paths: Iterable[str], start_us: int, mess: Mess) -> None:
        super().__init__(settings, paths, start_us)
        self._paths.append(_RELAY)
        self._mess, self._down = mess, set[str]()

    @property
    def next_us(self) -> int:
        """See :class:`BasePublisher`."""
        return self._mess.next_us

    def connect(self, path: str) -> Sender[Wire]:
        """See :class:`BasePublisher`."""
        cls = _Relay if path == _RELAY else _MessySender
        return cls(self._settings, path, self._start_us, self._mess.links().get(path))

    async def send(self, emissions: Iterable[Emission], now_us: int) -> None:
        """See :class:`BasePublisher`."""
        await self.put(self._mess.pass_on(emissions, now_us))

    async def finish(self) -> None:
        """See :class:`BasePublisher`; first everything that is put off."""
        await self.put(self._mess.flush())
        await self.drain()
        for path, link in self._mess.links().items():
            self._senders[path].introduce(link)

    async def put(self, items: Iterable[Wire]) -> None:
        """See :class:`BasePublisher`; each on the connection that it has then."""
        for wire in items:
            if wire.link:
                # What was under way comes before what was kept offline, however fast time goes ...
                await self._senders[_RELAY].drained()
                self._down.discard(wire.path)
            is_relayed = wire.link is None and wire.path in self._down
            sender = self._senders[_RELAY if is_relayed else wire.path]
            await sender.put(wire)
            if wire.link is False:
                self._down.add(wire.path)
            if wire.link is False or not address(wire.path).machine:
                # ... and after what was said before the link was lost; and a calendar before what it is for.
                await sender.drained()
