"""What the fold hands to the store: whole rows, so that writing them twice is harmless. Pure."""

from msgspec import Struct

from collector.ledger import Rows
from collector.lines import WindowRows


class Quarantined(Struct, frozen=True):
    """Something that could not be taken. ``payload`` may be cut short; ``received_us`` is none in a replay."""

    received_us: int | None
    topic: str
    reason: str
    detail: str
    payload: bytes


class Fact(Struct, frozen=True):
    """The latest info, line, calendar, order, book or link of a path, as JSON of ``contract.codec``."""

    path: str
    kind: str
    ts_us: int
    payload: bytes


class OrderState(Struct, frozen=True):
    """How far ``order`` of the line at ``path`` is, as JSON of ``contract.codec``."""

    path: str
    order: str
    ts_us: int
    payload: bytes


class Answer(Struct, frozen=True):
    """A command to ``path`` and what became of it, as JSON of ``contract.codec``."""

    path: str
    ts_us: int
    command_id: str
    verb: str
    accepted: bool
    payload: bytes


class MachineChange(Struct, frozen=True):
    """A machine's rows and the state of its ledger after them."""

    path: str
    line_path: str
    rows: Rows
    state: bytes


class LineChange(Struct, frozen=True):
    """A line's windows, in the order in which they replace each other, and the state of its ledger after them."""

    path: str
    windows: list[WindowRows]
    health: tuple[int, ...]
    state: bytes


class Changes(Struct, frozen=True):
    """Everything since the last drain, to be written in one transaction; ``orders`` has every order that began.

    ``delays``: path, and the least (received − ``ts``) in µs of its live messages.
    """

    machines: list[MachineChange]
    lines: list[LineChange]
    facts: list[Fact]
    orders: list[Fact]
    progress: list[OrderState]
    commands: list[Answer]
    delays: list[tuple[str, int]]
    quarantine: list[Quarantined]
