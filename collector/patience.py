"""Gaps of machines that have fallen silent: the others' time moves on, so at some point nobody waits any more. Pure.

A machine's own events end its gaps (see ``reorder``). This is for one that says nothing more: it was last heard longer
than ``lateness_us`` of the plant's event time ago, and by the wall clock, where there is one, as long ago too. The
second matters when time is accelerated: then the plant moves on by hours while a packet is on its way.
"""

NEVER_US = -1


class Patience:
    """Machines with a gap, each with the plant's newest time and the wall clock (0: none) when it last spoke, µs."""

    def __init__(self) -> None:
        self._heard: dict[str, tuple[int, int]] = {}

    def hear(self, path: str, plant_us: int, received_us: int) -> None:
        """The machine at ``path`` spoke now and has a gap."""
        self._heard[path] = (plant_us, received_us)

    def remember(self, path: str) -> None:
        """The machine at ``path`` has a gap from before a restart: patience begins anew."""
        self._heard[path] = (NEVER_US, 0)

    def end(self, path: str) -> None:
        """The machine at ``path`` has no gap."""
        self._heard.pop(path, None)

    def worn_out(self, plant_us: int, received_us: int, lateness_us: int) -> list[str]:
        """The machines whose gaps are not waited for any longer; each is given once."""
        for path, (heard_us, _) in self._heard.items():
            if heard_us == NEVER_US:
                self._heard[path] = (plant_us, received_us)
        paths = [
            path
            for path, (heard_us, clock_us) in self._heard.items()
            if plant_us - heard_us > lateness_us and (not received_us or received_us - clock_us > lateness_us)
        ]
        for path in paths:
            del self._heard[path]
        return paths
