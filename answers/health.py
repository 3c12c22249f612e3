"""Data health: how complete each machine's account is, and what the wire did to it on the way."""

from collections.abc import Iterable
from statistics import median_low

import msgspec

from answers.report import line_reports
from answers.silence import arrivals
from answers.span import Span
from answers.store import Health, Quarantined, Store


class MachineHealth(msgspec.Struct, frozen=True):
    """One machine over a span; the counts are since the store began.

    ``coverage``: known ÷ all time, planned time left out (``None``: nothing but planned); ``unknown_us``: what is not.
    ``lag_us`` is how far its newest event time ``heard_us`` is behind the plant's newest; ``silent``: see
    :mod:`answers.silence`. ``skew_us`` is how far its clock is ahead of the plant's median (negative:
    behind), as its newest messages arrived; ``None`` where nothing arrived live. ``counts``: what happened to its
    events.
    """

    path: str
    line: str
    coverage: float | None
    unknown_us: int
    heard_us: int
    lag_us: int
    silent: bool
    skew_us: int | None
    counts: Health


class PlantHealth(msgspec.Struct, frozen=True):
    """All machines, and what belongs to none of them.

    ``others``: counts of lines' own topics, and under the empty path what no known sender said. ``strangers`` never
    said what they are or do: names out of a last will, mostly. ``reasons``: how many
    of the quarantined records still kept there are of each reason; ``newest`` the last of them.
    """

    span: Span
    newest_us: int
    machines: list[MachineHealth]
    others: list[Health]
    strangers: list[str]
    reasons: dict[str, int]
    newest: list[Quarantined]


def health(store: Store, span: Span, most: int) -> PlantHealth:
    """The health of everything in ``store`` over ``span``, with the ``most`` newest quarantine records."""
    with store.moment():
        heard, counts = store.heard(), {one.path: one for one in store.health()}
        reasons, newest, strangers = store.quarantine_reasons(), store.quarantine(most), store.strangers()
        delays, arrived = store.delays(), arrivals(store)
    usual_us = median_low(delays.values()) if delays else 0
    newest_us = max(heard.values(), default=0)
    machines = []
    for report in line_reports(store, store.lines(), span):
        for machine in report.machines:
            lag_us = newest_us - heard.get(machine.path, 0)
            machines.append(
                MachineHealth(
                    path=machine.path,
                    line=report.path,
                    coverage=machine.kpis.coverage,
                    unknown_us=machine.unknown_us,
                    heard_us=heard.get(machine.path, 0),
                    lag_us=lag_us,
                    silent=arrived.is_silent(machine.path, heard.get(machine.path, 0), newest_us),
                    skew_us=usual_us - delays[machine.path] if machine.path in delays else None,
                    counts=counts.pop(machine.path, Health(machine.path, 0, 0, 0, 0, 0)),
                )
            )
    return PlantHealth(span, newest_us, machines, _eventful(counts.values()), strangers, reasons, newest)


def _eventful(counts: Iterable[Health]) -> list[Health]:
    """Those to which anything happened at all."""
    return [one for one in counts if any(msgspec.structs.astuple(one)[1:])]
