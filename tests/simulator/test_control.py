"""Commands over a real Mosquitto: what makes sense is done and answered, anything else is answered too."""

import asyncio
import io
import json
from contextlib import asynccontextmanager

import aiomqtt
import pytest
from servers import DEADLINE_S
from small_plants import MONDAY_US, SECOND_US
from test_publish import settings_of, subscriber

from contract import codec, topics
from contract.broker_url import BrokerUrl
from contract.errors import BrokerError
from contract.events import CommandGiven
from contract.states import State
from contract.topics import Kind
from simulator.command_log import WAITING_LIMIT, Commands, read_script
from simulator.control import Ear, ask
from simulator.engine import Factory
from simulator.pacing import run_live
from simulator.plant_file import load_plant
from simulator.publish import Publisher

pytestmark = pytest.mark.mosquitto
SMT = load_plant("smt")
LINE = SMT.address(SMT.lines[0]).path
PRINTER = f"{LINE}/printer"


class Plant:
    """A plant that runs live and hears commands."""

    def __init__(self, port):
        self.port, self.broker = port, BrokerUrl("127.0.0.1", port)
        self.factory, self.log = Factory(SMT, 1, MONDAY_US), io.BytesIO()
        self.commands = Commands(log=self.log)

    def ear(self):
        boot = MONDAY_US // SECOND_US
        return Ear(self.broker, self.factory.paths, self.commands, lambda: self.factory.now_us, boot)

    async def ask(self, path, verb, identifier="1", **fields):
        return await ask(self.broker, path, CommandGiven(identifier, verb, **fields))

    async def answers_to(self, topic, payload, count=1, **more):
        """The answers to anything at all, published on ``topic``."""
        found = []
        async with aiomqtt.Client("127.0.0.1", self.port) as client:
            await client.subscribe(f"{topic}/reply", qos=1)
            await client.publish(topic, payload, qos=1, **more)
            async with asyncio.timeout(DEADLINE_S):
                async for message in client.messages:
                    assert not message.retain
                    found += codec.decode(Kind.REPLY, message.payload)
                    if len(found) >= count:
                        break
        return found


@asynccontextmanager
async def running(port, speed=1):
    plant, stop = Plant(port), asyncio.Event()
    publisher = Publisher(settings_of(port, batching=speed != 1), plant.factory.paths, MONDAY_US)
    async with publisher, plant.ear() as ear:
        live = run_live(plant.factory, publisher, speed, None, stop, commands=plant.commands, heard=ear.heard)
        task = asyncio.create_task(live)
        yield plant
        stop.set()
        await task


@pytest.mark.parametrize("speed", [1, 3600])
def test_a_command_is_done_answered_and_logged(mosquitto, speed):
    async def main():
        async with running(mosquitto.port, speed) as plant, subscriber(mosquitto.port) as heard:
            answer = await plant.ask(PRINTER, "hold", by="a test")
            assert answer.accepted, answer
            await heard.until(
                lambda h: any(
                    event.ts == answer.ts and event.state is State.HELD and event.reason == "commanded"
                    for path, kind, event in h.events
                    if path == PRINTER and kind is Kind.STATE
                )
            )
            assert (await plant.ask(PRINTER, "hold", "2")).detail.startswith("hold is illegal in Held")
            assert (await plant.ask(LINE, "break_line", "3", duration_s=60.0)).accepted
        script = read_script(plant.log.getvalue().splitlines(), "log")
        assert [(timed.path, timed.command.verb) for timed in script] == [
            (PRINTER, "hold"), (PRINTER, "hold"), (LINE, "break_line")
        ]  # fmt: skip
        assert script[0].at_us == answer.ts

    asyncio.run(main())


def test_the_same_command_twice_is_answered_twice_and_done_once(mosquitto):
    async def main():
        async with running(mosquitto.port) as plant:
            wish = codec.encode(
                CommandGiven("same", "add_order", order="X", product=SMT.lines[0].products[0].id, quantity=1)
            )
            found = await plant.answers_to(topics.topic_of(LINE, Kind.COMMAND), b"[" + wish + b"," + wish + b"]", 2)
            assert [answer.accepted for answer in found] == [True, True]

    asyncio.run(main())


@pytest.mark.parametrize(
    ("payload", "identifier", "detail"),
    [
        (b"", "", "not_json"),
        (b"\xff\xfe", "", "not_json"),
        (b"[]", "", "there is no command in it"),
        (b'{"id": "seven", "verb": "hold"', "seven", "not_json"),
        (b'{"id": "7", "verb": "hold", "force": true}', "7", "Object contains unknown field `force`"),
        (b'{"id": "7", "verb": 12}', "7", "Expected `str`, got `int` - at `$.verb`"),
        (b'{"id": "7", "verb": "mode", "mode": "Party"}', "7", "Invalid enum value 'Party' - at `$.mode`"),
        (b'{"id": "7", "verb": "break", "duration_s": -1}', "7", "`$.duration_s`"),
        (json.dumps({"id": "x" * 65, "verb": "hold"}).encode(), "", "`$.id`"),
        (b"[" * 5000, "", "not_"),
    ],
)
def test_what_cannot_be_read_is_answered_with_the_mend(mosquitto, payload, identifier, detail):
    async def main():
        plant = Plant(mosquitto.port)
        async with plant.ear():
            [answer] = await plant.answers_to(topics.topic_of(PRINTER, Kind.COMMAND), payload)
        assert (answer.command.id, answer.accepted) == (identifier, False)
        assert detail in answer.detail
        assert not plant.commands.has_heard

    asyncio.run(main())


def test_a_wish_for_nobody_or_from_before_or_one_too_many_is_refused(mosquitto):
    async def main():
        plant = Plant(mosquitto.port)
        wish = codec.encode(CommandGiven("1", "hold"))
        async with plant.ear():
            [answer] = await plant.answers_to(f"mes/v1/{LINE}/kiln/cmd", wish)
            assert "there is no machine 'kiln' on line smt-1: there are loader, printer" in answer.detail
            flood = b"[" + b",".join([wish] * (WAITING_LIMIT + 3)) + b"]"
            found = await plant.answers_to(f"mes/v1/{PRINTER}/cmd", flood, 3)
            assert {answer.detail for answer in found} == {"100 commands are waiting already: send fewer at a time"}
            assert len(found) == 3
        async with aiomqtt.Client("127.0.0.1", mosquitto.port) as client:
            await client.publish(f"mes/v1/{PRINTER}/cmd", wish, qos=1, retain=True)
        async with subscriber(mosquitto.port) as heard, plant.ear():
            await heard.until(lambda h: any(kind is Kind.REPLY for _, kind, _ in h.events))
        [reply] = [event for _, kind, event in heard.events if kind is Kind.REPLY]
        assert "publish commands without retain" in reply.detail

    asyncio.run(main())


def test_a_line_that_nobody_simulates_is_silent_and_that_is_said(mosquitto, monkeypatch):
    monkeypatch.setattr("simulator.control._ANSWER_S", 0.1)

    async def main():
        plant = Plant(mosquitto.port)
        async with plant.ear():
            with pytest.raises(
                BrokerError, match=r"nobody answered for e/s/a/l/m within 0.1 s: does a simulator .* run"
            ):
                await plant.ask("e/s/a/l/m", "hold")

    asyncio.run(main())


def test_a_question_needs_a_broker():
    with pytest.raises(BrokerError, match="no broker answers"):
        asyncio.run(ask(BrokerUrl("127.0.0.1", 1), PRINTER, CommandGiven("1", "hold")))
