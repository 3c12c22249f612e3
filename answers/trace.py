"""Traceability: what became of a unit, what it was made of, and which units a lot went into.

A unit is a serial that one machine after another says it worked on. Its *parents* are the units it was made of (the
panel it was cut from, the parts joined into it), its *children* those made of it.
"""

from collections.abc import Iterable
from difflib import get_close_matches

import msgspec

from answers.plant import exits, stations
from answers.store import Store
from contract.errors import UsageError
from contract.instants import SECOND_US, to_iso

#: Generations followed in each direction: deeper than any product is nested, and an end if serials ever run in a ring.
GENERATIONS = 12
_NEAR, _CANDIDATES = 5, 500
# Every question below answers oldest first; what arrived first stands first of what ended at the same instant.
_STEPS = """
    SELECT path, began_us, ended_us, product, order_id, attempt, result, false_call, defects, lots, parents
    FROM units JOIN machines USING (machine_id) LEFT JOIN lot_sets USING (lots_id)
    WHERE unit = ? ORDER BY ended_us, units.rowid
"""
_VALUES = """
    SELECT path, code, ts_us, value FROM measurements JOIN machines USING (machine_id)
    WHERE unit = ?1 AND unit <> '' ORDER BY ts_us, code
"""
_RECALL = """
    WITH RECURSIVE hit (unit, via, depth) AS (
        SELECT DISTINCT unit, '', 0 FROM units
        WHERE lots_id IN (SELECT lots_id FROM lot_set_members WHERE lot = ?1)
        UNION
        SELECT parents.unit, hit.unit, depth + 1 FROM parents JOIN hit ON parents.parent = hit.unit WHERE depth < ?2
    )
    SELECT unit, MIN(via) FROM hit GROUP BY unit ORDER BY MIN(depth), unit
"""
_LAST = """
    SELECT path, ended_us, product, order_id, result FROM units JOIN machines USING (machine_id)
    WHERE unit = ? ORDER BY ended_us DESC, units.rowid DESC LIMIT 1
"""
_FEEDERS = """
    SELECT path, slot, material, quantity, loaded_us, empty_us, remaining FROM lots JOIN machines USING (machine_id)
    WHERE lot = ? ORDER BY loaded_us, path, slot
"""


class Step(msgspec.Struct, frozen=True):
    """One machine worked on the unit over [began_us, ended_us]; fields as in ``events.UnitProcessed``."""

    machine: str
    began_us: int
    ended_us: int
    product: str
    order: str
    attempt: int
    result: str
    false_call: bool
    defects: list[str]
    lots: list[str]
    parents: list[str]


class Measured(msgspec.Struct, frozen=True):
    """A process value measured on the unit."""

    machine: str
    code: str
    ts_us: int
    value: float


class Trace(msgspec.Struct, frozen=True):
    """A unit: its path, oldest first, what was measured on it, what it was made of and what was made of it.

    ``parents`` carry their own parents, ``children`` their own children. A parent of which no step is kept any more
    stands there by its serial alone.
    """

    unit: str
    steps: list[Step]
    values: list[Measured]
    parents: list["Trace"]
    children: list["Trace"]


class Feeder(msgspec.Struct, frozen=True):
    """Where a lot was loaded, from when to when (``None``: not said, or not yet) and how many pieces are left."""

    machine: str
    slot: str
    material: str
    quantity: int
    loaded_us: int | None
    empty_us: int | None
    remaining: int


class Recalled(msgspec.Struct, frozen=True):
    """A unit that holds something of the lot; ``via`` is the unit it was made of that does (empty: it went in itself).

    ``machine``, ``ended_us`` and ``result`` are the last that is known of it. ``fate``: it ``left`` the line, is
    ``scrap``, was ``made into others``, is ``in process``, or its steps are ``not kept`` any more.
    """

    unit: str
    via: str
    product: str
    order: str
    machine: str
    ended_us: int
    result: str
    fate: str


class Recall(msgspec.Struct, frozen=True):
    """Everything known of a lot."""

    lot: str
    feeders: list[Feeder]
    units: list[Recalled]


def trace(store: Store, serial: str) -> Trace:
    """What is known of a unit. Raises :class:`UsageError` for a serial that is not kept, with the nearest that are."""
    with store.moment():
        steps = _steps(store, serial)
        children = _children(store, serial)
        if not steps and not children:
            raise UsageError(_unknown_unit(store, serial))
        return Trace(
            serial,
            steps,
            _values(store, serial),
            [_upwards(store, parent, GENERATIONS) for parent in _parents(steps)],
            [_downwards(store, child, GENERATIONS) for child in children],
        )


def _upwards(store: Store, serial: str, generations: int) -> Trace:
    steps = _steps(store, serial)
    before = _parents(steps) if generations > 1 else []
    parents = [_upwards(store, parent, generations - 1) for parent in before]
    return Trace(serial, steps, _values(store, serial), parents, [])


def _downwards(store: Store, serial: str, generations: int) -> Trace:
    after = _children(store, serial) if generations > 1 else []
    children = [_downwards(store, child, generations - 1) for child in after]
    return Trace(serial, _steps(store, serial), _values(store, serial), [], children)


def _steps(store: Store, serial: str) -> list[Step]:
    return [
        Step(
            path,
            began,
            ended,
            product,
            order,
            attempt,
            result,
            bool(false),
            _words(found),
            _words(lots),
            _words(made_of),
        )
        for path, began, ended, product, order, attempt, result, false, found, lots, made_of in store.rows(
            _STEPS, serial
        )
    ]


def _words(text: str | None) -> list[str]:
    return text.split(" ") if text else []


def _values(store: Store, serial: str) -> list[Measured]:
    return [Measured(*row) for row in store.rows(_VALUES, serial)]


def _parents(steps: Iterable[Step]) -> list[str]:
    return list(dict.fromkeys(parent for step in steps for parent in step.parents))


def _children(store: Store, serial: str) -> list[str]:
    return [unit for (unit,) in store.rows("SELECT unit FROM parents WHERE parent = ? ORDER BY unit", serial)]


def _unknown_unit(store: Store, serial: str) -> str:
    """Why nothing is known of ``serial``: what is kept, since when, and what comes near to it."""
    [(kept, oldest_us)] = store.rows("SELECT COUNT(*), MIN(ended_us) FROM units")
    if not kept:
        return f"{store.path} holds no units: no machine has told of one yet"
    near = nearest(store, serial)
    hint = f". Near to it: {', '.join(near)}" if near else ""
    return (
        f"nothing is known of a unit {serial!r}: {store.path} keeps {kept} steps of units since "
        f"{to_iso(oldest_us - oldest_us % SECOND_US)}, and forgets the oldest first{hint}"
    )


def nearest(store: Store, serial: str) -> list[str]:
    """The serials most like ``serial`` among those that begin like it as far as any does; at most 5."""
    for length in range(len(serial), -1, -1):
        begin = serial[:length]
        rows = store.rows(
            "SELECT DISTINCT unit FROM units WHERE unit >= ?1 AND unit < ?1 || char(1114111) ORDER BY unit LIMIT ?2",
            begin,
            _CANDIDATES,
        )
        if rows:
            return get_close_matches(serial, [unit for (unit,) in rows], n=_NEAR, cutoff=0.6)
    return []


def recall(store: Store, lot: str) -> Recall:
    """All units that ``lot`` went into, and all that were made of those. :class:`UsageError` for an unknown lot."""
    with store.moment():
        feeders = [Feeder(*row) for row in store.rows(_FEEDERS, lot)]
        hits = store.rows(_RECALL, lot, GENERATIONS)
        if not feeders and not hits:
            raise UsageError(_unknown_lot(store, lot))
        leaving = {station.path for line in store.lines() for station in exits(stations(store, line))}
        return Recall(lot, feeders, [_recalled(store, unit, via, leaving) for unit, via in hits])


def _recalled(store: Store, unit: str, via: str, leaving: set[str]) -> Recalled:
    rows = store.rows(_LAST, unit)
    if not rows:  # its steps were forgotten, being the oldest; what it is made of was not
        return Recalled(unit, via, "", "", "", 0, "", "not kept")
    machine, ended_us, product, order, result = rows[0]
    return Recalled(unit, via, product, order, machine, ended_us, result, _fate(store, unit, machine, result, leaving))


def _fate(store: Store, unit: str, machine: str, result: str, leaving: set[str]) -> str:
    if result == "scrap":
        return "scrap"
    if result == "pass" and machine in leaving:
        return "left"
    return "made into others" if _children(store, unit) else "in process"


def _unknown_lot(store: Store, lot: str) -> str:
    known = [one for (one,) in store.rows("SELECT DISTINCT lot FROM lots ORDER BY lot LIMIT ?", _CANDIDATES)]
    if not known:
        return f"{store.path} holds no lots: no machine has told of material yet"
    near = get_close_matches(lot, known, n=_NEAR)
    hint = f"Near to it: {', '.join(near)}" if near else f"Lots are called like {known[0]}"
    return f"nothing is known of a lot {lot!r}. {hint}; `mes materials` lists what is loaded now"
