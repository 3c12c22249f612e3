"""What is wished of a running simulator over MQTT: a mess on a topic of its own, commands on those of its machines.

    mes mess    ─→ wish() ─→ broker: mes/control/mess ─→ Ear ─→ Mess.switch, and a mark on every line
    mes command ─→ ask()  ─→ broker: …/cmd            ─→ Ear ─→ Commands ─→ factory ─→ …/cmd/reply ─→ ask()
                                                          └─→ …/cmd/reply: what cannot even be given

Whoever listens here is nobody's machine: a command reaches a machine whose own link is lost. What was done to a whole
plant and not to a machine is marked: a ``note`` to every line, so that it is kept, shown and played again as a command.
"""

import asyncio
import logging
import re
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, Self

import aiomqtt
import msgspec

from contract.broker_url import BrokerUrl
from contract.codec import decode, encode
from contract.errors import BadPayload, BrokerError, UsageError
from contract.events import CommandAnswered, CommandGiven, Words
from contract.topics import MESS, Kind, address, parse, topic_of, with_lines
from simulator.command_log import MARKS_LIMIT, WAITING_LIMIT, Commands
from simulator.commands import clipped, unknown
from simulator.mess import Mess, check_rate
from simulator.refusal import Refusal

_RETRY_S = 5.0
_TIMEOUT_S = 5.0
#: How long a simulator may take to answer: one that plays fast on a busy machine is late.
_ANSWER_S = 15.0
#: Messages that may wait to be looked at; what comes beyond that is dropped with a warning.
_QUEUE_LIMIT = 1000
_ID = re.compile(rb'"id"\s*:\s*"([^"\\]{0,64})"')
_log = logging.getLogger(__name__)
_decoder = msgspec.json.Decoder(dict[str, float])
_Take = Callable[[aiomqtt.Client, aiomqtt.Message], Awaitable[None]]


async def wish(broker: BrokerUrl, rates: Mapping[str, float]) -> None:
    """Ask whoever simulates at ``broker`` for ``rates`` from now on. Raises :class:`BrokerError`."""
    try:
        async with _client(broker) as client:
            await client.publish(MESS, msgspec.json.encode(rates), qos=1)
    except aiomqtt.MqttError as error:
        raise _no_broker(broker, error) from error


async def ask(broker: BrokerUrl, path: str, given: CommandGiven) -> CommandAnswered:
    """Give a command to the machine or line at ``path``; its answer. :class:`BrokerError` where none comes in 15 s."""
    try:
        async with _client(broker) as client:
            await client.subscribe(topic_of(path, Kind.REPLY), qos=1)
            await client.publish(topic_of(path, Kind.COMMAND), encode(given), qos=1)
            async with asyncio.timeout(_ANSWER_S):
                return await _answer_to(given, client)
    except aiomqtt.MqttError as error:
        raise _no_broker(broker, error) from error
    except TimeoutError as error:
        raise BrokerError(
            f"nobody answered for {path} within {_ANSWER_S:g} s: does a simulator of that line run at {broker}"
            " (`mes simulate --broker`, `mes demo`), and is the path spelled as in its topics?"
        ) from error


async def _answer_to(given: CommandGiven, client: aiomqtt.Client) -> CommandAnswered:
    async for message in client.messages:
        try:
            answers: list[CommandAnswered] = decode(Kind.REPLY, _payload(message))
        except BadPayload as error:
            _log.warning("an answer that is none: %s", error)
            continue
        for answer in answers:
            if answer.command.id == given.id:
                return answer
    raise AssertionError("the messages of a connection end only with an error")


class Ear:
    """Hears commands for the machines at ``paths`` and their lines, and wishes for ``mess``, inside ``async with``.

    What makes sense goes to ``commands`` and sets ``heard``; anything else is answered at once, at ``now_us()``.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - each is a different thing, and all are needed
        self,
        broker: BrokerUrl,
        paths: Iterable[str],
        commands: Commands,
        now_us: Callable[[], int],
        boot: int,
        mess: Mess | None = None,
    ) -> None:
        self._paths = with_lines(paths)
        self._lines = [path for path in self._paths if not address(path).machine]
        self._broker, self._commands, self._now_us, self._boot, self._mess = broker, commands, now_us, boot, mess
        self._ready = asyncio.Event()
        self.heard = asyncio.Event()

    def mark(self, code: str = "", value: float | None = None, text: Words | None = None, by: str = "") -> None:
        """Note on every line what was done to all of it: a command ``note`` with these fields."""
        for line in self._lines:
            note = CommandGiven(uuid.uuid4().hex, "note", by, code, value=value, text=text)
            if not self._commands.hear(line, note, MARKS_LIMIT):
                _log.warning("%d commands are waiting already: %s is not marked on %s", MARKS_LIMIT, code, line)
        self.heard.set()

    def switch(self, rates: Mapping[str, float], by: str) -> None:
        """Change the mess to ``rates``, and mark what changed. Raises :class:`UsageError` for no kind or no rate."""
        if self._mess is None:
            return
        for kind, rate in rates.items():
            check_rate(kind, rate)
        for kind, rate in rates.items():
            if rate != self._mess.rates.get(kind, 0.0):
                self._mess.switch(kind, rate)
                self.mark(f"mess.{kind}", rate, by=by)

    async def __aenter__(self) -> Self:
        filters = [topic_of(f"{line}{machine}", Kind.COMMAND) for line in self._lines for machine in ("", "/+")]
        if self._mess is not None:
            filters.append(MESS)
        self._task = asyncio.create_task(_listen(self._broker, filters, self._take, self._ready), name="commands")
        ready = asyncio.ensure_future(self._ready.wait())
        await asyncio.wait((self._task, ready), return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._task.cancel()
        [failure] = await asyncio.gather(self._task, return_exceptions=True)
        if isinstance(failure, Exception):
            raise failure  # our bug: whoever went deaf of it must not go on as if nothing were asked

    async def _take(self, client: aiomqtt.Client, message: aiomqtt.Message) -> None:
        if str(message.topic) == MESS:
            self._obey(_payload(message))
            return
        try:
            path = parse(str(message.topic)).path
        except BadPayload as error:
            _log.warning("a command for nobody: %s", error)
            return
        for given, refused in self._read(path, message):
            if refused is None and self._commands.hear(path, given):
                self.heard.set()
                continue
            why = refused or Refusal("too_many", f"{WAITING_LIMIT} commands are waiting already: send fewer at a time")
            said = clipped(str(why))
            answer = CommandAnswered(self._now_us(), 0, self._boot, given, accepted=False, detail=said, why=why.why)
            await client.publish(topic_of(path, Kind.REPLY), encode(answer), qos=1)

    def _read(self, path: str, message: aiomqtt.Message) -> list[tuple[CommandGiven, Refusal | None]]:
        """The commands of a message, each with why it cannot be given."""
        payload = _payload(message)
        refused = None if path in self._paths else Refusal("path", unknown(path, self._paths))
        if message.retain:
            before = "the broker had kept it from before: publish commands without retain, they are for now"
            refused = Refusal("retained", before)
        try:
            found = decode(Kind.COMMAND, payload)
        except BadPayload as error:
            return [(_illegible(payload), Refusal("illegible", f"{error}; docs/commands says what a command is"))]
        none = Refusal("illegible", "there is no command in it")
        return [(given, refused) for given in found] or [(_illegible(payload), none)]

    def _obey(self, payload: bytes) -> None:
        try:
            rates = _decoder.decode(payload)
            self.switch(rates, "mes mess")
        except (msgspec.DecodeError, UnicodeDecodeError, UsageError) as error:
            _log.warning("a wish for the mess makes no sense: %s", error)
            return
        # A warning: from here on what is published is made worse (or better) on purpose, and who watches should know.
        _log.warning("mess: %s", ", ".join(f"{kind}={rate:g}" for kind, rate in rates.items()))


def _illegible(payload: bytes) -> CommandGiven:
    """Stands for a command that cannot be read, with its id as far as that can."""
    found = _ID.search(payload)
    return CommandGiven(found[1].decode(errors="ignore") if found else "", "")


async def _listen(broker: BrokerUrl, filters: Iterable[str], take: _Take, ready: asyncio.Event) -> None:
    """Give ``take`` what comes on ``filters``, until cancelled; ``ready`` is set once they are subscribed."""
    wanted = [(each, 1) for each in filters]
    while True:
        try:
            async with _client(broker) as client:
                await client.subscribe(wanted)
                ready.set()
                async for message in client.messages:
                    await take(client, message)
        except aiomqtt.MqttError as error:
            _log.warning("wishes are not heard (%s), trying again", error)
        await asyncio.sleep(_RETRY_S)


def _payload(message: aiomqtt.Message) -> bytes:
    payload: Any = message.payload
    return payload if isinstance(payload, bytes) else b""


def _no_broker(broker: BrokerUrl, error: aiomqtt.MqttError) -> BrokerError:
    return BrokerError(f"no broker answers at {broker} ({error}): start one with `mes broker`, or check the address")


def _client(broker: BrokerUrl) -> aiomqtt.Client:
    return aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.user,
        password=broker.password,
        protocol=aiomqtt.ProtocolVersion.V311,
        timeout=_TIMEOUT_S,
        max_queued_incoming_messages=_QUEUE_LIMIT,
    )
