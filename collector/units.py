"""What units tell of a minute: which went through for the first time, which passed, and what was found. Pure."""

from collections.abc import Iterable

from collector.minutes import KEYS_LIMIT, NOT_KNOWN, Defects, MadeRows, made_row
from contract.events import UnitProcessed
from contract.instants import MINUTE_US


def tell_units(units: Iterable[UnitProcessed], made: MadeRows, defects: Defects) -> None:
    """Add ``units`` to the rows of the minutes in which they were done."""
    for unit in units:
        row = made_row(made, unit.ts, unit.order, unit.product)
        if unit.attempt == 1:
            row.first += 1
            row.first_good += unit.result == "pass"
        row.false_calls += unit.false_call
        for code in unit.defects:
            _find(defects, unit.ts, unit.product, code)


def _find(defects: Defects, at_us: int, product: str, code: str) -> None:
    found, key = defects.setdefault(at_us - at_us % MINUTE_US, {}), (product, code)
    if key not in found and len(found) >= KEYS_LIMIT:
        key = NOT_KNOWN
    found[key] = found.get(key, 0) + 1
