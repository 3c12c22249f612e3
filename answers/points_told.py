"""Points of what machines and lines told one by one: units, measured values, orders, alarms, commands."""

import json
from collections.abc import Iterator
from math import isfinite

from answers.commands import sentence
from answers.line_protocol import Instants, flag, form, path_tags, tags, template, text
from answers.store import Store, decoded
from contract.events import CommandAnswered, MachineDescribed, OrderProgressed
from contract.topics import Kind

#: Rows before a range that may stand at the same instant as its first ones: units of one load come one after another.
_LOOK_BACK = 2_000
_BEFORE = f"rowid > ?1 - {_LOOK_BACK} AND rowid <= ?1"
_UNITS = (
    "SELECT machine_id, path, result, ended_us, unit, order_id, product, attempt, (ended_us - began_us) / 1e6,"
    " defects, lots, parents FROM units CROSS JOIN machines USING (machine_id) LEFT JOIN lot_sets USING (lots_id)"
    " WHERE units.rowid > ?1 AND units.rowid <= ?2 ORDER BY units.rowid"
)
_UNITS_BEFORE = f"SELECT machine_id, result, ended_us FROM units WHERE {_BEFORE} ORDER BY rowid"  # noqa: S608 - ours
_VALUES = (
    "SELECT machine_id, code, product, ts_us, value FROM measurements WHERE rowid > ?1 AND rowid <= ?2 ORDER BY rowid"
)
_VALUES_BEFORE = f"SELECT machine_id, code, ts_us FROM measurements WHERE {_BEFORE} ORDER BY rowid"  # noqa: S608 - ours
_asked = "(SELECT value FROM json_each(?1))"
_PROGRESS = f"SELECT payload FROM progress WHERE line_path = ?2 AND ts_us IN {_asked} ORDER BY ts_us, order_id"  # noqa: S608
_COMMANDS = f"SELECT payload FROM commands WHERE path = ?2 AND ts_us IN {_asked} ORDER BY rowid"  # noqa: S608 - ours
_ALARMS = (
    "SELECT code, subject, raised_us, cleared_us FROM alarms"  # noqa: S608 - constants of ours
    " WHERE machine_id = (SELECT machine_id FROM machines WHERE path = ?2)"
    f" AND (raised_us IN {_asked} OR cleared_us IN {_asked}) ORDER BY raised_us, cleared_us"
)
_UNIT = template("unit", "unit", "order_id", "product", "attempt", "duration_s")
_ORDER = ("order_id", "product", "quantity", "released", "good", "scrap", "is_complete")
_LATE: tuple[tuple[str, ...], ...] = ((), ("late_s",))
_TEMPLATES = {name: template(name) for name in ("alarm", "command")}


def units(store: Store, after_row: int, to_row: int) -> list[str]:
    """``unit``: the rows after ``after_row`` up to ``to_row``."""
    instants = Instants()
    for machine_id, result, ended_us in store.rows(_UNITS_BEFORE, after_row):
        instants.free((machine_id, result), ended_us)
    fields, _, _ = _UNIT.rpartition(" ")
    heads: dict[tuple[int, str], str] = {}
    lines = []
    for machine_id, path, result, ended_us, unit, order, product, attempt, duration_s, *found in store.rows(
        _UNITS, after_row, to_row
    ):
        series = (machine_id, result)
        if series not in heads:
            heads[series] = form("unit", path_tags(path) + tags(("result",), (result,)), fields)
        told = heads[series] % (text(unit), text(order), text(product), attempt, duration_s)
        more = "".join(
            f',{name}="{text(value)}"'
            for name, value in zip(("defects", "lots", "parents"), found, strict=True)
            if value
        )
        lines.append(f"{told}{more} {instants.free(series, ended_us)}")
    return lines


def values(store: Store, after_row: int, to_row: int) -> list[str]:
    """``value``: the rows after ``after_row`` up to ``to_row``, each with the target and limits that hold now."""
    instants = Instants()
    for machine_id, code, ts_us in store.rows(_VALUES_BEFORE, after_row):
        instants.free((machine_id, code), ts_us)
    paths = dict(store.rows("SELECT machine_id, path FROM machines"))
    described = {path: info.values for line in store.lines() for path, info in store.described(line).items()}
    heads: dict[tuple[int, str], str] = {}
    tails: dict[tuple[int, str, str], str] = {}
    lines = []
    for machine_id, code, product, ts_us, value in store.rows(_VALUES, after_row, to_row):
        if value is None or not isfinite(value):
            continue
        series, kind = (machine_id, code), (machine_id, code, product)
        if kind not in tails:
            path = paths[machine_id]
            heads[series] = f"value{path_tags(path)}{tags(('code',), (code,))} value="
            one = described.get(path, {}).get(code)
            limits = {"target": one.target, "lsl": one.lsl, "usl": one.usl} if one else {}
            known = (f",{name}={number!r}" for name, number in limits.items() if number is not None)
            tails[kind] = f'{"".join(known)},unit="{text(one.unit) if one else ""}",product="{text(product)}"'
        lines.append(f"{heads[series]}{float(value)!r}{tails[kind]} {instants.free(series, ts_us)}")
    return lines


def orders(store: Store, path: str, instants: list[int]) -> list[str]:
    """``order_progress``: the orders of the line ``path`` whose newest word is of the instants."""
    free, own = Instants(), path_tags(path)
    plain, dated = (form("order_progress", own, template("order_progress", *_ORDER, *more)) for more in _LATE)
    lines = []
    for (payload,) in store.rows(_PROGRESS, json.dumps(instants), path):
        one = decoded(OrderProgressed, Kind.PROGRESS, payload)
        told = (
            text(one.order), text(one.product), one.quantity, one.released, one.good, one.scrap, flag(one.is_complete),
        )  # fmt: skip
        at_us = free.free(path, one.ts)
        lines.append(
            plain % (*told, at_us) if one.due is None else dated % (*told, (one.finish - one.due) / 1e6, at_us)
        )
    return lines


def alarms(store: Store, path: str, instants: list[int]) -> list[str]:
    """``alarm``: those of ``path`` raised or over at the instants; one that nobody heard being raised is only over."""
    asked, free, own = frozenset(instants), Instants(), path_tags(path)
    return [
        f"alarm{own}{tags(('code', 'subject'), (code, subject))}"
        + _TEMPLATES["alarm"] % (flag(is_active), free.free((code, subject), at_us))
        for code, subject, raised_us, cleared_us in store.rows(_ALARMS, json.dumps(instants), path)
        for at_us, is_active in _changes(raised_us, cleared_us)
        if at_us in asked
    ]


def _changes(raised_us: int, cleared_us: int | None) -> Iterator[tuple[int, bool]]:
    if raised_us != cleared_us:
        yield raised_us, True
    if cleared_us is not None:
        yield cleared_us, False


def commands(store: Store, path: str, instants: list[int]) -> list[str]:
    """``command``: those to ``path``, a machine or line, answered at the instants."""
    free = Instants()
    rows = store.rows(_COMMANDS, json.dumps(instants), path)
    info = store.fact(MachineDescribed, Kind.INFO, path) if rows else None
    lines = []
    for (payload,) in rows:
        one = decoded(CommandAnswered, Kind.REPLY, payload)
        said = sentence(one, info)
        told = (
            text(one.command.verb), text(one.command.by), flag(one.accepted), text(one.detail),
            text(said.en), text(said.vi),
        )  # fmt: skip
        lines.append(f"command{path_tags(path)}" + _TEMPLATES["command"] % (*told, free.free(path, one.ts)))
    return lines
