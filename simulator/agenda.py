"""What is due and when: the heart of a line's event loop, and what its machines say.

An entry of the heap is (time µs, code, slot). The code is both which action to take and the tie priority at one
instant: codes are given out in the order of registration and the lowest goes first, so runs are deterministic.
"""

from collections.abc import Callable
from functools import partial
from heapq import heappop
from typing import NamedTuple

from contract.events import Event

#: Later than anything: an instant that does not come.
NEVER = 1 << 62

Action = Callable[[int, int], None]


class Emission(NamedTuple):
    """One event, and the path (``contract.topics.Address.path``) of who says it."""

    path: str
    event: Event


#: ``Emission(path, event)`` for the hot path: one call less.
emission: Callable[[tuple[str, Event]], Emission] = partial(tuple.__new__, Emission)


class Agenda:
    """The heap, the actions, and the lists in which one instant leaves its traces.

    ``touched`` holds the positions of the machines that something happened to, each at most once; ``out`` the
    emissions so far.
    """

    __slots__ = ("actions", "heap", "out", "touched")

    def __init__(self) -> None:
        self.heap: list[tuple[int, int, int]] = []
        self.actions: list[Action] = []
        self.touched: list[int] = []
        self.out: list[Emission] = []

    def register(self, action: Action) -> int:
        """A code for ``action(now_us, slot)``; earlier ones go first at the same instant."""
        self.actions.append(action)
        return len(self.actions) - 1

    def run_until(self, until_us: int, settle: Callable[[int], None]) -> None:
        """Take every action due at or before ``until_us``; ``settle(now_us)`` after each instant, once all moved."""
        heap, actions = self.heap, self.actions
        while heap and heap[0][0] <= until_us:
            now, code, slot = heappop(heap)
            actions[code](now, slot)
            while heap and heap[0][0] == now:
                _, code, slot = heappop(heap)
                actions[code](now, slot)
            settle(now)

    def take(self) -> list[Emission]:
        """The emissions since the last call."""
        taken = self.out[:]
        self.out.clear()
        return taken
