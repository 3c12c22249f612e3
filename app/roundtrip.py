"""One message to a broker and back, on a topic of its own, and a look at the newest event time it holds."""

import queue
import secrets
import time

import msgspec
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from contract.broker_url import BrokerUrl
from contract.codec import decode
from contract.errors import BadPayload, BrokerError
from contract.topics import EVERYTHING, parse

_PATIENCE_S = 5.0
#: What a broker keeps of the plant arrives at once; later messages are of no interest here.
_LISTEN_S = 0.5


class Roundtrip(msgspec.Struct, frozen=True):
    """``back_s``: how long a message took there and back, s; ``newest_us``: newest event time heard meanwhile, µs."""

    back_s: float
    newest_us: int | None


def round_trip(broker: BrokerUrl) -> Roundtrip:
    """Connect, subscribe, publish, and wait for it. Raises :class:`BrokerError` saying which of these failed."""
    name = f"mes-doctor-{secrets.token_hex(4)}"
    answers: queue.Queue[object] = queue.Queue()
    client = Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTProtocolVersion.MQTTv311)
    if broker.user is not None:
        client.username_pw_set(broker.user, broker.password)
    client.connect_timeout = _PATIENCE_S
    client.on_connect = lambda _client, _data, _flags, code, _properties: answers.put(code)
    client.on_subscribe = lambda _client, _data, _mid, codes, _properties: answers.put(codes[0])
    client.on_message = lambda _client, _data, message: answers.put(message)
    try:
        client.connect(broker.host, broker.port)
    except (OSError, ValueError) as error:
        raise BrokerError(f"no broker at {broker} ({error})") from error
    client.loop_start()
    try:
        return _there_and_back(client, name, broker, answers)
    finally:
        client.disconnect()
        client.loop_stop()


def _there_and_back(client: Client, name: str, broker: BrokerUrl, answers: "queue.Queue[object]") -> Roundtrip:
    _agreed(answers, f"{broker} does not answer as an MQTT broker", f"{broker} refuses us")
    # Outside the tree of the plant, so that no collector takes it for something a machine said.
    client.subscribe(name, qos=1)
    _agreed(answers, f"{broker} does not answer a subscription", f"{broker} refuses a subscription")
    began_s = time.monotonic()
    client.publish(name, b"", qos=1)
    if _next(answers, _PATIENCE_S) is None:
        raise BrokerError(f"{broker} takes a message but does not give it back within {_PATIENCE_S:.0f} s")
    back_s = time.monotonic() - began_s
    client.subscribe(EVERYTHING, qos=0)
    heard = []
    while (message := _next(answers, _LISTEN_S)) is not None and time.monotonic() < began_s + _PATIENCE_S:
        if isinstance(message, MQTTMessage):
            heard += _times(message)
    return Roundtrip(back_s, max(heard, default=None))


def _agreed(answers: "queue.Queue[object]", silence: str, refusal: str) -> None:
    code = _next(answers, _PATIENCE_S)
    if code is None:
        raise BrokerError(silence)
    if isinstance(code, ReasonCode) and code.is_failure:
        raise BrokerError(f"{refusal} ({code}): correct user and password")


def _next(answers: "queue.Queue[object]", patience_s: float) -> object | None:
    try:
        return answers.get(timeout=patience_s)
    except queue.Empty:
        return None


def _times(message: MQTTMessage) -> list[int]:
    try:
        return [event.ts for event in decode(parse(message.topic).kind, message.payload)]
    except (BadPayload, UnicodeDecodeError):
        return []
