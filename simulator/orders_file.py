"""Work orders as an ERP hands them out: a CSV or TOML file whose orders take the place of those of a plant."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

import msgspec

from contract.errors import PlantError
from simulator.line_check import check_order
from simulator.mistakes import require, require_known
from simulator.plant import LineSpec, Order, Park, Plant
from simulator.plant_check import check_park, check_plant
from simulator.plant_file import converted, document_of
from simulator.station_spec import Spec

_NEEDED = ("id", "product", "quantity")
_COLUMNS = (*_NEEDED, "due", "line")


class _Row(Spec, frozen=True):
    """One order of a file. ``line`` may be left out where there is only one; ``due`` has an offset."""

    id: str
    product: str
    quantity: int
    due: dt.datetime | None = None
    line: str = ""


class _Rows(Spec, frozen=True):
    orders: tuple[_Row, ...]


def with_orders(park: Park, path: str) -> Park:
    """``park`` with the orders of a file in place of those of each line it names; made-up demand comes after them.

    A name that ends in ``.toml`` has ``[[orders]]``, any other is CSV with a first row of names. Raises
    :class:`PlantError` saying file, row and mend.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PlantError(f"{path}: this is not UTF-8 text: save it as 'CSV UTF-8'") from error
    except OSError as error:
        raise PlantError(f"{path}: cannot be read: {error.strerror}: check its name") from error
    if path.endswith(".toml"):
        read = converted(document_of(text, path), _Rows, path).orders
        rows = [(f"orders[{index}]", row) for index, row in enumerate(read)]
    else:
        rows = list(_csv_rows(text, path))
    try:
        return _replaced(park, rows)
    except PlantError as error:
        raise PlantError(f"{path}: {error}") from error


def _replaced(park: Park, rows: list[tuple[str, _Row]]) -> Park:
    require(bool(rows), "orders", "there is none in it: write at least one")
    lines = _lines(park)
    found: dict[tuple[str, str], list[Order]] = {}
    places: dict[str, str] = {}
    for where, row in rows:
        if row.line or len(set(lines.values())) != 1:
            several = f"there are several lines: say which, one of {', '.join(lines)}"
            require(bool(row.line), f"{where}.line", several)
            require_known(f"{where}.line", row.line, "line", lines)
        key = lines[row.line] if row.line else next(iter(lines.values()))
        order = Order(row.id, row.product, row.quantity, due=row.due)
        check_order(where, order, _line(park, key).products)
        twice = f"order {row.id!r} is there already, at {places.get(row.id)}: give each its own"
        require(row.id not in places, f"{where}.id", twice)
        places[row.id] = where
        found.setdefault(key, []).append(order)
    changed = msgspec.structs.replace(park, plants=tuple(_plant_with(plant, found) for plant in park.plants))
    for plant in changed.plants:
        check_plant(plant)
    check_park(changed)
    return changed


def _lines(park: Park) -> dict[str, tuple[str, str]]:
    """What a file may call each line: its id where no other plant has one of that id, and plant/line."""
    keys = [(plant.id, line.id) for plant in park.plants for line in plant.lines]
    ids = [line for _, line in keys]
    short = {line: (plant, line) for plant, line in keys if ids.count(line) == 1}
    return short | {f"{plant}/{line}": (plant, line) for plant, line in keys if len(park.plants) > 1}


def _line(park: Park, key: tuple[str, str]) -> LineSpec:
    return next(line for plant in park.plants for line in plant.lines if (plant.id, line.id) == key)


def _plant_with(plant: Plant, found: dict[tuple[str, str], list[Order]]) -> Plant:
    lines = [
        msgspec.structs.replace(line, orders=tuple(found[plant.id, line.id])) if (plant.id, line.id) in found else line
        for line in plant.lines
    ]
    return msgspec.structs.replace(plant, lines=tuple(lines))


def _csv_rows(text: str, path: str) -> Iterator[tuple[str, _Row]]:
    """Rows of a CSV file, each with its place; spreadsheets separate by comma, semicolon or tab."""
    if not text.strip():
        raise PlantError(f"{path}: the file is empty: its first row names the columns: {','.join(_COLUMNS)}")
    first = text.lstrip().splitlines()[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text.lstrip(), newline=""), delimiter=separator, strict=True)
    try:
        names = [name.strip().lower() for name in next(reader)]
        _check_columns(names, path)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                where = f"row {reader.line_num}"
                more = f"{path}: {where}"
                require(len(cells) <= len(names), more, f"{len(cells)} cells under {len(names)} names: remove the rest")
                yield where, _row(dict(zip(names, (cell.strip() for cell in cells), strict=False)), more)
    except csv.Error as error:
        raise PlantError(f"{path}: row {reader.line_num}: this is not CSV: {error}") from error


def _check_columns(names: list[str], path: str) -> None:
    for name in names:
        near = get_close_matches(name, _COLUMNS, n=1)
        mend = f"did you mean {near[0]!r}?" if near else f"remove it; there are {', '.join(_COLUMNS)}"
        require(name in _COLUMNS, f"{path}: row 1", f"there is no column {name!r}: {mend}")
        require(names.count(name) == 1, f"{path}: row 1", f"column {name!r} is there twice: remove one")
    for name in _NEEDED:
        require(name in names, f"{path}: row 1", f"the column {name!r} is missing: add it")


def _row(cells: dict[str, str], where: str) -> _Row:
    for name in _NEEDED:
        require(bool(cells.get(name)), f"{where}.{name}", "this is empty: fill it in")
    quantity, due = cells["quantity"], cells.get("due", "")
    plain = quantity.isascii() and quantity.isdecimal()
    require(plain, f"{where}.quantity", f"{quantity!r} is not a whole number: write it with digits only, like 1200")
    try:
        when = dt.datetime.fromisoformat(due) if due else None
    except ValueError as error:
        mend = "write it like 2026-01-09T16:00:00+07:00"
        raise PlantError(f"{where}.due: {due!r} is not a time: {mend}") from error
    return _Row(cells["id"], cells["product"], int(quantity), when, cells.get("line", ""))
