"""The mess over a real Mosquitto: links really lost, everything there in the end, and switched while it runs."""

import asyncio
from collections import defaultdict

import pytest
from msgspec.structs import replace
from servers import DEADLINE_S
from small_plants import HOUR_US, MONDAY_US
from test_publish import Heard, seqs_of, settings_of, subscriber

from contract import codec
from contract.broker_url import BrokerUrl
from contract.errors import BrokerError
from contract.events import CommandAnswered, CommandGiven
from contract.topics import Kind, topic_of
from simulator.command_log import Commands
from simulator.control import Ear, wish
from simulator.engine import Factory
from simulator.mess import Mess, Wire, parse_mess
from simulator.pacing import run_live
from simulator.plant_file import load_plant
from simulator.publish_mess import MessyPublisher

pytestmark = pytest.mark.mosquitto
SMT = load_plant("smt")
SEED = 1


def factory_and_mess(text):
    factory = Factory(SMT, SEED, MONDAY_US, keep_truth=False)
    return factory, Mess(parse_mess(text), SEED, factory.paths, MONDAY_US)


def everything(hours):
    factory = Factory(SMT, SEED, MONDAY_US)
    return factory.run_until(MONDAY_US + hours * HOUR_US) + factory.finish()


def is_complete(heard, expected):
    return all(seqs <= heard.seqs()[path] for path, seqs in expected.items())


@pytest.mark.parametrize("batching", [False, True])
def test_a_lost_link_is_seen_by_the_broker_and_everything_comes_in_the_end(mosquitto, batching):
    async def main():
        factory, mess = factory_and_mess("offline=1")
        expected = seqs_of(everything(1))
        async with subscriber(mosquitto.port) as heard:
            publisher = MessyPublisher(settings_of(mosquitto.port, batching), factory.paths, MONDAY_US, mess)
            async with publisher:
                await run_live(factory, publisher, None, MONDAY_US + HOUR_US, asyncio.Event())
                await publisher.finish()
                await heard.until(lambda h: is_complete(h, expected))
                links = {path: heard.links(path) for path in factory.paths}
        assert sum(links[path].count(False) for path in links) > 5
        for said in links.values():
            assert said == [True, False] * (len(said) // 2) + [True]
        assert heard.seqs() == expected
        order = defaultdict(list)
        for path, kind, event in heard.events:
            if kind is not Kind.LINK:
                order[path].append(event.seq)
        assert all(seqs == sorted(seqs) for seqs in order.values())

    asyncio.run(main())


def test_all_kinds_together_end_by_themselves_and_leave_a_last_word(mosquitto):
    async def main():
        factory, mess = factory_and_mess("all")
        async with subscriber(mosquitto.port) as heard:
            heard.take = forgiving(heard)
            publisher = MessyPublisher(settings_of(mosquitto.port), factory.paths, MONDAY_US, mess)
            async with publisher:
                await run_live(factory, publisher, None, MONDAY_US + HOUR_US, asyncio.Event())
                await publisher.finish()
            await heard.until(lambda h: all(h.links(path)[-1:] == [False] for path in factory.paths))
        assert heard.unreadable > 5
        assert len(heard.events) > 1000
        boots = {event.boot for path, kind, event in heard.events if kind is not Kind.LINK}
        assert len(boots) > 2

    asyncio.run(main())


def test_answers_come_one_by_one_although_the_link_of_the_machine_is_lost(mosquitto):
    async def main():
        factory, mess = factory_and_mess("all=off")
        path = factory.paths[1]
        lost = Wire(
            path, topic_of(path, Kind.LINK), codec.encode(replace(mess.links()[path], online=False)), link=False
        )
        answers = [
            CommandAnswered(MONDAY_US, 0, 1, CommandGiven(str(number), "hold"), accepted=True, detail="ok")
            for number in range(3)
        ]
        publisher = MessyPublisher(settings_of(mosquitto.port, batching=True), factory.paths, MONDAY_US, mess)
        async with subscriber(mosquitto.port) as heard, publisher:
            await publisher.put([lost])
            await heard.until(lambda h: h.links(path)[-1:] == [False])
            await publisher.put(Wire(path, topic_of(path, Kind.REPLY), codec.encode(answer)) for answer in answers)
            await heard.until(lambda h: sum(kind is Kind.REPLY for _, kind, _ in h.events) == len(answers))
            assert {count for topic, count, _ in heard.packets if topic.kind is Kind.REPLY} == {1}

    asyncio.run(main())


def forgiving(heard):
    heard.unreadable = 0

    async def take(message):
        try:
            await Heard.take(heard, message)
        except Exception:  # noqa: BLE001 - whatever a malformed message does to this simple reader
            heard.unreadable += 1

    return take


def test_the_mess_is_switched_while_it_runs(mosquitto):
    broker = BrokerUrl("127.0.0.1", mosquitto.port)

    async def until(question, rates):
        async with asyncio.timeout(DEADLINE_S):
            while not question():
                await wish(broker, rates)
                await asyncio.sleep(0.05)

    async def main():
        factory, mess = factory_and_mess("lost=1")
        commands = Commands()
        async with Ear(broker, factory.paths, commands, lambda: MONDAY_US, 1, mess):
            await until(lambda: mess.rates.get("duplicates") == 0.5, {"duplicates": 0.5, "lost": 0.0})
            assert mess.rates == {"duplicates": 0.5, "lost": 0.0}
            await wish(broker, {"duplicates": 0.1, "smell": 1.0})
            await wish(broker, {"duplicates": 7.0})
            await until(lambda: mess.rates["lost"] == 0.25, {"lost": 0.25})
            assert mess.rates == {"duplicates": 0.5, "lost": 0.25}
        # However often it was wished, each change is marked once.
        said = commands.run_until(factory, MONDAY_US)
        answers = [event for _, event in said if isinstance(event, CommandAnswered)]
        assert [(one.command.code, one.command.value) for one in answers] == [
            ("mess.duplicates", 0.5), ("mess.lost", 0.0), ("mess.lost", 0.25)
        ]  # fmt: skip
        assert all(one.accepted and one.command.by == "mes mess" for one in answers)

    asyncio.run(main())


def test_a_wish_needs_a_broker():
    with pytest.raises(BrokerError, match="no broker answers"):
        asyncio.run(wish(BrokerUrl("127.0.0.1", 1), {"lost": 0.1}))
