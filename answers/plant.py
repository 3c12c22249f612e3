"""A line as it stands: its stations in the order of the flow, its constraint and its exit."""

import msgspec

from answers.store import Store, short
from contract.events import MachineDescribed, Words


class Station(msgspec.Struct, frozen=True):
    """One machine of a line. ``ideal_us`` is its nominal ideal time per part, ``ideals`` that of products that differ.

    ``exit_parts``: how many parts that leave the line one of its parts becomes. ``off_flow``: units come here only to
    be repaired. ``holds``: units it works on at once. ``described`` is false until its info arrived.
    """

    path: str
    id: str
    name: Words
    role: str
    position: int
    ideal_us: int
    buffer_capacity: int | None
    reasons: dict[str, Words]
    is_exit: bool
    described: bool
    ideals: dict[str, int] = {}
    exit_parts: float = 1.0
    off_flow: bool = False
    holds: int = 1
    downstream: list[str] = []

    def ideal_of(self, product: str) -> int:
        """Ideal time per part (µs) of this machine for ``product``."""
        return self.ideals.get(product, self.ideal_us)

    def exit_ideal_us(self, product: str) -> int:
        """The same for one part that leaves the line, to the nearest µs."""
        return round(self.ideal_of(product) / self.exit_parts)

    def rejected_us(self, exit_ideal_us: int) -> int:
        """What one part rejected here costs, to the nearest µs: the ideal time of all that would have left the line."""
        return round(self.exit_parts * exit_ideal_us)


def stations(store: Store, line: str) -> list[Station]:
    """Stations of ``line`` by position; those that never described themselves come last, under their id."""
    described, current = store.described(line), store.current(line)
    found: list[Station] = []
    for path in store.machines(line):
        info = described.get(path)
        if info is None:
            name, ideal_us = short(path), current[path].ideal_us if path in current else 0
            plain = Words(en=name, vi=name)
            found.append(Station(path, name, plain, "", len(found) + 10_000, ideal_us, None, {}, False, False))
        else:
            found.append(_station(path, info))
    return sorted(found, key=lambda station: (station.position, station.path))


def _station(path: str, info: MachineDescribed) -> Station:
    return Station(
        path=path,
        id=short(path),
        name=info.name,
        role=info.role,
        position=info.position,
        ideal_us=info.ideal_us,
        buffer_capacity=info.buffer_capacity,
        reasons=info.reasons,
        is_exit=not info.downstream,
        described=True,
        ideals=info.ideals,
        exit_parts=info.exit_parts,
        off_flow=info.off_flow,
        holds=info.holds,
        downstream=info.downstream,
    )


def constraint(line_stations: list[Station], product: str = "") -> Station | None:
    """The station with the longest ideal time per part of ``product`` that leaves the line; without one, nominally.

    The first of equals; never one off the flow; ``None`` for a line without stations.
    """
    flow = [station for station in line_stations if not station.off_flow]
    return max(flow, key=lambda station: station.ideal_of(product) / station.exit_parts, default=None)


def rivals(line_stations: list[Station]) -> list[Station]:
    """The stations that can be the bottleneck by their active periods: those that work on one part at a time.

    A belt, a batch or a row of testers is active as long as one part is in it: whether it holds the line up cannot be
    seen from that, but where it is the constraint. However long a bench repairs, only what is broken waits for it.
    """
    narrow = constraint(line_stations)
    return [station for station in line_stations if not station.off_flow and (station.holds == 1 or station is narrow)]


def behind(line_stations: list[Station], narrow: Station) -> list[Station]:
    """The stations that parts reach after ``narrow``; one off the flow, or that never said, goes by its position."""
    flow = {station.id: station for station in line_stations if not station.off_flow}
    reached: set[str] = set()
    waiting = list(narrow.downstream)
    while waiting:
        name = waiting.pop()
        if name in flow and name not in reached:
            reached.add(name)
            waiting += flow[name].downstream
    return [station for station in line_stations if _is_behind(station, narrow, reached)]


def _is_behind(station: Station, narrow: Station, reached: set[str]) -> bool:
    if station.off_flow or not station.described:
        return station.position > narrow.position
    return station.id in reached


def exits(line_stations: list[Station]) -> list[Station]:
    """The stations at which parts leave the line: those without a downstream, else the last one."""
    return [station for station in line_stations if station.is_exit] or line_stations[-1:]
