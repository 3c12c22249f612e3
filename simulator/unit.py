"""A unit on its way through a line, and the order it is made for."""

from simulator.plant import Product


class RunningOrder:
    """A work order in the plant. Counts are of parts that leave the line; ``units``: how many its source still begins.

    Times in µs; ``began_us`` is -1 until its first unit was begun.
    """

    __slots__ = (
        "began_us", "due_us", "ended_us", "good", "id", "is_said", "product", "quantity", "released", "scrap",
        "serial", "units",
    )  # fmt: skip

    def __init__(self, order_id: str, product: Product, quantity: int, units: int, due_us: int | None) -> None:
        self.id, self.product, self.quantity, self.units, self.due_us = order_id, product, quantity, units, due_us
        self.began_us = self.ended_us = -1
        self.released = self.good = self.scrap = self.serial = 0
        self.is_said = True  # its progress was told since it last changed

    @property
    def is_complete(self) -> bool:
        """Everything begun is out, and nothing more will be begun."""
        return not self.units and self.good + self.scrap >= self.released


_NO_LOOP: frozenset[int] = frozenset()


class Unit:
    """One part. ``share``: how many parts that leave the line it stands for (0: a component made for another unit).

    ``began`` is when the machine it is on took it into work; ``attempt`` counts its visits there; ``loops`` are the
    ways it has come back from rework, each as the numbers of its stations, ``loop`` the one it is on; ``lots``
    is what went into it there.
    """

    __slots__ = (
        "attempt", "began", "defects", "loop", "loops", "lots", "order", "parents", "product", "serial", "share",
    )  # fmt: skip

    def __init__(self, serial: str, order: RunningOrder, share: int) -> None:
        self.serial, self.order, self.share = serial, order, share
        self.product = order.product
        self.attempt, self.began = 1, -1
        self.loop = _NO_LOOP
        self.loops: tuple[frozenset[int], ...] = ()
        self.defects: tuple[str, ...] = ()
        self.lots: tuple[str, ...] = ()
        self.parents: tuple[str, ...] = ()
