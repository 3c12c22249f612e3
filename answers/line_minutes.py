"""A line minute by minute, many minutes at once: the sums of which ``answers.report`` makes a span, and their hours."""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from math import fsum

import msgspec

from answers.basis import OrderTurn, exit_ideal_us, order_turns
from answers.plant import Station, behind, constraint, exits, stations
from answers.span import Span, Spread, in_shifts, working
from answers.store import Store
from answers.target import due
from contract.instants import HOUR_US, MINUTE_US
from contract.kpi import LineSums, Sums, add_up
from contract.series import SUM_COLUMNS

_COLUMNS = ", ".join(SUM_COLUMNS)
_WHOLE = (
    "SELECT minute_us, SUM(energy_j), SUM(idle_energy_j),"
    " SUM(good * (machines.path IN (SELECT value FROM json_each(?3))))"
    " FROM json_each(?1) asked CROSS JOIN machines ON line_path = ?2"
    " CROSS JOIN minutes ON minutes.machine_id = machines.machine_id AND minute_us = asked.value GROUP BY minute_us"
)
_OWN = (
    f"SELECT minute_us, {_COLUMNS} FROM json_each(?1) asked CROSS JOIN minutes"  # noqa: S608 - constants of ours
    " ON machine_id = (SELECT machine_id FROM machines WHERE path = ?2) AND minute_us = asked.value"
)
_LEFT = (
    "SELECT minute_us, machines.path, product, SUM(covered_good), SUM(scrap) FROM json_each(?1) asked"
    " CROSS JOIN machines ON line_path = ?2 CROSS JOIN made ON made.machine_id = machines.machine_id"
    " AND minute_us = asked.value WHERE covered_good > 0 OR scrap > 0 GROUP BY minute_us, machines.machine_id, product"
)


class LineTime(msgspec.Struct, frozen=True):
    """A line over one minute or hour. ``constraint``: path of the machine that is the basis of most of it.

    ``target``: good parts that the plan wants of it (``answers.target``). Minutes add up to hours,
    ``in_shift_planned_us`` (planned downtime of the basis inside shifts) too.
    """

    constraint: str
    sums: LineSums
    in_shift_planned_us: int
    target: float


def line_minutes(store: Store, line: str, minutes: Iterable[int]) -> dict[int, LineTime]:
    """Those of ``minutes`` (starts, µs) in which any machine of ``line`` has a row, oldest first."""
    asked = sorted(set(minutes))
    line_stations = stations(store, line)
    if not asked or not line_stations:
        return {}
    span = Span(asked[0], asked[-1] + MINUTE_US)
    leaving = json.dumps([station.path for station in exits(line_stations)])
    whole = {at_us: rest for at_us, *rest in store.rows(_WHOLE, json.dumps(asked), line, leaving)}
    orders = order_turns(store, line, span)
    own = _own(store, line_stations, orders, asked)
    left = _left(store, line, line_stations, asked)
    plan = Spread(working(store, line, span))
    shifts = Spread((one.from_us, one.to_us) for one in in_shifts(store, line, span))
    found: dict[int, LineTime] = {}
    for turn, station, at_us in _turns(line_stations, orders, asked):
        if at_us in whole:
            energy_j, idle_j, good = whole[at_us]
            sums = own.get(at_us, _NOTHING)
            parts, ideal_us, lost_us = left.get(at_us, _NONE).of(station)
            until_us = at_us + MINUTE_US
            found[at_us] = LineTime(
                station.path,
                LineSums(sums, good, parts, ideal_us, lost_us, energy_j, idle_j),
                sums.planned_us if shifts.overlap_us(at_us, until_us) else 0,
                due(plan, turn.order, at_us, until_us),
            )
    return found


def line_hours(minutes: dict[int, LineTime]) -> dict[int, LineTime]:
    """Minutes, oldest first → the hours (starts, µs) they add up to."""
    return {hour: _together([one for _, one in group]) for hour, group in groupby(minutes.items(), _hour)}


def _hour(item: tuple[int, LineTime]) -> int:
    return item[0] - item[0] % HOUR_US


def _together(parts: list[LineTime]) -> LineTime:
    names = [part.constraint for part in parts]
    sums = [part.sums for part in parts]
    return LineTime(
        max(dict.fromkeys(names), key=names.count),
        LineSums(
            add_up(one.constraint for one in sums),
            *(sum(column) for column in zip(*(msgspec.structs.astuple(one)[1:] for one in sums), strict=True)),
        ),
        sum(part.in_shift_planned_us for part in parts),
        fsum(part.target for part in parts),
    )


def _turns(
    line_stations: list[Station], orders: list[OrderTurn], asked: list[int]
) -> Iterator[tuple[OrderTurn, Station, int]]:
    """Each minute with its order and whose time counts in it."""
    begun = 0
    for turn in orders:
        station = constraint(line_stations, turn.order.product if turn.order else "")
        while station is not None and begun < len(asked) and asked[begun] < turn.to_us:
            yield turn, station, asked[begun]
            begun += 1


def _own(store: Store, line_stations: list[Station], orders: list[OrderTurn], asked: list[int]) -> dict[int, Sums]:
    by_path: dict[str, list[int]] = {}
    for _, station, at_us in _turns(line_stations, orders, asked):
        by_path.setdefault(station.path, []).append(at_us)
    rows = (row for path, minutes in by_path.items() for row in store.rows(_OWN, json.dumps(minutes), path))
    return {at_us: Sums(*values) for at_us, *values in rows}


class _Left(msgspec.Struct):
    """What left the line in a minute, and what each station rejected (path → ideal time, µs)."""

    parts: int = 0
    ideal_us: int = 0
    lost_us: dict[str, int] = {}
    behind: dict[str, frozenset[str]] = {}

    def of(self, basis: Station) -> tuple[int, int, int]:
        """Covered good parts, their ideal time, ideal time of what was rejected behind ``basis``."""
        lost_us = sum(us for path, us in self.lost_us.items() if path in self.behind[basis.path])
        return self.parts, self.ideal_us, lost_us


_NOTHING, _NONE = Sums(), _Left()


def _left(store: Store, line: str, line_stations: list[Station], asked: list[int]) -> dict[int, _Left]:
    by_path = {station.path: station for station in line_stations}
    leaving = {station.path for station in exits(line_stations)}
    after = {one.path: frozenset(each.path for each in behind(line_stations, one)) for one in line_stations}
    ideals: dict[str, int] = {}
    found: dict[int, _Left] = {}
    for at_us, path, product, covered, scrap in store.rows(_LEFT, json.dumps(asked), line):
        ideal_us = ideals.get(product)
        if ideal_us is None:
            ideal_us = ideals[product] = exit_ideal_us(line_stations, product)
        of_it = found.get(at_us)
        if of_it is None:
            of_it = found[at_us] = _Left(behind=after)
        if path in leaving:
            of_it.parts += covered
            of_it.ideal_us += covered * ideal_us
        if scrap and path in by_path:
            lost_us = scrap * by_path[path].rejected_us(ideal_us)
            of_it.lost_us[path] = of_it.lost_us.get(path, 0) + lost_us
    return found
