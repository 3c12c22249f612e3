"""Messages that are none: what comes from broken senders, half-written buffers and wrong versions. Pure.

Each is outside the contract for sure, so that a collector that takes it has a fault, and one that refuses it has lost
nothing: the good message is sent beside it.
"""

from collections.abc import Callable

import msgspec

from contract.topics import PREFIX
from simulator.mess_dice import Dice

_DEEP = 200


def garbage(dice: Dice, topic: str, good: bytes) -> tuple[str, bytes]:
    """A topic and a payload made from a ``good`` payload (one JSON object) of ``topic``."""
    return dice.one_of(_WAYS)(dice, topic, good)


def _truncated(dice: Dice, topic: str, good: bytes) -> tuple[str, bytes]:
    return topic, good[: int(dice.between(0, len(good)))]


def _binary(dice: Dice, topic: str, _good: bytes) -> tuple[str, bytes]:
    length = int(dice.between(0, 60))
    return topic, b"\xff" + bytes(int(dice.between(0, 256)) for _ in range(length))


def _wrong_field(dice: Dice, topic: str, good: bytes) -> tuple[str, bytes]:
    fields = msgspec.json.decode(good)
    name, value = dice.one_of(_WRONG)
    return topic, msgspec.json.encode({**fields, name: value})


def _missing_field(dice: Dice, topic: str, good: bytes) -> tuple[str, bytes]:
    fields = msgspec.json.decode(good)
    del fields[dice.one_of(("ts", "seq", "boot"))]
    return topic, msgspec.json.encode(fields)


def _huge_number(_dice: Dice, topic: str, good: bytes) -> tuple[str, bytes]:
    return topic, b'{"seq":' + b"9" * 40 + b"," + good[1:].replace(b'"seq"', b'"_"', 1)


def _bad_in_an_array(_dice: Dice, topic: str, good: bytes) -> tuple[str, bytes]:
    return topic, b"[" + good + b",17]"


def _something_else(dice: Dice, topic: str, _good: bytes) -> tuple[str, bytes]:
    return topic, dice.one_of((b"42", b'"Execute"', b"null", b'{"ts":NaN}', b"<xml/>", b"[" * _DEEP))


def _unknown_kind(_dice: Dice, topic: str, good: bytes) -> tuple[str, bytes]:
    return f"{topic.rsplit('/', 1)[0]}/smell", good


def _wrong_place(dice: Dice, _topic: str, good: bytes) -> tuple[str, bytes]:
    return PREFIX + dice.one_of(("oven", "a/b/c/d/e/f/g/h/state", "//////state")), good


_Way = Callable[[Dice, str, bytes], tuple[str, bytes]]
_WAYS: tuple[_Way, ...] = (
    _truncated, _binary, _wrong_field, _missing_field, _huge_number, _bad_in_an_array, _something_else, _unknown_kind,
    _wrong_place,
)  # fmt: skip
_WRONG: tuple[tuple[str, object], ...] = (
    ("ts", "yesterday"), ("ts", 0), ("ts", 10**17), ("ts", -1), ("ts", 1.5), ("seq", 0), ("seq", -7), ("seq", "8"),
    ("seq", 2**60), ("boot", None), ("boot", -1), ("boot", [1]),
)  # fmt: skip
