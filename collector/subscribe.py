"""From the broker to the store, losing nothing: a message is acknowledged only once what it said is committed.

    network thread: on_message → inbox        worker: inbox → intake → journal.commit → acknowledge, in arrival order

The session is persistent and its name fixed, so the broker keeps what comes while we are away, and sends again what was
not acknowledged. The ledgers drop what they already have; hence at-least-once on the wire is exactly-once in the rows.
"""

import logging
import threading
import time
from collections import deque

from msgspec import Struct
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from collector.intake import Intake
from collector.journal import Journal
from contract.broker_url import BrokerUrl
from contract.errors import BrokerError, StoreError
from contract.topics import EVERYTHING

#: Packets waiting for the worker. The broker's own limit of unacknowledged packets is usually far below.
INBOX_LIMIT = 20_000
#: A commit takes no more events than this, nor packets that take longer than this to fold.
BATCH_EVENTS = 20_000
BATCH_S = 0.15
KEEPALIVE_S = 30
CONNECT_S = 10.0
#: A commit waits for more as long as each pause brings some: one for each packet would be many times dearer.
PAUSE_S = 0.002
LINGER_S = 0.05
#: Waits between attempts to write a store that refuses: doubled from the first to the last.
RETRY_S = (0.1, 5.0)

_log = logging.getLogger(__name__)


class SubscribeSettings(Struct, frozen=True):
    """Where the broker is and who we are there. Two collectors with one ``client_id`` throw each other out."""

    broker: BrokerUrl
    client_id: str = "mes-collector"


class Stats(Struct, frozen=True):
    """How it goes. ``newest_us``: newest event time; ``waiting``: packets not yet taken by the worker."""

    packets: int
    events: int
    commits: int
    newest_us: int
    waiting: int
    connected: bool


class Packet(Struct, frozen=True, gc=False):
    """A message and what is needed to acknowledge it: its id means something only on the connection it came by."""

    connection: int
    mid: int
    qos: int
    topic: str
    payload: bytes
    retained: bool


class Subscriber:
    """Runs in threads of its own between :meth:`start` and :meth:`stop`.

    ``failure`` is set when a bug of ours ended the work; nothing that a machine, the broker or the disk does ends it.
    """

    def __init__(self, settings: SubscribeSettings, intake: Intake, journal: Journal) -> None:
        self._settings, self._intake, self._journal = settings, intake, journal
        self._inbox: deque[Packet] = deque()
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._answered = threading.Event()
        self._answer: ReasonCode | None = None
        # Guards the pair (connection, acknowledge): a packet id of a lost connection must not be said on the next.
        self._wire = threading.Lock()
        self._connection = 0
        self._packets = self._commits = 0
        self._worker = threading.Thread(target=self._work, name="collector", daemon=True)
        self._client = self._make_client()
        self.failure: BaseException | None = None

    def start(self) -> None:
        """Connect and go to work; from its return on nothing is missed. Raises :class:`BrokerError` where it cannot."""
        broker = self._settings.broker
        try:
            self._client.connect(broker.host, broker.port, keepalive=KEEPALIVE_S)
        except (OSError, ValueError) as error:
            raise BrokerError(
                f"no broker at {broker} ({error}): start one with `mes broker`, or correct the address"
            ) from error
        self._client.loop_start()
        if not self._answered.wait(CONNECT_S):
            self._hang_up()
            raise BrokerError(f"what listens at {broker} does not answer as an MQTT broker: correct the address")
        if self._answer is not None and self._answer.is_failure:
            self._hang_up()
            raise BrokerError(f"the broker at {broker} refuses us ({self._answer}): correct user and password")
        self._worker.start()

    def stop(self) -> None:
        """Finish what is being committed, acknowledge it, and leave; the broker keeps the session and the rest."""
        self._stopping.set()
        self._wake.set()
        if self._worker.is_alive():
            self._worker.join()
        self._hang_up()

    @property
    def stats(self) -> Stats:
        """Counts since the start."""
        return Stats(
            packets=self._packets,
            events=self._intake.events,
            commits=self._commits,
            newest_us=self._intake.newest_us,
            waiting=len(self._inbox),
            connected=self._client.is_connected(),
        )

    def _make_client(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._settings.client_id,
            clean_session=False,
            protocol=MQTTProtocolVersion.MQTTv311,
            manual_ack=True,
        )
        broker = self._settings.broker
        if broker.user is not None:
            client.username_pw_set(broker.user, broker.password)
        client.connect_timeout = CONNECT_S
        client.reconnect_delay_set(min_delay=1, max_delay=30)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _hang_up(self) -> None:
        self._stopping.set()
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(
        self, client: Client, _data: object, _flags: ConnectFlags, answer: ReasonCode, _properties: Properties | None
    ) -> None:
        self._answer = answer
        if not answer.is_failure:
            # Also with a session already there: a broker that lost it would otherwise send nothing for ever.
            client.subscribe(EVERYTHING, qos=1)
            return
        self._answered.set()

    def _on_subscribe(
        self, _client: Client, _data: object, _mid: int, answers: list[ReasonCode], _properties: Properties | None
    ) -> None:
        # Only from here on the broker keeps everything for us.
        self._answer = answers[0]
        self._answered.set()
        _log.info("subscribed: %s", self._answer)

    def _on_disconnect(
        self,
        _client: Client,
        _data: object,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        with self._wire:
            self._connection += 1
        if not self._stopping.is_set():
            _log.warning("the broker is gone (%s); trying again", reason)

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        while len(self._inbox) >= INBOX_LIMIT and not self._stopping.is_set():
            time.sleep(0.001)
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""
        packet = Packet(self._connection, message.mid, message.qos, topic, bytes(message.payload), message.retain)
        self._inbox.append(packet)
        self._wake.set()

    def _work(self) -> None:
        try:
            while not self._stopping.is_set():
                self._wake.wait()
                self._wake.clear()
                while self._inbox and not self._stopping.is_set():
                    self._linger()
                    self._digest()
        except Exception as error:  # noqa: BLE001 - kept in ``failure`` for whoever runs us
            _log.exception("the collector stops: this is a bug")
            self.failure = error
            # Nothing is acknowledged any more; hanging up lets the broker keep everything for the next start.
            self._client.disconnect()

    def _linger(self) -> None:
        # Ends at the latest when the broker waits for acknowledgements, for then nothing more comes.
        seen, until_s = 0, time.monotonic() + LINGER_S
        while len(self._inbox) > seen and time.monotonic() < until_s:
            seen = len(self._inbox)
            time.sleep(PAUSE_S)

    def _digest(self) -> None:
        batch = self._feed()
        if self._commit():
            self._commits += 1
            self._packets += len(batch)
            self._acknowledge(batch)

    def _feed(self) -> list[Packet]:
        received_us = time.time_ns() // 1000
        until_s = time.monotonic() + BATCH_S
        batch: list[Packet] = []
        events = 0
        while self._inbox and events < BATCH_EVENTS and time.monotonic() < until_s:
            packet = self._inbox.popleft()
            events += self._intake.feed(packet.topic, packet.payload, packet.retained, received_us)
            batch.append(packet)
        return batch

    def _commit(self) -> bool:
        """Write until it is written; false only when we are told to stop while the store still refuses."""
        changes, wait_s = self._intake.drain(), RETRY_S[0]
        while True:
            try:
                self._journal.commit(changes)
            except StoreError as error:
                _log.warning("%s Nothing is lost: the broker keeps it; trying again in %.1f s.", error, wait_s)
                if self._stopping.wait(wait_s):
                    return False
                wait_s = min(2 * wait_s, RETRY_S[1])
            else:
                return True

    def _acknowledge(self, batch: list[Packet]) -> None:
        with self._wire:
            for packet in batch:
                if packet.qos and packet.connection == self._connection:
                    self._client.ack(packet.mid, packet.qos)
