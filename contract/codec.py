"""Bytes <-> events: the only place that knows a JSON key (they are the field names of ``events``).

A payload is one event or an array of events, oldest first. An event file has one JSON object a line:
``{"topic": "...", "payload": {...}}``, exactly what would have gone over the wire. ``"retained": true`` marks what the
broker had kept from before; a payload that is not JSON stands as base64 under ``raw`` instead of ``payload``.
"""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from contract.errors import BadPayload
from contract.events import (
    AlarmChanged,
    BookChanged,
    CalendarPublished,
    CommandAnswered,
    CommandGiven,
    Event,
    HeartBeaten,
    LineDescribed,
    LinkChanged,
    MachineDescribed,
    MaterialChanged,
    OrderProgressed,
    OrderStarted,
    PartsCounted,
    StateChanged,
    UnitProcessed,
    ValuesMeasured,
)
from contract.topics import Kind

#: Larger payloads are refused unread; an array of 50 heartbeats has about 15 kB.
PAYLOAD_LIMIT_BYTES = 256 * 1024

#: Why something was quarantined → what that means. The collector adds what only it can see (see collector.ledger).
REASONS = {
    "bad_topic": "the topic is not in the tree",
    "unknown_kind": "the topic ends in a kind this version does not know",
    "too_large": f"the payload is larger than {PAYLOAD_LIMIT_BYTES} bytes",
    "not_json": "the payload is not JSON",
    "not_in_contract": "a field is missing, of the wrong type or out of range",
    "bad_time": "the time is before 2000, after 2100 or not a whole number of microseconds",
    "bad_line": "a line of an event file is not an object with topic and payload",
}

KIND_OF: dict[type[Any], Kind] = {
    StateChanged: Kind.STATE,
    PartsCounted: Kind.COUNT,
    HeartBeaten: Kind.HEARTBEAT,
    MachineDescribed: Kind.INFO,
    LinkChanged: Kind.LINK,
    LineDescribed: Kind.LINE,
    CalendarPublished: Kind.CALENDAR,
    OrderStarted: Kind.ORDER,
    OrderProgressed: Kind.PROGRESS,
    BookChanged: Kind.BOOK,
    UnitProcessed: Kind.UNIT,
    ValuesMeasured: Kind.VALUE,
    MaterialChanged: Kind.MATERIAL,
    AlarmChanged: Kind.ALARM,
    CommandGiven: Kind.COMMAND,
    CommandAnswered: Kind.REPLY,
}

_encoder = msgspec.json.Encoder()
_one: dict[Kind, msgspec.json.Decoder[Any]] = {kind: msgspec.json.Decoder(cls) for cls, kind in KIND_OF.items()}
_many: dict[Kind, msgspec.json.Decoder[Any]] = {kind: msgspec.json.Decoder(list[cls]) for cls, kind in KIND_OF.items()}  # type: ignore[valid-type]
_TIME_FIELD = re.compile(r"\.(ts|since|began|finish|due|valid_from|valid_to|start|end)`$")


class FileLine(msgspec.Struct, frozen=True):
    """A line of an event file. ``payload`` is still encoded."""

    topic: str
    payload: bytes | msgspec.Raw
    is_retained: bool


class _FileLine(msgspec.Struct):
    topic: str
    payload: msgspec.Raw = msgspec.Raw()
    raw: bytes | None = None
    retained: bool = False


_line = msgspec.json.Decoder(_FileLine)


def encode(event: Event | CommandGiven) -> bytes:
    """One event → JSON."""
    return _encoder.encode(event)


def encode_many(events: Iterable[Event]) -> bytes:
    """Events of one kind, oldest first → a JSON array."""
    return _encoder.encode(list(events))


def decode(kind: Kind, payload: bytes | bytearray | msgspec.Raw) -> list[Any]:
    """Payload of a topic of ``kind`` → its events, oldest first. Raises :class:`BadPayload` saying where and what."""
    size = memoryview(payload).nbytes
    if size > PAYLOAD_LIMIT_BYTES:
        raise BadPayload("too_large", f"{size} > {PAYLOAD_LIMIT_BYTES} bytes")
    try:
        if bytes(memoryview(payload)[:16]).lstrip()[:1] == b"[":
            return _many[kind].decode(payload)  # type: ignore[no-any-return]
        return [_one[kind].decode(payload)]
    except msgspec.ValidationError as error:
        text = str(error)
        raise BadPayload("bad_time" if _TIME_FIELD.search(text) else "not_in_contract", text) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadPayload("not_json", str(error)) from error


def encode_line(topic: str, event: Event) -> bytes:
    """One line of an event file, with its line feed."""
    return b'{"topic":"%b","payload":%b}\n' % (topic.encode(), _encoder.encode(event))


def encode_wire(topic: str, payload: bytes, *, is_json: bool = True, is_retained: bool = False) -> bytes:
    """One line of an event file, with its line feed, from a payload as it goes over the wire."""
    mark = b',"retained":true' if is_retained else b""
    if is_json:
        return b'{"topic":"%b","payload":%b%b}\n' % (topic.encode(), payload, mark)
    return b'{"topic":"%b","raw":%b%b}\n' % (topic.encode(), _encoder.encode(payload), mark)


def decode_line(line: bytes) -> FileLine:
    """A line of an event file → what is in it. Raises :class:`BadPayload` (``bad_line``)."""
    try:
        parsed = _line.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadPayload("bad_line", str(error)) from error
    if parsed.raw is None and not memoryview(parsed.payload).nbytes:
        raise BadPayload("bad_line", "payload = raw = null")
    return FileLine(parsed.topic, parsed.payload if parsed.raw is None else parsed.raw, parsed.retained)
