"""Everything a store tells of a run, laid beside the truth account: times, counts by order, energy, units, orders."""

from collections import defaultdict
from collections.abc import Iterable

from answers.orders import OrderState, line_orders
from answers.store import Store
from contract.instants import MINUTE_US
from contract.truth import TruthEnergy, TruthInterval, TruthOrder, TruthOutput, TruthRecord, TruthSpan, TruthUnit

_MADE = """
    SELECT path, minute_us, order_id, product, total, good, scrap, rework FROM made JOIN machines USING (machine_id)
"""
_UNITS = """
    SELECT path, unit, order_id, began_us, ended_us, attempt, result, defects, lots, parents
    FROM units JOIN machines USING (machine_id) LEFT JOIN lot_sets USING (lots_id)
"""


def differences(store: Store, truth: Iterable[TruthRecord]) -> list[str]:
    """What the store tells otherwise than it was: the first difference of each kind, none if all is the same."""
    by_kind = defaultdict[type, list](list)
    for record in truth:
        by_kind[type(record)].append(record)
    [span] = by_kind[TruthSpan]
    pairs = {
        "times": (_true_times(by_kind[TruthInterval]), _told_times(store, span)),
        "counts": (_true_counts(by_kind[TruthOutput]), set(store.rows(_MADE))),
        "energy": (_true_energy(by_kind[TruthEnergy]), _told_energy(store, span)),
        "units": (_true_units(by_kind[TruthUnit]), _told_units(store)),
        "orders": (_true_orders(by_kind[TruthOrder]), _told_orders(store)),
    }
    return [f"{kind}: {min(true ^ told)}" for kind, (true, told) in pairs.items() if true ^ told]


def _joined(pieces: Iterable[tuple[str, int, int, str, str, int]]) -> set[tuple[str, int, int, str, str, int]]:
    """Pieces of a state that follow one another in the same category are one."""
    found: list[tuple[str, int, int, str, str, int]] = []
    for machine, start, end, *what in sorted(pieces):
        goes_on = found and found[-1][0] == machine and found[-1][2] == start and list(found[-1][3:]) == what
        begin = found.pop()[1] if goes_on else start
        found.append((machine, begin, end, *what))
    return set(found)


def _true_times(records: list[TruthInterval]) -> set[tuple[str, int, int, str, str, int]]:
    return _joined((r.machine, r.start, r.end, r.category.value, r.reason, r.stop) for r in records)


def _told_times(store: Store, span: TruthSpan) -> set[tuple[str, int, int, str, str, int]]:
    return _joined(
        (machine, i.start_us, i.end_us, i.category.value, i.reason, i.stop_us)
        for machine in store.machines()
        for i in store.intervals(machine, span.start, span.end)
    )


def _true_counts(records: list[TruthOutput]) -> set[tuple[str, int, str, str, int, int, int, int]]:
    return {(r.machine, r.minute, r.order, r.product, r.total, r.good, r.scrap, r.rework) for r in records}


def _true_energy(records: list[TruthEnergy]) -> set[tuple[str, int, int]]:
    """What the meter shows at the end of the run."""
    last = {r.machine: (r.energy_j, r.idle_energy_j) for r in sorted(records, key=lambda r: (r.machine, r.minute))}
    return {(machine, *meter) for machine, meter in last.items()}


def _told_energy(store: Store, span: TruthSpan) -> set[tuple[str, int, int]]:
    sums = store.sums(span.start - span.start % MINUTE_US, span.end)
    return {(machine, one.energy_j, one.idle_energy_j) for machine, one in sums.items()}


def _true_units(records: list[TruthUnit]) -> set[tuple[object, ...]]:
    return {
        (r.machine, r.unit, r.order, r.began, r.ended, r.attempt, r.result, r.defects, r.lots, r.parents)
        for r in records
    }


def _told_units(store: Store) -> set[tuple[object, ...]]:
    return {(*plain, *(tuple((words or "").split()) for words in lists)) for *plain, lists in _split(store)}


def _split(store: Store) -> Iterable[tuple[object, ...]]:
    for row in store.rows(_UNITS):
        yield (*row[:7], row[7:])


def _true_orders(records: list[TruthOrder]) -> set[tuple[object, ...]]:
    return {(r.line, r.order, r.released, r.good, r.scrap, r.is_complete) for r in records}


def _told_orders(store: Store) -> set[tuple[object, ...]]:
    return {
        (line, one.order, one.released, one.good, one.scrap, one.state is OrderState.COMPLETE)
        for line in store.lines()
        for one in line_orders(store, line)
        if one.state is not OrderState.WAITING
    }
