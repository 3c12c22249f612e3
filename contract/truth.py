"""The truth account: what the simulator says truly happened, in a file that the collector never reads.

One JSON object a line, told apart by ``record``: a ``span`` first, then ``interval`` and ``output`` records. Kept by
the engine in other code than the ledger's, so that where both agree both are right.
"""

import msgspec

from contract.errors import BadPayload
from contract.states import Category


class TruthSpan(msgspec.Struct, frozen=True, tag_field="record", tag="span"):
    """What the account covers: [start, end) in µs since the epoch, every machine path, and how it was made."""

    plant: str
    seed: int
    start: int
    end: int
    machines: list[str]


class TruthInterval(msgspec.Struct, frozen=True, tag_field="record", tag="interval"):
    """``machine`` was in ``category`` over [start, end) µs. ``stop`` is when the state it belongs to began."""

    machine: str
    start: int
    end: int
    category: Category
    reason: str
    stop: int


class TruthOutput(msgspec.Struct, frozen=True, tag_field="record", tag="output"):
    """Parts that ``machine`` finished in the minute that starts at ``minute`` (µs), with their ideal time (µs).

    ``good_at``: when each good part was finished, in µs after ``minute``.
    """

    machine: str
    minute: int
    total: int
    good: int
    scrap: int
    rework: int
    ideal_us: int
    good_ideal_us: int
    good_at: list[int]


TruthRecord = TruthSpan | TruthInterval | TruthOutput

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(TruthRecord)


def encode_record(record: TruthRecord) -> bytes:
    """One line of a truth file, with its line feed."""
    return _encoder.encode(record) + b"\n"


def decode_record(line: bytes) -> TruthRecord:
    """A line of a truth file → its record. Raises :class:`BadPayload` (``bad_line``)."""
    try:
        return _decoder.decode(line)  # type: ignore[no-any-return]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadPayload("bad_line", str(error)) from error
