"""A line as it stands: its stations in the order of the flow, its constraint and its exit."""

import msgspec

from answers.store import Store, short
from contract.events import Words


class Station(msgspec.Struct, frozen=True):
    """One machine of a line. ``ideal_us`` is its ideal time per part; ``described`` is false until its info arrived."""

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


def stations(store: Store, line: str) -> list[Station]:
    """Stations of ``line`` by position; those that never described themselves come last, under their id."""
    described, current = store.described(line), store.current(line)
    found: list[Station] = []
    for path in store.machines(line):
        info, name = described.get(path), short(path)
        if info is None:
            ideal_us = current[path].ideal_us if path in current else 0
            plain = Words(en=name, vi=name)
            found.append(Station(path, name, plain, "", len(found) + 10_000, ideal_us, None, {}, False, False))
        else:
            is_exit = not info.downstream
            found.append(
                Station(
                    path,
                    name,
                    info.name,
                    info.role,
                    info.position,
                    info.ideal_us,
                    info.buffer_capacity,
                    info.reasons,
                    is_exit,
                    True,
                )
            )
    return sorted(found, key=lambda station: (station.position, station.path))


def constraint(line_stations: list[Station]) -> Station | None:
    """The station with the longest ideal time per part, the first of equals; ``None`` for a line without stations."""
    return max(line_stations, key=lambda station: station.ideal_us, default=None)


def exits(line_stations: list[Station]) -> list[Station]:
    """The stations at which parts leave the line: those without a downstream, else the last one."""
    return [station for station in line_stations if station.is_exit] or line_stations[-1:]
