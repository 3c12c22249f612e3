"""The good parts that the plan wants of a line: one definition for the wall, the pages, the report and InfluxDB.

    target = Σ over orders of (planned production time of the calendar while the order counted ÷ its takt)

An order counts from the first whole minute after it began until the next one does (``answers.basis``), the same minutes
in which its product's constraint is the basis of OEE. So what was due stays due when an order changes. A changeover is
planned production time and its target goes on: a takt is ideal time ÷ the OEE the plan counts on, which has changeovers
in it already; to leave them out would forgive them twice.
"""

import msgspec

from answers.basis import order_turns
from answers.span import Span, Spread, working
from answers.store import Store
from contract.events import OrderStarted


class Due(msgspec.Struct, frozen=True):
    """What the plan wants of ``order`` while it counts, [from_us, to_us): ``planned_us`` of the calendar ÷ its takt."""

    order: OrderStarted
    from_us: int
    to_us: int
    planned_us: int

    @property
    def parts(self) -> float:
        """Good parts due."""
        return self.planned_us / self.order.takt_us if self.order.takt_us else 0.0


def target(store: Store, line: str, span: Span) -> float | None:
    """Good parts that the plan wants of ``line`` over ``span``, each order in its own takt; ``None``: no takt.

    ``span`` may end at any instant. After the newest word of the line the last order is taken to go on.
    Source: takt time = planned production time ÷ parts wanted (ISO 22400-2 has no target; lean's definition).
    """
    found = dues(store, line, span)
    return sum(one.parts for one in found) if found else None


def dues(store: Store, line: str, span: Span) -> list[Due]:
    """What the target of ``line`` over ``span`` is made of, oldest first: every turn of an order with a takt."""
    plan = Spread(working(store, line, span))
    return [
        Due(turn.order, turn.from_us, turn.to_us, plan.overlap_us(turn.from_us, turn.to_us))
        for turn in order_turns(store, line, span)
        if turn.order and turn.order.takt_us
    ]


def due(plan: Spread, order: OrderStarted | None, from_us: int, to_us: int) -> float:
    """Good parts of ``order`` that the planned production time ``plan`` wants over [from_us, to_us); 0 without one."""
    return plan.overlap_us(from_us, to_us) / order.takt_us if order and order.takt_us else 0.0
