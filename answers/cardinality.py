"""How many series a plant makes in InfluxDB: a bound that follows from what machines say they are, not from time.

    per line            1                              line_*, order_progress
    per machine         1                              machine_*, machine_state, bottleneck_*, data_health, command (and
                                                       1 a line)
    per machine         products + 1                   made_*          (1: parts of which nobody knows the product)
                        (products + 1) × its defects   defect_*
                        its reasons (below)            downtime
                        its values                     value
                        3                              unit            (pass, rework, scrap)
                        its slots                      alarm           (material low; a machine's own come on top)

A stop has a reason of the machine's own (a breakdown, a minor stop or planned), a reserved one (one category, or
planned), or none.
"""

from answers.store import Store
from contract.events import MachineDescribed
from contract.points import MEASUREMENTS
from contract.states import BOOKED, REASONS

_RESULTS = 3
#: Every category but ``execute`` may stand without a reason; a reserved reason in its own one, or as planned.
_UNNAMED = len(BOOKED) - 1
_RESERVED = 2 * len(REASONS)
_OWN = 3


def series_bound(store: Store) -> dict[str, int]:
    """Measurement → the most series that the plants in ``store`` can make of it."""
    bound = dict.fromkeys(MEASUREMENTS, 0)
    bound["collector"] = 1
    for line in store.lines():
        named = store.named(line)
        products = len(named.products) if named else 0
        for name in ("line_minute", "line_hour", "order_progress", "command"):
            bound[name] += 1
        described = store.described(line)
        for path in store.machines(line):
            for name, count in _of_machine(described.get(path), products + 1).items():
                bound[name] += count
    return bound


def _of_machine(info: MachineDescribed | None, products: int) -> dict[str, int]:
    reasons, defects, values, slots = (
        (len(info.reasons), len(info.defects), len(info.values), len(info.slots)) if info else (0, 0, 0, 0)
    )
    once = ("machine_minute", "machine_hour", "machine_state", "data_health", "command",
            "bottleneck_minute", "bottleneck_hour")  # fmt: skip
    return {
        **dict.fromkeys(once, 1),
        **dict.fromkeys(("made_minute", "made_hour"), products),
        **dict.fromkeys(("defect_minute", "defect_hour"), products * defects),
        "downtime": _OWN * reasons + _RESERVED + _UNNAMED,
        "value": values,
        "unit": _RESULTS,
        "alarm": slots,
    }
