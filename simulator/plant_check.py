"""What a plant file may not say although each of its values has the right type."""

import math
import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from contract.errors import PlantError
from contract.states import REASONS
from simulator.plant import DAYS, LineSpec, Pause, Plant, Shift
from simulator.shifts import seconds_of
from simulator.station_spec import Conveyor, Station, StopMode

# A segment of a topic; lower case because file systems and InfluxDB users type it.
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_WEEK_S = 7 * 86_400


def check_plant(plant: Plant) -> None:
    """Raise :class:`PlantError` (``key: what and how to mend it``) for the first impossible thing."""
    for key in ("id", "enterprise", "site", "area"):
        _require_id(key, getattr(plant, key))
    try:
        ZoneInfo(plant.tz)
    except (KeyError, ValueError, OSError) as error:
        raise PlantError(f"tz: {plant.tz!r} is not a time zone: write it like 'Asia/Ho_Chi_Minh'") from error
    if not plant.lines:
        raise PlantError("lines: a plant needs at least one [[lines]]")
    _check_shifts(plant.shifts)
    _require_distinct("lines", (line.id for line in plant.lines))
    for index, line in enumerate(plant.lines):
        _check_line(f"lines[{index}]", line)


def _check_line(where: str, line: LineSpec) -> None:
    _require_id(f"{where}.id", line.id)
    _require(0 < line.target_oee <= 1, f"{where}.target_oee", f"{line.target_oee:g} must be above 0 and at most 1")
    _require(0 <= line.minor_stop_s < math.inf, f"{where}.minor_stop_s", "must not be negative")
    _require(bool(line.stations), f"{where}.stations", "a line needs at least one station")
    _require_distinct(f"{where}.stations", (station.id for station in line.stations))
    for index, station in enumerate(line.stations):
        _check_station(f"{where}.stations[{index}]", station)
    _check_flow(where, line)


def _check_station(where: str, station: Station) -> None:
    _require_id(f"{where}.id", station.id)
    _require(0 < station.cycle_s < math.inf, f"{where}.cycle_s", f"{station.cycle_s:g} must be greater than 0")
    if station.buffer is not None:
        _require(station.buffer >= 0, f"{where}.buffer", f"{station.buffer} must be 0 or more places")
    _require(1 <= station.servers <= 1000, f"{where}.servers", f"{station.servers} must be from 1 to 1000")
    _require(station.ideal_us > 0, f"{where}.cycle_s", "must be at least a microsecond")
    _require(-1 < station.speed_loss < math.inf, f"{where}.speed_loss", "must be above -1 (0.05 is 5 % slower)")
    _require(0 <= station.scrap <= 1, f"{where}.scrap", f"{station.scrap:g} is a probability: 0 to 1")
    _require_possible(f"{where}.spread", station.spread.mistake())
    if station.conveyor is not None:
        _check_conveyor(where, station, station.conveyor)
    _require_distinct(where, (mode.code for mode in (*station.micro_stops, *station.failures)))
    for kind in ("micro_stops", "failures"):
        for index, mode in enumerate(getattr(station, kind)):
            _check_mode(f"{where}.{kind}[{index}]", mode)


def _check_conveyor(where: str, station: Station, conveyor: Conveyor) -> None:
    _require(0 < conveyor.transit_s < math.inf, f"{where}.conveyor.transit_s", "must be greater than 0")
    _require(conveyor.places >= 1, f"{where}.conveyor.places", "must be at least 1")
    plain = Station(id=station.id, name=station.name, role=station.role, cycle_s=station.cycle_s)
    for key in ("servers", "spread", "speed_loss"):
        same = getattr(station, key) == getattr(plain, key)
        _require(same, f"{where}.{key}", "a conveyor moves at one speed: remove this")


def _check_mode(where: str, mode: StopMode) -> None:
    good = _CODE.fullmatch(mode.code) is not None
    _require(good, f"{where}.code", f"{mode.code!r}: use lower-case letters, digits and '_', at most 64")
    _require(mode.code not in REASONS, f"{where}.code", f"{mode.code!r} already means something else: choose another")
    _require_possible(f"{where}.every_min", mode.every_min.mistake())
    _require_possible(f"{where}.lasts_s", mode.lasts_s.mistake())


def _check_flow(where: str, line: LineSpec) -> None:
    """Every named downstream exists, and from every station parts get out of the line."""
    ids = [station.id for station in line.stations]
    for index, station in enumerate(line.stations):
        if station.downstream is not None and station.downstream not in ids:
            near = get_close_matches(station.downstream, ids, n=1)
            mend = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(ids)}"
            key = f"{where}.stations[{index}].downstream"
            raise PlantError(f"{key}: there is no station {station.downstream!r} in this line: {mend}")
    for index in range(len(ids)):
        here: int | None = index
        for _ in ids:
            here = None if here is None else line.downstream_of(here)
        _require(here is None, f"{where}.stations[{index}].downstream", "parts would go round for ever")


def _check_shifts(shifts: tuple[Shift, ...]) -> None:
    for index, shift in enumerate(shifts):
        where = f"shifts[{index}]"
        _require(bool(shift.days), f"{where}.days", "name at least one day, or remove the key for every day")
        spans: list[Shift | Pause] = [shift, *shift.breaks]
        for span in spans:
            local = span.start.tzinfo is None and span.end.tzinfo is None
            _require(local, where, "times are on the clock of the plant's tz: remove the offset")
        begin, end = seconds_of(shift)
        taken = begin
        for number, pause in enumerate(shift.breaks):
            start, stop = seconds_of(pause, begin)
            inside = begin <= start < stop <= end
            _require(inside, f"{where}.breaks[{number}]", "the break is not inside its shift")
            _require(start >= taken, f"{where}.breaks[{number}]", "breaks overlap or are not in order of time")
            taken = stop
    _require_apart(shifts)


def _require_apart(shifts: tuple[Shift, ...]) -> None:
    week = sorted(_week(shifts))
    for (_, end, one), (start, _, other) in zip(week, [*week[1:], *_next_week(week[:1])], strict=True):
        _require(end <= start, f"shifts[{other}]", f"overlaps shifts[{one}]: shifts of a plant follow one another")


def _week(shifts: Iterable[Shift]) -> Iterator[tuple[int, int, int]]:
    for index, shift in enumerate(shifts):
        begin, end = seconds_of(shift)
        for day in shift.days:
            offset = DAYS.index(day) * 86_400
            yield offset + begin, offset + end, index


def _next_week(windows: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    return [(start + _WEEK_S, end + _WEEK_S, index) for start, end, index in windows]


def _require(holds: bool, where: str, mend: str) -> None:
    if not holds:
        raise PlantError(f"{where}: {mend}")


def _require_possible(where: str, mistake: str | None) -> None:
    if mistake is not None:
        raise PlantError(f"{where}: {mistake}")


def _require_id(where: str, value: str) -> None:
    good = _ID.fullmatch(value) is not None
    _require(good, where, f"{value!r}: use lower-case letters, digits, '-' and '_', at most 64, starting with no sign")


def _require_distinct(where: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for one in ids:
        _require(one not in seen, where, f"{one!r} is there twice: give each its own")
        seen.add(one)
