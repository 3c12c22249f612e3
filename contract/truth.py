"""The truth account: what the simulator says truly happened, in a file that the collector never reads.

One JSON object a line, told apart by ``record``: a ``span`` first, then ``interval``, ``output``, ``energy``, ``unit``
and ``order`` records. Kept by the engine in other code than the ledger's, so that where both agree both are right.
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
    """Parts of one order that ``machine`` finished in the minute that starts at ``minute`` (µs), with their ideal time.

    ``good_at``: when each good part was finished, in µs after ``minute``. A minute in which it worked on two orders has
    two records.
    """

    machine: str
    minute: int
    order: str
    product: str
    total: int
    good: int
    scrap: int
    rework: int
    ideal_us: int
    good_ideal_us: int
    good_at: list[int]


class TruthEnergy(msgspec.Struct, frozen=True, tag_field="record", tag="energy"):
    """Whole joules ``machine`` had used since the start at the end of the minute that starts at ``minute`` (µs)."""

    machine: str
    minute: int
    energy_j: int
    idle_energy_j: int


class TruthUnit(msgspec.Struct, frozen=True, tag_field="record", tag="unit"):
    """``machine`` worked on ``unit`` over [began, ended] µs; the rest as in ``events.UnitProcessed``."""

    machine: str
    unit: str
    order: str
    began: int
    ended: int
    attempt: int
    result: str
    defects: tuple[str, ...]
    lots: tuple[str, ...]
    parents: tuple[str, ...]


class TruthOrder(msgspec.Struct, frozen=True, tag_field="record", tag="order"):
    """What became of an order of ``line`` up to the end of the span, in parts that leave the line."""

    line: str
    order: str
    released: int
    good: int
    scrap: int
    is_complete: bool


TruthRecord = TruthSpan | TruthInterval | TruthOutput | TruthEnergy | TruthUnit | TruthOrder

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
