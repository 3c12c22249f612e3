"""Explain this number: planned time down to good parts, every loss, and the very intervals and counts behind each."""

from collections.abc import Iterable

import msgspec

from answers.report import Evidence, evidence
from answers.span import Span
from answers.store import Interval, Store, short
from contract.errors import Contradiction, UsageError
from contract.kpi import Kpis, Losses, Sums, add_up, kpis, losses
from contract.states import BOOKED, Category


class Explanation(msgspec.Struct, frozen=True):
    """A machine's time over a span, opened.

    ``span_us`` = ``unknown_us`` + ``planned_us`` + ``losses.ppt_us``; ``losses.ppt_us`` = ``losses.good_ideal_us`` +
    every other loss, both exactly. ``intervals`` has one entry a category with time in it: its intervals
    clipped to the span add up to its time in ``sums``. ``gaps`` are the stretches without evidence.
    """

    machine: str
    span: Span
    span_us: int
    unknown_us: int
    planned_us: int
    sums: Sums
    losses: Losses
    kpis: Kpis
    intervals: dict[Category, list[Interval]]
    gaps: list[tuple[int, int]]


def find_machine(store: Store, name: str) -> str:
    """The path of the machine that ``name`` (a path or its end) means; :class:`UsageError` if none or several."""
    paths = store.machines()
    found = [path for path in paths if path == name or path.endswith(f"/{name}")]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{name!r} is more than one machine: {', '.join(found)}. Give more of its path")
    known = ", ".join(sorted({short(path) for path in paths})) or "none yet"
    raise UsageError(f"there is no machine {name!r} in {store.path}. There are: {known}")


def explain(store: Store, machine: str, span: Span) -> Explanation:
    """Open ``machine``'s time over ``span``. Raises :class:`Contradiction` if intervals and minutes disagree."""
    with store.moment():
        known = evidence(store)
        sums = add_up(values for _, values in store.minutes(machine, span.from_us, span.to_us))
        pieces = [_clip(interval, span) for interval in store.intervals(machine, span.from_us, span.to_us)]
    by_category: dict[Category, list[Interval]] = {
        category: mine
        for category in BOOKED
        if (mine := [interval for interval in pieces if interval.category is category])
    }
    require_agreement(machine, sums, pieces)
    span_us = max(known.end(machine, span.to_us) - span.from_us, sums.booked_us)
    return Explanation(
        machine, span, span_us, span_us - sums.booked_us, sums.planned_us, sums, losses(sums),
        kpis(sums, span_us, 0), by_category, _gaps(pieces, span, known, machine),
    )  # fmt: skip


def _clip(interval: Interval, span: Span) -> Interval:
    return msgspec.structs.replace(
        interval, start_us=max(interval.start_us, span.from_us), end_us=min(interval.end_us, span.to_us)
    )


def require_agreement(path: str, sums: Sums, intervals: Iterable[Interval]) -> None:
    """Raise :class:`Contradiction` where ``intervals`` do not add up to the time by category in ``sums``, exactly."""
    behind_us: dict[Category, int] = dict.fromkeys(BOOKED, 0)
    for one in intervals:
        behind_us[one.category] += one.end_us - one.start_us
    for category, us in behind_us.items():
        booked_us = getattr(sums, f"{category}_us")
        if booked_us != us:
            raise Contradiction(
                f"the store contradicts itself: {path} has {booked_us} µs of {category} in its minutes and {us} µs in "
                "its intervals. Replay the event file into a new store, and report this: it is our fault, not yours"
            )


def _gaps(pieces: list[Interval], span: Span, known: Evidence, machine: str) -> list[tuple[int, int]]:
    gaps, edge = [], span.from_us
    for interval in pieces:
        if interval.start_us > edge:
            gaps.append((edge, interval.start_us))
        edge = interval.end_us
    end = known.end(machine, span.to_us)
    return [*gaps, (edge, end)] if end > edge else gaps
