"""The subscriber against a real Mosquitto: rows, acknowledgements after the commit, and coming back."""

import subprocess
import sys
import threading
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from database import database
from paho.mqtt.enums import CallbackAPIVersion
from saying import BOOT, LINE, PATH, Voice, calendar
from servers import DEADLINE_S, free_port, until

from collector.intake import Intake
from collector.journal import Journal
from collector.subscribe import Subscriber, SubscribeSettings
from contract.broker_url import BrokerUrl
from contract.codec import KIND_OF, encode, encode_many
from contract.errors import BrokerError, StoreError
from contract.events import LinkChanged
from contract.topics import RETAINED, topic_of

pytestmark = pytest.mark.mosquitto


@pytest.fixture
def broker(mosquitto):
    return mosquitto


class Publisher:
    def __init__(self, port):
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def say(self, *events, path=PATH):
        for event in events:
            kind = KIND_OF[type(event)]
            self.raw(topic_of(path, kind), encode(event), retain=kind in RETAINED)

    def raw(self, topic, payload, retain=False):
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(DEADLINE_S)

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def publisher(broker):
    client = Publisher(broker.port)
    yield client
    client.close()


class HeldJournal:
    """A journal whose commits wait to be let through, or fail as often as told."""

    def __init__(self, journal, failures=0):
        self._journal, self._failures = journal, failures
        self.asked, self.go = threading.Event(), threading.Event()

    def commit(self, changes):
        self.asked.set()
        self.go.wait(DEADLINE_S)
        if self._failures:
            self._failures -= 1
            raise StoreError("no room.")
        self._journal.commit(changes)


def read(store, sql):
    with database(store) as db:
        return db.execute(sql).fetchall()


def good_parts(store):
    return read(store, "SELECT coalesce(sum(good), 0) FROM minutes")[0][0]


def collector(broker, store, wrap=lambda journal: journal):
    journal = Journal.open(store)
    subscriber = Subscriber(
        SubscribeSettings(BrokerUrl("127.0.0.1", broker.port)), Intake(saved=journal.load()), wrap(journal)
    )  # fmt: skip
    subscriber.start()
    return subscriber, journal


def end(subscriber, journal):
    subscriber.stop()
    journal.close()
    assert subscriber.failure is None


def test_events_become_rows_and_bad_ones_are_kept(broker, publisher, tmp_path):
    store = tmp_path / "mes.db"
    subscriber, journal = collector(broker, store)
    v = Voice()
    publisher.say(calendar(0, [(0, 1000)]), path=LINE)
    publisher.say(v.info(0), LinkChanged(v.run(0).ts, 1, BOOT, online=True))
    v.seq = 2
    publisher.say(v.run(0), v.made(10), v.starve(20))
    publisher.raw(topic_of(PATH, "count"), encode_many([v.made(30), v.made(40)]))
    publisher.raw("mes/v1/what", b"?")
    publisher.say(v.beat(60))
    until(lambda: read(store, "SELECT max(end_us) FROM intervals") == [(v.beat(60).ts,)], "the last row")
    assert good_parts(store) == 3
    assert read(store, "SELECT reason FROM quarantine") == [("bad_topic",)]
    assert read(store, "SELECT state, online FROM current_state") == [("Suspended", 1)]
    assert subscriber.stats.connected
    end(subscriber, journal)
    assert subscriber.stats.events == 10


def test_what_was_not_committed_comes_again_and_counts_once(broker, publisher, tmp_path):
    store = tmp_path / "mes.db"
    code = (
        "import os, sys; sys.path[:0] = sys.argv[3:]; from pathlib import Path; import test_subscribe as t\n"
        "class Broker: port = int(sys.argv[2])\n"
        "class Dying:\n"
        "    def __init__(self, journal): self.journal, self.left = journal, 1\n"
        "    def commit(self, changes):\n"
        "        self.journal.commit(changes)\n"
        "        self.left -= 1\n"
        "        if self.left < 0: os.kill(os.getpid(), 9)\n"
        "t.collector(Broker, Path(sys.argv[1]), Dying)\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
    )
    here = Path(__file__).parent
    arguments = [sys.executable, "-c", code, store, str(broker.port), str(here), str(here.parent)]
    victim = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    victim.stdout.readline()
    v = Voice()
    publisher.say(v.run(0))
    until(lambda: read(store, "SELECT count(*) FROM ledger")[0][0] > 0, "the first commit")
    publisher.say(*(v.made(n) for n in range(1, 60)))
    victim.wait(DEADLINE_S)  # it died after its second commit and before acknowledging it
    victim.communicate()
    publisher.say(v.beat(60))
    subscriber, journal = collector(broker, store)
    until(lambda: read(store, "SELECT max(end_us) FROM intervals") == [(v.beat(60).ts,)], "the last row")
    end(subscriber, journal)
    assert good_parts(store) == 59
    assert read(store, "SELECT lost, late FROM health WHERE path LIKE '%m1'") == [(0, 0)]
    assert read(store, "SELECT duplicates FROM health WHERE path LIKE '%m1'")[0][0] > 0


def test_nothing_is_acknowledged_before_the_commit(broker, publisher, tmp_path):
    held = []

    def hold(journal):
        held.append(HeldJournal(journal, failures=1000))
        return held[0]

    first, journal = collector(broker, tmp_path / "lost.db", hold)
    v = Voice()
    publisher.say(v.run(0), v.made(10))
    assert held[0].asked.wait(DEADLINE_S)
    held[0].go.set()
    first.stop()  # the store refuses, so this leaves without a commit
    journal.close()
    second, journal = collector(broker, tmp_path / "fresh.db")
    until(lambda: good_parts(tmp_path / "fresh.db") == 1, "the events to come again")
    end(second, journal)


def test_a_store_that_refuses_for_a_while_loses_nothing(broker, publisher, tmp_path):
    store = tmp_path / "mes.db"

    def refuse_twice(journal):
        held = HeldJournal(journal, failures=2)
        held.go.set()
        return held

    subscriber, journal = collector(broker, store, refuse_twice)
    v = Voice()
    publisher.say(v.run(0), *(v.made(n) for n in range(1, 20)))
    until(lambda: good_parts(store) == 19, "the rows")
    end(subscriber, journal)


def test_the_broker_may_go_and_come_back(broker, publisher, tmp_path):
    store = tmp_path / "mes.db"
    subscriber, journal = collector(broker, store)
    v = Voice()
    publisher.say(v.run(0), v.made(5))
    until(lambda: good_parts(store) == 1, "the first part")
    publisher.close()
    broker.stop()
    until(lambda: not subscriber.stats.connected, "the loss to be seen")
    broker.start()
    again = Publisher(broker.port)
    again.say(v.made(10), v.made(20))
    until(lambda: good_parts(store) == 3, "the parts made after the broker came back")
    again.close()
    end(subscriber, journal)


def test_a_session_survives_the_collectors_absence(broker, publisher, tmp_path):
    store = tmp_path / "mes.db"
    v = Voice()
    end(*collector(broker, store))
    publisher.say(v.run(0), *(v.made(n) for n in range(1, 500)))
    subscriber, journal = collector(broker, store)
    until(lambda: good_parts(store) == 499, "what came while nobody was there")
    end(subscriber, journal)


def test_no_broker_is_said(tmp_path):
    journal = Journal.open(tmp_path / "mes.db")
    subscriber = Subscriber(SubscribeSettings(BrokerUrl("127.0.0.1", free_port())), Intake(), journal)
    with pytest.raises(BrokerError, match="no broker at"):
        subscriber.start()
    journal.close()
