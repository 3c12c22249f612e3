"""Whenever a visitor comes, the demo has a crew at work: gaps between shifts are filled, a break waits."""

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec

from contract.events import Words
from contract.instants import to_datetime
from simulator import shifts
from simulator.plant import Pause, Plant, Shift

_NIGHT = Words(en="Night shift", vi="Ca đêm")


def on_duty(plant: Plant, now_us: int) -> tuple[Plant, str]:
    """``plant`` so that it works at ``now_us`` (µs), and what had to be changed for that, empty if nothing."""
    changed = ""
    if shifts.status(plant, now_us) == shifts.NO_SHIFT:
        plant, changed = _with_night_shift(plant), "it is outside the shifts at this plant: a night shift was called in"
    if shifts.status(plant, now_us) == shifts.BREAK:
        plant, changed = (
            _without_break(plant, now_us),
            changed or "the plant has a break now: its crew works through it",
        )
    return plant, changed


def _with_night_shift(plant: Plant) -> Plant:
    """Every shift on every day, and a shift in every gap between them."""
    daily = sorted((Shift(one.name, one.start, one.end, breaks=one.breaks) for one in plant.shifts), key=_start)
    gaps = [
        Shift(_NIGHT, before.end, after.start)
        for before, after in zip(daily, [*daily[1:], daily[0]], strict=True)
        if before.end != after.start
    ]
    return msgspec.structs.replace(plant, shifts=(*daily, *gaps))


def _start(shift: Shift) -> dt.time:
    return shift.start


def _without_break(plant: Plant, now_us: int) -> Plant:
    clock = to_datetime(now_us).astimezone(ZoneInfo(plant.tz)).time()
    kept = tuple(
        msgspec.structs.replace(shift, breaks=tuple(rest for rest in shift.breaks if not _holds(rest, clock)))
        for shift in plant.shifts
    )
    return msgspec.structs.replace(plant, shifts=kept)


def _holds(rest: Pause, clock: dt.time) -> bool:
    if rest.start < rest.end:
        return rest.start <= clock < rest.end
    return clock >= rest.start or clock < rest.end
