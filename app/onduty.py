"""Whenever a visitor comes, the demo has a crew at work: gaps between shifts are filled, the break of the hour waits."""

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
    status = shifts.status(plant, now_us)
    if status == shifts.NO_SHIFT:
        return _with_night_shift(plant), "it is outside the shifts at this plant: a night shift was called in"
    if status == shifts.BREAK:
        return _without_break(plant, now_us), "this plant would be on a break: the crew works through it"
    return plant, ""


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
