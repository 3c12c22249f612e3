"""Facts in InfluxDB: every measurement, tag and field, in one place. The store's rows as points; sums, never ratios.

A point is a row of the store under another name: same key, same instant, so that writing it again overwrites it. Tags
are bounded by what the plant is made of (machines, reasons, products, defects), never by what it makes: orders, units
and lots are fields. Durations are float seconds, energy float kWh, counts integers. Names are bare words, because
InfluxQL is what 1.8, 2.x and 3.x all answer. Of points that one series has at one instant (a batch that is done) the
second and later stand a microsecond later each, in the order in which they were told.

    a minute or hour of ...        machine_minute  machine_hour  line_minute  line_hour  made_minute  made_hour
                                   defect_minute  defect_hour
                                   bottleneck_minute  bottleneck_hour
    one thing that happened        machine_state  downtime  value  unit  order_progress  alarm  command
    how well the data is           data_health  collector

The ``*_hour`` measurements are the same sums an hour, for long spans; they live in a bucket of their own.
"""

from typing import Literal

from msgspec import Struct

from contract.series import HEALTH_COLUMNS, MADE_COLUMNS, OUTPUT_COLUMNS, STOP_COLUMNS, TIME_COLUMNS
from contract.states import Category

FieldType = Literal["float", "int", "str", "bool"]

#: Counted up with every change of what a point holds: a database with points of another number gets all of them anew.
POINTS_VERSION = 3

#: What the bucket of the hourly measurements is called, after the bucket of all others.
HOURLY_SUFFIX = "_hourly"

#: ``category_n``: the place of a category in its list; ``state_n`` is ``states.PACKTAGS``.
CATEGORY_NUMBERS = {category: number for number, category in enumerate(Category, start=1)}

LINE_TAGS = ("enterprise", "site", "area", "line")
MACHINE_TAGS = (*LINE_TAGS, "machine")


class Measurement(Struct, frozen=True):
    """One kind of point: what it tells, its tags in order, its fields with their types."""

    name: str
    about: str
    tags: tuple[str, ...]
    fields: dict[str, FieldType]

    @property
    def is_hourly(self) -> bool:
        """Whether it lives in the bucket for long spans."""
        return self.name.endswith("_hour")


def _seconds(*columns: str) -> dict[str, FieldType]:
    """Columns of µs as fields of seconds: ``execute_us`` becomes ``execute_s``."""
    return {f"{column.removesuffix('_us')}_s": "float" for column in columns}


def _counts(*columns: str) -> dict[str, FieldType]:
    return dict.fromkeys(columns, "int")


_ENERGY: dict[str, FieldType] = {"energy_kwh": "float", "idle_energy_kwh": "float"}
#: ``ppt_s`` planned production time; ``run_s`` the same less breakdown, setup and waiting; ``booked_s`` all time for
#: which there is evidence; ``in_shift_planned_s`` planned downtime inside shifts (for OOE).
_BASES = _seconds("ppt_us", "run_us", "booked_us", "in_shift_planned_us")
#: A station to which units come only to be repaired: in no rolled yield, in no mean or least of a line's machines.
_FLOW: dict[str, FieldType] = {"off_flow": "bool"}
#: What ``reason`` is called, as its machine says it; where it does not (reserved reasons), the code itself.
_CALLED: dict[str, FieldType] = {"reason_en": "str", "reason_vi": "str"}
_MACHINE = (
    _FLOW
    | _seconds(*TIME_COLUMNS)
    | _BASES
    | _counts(*(name for name in OUTPUT_COLUMNS if not name.endswith("_us")))
    | _seconds(*(name for name in OUTPUT_COLUMNS if name.endswith("_us")))
    | _counts(*STOP_COLUMNS)
    | _ENERGY
)
#: The line's own losses (``contract.kpi.Losses``), on the time basis of its constraint; ``made_ideal_s`` is good parts
#: plus rejects in ideal time (performance = made_ideal_s ÷ run_s, quality = good_ideal_s ÷ made_ideal_s, OEE =
#: good_ideal_s ÷ ppt_s); ``target`` the good parts that the plan wants of this time; ``constraint`` the machine.
_LINE = (
    _BASES
    | _seconds("execute_us", "breakdown_us", "setup_us", "waiting_us", "minor_stop_us", "starved_us", "blocked_us")
    | _seconds("speed_us", "defects_us", "startup_us", "in_process_us", "good_ideal_us", "made_ideal_us")
    | _counts("exit_good")
    | {"target": "float", "constraint": "str"}
    | _ENERGY
)
_DEFECTS = (*MACHINE_TAGS, "product", "defect")
_BOTTLENECK = _seconds("sole_us", "shifting_us")


def _both(name: str, about: str, tags: tuple[str, ...], fields: dict[str, FieldType]) -> list[Measurement]:
    return [
        Measurement(f"{name}_minute", f"{about}, a minute", tags, fields),
        Measurement(f"{name}_hour", f"{about}, an hour", tags, fields),
    ]


_ALL = [
    *_both("machine", "time by category, parts, stops and energy of a machine", MACHINE_TAGS, _MACHINE),
    *_both("line", "planned time, losses, good parts and energy of a line", LINE_TAGS, _LINE),
    *_both("made", "parts of a product at a machine", (*MACHINE_TAGS, "product"), _FLOW | _counts(*MADE_COLUMNS)),
    *_both("defect", "defects found at a machine", _DEFECTS, _counts("count")),
    *_both("bottleneck", "how long a machine was its line's bottleneck, alone or not", MACHINE_TAGS, _BOTTLENECK),
    Measurement(
        "machine_state",
        "what a machine is doing: at every change and again each minute",
        MACHINE_TAGS,
        {
            "state": "str",
            "state_n": "int",
            "reason": "str",
            "category": "str",
            "category_n": "int",
            "since_ms": "int",
            **_CALLED,
        },
    ),
    Measurement(
        "downtime",
        "a stop that is over, at the instant it began; one that planned time cuts is several, ``stops`` 1 in the first",
        (*MACHINE_TAGS, "category", "reason"),
        {"duration_s": "float", "stops": "int", "state": "str", **_CALLED},
    ),
    Measurement(
        "value",
        "a measured process value with its target and limits",
        (*MACHINE_TAGS, "code"),
        {"value": "float", "target": "float", "lsl": "float", "usl": "float", "unit": "str", "product": "str"},
    ),
    Measurement(
        "unit",
        "a unit that a machine finished",
        (*MACHINE_TAGS, "result"),
        {
            "unit": "str",
            "order_id": "str",
            "product": "str",
            "attempt": "int",
            "duration_s": "float",
            "defects": "str",
            "lots": "str",
            "parents": "str",
        },
    ),
    Measurement(
        "order_progress",
        "how far the order is that moved",
        LINE_TAGS,
        {
            "order_id": "str",
            "product": "str",
            "quantity": "int",
            "released": "int",
            "good": "int",
            "scrap": "int",
            "is_complete": "bool",
            "late_s": "float",
        },
    ),
    Measurement("alarm", "an alarm raised or over", (*MACHINE_TAGS, "code", "subject"), {"is_active": "bool"}),
    Measurement(
        "command",
        "a command and what became of it; machine is empty for a line",
        MACHINE_TAGS,
        {"verb": "str", "by": "str", "accepted": "bool", "detail": "str", "text_en": "str", "text_vi": "str"},
    ),
    Measurement(
        "data_health", "what the wire did to a machine's events, totals", MACHINE_TAGS, _counts(*HEALTH_COLUMNS)
    ),
    Measurement(
        "collector",
        "the collector itself: points that wait, points the database refused",
        (),
        _counts("waiting", "refused", "written"),
    ),
]
#: Every measurement by name.
MEASUREMENTS = {measurement.name: measurement for measurement in _ALL}
