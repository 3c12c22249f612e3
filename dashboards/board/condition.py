"""The state of the data in few numbers, for the badge on every page; the page "data health" has the whole of it."""

from msgspec import Struct

from answers.report import evidence
from answers.silence import arrivals
from answers.span import Span
from answers.store import Store
from contract.kpi import Sums


class Condition(Struct, frozen=True):
    """Of ``due_s`` machine time in the span that was not planned to rest, nothing is known of ``unknown_s``.

    ``silent`` machines are not heard of now, the first of them since ``heard_us`` (0: none is silent, or never was
    heard); ``refused`` messages were quarantined since the store began, all lines together.
    """

    unknown_s: float
    due_s: float
    silent: int
    heard_us: int
    refused: int


def condition(store: Store, lines: list[str], span: Span) -> Condition:
    """The condition of the data of ``lines`` over ``span``."""
    known, arrived, unknown_us, due_us = evidence(store), arrivals(store), 0, 0
    silent: list[int] = []
    for line in lines:
        booked, current = store.sums(span.from_us, span.to_us, line), store.current(line)
        for path in store.machines(line):
            sums, said = booked.get(path, Sums()), current.get(path)
            whole_us = max(known.end(path, span.to_us) - span.from_us, sums.booked_us)
            unknown_us += whole_us - sums.booked_us
            due_us += whole_us - sums.planned_us
            if said is None or not said.online or arrived.is_silent(path, said.ts_us, known.newest_us):
                silent.append(said.ts_us if said else 0)
    refused = sum(one.quarantined for one in store.health())
    return Condition(unknown_us / 1e6, due_us / 1e6, len(silent), min(silent, default=0), refused)
