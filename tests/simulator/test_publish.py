"""The wire: a real Mosquitto between, nothing lost, the right things retained, silence noticed."""

import asyncio
import signal
import sys
from collections import defaultdict
from contextlib import asynccontextmanager

import aiomqtt
import pytest
from servers import free_port
from small_plants import HOUR_US, MONDAY_US, SECOND_US

from contract import codec, topics
from contract.broker_url import BrokerUrl, parse_broker_url
from contract.errors import BrokerError, UsageError
from contract.events import CommandAnswered, CommandGiven
from contract.topics import Kind
from simulator.agenda import Emission
from simulator.engine import Factory
from simulator.pacing import run_live
from simulator.plant_file import load_plant
from simulator.publish import BATCH_LIMIT, OUTBOX_LIMIT, Publisher, PublishSettings

SMT = load_plant("smt")
LINE = SMT.address(SMT.lines[0]).path


@pytest.fixture
def broker(mosquitto):
    return mosquitto


class Heard:
    """Everything that came to a subscriber."""

    def __init__(self):
        self.events, self.packets, self.news = [], [], asyncio.Condition()

    async def take(self, message):
        topic = topics.parse(str(message.topic))
        found = codec.decode(topic.kind, message.payload)
        self.packets.append((topic, len(found), message.retain))
        self.events += [(topic.path, topic.kind, event) for event in found]
        async with self.news:
            self.news.notify_all()

    async def until(self, predicate):
        async with self.news:
            await asyncio.wait_for(self.news.wait_for(lambda: predicate(self)), 20)

    def seqs(self):
        found = defaultdict(set)
        for path, kind, event in self.events:
            if kind is not Kind.LINK:
                found[path].add(event.seq)
        return found

    def links(self, path):
        return [event.online for where, kind, event in self.events if kind is Kind.LINK and where == path]


@asynccontextmanager
async def subscriber(port, identifier="ear"):
    heard, ready = Heard(), asyncio.Event()

    async def listen():
        async with aiomqtt.Client("127.0.0.1", port, identifier=identifier, clean_session=False) as client:
            await client.subscribe(topics.EVERYTHING, qos=1)
            ready.set()
            async for message in client.messages:
                await heard.take(message)

    task = asyncio.create_task(listen())
    await asyncio.wait({task, asyncio.ensure_future(ready.wait())}, return_when=asyncio.FIRST_COMPLETED)
    yield heard
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def settings_of(port, batching=False):
    return PublishSettings(BrokerUrl("127.0.0.1", port), batching)


def seqs_of(emissions):
    found = defaultdict(set)
    for path, event in emissions:
        found[path].add(event.seq)
    return found


def everything(hours):
    factory = Factory(SMT, 1, MONDAY_US)
    return factory.run_until(MONDAY_US + round(hours * HOUR_US)) + factory.finish()


@pytest.mark.mosquitto
@pytest.mark.parametrize(("speed", "hours"), [(None, 2), (3600, 1)])
def test_nothing_is_lost_or_doubled_and_batches_stay_small(broker, speed, hours):
    async def main():
        factory = Factory(SMT, 1, MONDAY_US, keep_truth=False)
        async with subscriber(broker.port) as heard:
            async with Publisher(settings_of(broker.port, batching=True), factory.paths, MONDAY_US) as publisher:
                await run_live(factory, publisher, speed, MONDAY_US + hours * HOUR_US, asyncio.Event())
                await publisher.drain()
            expected = everything(hours)
            await heard.until(lambda h: sum(map(len, h.seqs().values())) == len(expected) and not any(_last_links(h)))
        assert heard.seqs() == seqs_of(expected)
        assert sum(kind is not Kind.LINK for _, kind, _ in heard.events) == len(expected)
        assert 1 < max(count for _, count, _ in heard.packets) <= BATCH_LIMIT

    asyncio.run(main())


def _last_links(heard):
    return [heard.links(path)[-1] if heard.links(path) else True for path in (LINE, *heard.seqs())]


@pytest.mark.mosquitto
def test_one_event_a_payload_calendar_first_and_the_right_kinds_retained(broker):
    async def main():
        async with subscriber(broker.port) as heard:
            emissions = everything(0.05)
            factory = Factory(SMT, 1, MONDAY_US)
            async with Publisher(settings_of(broker.port), factory.paths, MONDAY_US) as publisher:
                await publisher.send(emissions)
                await publisher.drain()
                await heard.until(lambda h: sum(map(len, h.seqs().values())) == len(emissions))
                assert all(heard.links(path) == [True] for path in (LINE, *factory.paths))
                async with subscriber(broker.port, "late") as late:
                    await late.until(lambda h: len(h.packets) == 6 + 3 * len(factory.paths))
        assert {count for _, count, _ in heard.packets} == {1}
        kinds = [kind for _, kind, _ in heard.events if kind is not Kind.LINK]
        assert kinds[:3] == [Kind.LINE, Kind.CALENDAR, Kind.BOOK]
        assert kinds.index(Kind.ORDER) < kinds.index(Kind.STATE)
        for path in factory.paths:
            seqs = [event.seq for where, kind, event in heard.events if where == path and kind is not Kind.LINK]
            assert seqs == sorted(seqs)
        assert all(retained for _, _, retained in late.packets)
        assert {topic.kind for topic, _, _ in late.packets} == set(topics.RETAINED)

    asyncio.run(main())


@pytest.mark.mosquitto
def test_answers_do_not_wait_for_company(broker):
    path = f"{LINE}/printer"
    answers = [
        Emission(path, CommandAnswered(MONDAY_US, 0, 1, CommandGiven(str(number), "hold"), accepted=True, detail="ok"))
        for number in range(5)
    ]

    async def main():
        publisher = Publisher(settings_of(broker.port, batching=True), [path], MONDAY_US)
        async with subscriber(broker.port) as heard, publisher:
            await publisher.send(answers)
            await heard.until(lambda h: sum(kind is Kind.REPLY for _, kind, _ in h.events) == len(answers))
        replies = [(count, retained) for topic, count, retained in heard.packets if topic.kind is Kind.REPLY]
        assert replies == [(1, False)] * len(answers)
        assert [event.command.id for _, kind, event in heard.events if kind is Kind.REPLY] == list("01234")

    asyncio.run(main())


@pytest.mark.mosquitto
def test_a_broker_that_goes_and_comes_back_gets_everything(broker):
    async def main():
        factory = Factory(SMT, 1, MONDAY_US)
        first, second = factory.run_until(MONDAY_US + HOUR_US // 4), factory.run_until(MONDAY_US + HOUR_US // 2)
        async with Publisher(settings_of(broker.port, batching=True), factory.paths, MONDAY_US) as publisher:
            async with subscriber(broker.port) as before:
                await publisher.send(first)
                await publisher.drain()
                await before.until(lambda h: h.seqs() == seqs_of(first))
            await asyncio.to_thread(broker.stop)
            sending = asyncio.ensure_future(publisher.send(second))
            await asyncio.to_thread(broker.start)
            await asyncio.wait_for(sending, 30)
            await asyncio.wait_for(publisher.drain(), 30)
            async with subscriber(broker.port) as after:
                await after.until(
                    lambda h: all(
                        seqs <= before.seqs()[path] | h.seqs()[path] for path, seqs in seqs_of(first + second).items()
                    )
                )

    asyncio.run(main())


@pytest.mark.mosquitto
def test_a_slow_broker_holds_the_sender_back_and_loses_nothing(broker):
    async def main():
        emissions = [e for e in everything(10) if e.path in (LINE, f"{LINE}/loader")]
        assert len(emissions) > OUTBOX_LIMIT + 100
        async with subscriber(broker.port) as heard:
            async with Publisher(settings_of(broker.port, batching=True), [f"{LINE}/loader"], MONDAY_US) as publisher:
                await publisher.send(emissions[:4])
                await publisher.drain()
                broker.process.send_signal(signal.SIGSTOP)
                sending = asyncio.ensure_future(publisher.send(emissions[4:]))
                await asyncio.wait({sending}, timeout=0.4)
                assert not sending.done()
                broker.process.send_signal(signal.SIGCONT)
                await sending
                await publisher.drain()
            await heard.until(lambda h: h.seqs() == seqs_of(emissions))

    asyncio.run(main())


DOOMED = """
import asyncio, sys
from contract.broker_url import parse_broker_url
from simulator.publish import Publisher, PublishSettings
async def main():
    async with Publisher(PublishSettings(parse_broker_url(sys.argv[1])), [sys.argv[2]], int(sys.argv[3])):
        print("ready", flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


@pytest.mark.mosquitto
def test_the_broker_says_when_a_machine_dies(broker):
    async def main():
        path = f"{LINE}/printer"
        async with subscriber(broker.port) as heard:
            command = [sys.executable, "-c", DOOMED, f"mqtt://127.0.0.1:{broker.port}", path, str(MONDAY_US)]
            process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
            assert await process.stdout.readline() == b"ready\n"
            await heard.until(lambda h: h.links(path) == [True])
            process.kill()
            await process.wait()
            await heard.until(lambda h: h.links(path) == [True, False])
        last = heard.events[-1][2]
        assert (last.ts, last.seq, last.boot) == (MONDAY_US, 0, MONDAY_US // SECOND_US)

    asyncio.run(main())


def test_no_broker_is_said_at_once():
    async def main():
        port = free_port()
        with pytest.raises(BrokerError, match=rf"no broker answers at mqtt://127\.0\.0\.1:{port}.*mes broker"):
            async with Publisher(settings_of(port), [f"{LINE}/printer"], MONDAY_US):
                pass

    asyncio.run(main())


def test_a_broker_address_is_read():
    assert parse_broker_url("mqtt://localhost") == BrokerUrl("localhost", 1883)
    assert parse_broker_url("mqtt://me:s%40fe@[::1]:1999/") == BrokerUrl("::1", 1999, "me", "s@fe")
    assert str(parse_broker_url("mqtt://me:secret@host")) == "mqtt://host:1883"


@pytest.mark.parametrize(
    "text", ["localhost:1883", "http://x", "mqtt://", "mqtt://h:99999", "mqtt://h:no", "mqtt://h/t"]
)
def test_a_wrong_broker_address_is_refused(text):
    with pytest.raises(UsageError, match=r"write it like mqtt://127\.0\.0\.1:1883"):
        parse_broker_url(text)
