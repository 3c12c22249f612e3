"""When there is time at a plant: how long a story takes there, and from when on nothing planned comes between. Pure."""

from app.story import Story
from contract.instants import DAY_US, SECOND_US
from simulator.plant import Plant
from simulator.shifts import windows

_LOOK_AHEAD_US = 8 * DAY_US


def shift_edge(plant: Plant, now_us: int) -> int | None:
    """When the shift of ``now_us`` ends, or the next begins; µs. None for a plant without shifts."""
    shifts = [window for window in windows(plant, now_us, now_us + _LOOK_AHEAD_US) if window.kind == "shift"]
    edges = [window.end if window.start <= now_us else window.start for window in shifts if window.end > now_us]
    return min(edges, default=None)


def lasts_us(story: Story, speed: float | None) -> int:
    """How much of the plant's time ``story`` takes where it begins at ``speed``, µs."""
    total_s, at_s, goes = 0.0, 0.0, speed or 0.0
    for step in story.steps:
        total_s += (step.at_s - at_s) * goes
        at_s, goes = step.at_s, (step.value or 0.0) if step.do == "speed" else goes
    return round(total_s * SECOND_US)


def quiet_from(plant: Plant, now_us: int, long_us: int) -> int:
    """The first instant from ``now_us`` on after which ``plant`` works for ``long_us`` without a planned stop, µs.

    ``now_us`` for a plant without shifts, and where there is no such instant within days.
    """
    found = windows(plant, now_us, now_us + _LOOK_AHEAD_US)
    spans: list[list[int]] = []
    for window in sorted((one for one in found if one.kind == "shift"), key=lambda one: one.start):
        if spans and window.start <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], window.end)
        else:
            spans.append([window.start, window.end])
    rests = sorted((one.start, one.end) for one in found if one.kind == "break")
    for start, end in spans:
        at_us = max(start, now_us)
        for begin, over in rests:
            if at_us < over and begin < at_us + long_us:
                at_us = over
        if at_us + long_us <= end:
            return at_us
    return now_us
