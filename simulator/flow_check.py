"""Whether parts get through a line: every named station is there, nothing goes round for ever, joins and rework fit."""

from itertools import pairwise

from simulator.mistakes import LARGEST, require, require_known
from simulator.plant import LineSpec
from simulator.station_spec import ANY_DEFECT, Inspection, Rework


def check_flow(where: str, line: LineSpec) -> None:
    """Raise :class:`contract.errors.PlantError` for the first thing that no part could live with."""
    flow = [station for station in line.stations if station.returns_to is None]
    require(bool(flow), f"{where}.stations", "each has returns_to: a line needs a station that makes parts")
    for index, _ in enumerate(line.stations):
        _check_names(f"{where}.stations[{index}]", line, index)
    for index, _ in enumerate(line.stations):
        _require_end(where, line, index)
    for index, station in enumerate(line.stations):
        place = f"{where}.stations[{index}]"
        if station.returns_to is None:
            _check_inputs(place, line, index)
            parts = line.exit_parts(index)
            fits = 1 / LARGEST <= parts <= LARGEST
            require(fits, place, f"one part of it becomes {parts:g} at the end of the line: mend splits or assembles")
        else:
            called = any(other.rework is not None and other.rework.to == station.id for other in line.stations)
            require(called, f"{place}.returns_to", "no station names this one in its rework: nothing ever comes here")
        if station.inspects is not None:
            _check_inspection(f"{place}.inspects", line, index, station.inspects)
        if station.rework is not None:
            _check_rework(f"{place}.rework", line, index, station.rework)
    _check_sources(where, line)


def _check_names(where: str, line: LineSpec, index: int) -> None:
    """What one station says of others."""
    station, ids = line.stations[index], [station.id for station in line.stations]
    flow = [station.id for station in line.stations if station.returns_to is None]
    if station.downstream is not None:
        require_known(f"{where}.downstream", station.downstream, "station", ids)
        on = station.downstream in flow
        require(on, f"{where}.downstream", f"{station.downstream!r} repairs parts: only rework can send them there")
    if station.returns_to is None:
        require(station.repairs == 0.9, f"{where}.repairs", "only a station with returns_to repairs: remove this")
        return
    require_known(f"{where}.returns_to", station.returns_to, "station", ids)
    require(station.returns_to in flow, f"{where}.returns_to", "parts cannot return to a station that repairs")
    require(0 <= station.repairs <= 1, f"{where}.repairs", f"{station.repairs:g} is a probability: 0 to 1")
    require(station.downstream is None, f"{where}.downstream", "parts go on to returns_to: remove one of the two")
    require(station.rework is None, f"{where}.rework", "a station that repairs sends nothing to rework: remove this")
    require(not station.assembles, f"{where}.assembles", "a station that repairs joins nothing: remove this")
    require(station.splits == 1, f"{where}.splits", "a station that repairs cuts nothing: remove this")


def _require_end(where: str, line: LineSpec, index: int) -> None:
    """From station ``index`` parts get out of the line."""
    path: list[int] = []
    here: int | None = index
    while here is not None and here not in path:
        path.append(here)
        here = line.downstream_of(here)
    if here is None:
        return
    ring = path[path.index(here) :]
    back = next(one for one in ring if (line.downstream_of(one) or 0) <= one)
    names = " → ".join(line.stations[one].id for one in [*ring, here])
    mend = "name a later station; for repairs use rework and a station with returns_to"
    require(False, f"{where}.stations[{back}].downstream", f"parts would go round for ever ({names}): {mend}")


def _check_inputs(where: str, line: LineSpec, index: int) -> None:
    """A join names everything that flows into it, first that which the rest is built into."""
    assembles, feeders = line.stations[index].assembles, feeders_of(line, index)
    if not assembles:
        return
    for named in assembles:
        require_known(f"{where}.assembles", named, "station that flows into this one,", feeders)
    for feeder in feeders:
        mend = f"parts come from {feeder!r} too: say how many of them one part takes"
        require(feeder in assembles, f"{where}.assembles", mend)
    main = next(iter(assembles))
    mend = f"the rest is built into the first named, {main!r}: it must be 1, or name another first"
    require(assembles[main] == 1, f"{where}.assembles.{main}", mend)


def feeders_of(line: LineSpec, index: int) -> list[str]:
    """Stations of the flow that are just before station ``index``."""
    stations = enumerate(line.stations)
    return [one.id for before, one in stations if one.returns_to is None and line.downstream_of(before) == index]


def main_flow(line: LineSpec) -> set[int]:
    """Stations whose parts leave the line themselves: no join on their way builds them into others."""
    found = set()
    for index, station in enumerate(line.stations):
        path = path_from(line, index)
        joins = [(line.stations[one].id, line.stations[after].assembles) for one, after in pairwise(path)]
        if station.returns_to is None and all(not takes or next(iter(takes)) == before for before, takes in joins):
            found.add(index)
    return found


def _check_sources(where: str, line: LineSpec) -> None:
    """Wherever the line's orders begin, one part begun there becomes as many at its end."""
    sources = [index for index in sorted(main_flow(line)) if not feeders_of(line, index)]
    first, parts = line.stations[sources[0]].id, line.begun_parts(sources[0])
    for index in sources[1:]:
        mend = f"parts begin here and at {first!r}, and become {line.begun_parts(index)} and {parts} at the end"
        same = line.begun_parts(index) == parts
        require(same, f"{where}.stations[{index}].downstream", f"{mend}: lead both past the same splits")


def _check_inspection(where: str, line: LineSpec, index: int, inspects: Inspection) -> None:
    made = {defect.code for before in _upstream(line, index) for defect in line.stations[before].defects}
    for code in inspects.detects:
        if code != ANY_DEFECT:
            require_known(f"{where}.detects", code, "defect of this or an earlier station", sorted(made))


def _upstream(line: LineSpec, index: int) -> list[int]:
    """Stations whose parts come by station ``index``, itself too."""
    return [before for before, _ in enumerate(line.stations) if index in path_from(line, before)]


def path_from(line: LineSpec, index: int) -> list[int]:
    """Stations from ``index`` to where its parts leave the line, both included."""
    path: list[int] = []
    here: int | None = index
    while here is not None:
        path.append(here)
        here = line.downstream_of(here)
    return path


def _check_rework(where: str, line: LineSpec, index: int, rework: Rework) -> None:
    station = line.stations[index]
    require(station.inspects is not None, where, "rework is for what an inspection rejects: add inspects")
    require_known(f"{where}.to", rework.to, "station", [other.id for other in line.stations])
    require(0 <= rework.retries <= 100, f"{where}.retries", f"{rework.retries} must be from 0 to 100")
    back = line.stations[line.index(rework.to)].returns_to
    mend = f"{rework.to!r} needs returns_to: the station where repaired parts go on"
    require(back is not None, f"{where}.to", mend)
    path = path_from(line, line.index(back or ""))
    before = f"{rework.to!r} returns parts to {back!r}, which is behind {station.id!r}: they would never be inspected"
    require(index in path, f"{where}.to", before)
    mend = f"parts begin at {back!r}, so none can come back to it: put a station before it, such as a loader"
    require(bool(feeders_of(line, path[0])), f"{where}.to", mend)
    for between in path[: path.index(index) + 1]:
        one = line.stations[between]
        same = one.splits == 1 and not one.assembles
        require(
            same, f"{where}.to", f"a part that comes back cannot be joined or cut again at {one.id!r}: return later"
        )
