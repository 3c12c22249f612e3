"""What a plant file may not say although each of its values has the right type."""

from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from simulator.line_check import check_line
from simulator.mistakes import require, require_code, require_count, require_distinct, require_id, require_known
from simulator.plant import DAYS, LineSpec, Park, Pause, Plant, Shift
from simulator.shifts import seconds_of
from simulator.station_check import check_absences, stops_of

_WEEK_S = 7 * 86_400


def check_plant(plant: Plant) -> None:
    """Raise :class:`contract.errors.PlantError` (``key: what and how to mend it``) for the first impossible thing."""
    for key in ("id", "enterprise", "site", "area"):
        require_id(key, getattr(plant, key))
    require(_is_zone(plant.tz), "tz", f"{plant.tz!r} is not a time zone: write it like 'Asia/Ho_Chi_Minh'")
    require(bool(plant.lines), "lines", "a plant needs at least one [[lines]]")
    _check_shifts(plant.shifts)
    require_distinct("lines", (line.id for line in plant.lines))
    for index, line in enumerate(plant.lines):
        check_line(f"lines[{index}]", line)
    _check_crews(plant)
    _check_orders_apart((f"lines[{index}]", line) for index, line in enumerate(plant.lines))


def check_park(park: Park) -> None:
    """Raise :class:`contract.errors.PlantError` for what its plants, each good by itself, cannot be together."""
    require_id("id", park.id)
    require(bool(park.plants), "plants", "name at least one plant")
    require_distinct("plants", (plant.id for plant in park.plants))
    owners: dict[str, str] = {}
    for plant in park.plants:
        for line in plant.lines:
            path = plant.address(line).path
            other = owners.setdefault(path, plant.id)
            mend = f"{other!r} and {plant.id!r} both have a line {path}: give one another enterprise, site or area"
            require(other == plant.id, "plants", mend)
    _check_orders_apart((f"plants: {plant.id}: {line.id}", line) for plant in park.plants for line in plant.lines)


def _is_zone(tz: str) -> bool:
    try:
        ZoneInfo(tz)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _check_crews(plant: Plant) -> None:
    ids = [crew.id for crew in plant.crews]
    require_distinct("crews", ids)
    for index, crew in enumerate(plant.crews):
        require_code(f"crews[{index}].id", crew.id)
        require_count(f"crews[{index}].size", crew.size, 1000)
        check_absences(f"crews[{index}]", crew.absences)
    for number, line in enumerate(plant.lines):
        for index, station in enumerate(line.stations):
            for place, stop in stops_of(f"lines[{number}].stations[{index}]", station):
                if stop.crew is not None:
                    require_known(f"{place}.crew", stop.crew, "crew", ids)
    waited_for = {crew for line in plant.lines for crew in line.crews}
    for index, crew in enumerate(plant.crews):
        mend = f"no stop waits for {crew.id!r}: name it in the crew of one, or remove it"
        require(crew.id in waited_for, f"crews[{index}]", mend)


def _check_orders_apart(lines: Iterable[tuple[str, LineSpec]]) -> None:
    """No order is there twice, nor can one made up be called like another line's: serials are made of them."""
    orders: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    for where, line in lines:
        for order in line.orders:
            mend = f"order {order.id!r} is there twice: give each its own, serials are made from it"
            require(order.id not in orders, f"{where}.orders", mend)
            orders[order.id] = where
        if line.demand is not None:
            prefix = line.demand.prefix
            mend = f"{prefix!r} is that of {prefixes.get(prefix)} too: give each its own, serials are made from it"
            require(prefix not in prefixes, f"{where}.demand.prefix", mend)
            prefixes[prefix] = where
    for prefix, where in prefixes.items():
        for name, owner in orders.items():
            alike = owner != where and name.startswith(prefix) and name[len(prefix) :].isdecimal()
            mend = f"orders made up could be called like {name!r} of {owner}: choose another than {prefix!r}"
            require(not alike, f"{where}.demand.prefix", mend)


def _check_shifts(shifts: tuple[Shift, ...]) -> None:
    for index, shift in enumerate(shifts):
        where = f"shifts[{index}]"
        require(bool(shift.days), f"{where}.days", "name at least one day, or remove the key for every day")
        require_distinct(f"{where}.days", shift.days)
        spans: list[Shift | Pause] = [shift, *shift.breaks]
        for span in spans:
            local = span.start.tzinfo is None and span.end.tzinfo is None
            require(local, where, "times are on the clock of the plant's tz: remove the offset")
        begin, end = seconds_of(shift)
        taken = begin
        for number, pause in enumerate(shift.breaks):
            start, stop = seconds_of(pause, begin)
            inside = begin <= start < stop <= end
            require(inside, f"{where}.breaks[{number}]", "the break is not inside its shift")
            require(start >= taken, f"{where}.breaks[{number}]", "breaks overlap or are not in order of time")
            taken = stop
    _require_apart(shifts)


def _require_apart(shifts: tuple[Shift, ...]) -> None:
    week = sorted(_week(shifts))
    for (_, end, one), (start, _, other) in zip(week, [*week[1:], *_next_week(week[:1])], strict=True):
        require(end <= start, f"shifts[{other}]", f"overlaps shifts[{one}]: shifts of a plant follow one another")


def _week(shifts: Iterable[Shift]) -> Iterator[tuple[int, int, int]]:
    for index, shift in enumerate(shifts):
        begin, end = seconds_of(shift)
        for day in shift.days:
            offset = DAYS.index(day) * 86_400
            yield offset + begin, offset + end, index


def _next_week(windows: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    return [(start + _WEEK_S, end + _WEEK_S, index) for start, end, index in windows]
