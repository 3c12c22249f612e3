"""Facts on the wire, in the past tense. Frozen: a fact does not change after it happened.

Every fact says when it happened (``ts``, microseconds since 1970-01-01T00:00:00Z), its place in its sender's own
sequence (``seq``, from 1, one sequence for all kinds of a machine) and which power-on of the sender that sequence
belongs to (``boot``, the event time in whole seconds at which it started, so a later boot is a larger number). Counters
are running totals since the boot, never increments: a duplicate is then harmless and a lost message loses nothing.
"""

from typing import Annotated, Literal

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
Result = Literal["pass", "rework", "scrap"]


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
    ``energy_j`` is the running total of energy used since boot in whole joules (a fraction is not yet counted),
    ``idle_energy_j`` the part of it used outside Execute.
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
    energy_j: Whole = 0
    idle_energy_j: Whole = 0


class UnitProcessed(Struct, frozen=True, gc=False):
    """The machine finished one unit. ``began`` is when it took it into work (µs), ``ts`` when the unit was done.

    ``attempt`` counts the visits of this unit to this machine, from 1: more than one are returns from rework.
    ``result`` is ``pass`` (it goes on), ``rework`` (it goes to be repaired) or ``scrap``. ``defects`` are the codes
    found here; ``false_call``: the machine rejected a good unit and a person let it pass. ``lots``: the material lots
    that went into it here. ``parents``: the units it was made of (its panel, the parts joined into it).
    """

    ts: Instant
    seq: Sequence
    boot: Whole
    unit: Code
    product: Code
    order: Code
    began: Instant
    attempt: Annotated[int, Meta(ge=1, le=1000)]
    result: Result
    defects: tuple[Code, ...] = ()
    false_call: bool = False
    lots: tuple[Code, ...] = ()
    parents: tuple[Code, ...] = ()


class ValuesMeasured(Struct, frozen=True):
    """Process values, by the codes that ``info`` describes; ``unit`` is the unit measured (empty: the machine)."""

    ts: Instant
    seq: Sequence
    boot: Whole
    unit: Code
    product: Code
    values: dict[Code, float]


class MaterialChanged(Struct, frozen=True, gc=False):
    """A lot on a feeder: ``loaded`` (and used from now on), ``low`` or ``empty``. ``remaining`` pieces are left."""

    ts: Instant
    seq: Sequence
    boot: Whole
    slot: Code
    material: Code
    lot: Code
    what: Annotated[str, Meta(pattern="^(loaded|low|empty)$")]
    quantity: Whole
    remaining: Whole


class AlarmChanged(Struct, frozen=True, gc=False):
    """An alarm of the machine was raised, or is over. ``subject`` is what it is about (a slot, a tool, a value)."""

    ts: Instant
    seq: Sequence
    boot: Whole
    code: Code
    subject: Code
    is_active: bool


class ValueDescribed(Struct, frozen=True):
    """A process value: its unit of measure, target and specification limits (none: that side has no limit)."""

    name: Words
    unit: Code
    target: float
    lsl: float | None = None
    usl: float | None = None


class SlotDescribed(Struct, frozen=True):
    """A place for material on a machine: which material, pieces a part, and when its stock counts as low."""

    name: Words
    material: Code
    per_part: Whole
    low_at: Whole


class MachineDescribed(Struct, frozen=True):
    """What this machine is and where it stands.

    ``position`` counts from 1 along the line; ``upstream`` and ``downstream`` are machine ids of the same line;
    ``ideal_us`` is the nominal ideal time per part (servers counted in), ``ideals`` that of products that differ from
    it; ``buffer_capacity`` the places before it (none: unlimited); ``minor_stop_us`` the length from which a stop is a
    breakdown; ``reasons`` names the faults of its own, ``defects`` what it may find; ``counter_modulus`` is where its
    counters roll over to 0 (none: they do not). ``exit_parts``: how many parts that leave the line one part of this
    machine becomes (a panel of four boards: 4; one of two doors of a car: 0.5). ``off_flow``: units come here only
    to be repaired; it is no step of the line. ``holds``: units it works on at once (servers, a belt, a batch).
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
    ideals: dict[Code, Whole] = {}
    exit_parts: Annotated[float, Meta(gt=0, le=1e6)] = 1.0
    holds: Whole = 1
    off_flow: bool = False
    defects: dict[Code, Words] = {}
    values: dict[Code, ValueDescribed] = {}
    slots: dict[Code, SlotDescribed] = {}


class LinkChanged(Struct, frozen=True, gc=False):
    """The sender's connection came up, or (as its last will, sent by the broker) was lost.

    Not part of the ``seq`` sequence: the will is written before it is needed. ``seq`` repeats the last one used then.
    """

    ts: Instant
    seq: Whole
    boot: Whole
    online: bool


class ProductDescribed(Struct, frozen=True):
    """A product: its ``family`` (changeovers are between families) and its opportunities for a defect."""

    name: Words
    family: Code
    opportunities: Whole


class LineDescribed(Struct, frozen=True):
    """What people call this line, the plant it belongs to and the products it makes."""

    ts: Instant
    seq: Sequence
    boot: Whole
    name: Words
    plant: Words
    products: dict[Code, ProductDescribed] = {}


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
    """The line's first machine now works on this order.

    ``takt_us``: planned production time per good part that keeps the plan; ``target_oee`` is the OEE at which that takt
    is met (0 to 1); ``due`` is when it is wanted (none: never said).
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
    due: Instant | None = None


class OrderProgressed(Struct, frozen=True, gc=False):
    """How far an order is, once a minute while it changes and at its end, in parts that leave the line.

    ``released`` were begun, ``good`` and ``scrap`` are out. ``finish`` is when it was complete, or, as long as
    ``is_complete`` is false, when it will be at the pace planned; later than ``due`` is late.
    """

    ts: Instant
    seq: Sequence
    boot: Whole
    order: Code
    product: Code
    quantity: Whole
    released: Whole
    good: Whole
    scrap: Whole
    began: Instant
    finish: Instant
    is_complete: bool
    due: Instant | None = None


class BookedOrder(Struct, frozen=True):
    """An order that waits in the book."""

    order: Code
    product: Code
    quantity: Whole
    due: Instant | None = None


class BookChanged(Struct, frozen=True):
    """The line's order book: what waits, in the order in which it will be made (at most the next 50)."""

    ts: Instant
    seq: Sequence
    boot: Whole
    orders: list[BookedOrder]


class CommandGiven(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A wish for a machine or a line, on its ``cmd`` topic. ``id`` is the sender's own, repeated in the answer.

    Which ``verb`` wants which of the other fields: ``docs/commands``. Durations in seconds. ``text`` is for people.
    """

    id: Code
    verb: Code
    by: Label = ""
    code: Code = ""
    duration_s: Annotated[float, Meta(gt=0, le=604_800)] | None = None
    value: Annotated[float, Meta(ge=0, le=1000)] | None = None
    mode: Mode | None = None
    order: Code = ""
    product: Code = ""
    quantity: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None
    due: Instant | None = None
    text: Words | None = None


class CommandAnswered(Struct, frozen=True, omit_defaults=True):
    """What became of a command: ``ts`` is the plant's own time, ``detail`` why it was refused or what it did.

    ``why`` it was refused is said as a code of ``docs/wire`` too. Outside the ``seq`` sequence, like a link.
    """

    ts: Instant
    seq: Whole
    boot: Whole
    command: CommandGiven
    accepted: bool
    detail: Label
    why: Code = ""


MachineEvent = (
    StateChanged | PartsCounted | HeartBeaten | UnitProcessed | ValuesMeasured | MaterialChanged | AlarmChanged
    | MachineDescribed | LinkChanged | CommandAnswered
)  # fmt: skip
LineEvent = (
    LineDescribed | CalendarPublished | OrderStarted | OrderProgressed | BookChanged | LinkChanged | CommandAnswered
)
Event = MachineEvent | LineEvent
