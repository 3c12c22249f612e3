"""Chance for the mess: one stream a machine and kind, so that a kind's luck does not depend on the others'. Pure."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from contract.instants import HOUR_US, SECOND_US
from contract.topics import address
from simulator.agenda import NEVER
from simulator.sampling import generator

_BLOCK = 64
_T = TypeVar("_T")


class Dice:
    """Draws of the stream ``mess/<purpose>`` of the machine (or line) at ``path``."""

    __slots__ = ("_draw",)

    def __init__(self, seed: int, path: str, purpose: str) -> None:
        self._draw = _uniforms(seed, path, purpose)

    def chance(self, probability: float) -> bool:
        """True with ``probability`` (0 to 1); nothing is drawn where it cannot be."""
        return probability > 0 and self._draw() < probability

    def between(self, low: float, high: float) -> float:
        """Anything from ``low`` to below ``high``."""
        return low + self._draw() * (high - low)

    def between_us(self, low_s: float, high_s: float) -> int:
        """A span from ``low_s`` to ``high_s`` seconds, in µs."""
        return int(self.between(low_s, high_s) * SECOND_US)

    def one_of(self, choices: Sequence[_T]) -> _T:
        """One of ``choices``."""
        return choices[int(self._draw() * len(choices))]

    def wait_us(self, per_hour: float) -> int:
        """How long until the next of what happens ``per_hour`` without memory, µs; ``NEVER`` where it does not."""
        return max(1, int(-math.log1p(-self._draw()) / per_hour * HOUR_US)) if per_hour > 0 else NEVER


def _uniforms(seed: int, path: str, purpose: str) -> Callable[[], float]:
    def draws() -> Iterator[float]:
        where = address(path)
        rng = generator(seed, where.line, where.machine, f"mess/{purpose}")
        while True:
            yield from rng.random(_BLOCK).tolist()

    return draws().__next__
