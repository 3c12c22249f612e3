"""A demo at night: visitors want to see a line that runs, so the gaps between a plant's shifts get a crew."""

import msgspec

from contract.events import Words
from simulator import shifts
from simulator.plant import Plant, Shift

_NAME = Words(en="Night shift", vi="Ca đêm")


def with_night_shift(plant: Plant, now_us: int) -> tuple[Plant, bool]:
    """``plant``, with a shift in every gap of its day if none of its own runs at ``now_us`` (µs); whether it was so."""
    if shifts.status(plant, now_us) != shifts.NO_SHIFT:
        return plant, False
    daily = [Shift(name=shift.name, start=shift.start, end=shift.end, breaks=shift.breaks) for shift in plant.shifts]
    ordered = sorted(daily, key=lambda shift: shift.start)
    gaps = [
        Shift(name=_NAME, start=before.end, end=after.start)
        for before, after in zip(ordered, [*ordered[1:], ordered[0]], strict=True)
        if before.end != after.start
    ]
    return msgspec.structs.replace(plant, shifts=(*daily, *gaps)), True
