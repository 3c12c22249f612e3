"""Facts on the wire, in the past tense. Frozen: a fact does not change after it happened.

Every fact says when it happened (``ts``, microseconds since 1970-01-01T00:00:00Z), its place in its sender's own
sequence (``seq``, from 1, one sequence for all kinds of a machine) and which power-on of the sender that sequence
belongs to (``boot``, the event time in whole seconds at which it started, so a later boot is a larger number). Counters
are running totals since the boot, never increments: a duplicate is then harmless and a lost message loses nothing.
"""

from typing import Annotated

from msgspec import Meta, Struct

from contract.instants import EARLIEST_US, LATEST_US, SECOND_US
from contract.states import Mode, State

#: Kinds of one sender travel on topics of their own and may overtake each other by up to this much event time, µs: a
#: sender puts no more into one batch, and a collector waits longer than this before it gives a gap up.
DISORDER_US = 120 * SECOND_US

# Structs of numbers and strings only cannot be part of a reference cycle: ``gc=False`` spares the collector the walk.

Instant = Annotated[int, Meta(ge=EARLIEST_US, le=LATEST_US)]
Whole = Annotated[int, Meta(ge=0, le=2**53)]
Sequence = Annotated[int, Meta(ge=1, le=2**53)]
Code = Annotated[str, Meta(max_length=64)]
Label = Annotated[str, Meta(max_length=200)]


class Words(Struct, frozen=True):
    """One name in the two languages everything here is read in."""

    en: Label
    vi: Label


class StateChanged(Struct, frozen=True, gc=False):
    """The machine entered a state. ``since`` is when it began (µs); later repeats keep it."""

    ts: Instant
    seq: Sequence
    boot: Whole
    state: State
    mode: Mode
    reason: Code
    since: Instant


class PartsCounted(Struct, frozen=True, gc=False):
    """Running totals since boot at the moment a part was finished.

    ``total`` = ``good`` + ``scrap`` + ``rework``. ``ideal_us`` is the ideal time per part of this machine for the
    product now running, parallel servers already counted in (two testers of 45 s make 22.5 s). ``buffer_in`` and
    ``buffer_out`` are the parts now waiting before and after it (none where there is no such buffer).
    """

    ts: Instant
    seq: Sequence
    boot: Whole
    total: Whole
    good: Whole
    scrap: Whole
    rework: Whole
    product: Code
    order: Code
    ideal_us: Whole
    buffer_in: Whole | None = None
    buffer_out: Whole | None = None


class HeartBeaten(Struct, frozen=True, gc=False):
    """Once a minute, on the minute: still here, and everything the last state and count said, repeated.

    A minute can close because of it, however silent the machine; after a gap in ``seq`` it bounds what is unknown.
    """

    ts: Instant
    seq: Sequence
    boot: Whole
    state: State
    mode: Mode
    reason: Code
    since: Instant
    total: Whole
    good: Whole
    scrap: Whole
    rework: Whole
    product: Code
    order: Code
    ideal_us: Whole
    buffer_in: Whole | None = None
    buffer_out: Whole | None = None


class MachineDescribed(Struct, frozen=True):
    """What this machine is and where it stands.

    ``position`` counts from 1 along the line; ``upstream`` and ``downstream`` are machine ids of the same line;
    ``ideal_us`` is the nominal ideal time per part (servers counted in); ``buffer_capacity`` the places before it
    (none: unlimited); ``minor_stop_us`` the length from which a stop is a breakdown; ``reasons`` names the faults of
    its own; ``counter_modulus`` is where its counters roll over to 0 (none: they do not).
    """

    ts: Instant
    seq: Sequence
    boot: Whole
    name: Words
    role: Code
    position: Whole
    upstream: list[Code]
    downstream: list[Code]
    ideal_us: Whole
    servers: Whole
    buffer_capacity: Whole | None
    minor_stop_us: Whole
    reasons: dict[Code, Words]
    counter_modulus: Whole | None = None


class LinkChanged(Struct, frozen=True, gc=False):
    """The sender's connection came up, or (as its last will, sent by the broker) was lost.

    Not part of the ``seq`` sequence: the will is written before it is needed. ``seq`` repeats the last one used then.
    """

    ts: Instant
    seq: Whole
    boot: Whole
    online: bool


class LineDescribed(Struct, frozen=True):
    """What people call this line and the plant it belongs to."""

    ts: Instant
    seq: Sequence
    boot: Whole
    name: Words
    plant: Words


class Window(Struct, frozen=True):
    """A shift or a break in it: [start, end) in µs since the epoch."""

    start: Instant
    end: Instant
    kind: Annotated[str, Meta(pattern="^(shift|break)$")]
    name: Words


class CalendarPublished(Struct, frozen=True):
    """Planned time of a line: inside a shift and outside its breaks is planned production time.

    Speaks for [valid_from, valid_to) only. Where no calendar speaks, all time counts as planned production.
    ``tz`` is the IANA zone in which people there read a clock.
    """

    ts: Instant
    seq: Sequence
    boot: Whole
    tz: Code
    valid_from: Instant
    valid_to: Instant
    windows: list[Window]


class OrderStarted(Struct, frozen=True):
    """The line now works on this order. ``takt_us``: planned production time per good part that keeps the plan.

    ``target_oee`` is the OEE at which that takt is met (0 to 1).
    """

    ts: Instant
    seq: Sequence
    boot: Whole
    order: Code
    product: Code
    name: Words
    quantity: Whole
    takt_us: Whole
    target_oee: Annotated[float, Meta(gt=0, le=1)]


MachineEvent = StateChanged | PartsCounted | HeartBeaten | MachineDescribed | LinkChanged
LineEvent = LineDescribed | CalendarPublished | OrderStarted | LinkChanged
Event = MachineEvent | LineEvent
