"""Keys of rows that changed → points, as they are in the store now, in the words of ``contract.points``. Only reads.

    spool entries ─▶ batch(store, entries) ─▶ bucket suffix → lines of line protocol

Many at once: one question of the store for all minutes of a machine, one template for all points of a kind. A key whose
row is gone (the oldest units) gives no point. The same rows always give the same points: written again, they are the
points that are there already.
"""

from collections.abc import Callable, Sequence

from answers import points_line, points_machine, points_told
from answers.store import Store
from contract.points import HOURLY_SUFFIX
from contract.spool import SpoolEntry, SpoolKind

#: Store, path, instants of all keys of one kind → lines.
_Reader = Callable[[Store, str, list[int]], list[str]]
_READERS: dict[SpoolKind, _Reader] = {
    SpoolKind.MACHINE_MINUTE: points_machine.minutes,
    SpoolKind.MACHINE_HOUR: points_machine.hours,
    SpoolKind.STATE: points_machine.states,
    SpoolKind.DOWNTIME: points_machine.downtimes,
    SpoolKind.HEALTH: points_machine.health,
    SpoolKind.ORDER: points_told.orders,
    SpoolKind.ALARM: points_told.alarms,
    SpoolKind.COMMAND: points_told.commands,
}
#: Minutes and hours of a line come of the same rows, so they are read together.
_PAIRS = (
    (SpoolKind.LINE_MINUTE, SpoolKind.LINE_HOUR, points_line.times),
    (SpoolKind.BOTTLENECK_MINUTE, SpoolKind.BOTTLENECK_HOUR, points_line.bottlenecks),
)
_RANGES = {SpoolKind.UNITS: points_told.units, SpoolKind.VALUES: points_told.values}


def batch(store: Store, entries: Sequence[SpoolEntry]) -> dict[str, list[bytes]]:
    """Suffix of the bucket (see ``contract.points``) → lines, all of one moment of the store; instants in µs.

    Raises :class:`StoreError` when the store cannot be read now.
    """
    grouped: dict[SpoolKind, dict[str, list[int]]] = {}
    for entry in entries:
        if entry.kind not in _RANGES:
            grouped.setdefault(entry.kind, {}).setdefault(entry.path, []).append(entry.at_us)
    found: dict[str, list[str]] = {"": [], HOURLY_SUFFIX: []}
    with store.moment():
        for kind, read in _READERS.items():
            lines = found[HOURLY_SUFFIX if kind is SpoolKind.MACHINE_HOUR else ""]
            for path, instants in grouped.get(kind, {}).items():
                lines += read(store, path, instants)
        for minute, hour, read_both in _PAIRS:
            minutes, hours = grouped.get(minute, {}), grouped.get(hour, {})
            for path in dict.fromkeys([*minutes, *hours]):
                of_minutes, of_hours = read_both(store, path, minutes.get(path, []), hours.get(path, []))
                found[""] += of_minutes
                found[HOURLY_SUFFIX] += of_hours
        for entry in entries:
            if entry.kind in _RANGES:
                found[""] += _RANGES[entry.kind](store, entry.at_us, entry.to_row)
    return {suffix: [line.encode() for line in lines] for suffix, lines in found.items()}
