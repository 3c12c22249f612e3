"""Everything a shift leader hands over on paper about a line and a span, asked of the answers that other pages show.

Nothing is added up anew here.
"""

import msgspec

from answers.bottleneck import Bottlenecks, bottlenecks
from answers.live import CONSEQUENCES, Downtime, downtime
from answers.made import Made
from answers.opened import Opened, open_line
from answers.order_report import order_reports
from answers.orders import Order, OrderState, line_orders, orders_within
from answers.plant import Station, stations
from answers.quality import LineQuality, quality
from answers.report import LineReport, evidence, line_report
from answers.span import Span, whole
from answers.stops import Stop, machine_stops
from answers.store import PlannedWindow, Store, short
from answers.target import target
from contract.events import Words
from contract.instants import DAY_US
from contract.topics import address

#: A span is named after a shift with which it shares more than this part of the shorter of the two.
_NAMED_FROM = 0.5
_NEAR_US = 7 * DAY_US


class OrderOfShift(msgspec.Struct, frozen=True):
    """An order as it stands at the store's newest moment, and what left the line of it in the span."""

    order: Order
    left: Made | None


class ShiftReport(msgspec.Struct, frozen=True):
    """A line over a span, as a shift is handed over.

    ``shifts`` are those of the calendar of which the span has the greater part, ``shift`` the one that it is: from its
    begin to its end, or to ``now_us`` (the newest event time) while it runs. ``target`` are the good parts due by
    the end of the span or by now, ``target_shift`` those of the whole ``shift``; absent where no order has a takt.
    ``stops`` are the machines' own, the longest first; ``causes`` the costliest first. ``waiting`` orders are in the
    book; ``before`` and ``after`` are the shifts next to the span, of those that have begun.
    """

    line: str
    name: Words
    plant: Words
    tz: str
    span: Span
    now_us: int
    shifts: list[PlannedWindow]
    shift: PlannedWindow | None
    stations: list[Station]
    report: LineReport
    opened: Opened
    target: float | None
    target_shift: float | None
    causes: list[Downtime]
    stops: list[Stop]
    bottlenecks: Bottlenecks
    quality: LineQuality
    orders: list[OrderOfShift]
    waiting: int
    before: PlannedWindow | None
    after: PlannedWindow | None

    @property
    def runs(self) -> bool:
        """Whether the shift is not over yet."""
        return self.shift is not None and self.shift.end_us > self.span.to_us


def shift_report(store: Store, line: str, span: Span) -> ShiftReport:
    """The report of ``line`` over ``span``; ask inside one moment of the store."""
    report, now_us, named = line_report(store, line, span), evidence(store).newest_us, store.named(line)
    plain = address(line)
    found = [one for one in store.windows(line, span.from_us, span.to_us) if one.kind == "shift"]
    shift = next((one for one in found if _is(one, span, now_us)), None)
    orders = orders_within(line_orders(store, line), span)
    left = {one.order: one.left for one in order_reports(store, line, span)}
    return ShiftReport(
        line=line,
        name=named.name if named else Words(en=plain.line, vi=plain.line),
        plant=named.plant if named else Words(en=plain.site, vi=plain.site),
        tz=store.tz(line),
        span=span,
        now_us=now_us,
        shifts=[one for one in found if _mostly(one, span)],
        shift=shift,
        stations=stations(store, line),
        report=report,
        opened=open_line(store, report),
        target=target(store, line, Span(span.from_us, max(span.from_us, min(span.to_us, now_us)))),
        target_shift=target(store, line, whole(shift.start_us, shift.end_us)) if shift else None,
        causes=downtime(store, line, span),
        stops=longest_stops(store, line, span),
        bottlenecks=bottlenecks(store, line, span),
        quality=quality(store, line, span),
        orders=[OrderOfShift(one, left.get(one.order)) for one in orders if one.state is not OrderState.WAITING],
        waiting=sum(one.state is OrderState.WAITING for one in orders),
        before=shift_before(store, line, span.from_us),
        after=_shift_after(store, line, span.to_us, now_us),
    )


def shift_before(store: Store, line: str, at_us: int) -> PlannedWindow | None:
    """The last shift of ``line`` that was over at ``at_us``; none within a week, none."""
    found = [one for one in store.windows(line, at_us - _NEAR_US, at_us) if one.kind == "shift" and one.end_us <= at_us]
    return max(found, key=lambda one: one.end_us, default=None)


def _shift_after(store: Store, line: str, at_us: int, now_us: int) -> PlannedWindow | None:
    found = store.windows(line, at_us, min(at_us + _NEAR_US, now_us))
    return next((one for one in found if one.kind == "shift" and one.start_us >= at_us), None)


def _is(window: PlannedWindow, span: Span, now_us: int) -> bool:
    """Whether ``span`` is just that shift: up to its end, or as far as it has come."""
    known = whole(window.start_us, window.end_us)
    if span.from_us != known.from_us or span.to_us > known.to_us:
        return False
    return span.to_us == known.to_us or span.to_us >= now_us


def _mostly(window: PlannedWindow, span: Span) -> bool:
    """Whether the span has the greater part of that shift, or lies mostly in it."""
    shared_us = min(window.end_us, span.to_us) - max(window.start_us, span.from_us)
    shorter_us = min(window.end_us - window.start_us, span.to_us - span.from_us)
    return shared_us > _NAMED_FROM * shorter_us


def longest_stops(store: Store, line: str, span: Span) -> list[Stop]:
    """Every stop of a machine of ``line`` that no neighbour is to blame for, the longest first."""
    found = [
        one
        for machine in store.machines(line)
        for one in machine_stops(store, machine, span)
        if one.category not in CONSEQUENCES
    ]
    return sorted(found, key=lambda one: (-one.lasted_us, one.began_us, short(one.machine)))
