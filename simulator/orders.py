"""The order book of a line: what is begun next, what is under way, and what the plant makes up when nobody orders.

waiting ─→ current (its units are being begun) ─→ open (units are under way) ─→ complete
"""

from collections import deque
from math import ceil

from contract.events import BookedOrder
from contract.instants import HOUR_US, from_datetime
from simulator import sampling, shifts
from simulator.plant import LineSpec, Order, Plant
from simulator.sampling import Draws, Shares
from simulator.unit import RunningOrder

#: Orders that generated demand keeps waiting, so that the book shows what comes.
_AHEAD = 3
#: Most orders that the book tells.
BOOK_LIMIT = 50


class OrderBook:
    """Orders of one line from ``start_us`` (µs) on; ``share``: what one begun unit becomes at the exit."""

    __slots__ = (
        "_demand", "_known", "_line", "_made", "_picks", "_plant", "_quantities", "_start_us", "current", "open",
        "share", "waiting",
    )  # fmt: skip

    def __init__(self, plant: Plant, line: LineSpec, seed: int, start_us: int, share: int) -> None:
        self._plant, self._line, self.share, self._start_us = plant, line, share, start_us
        self.waiting: deque[RunningOrder] = deque()
        self.current: RunningOrder | None = None
        self.open: dict[str, RunningOrder] = {}
        self._known: set[str] = set()
        self._made, self._demand = 0, line.demand
        self._picks: Shares | None = None
        self._quantities: Draws | None = None
        if line.demand is not None:
            self._picks = Shares(sampling.generator(seed, line.id, "orders", "product"))
            quantities = sampling.generator(seed, line.id, "orders", "quantity")
            self._quantities = sampling.microseconds(line.demand.quantity, 1, quantities)
        for order in line.orders:
            self.add(order)
        self._fill(start_us)

    def knows(self, order_id: str) -> bool:
        """Whether there is or ever was an order of that id."""
        return order_id in self._known

    def add(self, order: Order, *, first: bool = False) -> None:
        """Put ``order``, of an id not known yet, into the book: at the end, or before all that wait."""
        self._known.add(order.id)
        due_us = None if order.due_h is None else self._start_us + round(order.due_h * HOUR_US)
        if order.due is not None:
            due_us = from_datetime(order.due)
        running = self._running(order.id, order.product, order.quantity, due_us)
        if first:
            self.waiting.appendleft(running)
        else:
            self.waiting.append(running)

    def _running(self, order_id: str, product: str, quantity: int, due_us: int | None) -> RunningOrder:
        return RunningOrder(order_id, self._line.product(product), quantity, ceil(quantity / self.share), due_us)

    def interrupt(self) -> None:
        """What is being begun now waits; the first in the book is begun in its place."""
        if self.current is not None and self.current.units:
            self.waiting.insert(1, self.current)
        self.current = None

    def turn(self, now: int) -> RunningOrder | None:
        """The order to begin units of now, taken from the book where the last one is all begun."""
        while self.current is None or not self.current.units:
            self.current = None
            if not self.waiting:
                return None
            self.current = self.waiting.popleft()
            self.open[self.current.id] = self.current
            self._fill(now)
        return self.current

    def changes_within(self, parts: float) -> bool:
        """Whether another product family is begun before so many ``parts`` leave the line."""
        order, after = self.current, next(iter(self.waiting), None)
        if order is None or after is None or after.product.family_id == order.product.family_id:
            return False
        return order.units * self.share < parts

    @property
    def is_empty(self) -> bool:
        """Nothing is to be begun."""
        return not self.waiting and (self.current is None or not self.current.units)

    def listing(self) -> list[BookedOrder]:
        """What waits, in order."""
        first = list(self.waiting)[:BOOK_LIMIT]
        return [BookedOrder(order.id, order.product.id, order.quantity, order.due_us) for order in first]

    def _fill(self, now: int) -> None:
        """Make orders up, as long as the plant lives on made-up demand."""
        demand = self._demand
        if demand is None or self._picks is None or self._quantities is None:
            return
        while len(self.waiting) < _AHEAD:
            product, quantity = _pick(demand.products, self._picks()), max(1, self._quantities())
            self._made += 1
            order_id = f"{demand.prefix}{self._made:04d}"
            if not self.knows(order_id):
                self._known.add(order_id)
                order = self._running(order_id, product, quantity, None)
                ahead_us = sum(map(self._takes_us, (*self.waiting, *([self.current] if self.current else []))))
                planned_us = ahead_us + round(self._takes_us(order) * demand.slack)
                order.due_us = shifts.planned_later(self._plant, now, planned_us)
                self.waiting.append(order)

    def _takes_us(self, order: RunningOrder) -> int:
        """Planned production time that what is still to be begun of it takes at the target OEE."""
        parts = order.units * self.share
        return round(parts * self._line.exit_ideal_us(order.product) / self._line.target_oee)


def _pick(weights: dict[str, float], draw: float) -> str:
    left = draw * sum(weights.values())
    for name, weight in weights.items():
        if left < weight:
            return name
        left -= weight
    return next(iter(weights))
