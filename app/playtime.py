"""Time of a story: how long it takes at a plant, from when on nothing planned comes between, when it is held. Pure."""

from collections.abc import Callable

from app.story import Story
from contract.instants import DAY_US, SECOND_US
from simulator.plant import Plant
from simulator.shifts import windows

_LOOK_AHEAD_US = 8 * DAY_US


class Stopwatch:
    """Seconds since it was made, without those in which it was held; ``clock`` gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since_s, self._held_s = clock(), 0.0
        self._held_since_s: float | None = None

    def hold(self, *, held: bool) -> None:
        """Let it stand, or go on."""
        if held and self._held_since_s is None:
            self._held_since_s = self._clock()
        elif not held and self._held_since_s is not None:
            self._held_s += self._clock() - self._held_since_s
            self._held_since_s = None

    @property
    def seconds(self) -> float:
        """How many there are now."""
        now_s = self._clock() if self._held_since_s is None else self._held_since_s
        return now_s - self._since_s - self._held_s


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
