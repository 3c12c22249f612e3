"""What units tell of a minute: which went through for the first time, which passed, and what was found. Pure."""

from collections.abc import Iterable

from collector.minutes import KEYS_LIMIT, NOT_KNOWN, Defects, MadeRows, Minutes, made_row, row_of
from contract.events import UnitProcessed
from contract.instants import MINUTE_US
from contract.series import MADE_COLUMNS

_FIRST, _FIRST_GOOD, _FALSE_CALLS = (MADE_COLUMNS.index(name) for name in ("first", "first_good", "false_calls"))


def tell_units(units: Iterable[UnitProcessed], minutes: Minutes, made: MadeRows, defects: Defects) -> None:
    """Add ``units`` to the rows of the minutes in which they were done."""
    for unit in units:
        # Rows of units are given up together with those of their minute: so that there is one.
        row_of(minutes, unit.ts)
        row = made_row(made, unit.ts, unit.order, unit.product)
        if unit.attempt == 1:
            row[_FIRST] += 1
            row[_FIRST_GOOD] += unit.result == "pass"
        row[_FALSE_CALLS] += unit.false_call
        for code in unit.defects:
            _find(defects, unit.ts, unit.product, code)


def _find(defects: Defects, at_us: int, product: str, code: str) -> None:
    found, key = defects.setdefault(at_us - at_us % MINUTE_US, {}), (product, code)
    if key not in found and len(found) >= KEYS_LIMIT:
        key = NOT_KNOWN
    found[key] = found.get(key, 0) + 1
