"""Debian's Mosquitto with the deployment's own configuration, secrets and access list, asked by real clients."""

import subprocess
import threading

import pytest
from composed import ROOT, services
from deployed import Deployed, as_user
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from servers import DEADLINE_S, require, until

from contract.codec import PAYLOAD_LIMIT_BYTES
from contract.topics import EVERYTHING

pytestmark = pytest.mark.mosquitto
LINE = "mes/v1/que-vo-electronics/que-vo/smt/smt-1"
SAID = {f"{LINE}/printer/state", f"{LINE}/printer/link", f"{LINE}/calendar"}
COMMANDS, REPLIES = {f"{LINE}/cmd", f"{LINE}/printer/cmd"}, {f"{LINE}/cmd/reply", f"{LINE}/printer/cmd/reply"}
MESS, UPTIME = {"mes/control/mess"}, {"$SYS/broker/uptime"}
OTHERS = {"mes/control/other", "mes/v2/a/b/c/d/e/state", "mes-doctor-1", f"{LINE}/cmd/reply/more", "$SYS/broker/x"}
TOPICS = SAID | COMMANDS | REPLIES | MESS | UPTIME | OTHERS
UNDER_V1 = {topic for topic in TOPICS if topic.startswith("mes/v1/")}
MAY_WRITE = {"simulator": UNDER_V1, "collector": set(), "command": COMMANDS | MESS, "health": set()}
MAY_READ = {"simulator": COMMANDS | MESS, "collector": UNDER_V1, "command": REPLIES, "health": UPTIME}


class Person:
    """A client; MQTT 5, for only there a broker says that it refused a message."""

    def __init__(self, port, user=None, password=None, name=""):
        self.heard, self._answers, self._came = [], {}, threading.Condition()
        self.client = Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTv5)
        if user is not None:
            self.client.username_pw_set(user, password)
        self.client.on_connect = lambda _c, _d, _f, code, _p: self._answer("connect", code)
        self.client.on_publish = lambda _c, _d, mid, code, _p: self._answer(mid, code)
        self.client.on_subscribe = lambda _c, _d, mid, codes, _p: self._answer(mid, codes[0])
        self.client.on_disconnect = lambda _c, _d, _f, code, _p: self._answer("gone", code)
        self.client.on_message = lambda _c, _d, message: self.heard.append(message)
        kept = Properties(PacketTypes.CONNECT)
        kept.SessionExpiryInterval = 3600 if name else 0
        self.client.connect("127.0.0.1", port, clean_start=not name, properties=kept)
        self.client.loop_start()
        self.admitted = not self.answer("connect").is_failure

    def _answer(self, to, code):
        with self._came:
            self._answers[to] = code
            self._came.notify_all()

    def answer(self, to):
        with self._came:
            assert self._came.wait_for(lambda: to in self._answers, DEADLINE_S), f"no answer to {to}"
            return self._answers[to]

    def publish(self, topic, payload=b"x", **more):
        """Whether the broker took it."""
        return not self.answer(self.client.publish(topic, payload, qos=1, **more).mid).is_failure

    def publish_all(self, topics):
        """Those of ``topics`` that the broker took."""
        sent = {topic: self.client.publish(topic, b"x", qos=1).mid for topic in topics}
        return {topic for topic, mid in sent.items() if not self.answer(mid).is_failure}

    def subscribe(self, *topics):
        """On return everything published before has come: the broker answers in order."""
        self.answer(self.client.subscribe([(topic, 1) for topic in topics])[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def broker(ground):
    with Deployed(ground) as running:
        yield running


def admitted(broker, role, **more):
    return Person(broker.port, role, broker.password(role), **more)


@pytest.mark.parametrize("role", MAY_WRITE)
def test_a_role_may_write_what_it_may_and_nothing_else(broker, role):
    taken = set()
    for topic in TOPICS:
        # A connection each: Mosquitto before 2.0.18 cuts off who writes what he may not, where queues have no limit.
        with admitted(broker, role) as person:
            taken |= {topic} if person.publish(topic) else set()
    assert taken == MAY_WRITE[role]


@pytest.mark.parametrize("role", MAY_READ)
def test_a_role_may_read_what_it_may_and_nothing_else(broker, role):
    with admitted(broker, role) as person, admitted(broker, "simulator") as plant, admitted(broker, "command") as asker:
        person.subscribe("#", "$SYS/#", *TOPICS)
        assert plant.publish_all(UNDER_V1) == UNDER_V1
        assert asker.publish_all(MESS) == MESS
        if role == "health":  # the broker itself says this, now and then
            until(lambda: person.heard, "the broker's uptime")
        person.subscribe("fence")
        assert {message.topic for message in person.heard} == MAY_READ[role]


def test_nobody_comes_in_without_the_right_password(broker):
    right = broker.password("collector")
    strangers = [(None, None), ("collector", None), ("collector", ""), ("collector", right[:-1]), ("admin", right)]
    strangers += [("collector", broker.password("simulator")), ("mosquitto", "mosquitto")]
    for user, password in strangers:
        with Person(broker.port, user, password) as stranger:
            assert not stranger.admitted, (user, password)
    with Person(broker.port, "collector", right) as known:
        assert known.admitted


def test_what_came_while_the_collector_was_away_outlives_a_restart(broker):
    """More than Mosquitto keeps and sends at once by default."""
    many = 3000
    with admitted(broker, "collector", name="mes-collector") as collector:
        collector.subscribe(EVERYTHING)
    with admitted(broker, "simulator") as plant:
        sent = [plant.client.publish(f"{LINE}/printer/state", str(number), qos=1).mid for number in range(many)]
        assert all(not plant.answer(mid).is_failure for mid in sent)
        assert plant.publish(f"{LINE}/calendar", b"kept", retain=True)
    broker.__exit__()
    with broker, admitted(broker, "collector", name="mes-collector") as collector:
        until(lambda: len(collector.heard) > many, "what had waited")
        assert [int(message.payload) for message in collector.heard[:many]] == list(range(many))
        with admitted(broker, "collector") as newcomer:
            newcomer.subscribe(EVERYTHING)
            newcomer.subscribe("fence")
            assert [message.payload for message in newcomer.heard] == [b"kept"]


def test_the_largest_message_passes_and_a_larger_one_does_not(broker):
    with admitted(broker, "simulator") as plant:
        assert plant.publish(f"{LINE}/{'m' * 64}/state", bytes(PAYLOAD_LIMIT_BYTES))
        plant.client.publish(f"{LINE}/printer/state", bytes(PAYLOAD_LIMIT_BYTES + 16_000), qos=1)
        assert plant.answer("gone").is_failure


def test_the_limits_are_those_of_the_design():
    text = (ROOT / "deploy/mosquitto.conf").read_text("utf-8").splitlines()
    asked = {"max_queued_messages 0", "max_inflight_messages 1000", "persistence true", "allow_anonymous false"}
    assert asked <= set(text)


def test_the_health_check_is_well_with_the_broker_and_only_then(broker):
    service = services()["mosquitto"]
    kind, command, *arguments = [each.replace("$$", "$") for each in service["healthcheck"]["test"]]
    assert kind == "CMD"
    require(command, "mosquitto-clients")
    folder = service["environment"]["XDG_CONFIG_HOME"].replace("/secrets", str(broker.secrets))

    def check(*more):
        wanted = [
            *as_user(1883),
            "env",
            f"XDG_CONFIG_HOME={folder}",
            command,
            "-p",
            str(broker.port),
            *arguments,
            *more,
        ]
        return subprocess.run(wanted, capture_output=True, timeout=60, check=False).returncode

    assert check() == 0
    assert check("-P", "another") != 0
    broker.__exit__()
    assert check() != 0
    broker.__enter__()
