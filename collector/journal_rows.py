"""What machines and lines told, as statements and their rows; the journal executes them in the order given. Pure.

A row of ``units`` and ``measurements`` has no key of its own: the ledgers pass each event on once, and the rows stand
in the same transaction as the ledgers' state.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from collector.changes import Changes
from collector.ledger import Rows
from contract import series
from contract.events import AlarmChanged, MaterialChanged, UnitProcessed, ValuesMeasured

#: A statement, and the rows it is executed with.
Write = tuple[str, Iterable[tuple[Any, ...]]]
_Told = list[tuple[int, list[Any]]]


def insert(table: str, columns: Iterable[str]) -> str:
    """The statement that writes a row, in the place of one with the same key."""
    names = tuple(columns)
    marks = ", ".join("?" * len(names))
    return f"INSERT OR REPLACE INTO {table} ({', '.join(names)}) VALUES ({marks})"


_MADE = insert("made", ("machine_id", "minute_us", "order_id", "product", *series.MADE_COLUMNS))
_DEFECTS = insert("defects", ("machine_id", "minute_us", "product", "code", "count"))
_VALUES = insert("measurements", series.VALUE_COLUMNS)
_PARENTS = "INSERT OR IGNORE INTO parents (parent, unit) VALUES (?, ?)"
_LOT_SETS = "INSERT OR IGNORE INTO lot_sets (lots) VALUES (?)"
_LOT_SET_MEMBERS = "INSERT OR IGNORE INTO lot_set_members SELECT ?, lots_id FROM lot_sets WHERE lots = ?"
_lots_id = "(SELECT lots_id FROM lot_sets WHERE lots = ?)"
_unit_marks = ", ".join(_lots_id if name == "lots_id" else "?" for name in series.UNIT_COLUMNS)
_UNITS = f"INSERT INTO units ({', '.join(series.UNIT_COLUMNS)}) VALUES ({_unit_marks})"
# When it was loaded is the first time, the rest the last: a lot can be taken off and put on again.
_LOTS = f"""
    INSERT INTO lots ({", ".join(series.LOT_COLUMNS)}) VALUES ({", ".join("?" * len(series.LOT_COLUMNS))})
    ON CONFLICT DO UPDATE SET
        material = excluded.material, quantity = excluded.quantity, remaining = excluded.remaining,
        loaded_us = coalesce(loaded_us, excluded.loaded_us),
        low_us = coalesce(excluded.low_us, low_us), empty_us = coalesce(excluded.empty_us, empty_us)
"""
_last = "SELECT {} FROM alarms WHERE machine_id = ?1 AND code = ?2 AND subject = ?3 ORDER BY raised_us DESC LIMIT 1"
# Raised again while it is on, it is still the same alarm.
_RAISE = f"""
    INSERT OR REPLACE INTO alarms SELECT ?1, ?2, ?3, ?4, NULL
    WHERE NOT EXISTS (SELECT 1 FROM ({_last.format("cleared_us")}) WHERE cleared_us IS NULL)
"""
_CLEAR = f"""
    UPDATE alarms SET cleared_us = ?4
    WHERE machine_id = ?1 AND code = ?2 AND subject = ?3 AND cleared_us IS NULL
      AND raised_us = ({_last.format("raised_us")})
"""
# Over, but nobody heard it being raised: it was on, since when is not known, so it has no length.
_CLEAR_UNHEARD = (
    f"INSERT OR IGNORE INTO alarms SELECT ?1, ?2, ?3, ?4, ?4 WHERE ({_last.format('cleared_us')}) IS NOT ?4"
)
_PROGRESS = """
    INSERT INTO progress (line_path, order_id, ts_us, payload) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET ts_us = excluded.ts_us, payload = excluded.payload WHERE excluded.ts_us >= ts_us
"""
_set_command = ", ".join(f"{name} = excluded.{name}" for name in series.COMMAND_COLUMNS)
_COMMANDS = f"""
    INSERT INTO commands ({", ".join(series.COMMAND_COLUMNS)}) VALUES ({", ".join("?" * len(series.COMMAND_COLUMNS))})
    ON CONFLICT (path, command_id) DO UPDATE SET {_set_command} WHERE excluded.ts_us > ts_us
"""


def writes_of_lines(changes: Changes) -> Iterator[Write]:
    """How far orders are, and what became of commands."""
    yield _PROGRESS, ((each.path, each.order, each.ts_us, each.payload) for each in changes.progress)
    yield (
        _COMMANDS,
        (
            (each.path, each.ts_us, each.command_id, each.verb, int(each.accepted), each.payload)
            for each in changes.commands
        ),
    )


def writes_of_machines(rows: list[tuple[int, Rows]]) -> Iterator[Write]:
    """What machines made, found, measured, were loaded with and warned of. ``rows``: each with its ``machine_id``."""
    yield _MADE, ((machine_id, *row) for machine_id, each in rows for row in each.made)
    yield _DEFECTS, ((machine_id, *row) for machine_id, each in rows for row in each.defects)
    told = [(machine_id, each.told) for machine_id, each in rows if each.told]
    if told:
        yield from _units(told)
        yield (
            _VALUES,
            (
                (machine_id, code, each.ts, each.unit, each.product, value)
                for machine_id, each in _of(told, ValuesMeasured)
                for code, value in each.values.items()
            ),
        )
        yield _LOTS, (_lot(machine_id, each) for machine_id, each in _of(told, MaterialChanged))
        for machine_id, each in _of(told, AlarmChanged):
            row = [(machine_id, each.code, each.subject, each.ts)]
            yield from [(_RAISE, row)] if each.is_active else [(_CLEAR, row), (_CLEAR_UNHEARD, row)]


def _of(told: _Told, kind: type[Any]) -> Iterator[tuple[int, Any]]:
    return ((machine_id, each) for machine_id, events in told for each in events if type(each) is kind)


def _units(told: _Told) -> Iterator[Write]:
    units: list[tuple[int, UnitProcessed]] = list(_of(told, UnitProcessed))
    sets = {unit.lots: " ".join(sorted(set(unit.lots))) or None for _, unit in units}
    texts = sorted(filter(None, set(sets.values())))
    yield _LOT_SETS, ((text,) for text in texts)
    yield _LOT_SET_MEMBERS, ((lot, text) for text in texts for lot in text.split(" "))
    yield _UNITS, (_unit(machine_id, unit, sets[unit.lots]) for machine_id, unit in units)
    yield _PARENTS, ((parent, unit.unit) for _, unit in units for parent in unit.parents)


def _unit(machine_id: int, unit: UnitProcessed, lots: str | None) -> tuple[Any, ...]:
    return (
        machine_id, unit.began, unit.ts, unit.unit, unit.product, unit.order, unit.attempt, unit.result,
        int(unit.false_call), " ".join(unit.defects) or None, lots, " ".join(unit.parents) or None,
    )  # fmt: skip


def _lot(machine_id: int, said: MaterialChanged) -> tuple[Any, ...]:
    instants = (said.ts if said.what == what else None for what in ("loaded", "low", "empty"))
    return (machine_id, said.slot, said.lot, said.material, said.quantity, *instants, said.remaining)
