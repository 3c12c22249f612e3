"""The proof of what machines tell part by part: orders apart, units with their lots and defects, and orders' progress.

``equal``: the very same. ``covered``: something is missing and the store knows that it missed something, but what it
has is true: no unit that was not, no part of an order before it was made, and of each order just the good parts of
the time for which there is evidence.
"""

from collections import Counter
from collections.abc import Iterable

import msgspec

from answers.covered import Stretches, holds
from answers.store import Store
from contract import codec
from contract.instants import floor_minute
from contract.topics import Kind
from contract.truth import TruthOrder, TruthOutput, TruthUnit

EQUAL, COVERED, DIFFERENT = "equal", "covered", "different"
VERDICTS = (EQUAL, COVERED, DIFFERENT)
_COUNTS = ("total", "good", "scrap", "rework")
_COLUMNS = (*_COUNTS, "covered_good", "first", "first_good")
_MADE = f"""
    SELECT minute_us, order_id, product, {", ".join(_COLUMNS)} FROM made JOIN machines USING (machine_id)
    WHERE path = ? AND minute_us >= ? AND minute_us < ?
"""  # noqa: S608 - only names of columns
_UNITS = """
    SELECT unit, order_id, began_us, ended_us, attempt, result, defects, lots, parents
    FROM units JOIN machines USING (machine_id) LEFT JOIN lot_sets USING (lots_id)
    WHERE path = ? AND ended_us BETWEEN ? AND ?
"""
_DEFECTS = """
    SELECT minute_us, code, SUM(count) FROM defects JOIN machines USING (machine_id)
    WHERE path = ? AND minute_us >= ? AND minute_us < ? GROUP BY minute_us, code
"""
_Made = dict[tuple[int, str, str], dict[str, int]]
_Unit = tuple[str, str, int, int, int, str, str, str, str]


class MachineTruth(msgspec.Struct):
    """What truly happened at one machine, over [start, end] µs."""

    start: int
    end: int
    outputs: list[TruthOutput]
    units: list[TruthUnit]


class Told(msgspec.Struct, frozen=True):
    """One machine: the verdict, the first difference in words (empty if none), and units in truth and store."""

    verdict: str
    difference: str
    true_units: int
    stored_units: int


class OrderScore(msgspec.Struct, frozen=True):
    """One order: the verdict, and the first difference in words (empty if none)."""

    line: str
    order: str
    verdict: str
    difference: str


def worst(verdicts: Iterable[str]) -> str:
    """The worst of some verdicts; equal if there is none."""
    return max(verdicts, key=VERDICTS.index, default=EQUAL)


def judge_told(store: Store, path: str, truth: MachineTruth, known: Stretches, *, missed: bool) -> Told:
    """Compare what ``store`` has of the machine at ``path``; ``missed``: it shows that it missed something.

    ``known``: the stretches of time for which it has evidence.
    """
    span = (path, floor_minute(truth.start), truth.end)
    true_units = Counter(map(_true_unit, truth.units))
    stored_units = Counter(map(_stored_unit, store.rows(_UNITS, path, truth.start, truth.end)))
    rows = store.rows(_MADE, *span)
    stored_made: _Made = {(row[0], row[1], row[2]): dict(zip(_COLUMNS, row[3:], strict=True)) for row in rows}
    true_defects = Counter((floor_minute(unit.ended), code) for unit in truth.units for code in unit.defects)
    stored_defects = Counter({(minute, code): count for minute, code, count in store.rows(_DEFECTS, *span)})
    # The oldest units go when there are too many.
    is_cut = store.rows("SELECT MIN(rowid) FROM units")[0][0] not in (None, 1)
    findings = [
        _judge_set("unit", true_units, stored_units, missed=missed or is_cut),
        _judge_set("defect", true_defects, stored_defects, missed=missed),
        _judge_made(truth, stored_made, known, missed=missed),
    ]
    verdict = worst(verdict for verdict, _ in findings)
    difference = next((what for found, what in findings if found == verdict), "")
    return Told(verdict, difference, true_units.total(), stored_units.total())


def judge_order(store: Store, true: TruthOrder) -> OrderScore:
    """Compare the newest progress of an order that ``store`` has with what truly became of it."""
    rows = store.rows("SELECT payload FROM progress WHERE line_path = ? AND order_id = ?", true.line, true.order)
    if not rows:
        return OrderScore(true.line, true.order, COVERED, "truth has it, store does not")
    said = codec.decode(Kind.PROGRESS, rows[0][0])[0]
    names = ("released", "good", "scrap", "is_complete")
    off = [name for name in names if getattr(said, name) != getattr(true, name)]
    if not off:
        return OrderScore(true.line, true.order, EQUAL, "")
    is_ahead = any(getattr(said, name) > getattr(true, name) for name in names)
    what = f"{off[0]}: truth {getattr(true, off[0])}, store {getattr(said, off[0])}"
    return OrderScore(true.line, true.order, DIFFERENT if is_ahead else COVERED, what)


def _true_unit(unit: TruthUnit) -> _Unit:
    texts = (" ".join(unit.defects), " ".join(sorted(set(unit.lots))), " ".join(unit.parents))
    return (unit.unit, unit.order, unit.began, unit.ended, unit.attempt, unit.result, *texts)


def _stored_unit(row: tuple[object, ...]) -> _Unit:
    return (*row[:6], *(text or "" for text in row[6:]))  # type: ignore[return-value]


def _judge_set(name: str, true: Counter, stored: Counter, *, missed: bool) -> tuple[str, str]:  # type: ignore[type-arg]
    """Nothing in the store that is not true; what is not in it must have been missed."""
    invented, missing = stored - true, true - stored
    if invented:
        return DIFFERENT, f"{name} {next(iter(invented))}: only in the store"
    if missing:
        return COVERED if missed else DIFFERENT, f"{name} {next(iter(missing))}: not in the store"
    return EQUAL, ""


def _true_made(truth: MachineTruth) -> _Made:
    made: _Made = {}
    product_of = {output.order: output.product for output in truth.outputs}
    for output in truth.outputs:
        row = made.setdefault((output.minute, output.order, output.product), dict.fromkeys(_COLUMNS, 0))
        for name in _COUNTS:
            row[name] += getattr(output, name)
        row["covered_good"] += output.good
    for unit in truth.units:
        if unit.attempt == 1:
            key = (floor_minute(unit.ended), unit.order, product_of.get(unit.order, ""))
            row = made.setdefault(key, dict.fromkeys(_COLUMNS, 0))
            row["first"] += 1
            row["first_good"] += unit.result == "pass"
    return made


def _judge_made(truth: MachineTruth, stored: _Made, known: Stretches, *, missed: bool) -> tuple[str, str]:
    true, nothing = _true_made(truth), dict.fromkeys(_COLUMNS, 0)
    difference = ""
    for key in sorted(true.keys() | stored.keys()):
        expected, got = true.get(key, nothing), stored.get(key, nothing)
        for name in _COLUMNS:
            if expected[name] != got[name] and not difference:
                difference = f"{name} of {key[1] or 'no known order'}: truth {expected[name]}, store {got[name]}"
    if not difference:
        return EQUAL, ""
    wrong = _is_ahead(true, stored) or _is_off(truth, stored, known)
    return (COVERED, difference) if missed and not wrong else (DIFFERENT, wrong or difference)


def _is_ahead(true: _Made, stored: _Made) -> str:
    """Where the store had counted more of an order at the end of a minute than there was by then; empty if nowhere."""
    ahead: Counter[tuple[str, str, str]] = Counter()
    for key in sorted(true.keys() | stored.keys()):
        _, order, product = key
        for name in (*_COUNTS, "first", "first_good"):
            ahead[name, order, product] += stored.get(key, {}).get(name, 0) - true.get(key, {}).get(name, 0)
            if ahead[name, order, product] > 0 and (order or product):
                return f"{name} of {order}: more than was made by then"
    return ""


def _is_off(truth: MachineTruth, stored: _Made, known: Stretches) -> str:
    """The order of which the store claims other good parts in covered time than there were; empty if none."""
    off: Counter[str] = Counter()
    for (_, order, _), row in stored.items():
        off[order] += row["covered_good"]
    for output in truth.outputs:
        off[output.order] -= sum(holds(known, output.minute + at_us) for at_us in output.good_at)
    return next((f"covered_good of {order}: {count:+} parts" for order, count in off.items() if count), "")
