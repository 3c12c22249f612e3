"""Points of one machine: its minutes and hours, what it is doing, its stops, what the wire did to its events."""

import json

from answers.line_protocol import flag, form, path_tags, tags, template, text
from answers.span import Span, Spread, in_shifts
from answers.store import Store, decoded
from contract.events import MachineDescribed
from contract.instants import HOUR_US, MINUTE_US
from contract.points import CATEGORY_NUMBERS, MEASUREMENTS
from contract.series import HEALTH_COLUMNS, MADE_COLUMNS, SUM_COLUMNS, TIME_COLUMNS
from contract.states import PACKTAGS
from contract.topics import Kind

_booked = " + ".join(TIME_COLUMNS)
_ppt = " + ".join(name for name in TIME_COLUMNS if name != "planned_us")
_run = " + ".join(name for name in TIME_COLUMNS if name not in {"planned_us", "breakdown_us", "setup_us", "waiting_us"})
_OFF_FLOW, _IN_SHIFT = "off_flow", "in_shift_planned_s"
#: Field → its value, from the columns of ``minutes`` by name.
_FIELDS = {
    **{f"{name.removesuffix('_us')}_s": f"{name} / 1e6" for name in SUM_COLUMNS if name.endswith("_us")},
    "ppt_s": f"({_ppt}) / 1e6",
    "run_s": f"({_run}) / 1e6",
    "booked_s": f"({_booked}) / 1e6",
    "energy_kwh": "energy_j / 3.6e6",
    "idle_energy_kwh": "idle_energy_j / 3.6e6",
}
_NAMES = [name for name in MEASUREMENTS["machine_minute"].fields if name not in {_OFF_FLOW, _IN_SHIFT}]
_VALUES = ", ".join(_FIELDS.get(name, name) for name in _NAMES)
_TEMPLATE = template("machine_minute", _OFF_FLOW, *_NAMES, _IN_SHIFT)
_ID = "(SELECT machine_id FROM machines WHERE path = ?2)"
_MINUTES = (
    f"SELECT ?3, {_VALUES}, planned_us / 1e6, minute_us FROM json_each(?1) asked"  # noqa: S608 - constants of ours
    f" CROSS JOIN minutes ON machine_id = {_ID} AND minute_us = asked.value"
)
_hour = f"machine_id = {_ID} AND minute_us >= asked.value AND minute_us < asked.value + {HOUR_US}"
_sums = ", ".join(f"SUM({name}) AS {name}" for name in SUM_COLUMNS)
_HOURS = (
    f"SELECT ?3, {_VALUES}, hour_us FROM (SELECT asked.value AS hour_us, {_sums}"  # noqa: S608 - constants of ours
    f" FROM json_each(?1) asked CROSS JOIN minutes ON {_hour} GROUP BY asked.value)"
)
_PLANNED = (
    f"SELECT asked.value, minute_us, planned_us FROM json_each(?1) asked CROSS JOIN minutes ON {_hour}"  # noqa: S608
    " WHERE planned_us > 0"
)
_INFO = f"SELECT payload FROM facts WHERE path = ? AND kind = '{Kind.INFO}'"  # noqa: S608 - a constant of ours
_made = ", ".join(f"SUM({name})" for name in MADE_COLUMNS)
_PER_MINUTE = f"machine_id = {_ID} AND minute_us = asked.value"
_MADE, _DEFECTS = (
    f"SELECT {{keys}}, {values}, asked.value FROM json_each(?1) asked CROSS JOIN {table} ON {{per}}"  # noqa: S608 - ours
    " GROUP BY asked.value, {keys}"
    for table, values in (("made", f"'{{off_flow}}', {_made}"), ("defects", "SUM(count)"))
)
_PARTS = [
    (_MADE, "product", "made", ("product",), template("made_minute")),
    (_DEFECTS, "product, code", "defect", ("product", "defect"), template("defect_minute")),
]
_CATEGORIES = {category.value: number for category, number in CATEGORY_NUMBERS.items()}
_STATES = {state.value: number for state, number in PACKTAGS.items()}
_interval = "state, reason, category, stop_us / 1000"
_STATE_AT = (
    f"SELECT {_interval}, asked.value FROM json_each(?1) asked CROSS JOIN intervals ON machine_id = {_ID}"  # noqa: S608
    f" AND start_us = (SELECT MAX(start_us) FROM intervals WHERE machine_id = {_ID} AND start_us <= asked.value)"
    " WHERE end_us > asked.value"
)
# Its first piece in a category: a stop that planned time cuts is counted once.
_DOWNTIME = (
    "SELECT category, reason, (end_us - start_us) / 1e6, NOT EXISTS (SELECT 1 FROM intervals before"  # noqa: S608
    " WHERE before.machine_id = i.machine_id AND before.start_us >= i.stop_us AND before.start_us < i.start_us"
    " AND before.stop_us = i.stop_us AND before.category = i.category), state, start_us"
    f" FROM json_each(?1) asked CROSS JOIN intervals i ON machine_id = {_ID} AND start_us = asked.value"
)
_TEMPLATES = {name: template(name) for name in ("machine_state", "downtime", "data_health")}


def minutes(store: Store, path: str, instants: list[int]) -> list[str]:
    """``machine_minute``, ``made_minute``, ``defect_minute`` and the state at the start of each minute."""
    asked = json.dumps(instants)
    shifts = _shifts(store, path, min(instants), max(instants) + MINUTE_US)
    written = form("machine_minute", path_tags(path), _TEMPLATE)
    lines = [
        written % row if shifts.overlap_us(row[-1], row[-1] + MINUTE_US) else written % (*row[:-2], 0.0, row[-1])
        for row in store.rows(_MINUTES, asked, path, _off_flow(_said(store, path)))
    ]
    return lines + _parts(store, path, asked, "_minute", _PER_MINUTE) + states(store, path, instants)


def hours(store: Store, path: str, instants: list[int]) -> list[str]:
    """``machine_hour``, ``made_hour`` and ``defect_hour``: the sums of the minutes."""
    asked = json.dumps(instants)
    shifts = _shifts(store, path, min(instants), max(instants) + HOUR_US)
    planned_us: dict[int, int] = {}
    for hour, minute, us in store.rows(_PLANNED, asked, path):
        if shifts.overlap_us(minute, minute + MINUTE_US):
            planned_us[hour] = planned_us.get(hour, 0) + us
    written = form("machine_hour", path_tags(path), _TEMPLATE)
    rows = store.rows(_HOURS, asked, path, _off_flow(_said(store, path)))
    lines = [written % (*row[:-1], planned_us.get(row[-1], 0) / 1e6, row[-1]) for row in rows]
    return lines + _parts(store, path, asked, "_hour", _hour)


def states(store: Store, path: str, instants: list[int]) -> list[str]:
    """``machine_state``: what it was doing at each of the instants of which there is evidence."""
    written, called = form("machine_state", path_tags(path), _TEMPLATES["machine_state"]), _Called(store, path)
    return [
        written % (state, _STATES[state], text(reason), category, _CATEGORIES[category], *since, *called[reason], at_us)
        for state, reason, category, *since, at_us in store.rows(_STATE_AT, json.dumps(instants), path)
    ]


def downtimes(store: Store, path: str, instants: list[int]) -> list[str]:
    """``downtime``: the intervals that began at the instants."""
    own, called = path_tags(path), _Called(store, path)
    heads: dict[tuple[str, str], str] = {}
    lines = []
    for category, reason, *rest, at_us in store.rows(_DOWNTIME, json.dumps(instants), path):
        written = heads.get((category, reason))
        if written is None:
            of_it = tags(("category", "reason"), (category, reason))
            written = heads[category, reason] = form("downtime", own + of_it, _TEMPLATES["downtime"])
        lines.append(written % (*rest, *called[reason], at_us))
    return lines


def health(store: Store, path: str, instants: list[int]) -> list[str]:
    """``data_health``: totals as they are now, at the newest of the instants; what they were before nobody knows."""
    rows = store.rows(f"SELECT {', '.join(HEALTH_COLUMNS)} FROM health WHERE path = ?", path)  # noqa: S608 - ours
    written = form("data_health", path_tags(path), _TEMPLATES["data_health"])
    return [written % (*row, max(instants)) for row in rows]


def _parts(store: Store, path: str, asked: str, suffix: str, per: str) -> list[str]:
    """What was made and found, product by product; whatever the orders."""
    own, off_flow = path_tags(path), _off_flow(_said(store, path))
    lines: list[str] = []
    for sql, keys, name, tag_names, fields in _PARTS:
        heads: dict[tuple[str, ...], str] = {}
        width = len(tag_names)
        for row in store.rows(sql.format(keys=keys, per=per, off_flow=off_flow), asked, path):
            key = row[:width]
            if key not in heads:
                heads[key] = form(name + suffix, own + tags(tag_names, key), fields)
            lines.append(heads[key] % row[width:])
    return lines


def _said(store: Store, path: str) -> MachineDescribed | None:
    rows = store.rows(_INFO, path)
    return decoded(MachineDescribed, Kind.INFO, rows[0][0]) if rows else None


def _off_flow(info: MachineDescribed | None) -> str:
    return flag(info is not None and info.off_flow)


class _Called(dict[str, tuple[str, str]]):
    """Reason → what it is called, as text between quotes, in English and Vietnamese."""

    def __init__(self, store: Store, path: str) -> None:
        info = _said(store, path)
        named = info.reasons if info else {}
        super().__init__({code: (text(words.en), text(words.vi)) for code, words in named.items()})

    def __missing__(self, code: str) -> tuple[str, str]:
        self[code] = text(code), text(code)
        return self[code]


def _shifts(store: Store, path: str, from_us: int, to_us: int) -> Spread:
    line = path.rpartition("/")[0]
    spans = in_shifts(store, line, Span(from_us, to_us))
    return Spread((one.from_us, one.to_us) for one in spans)
