"""The collector as Prometheus sees it: ``/metrics``, and ``/healthz`` for whoever restarts it.

MeasuredJournal.commit ─▶ commit seconds, refusals by reason, what the wire did ─┐
Subscriber.stats ─▶ events, commits, inbox, newest event time ───────────────────┼▶ /metrics
Sender.stats ─▶ waiting, written, refused, up ───────────────────────────────────┘
"""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from answers.store import Store
from collector.changes import Changes
from collector.influx import Sender
from collector.journal import Journal
from collector.subscribe import Subscriber
from contract.series import HEALTH_COLUMNS

_COMMIT_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_WIRE = {
    "duplicates": "Events that came again and were dropped",
    "reordered": "Events that came out of order and were put right",
    "lost": "Events missing from a sequence: its gaps, given up",
    "late": "Events that came after their gap had been given up",
}


class Meter(Collector):
    """What the journal sees, and with a subscriber what that says of itself; a Prometheus collector."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.subscriber: Subscriber | None = None
        self.sender: Sender | None = None
        self._wire: dict[str, tuple[int, ...]] = {}
        self._commit_s = Histogram("mes_commit_seconds", "Time of a commit", buckets=_COMMIT_S, registry=registry)
        self._refused = Counter("mes_quarantined", "Refused, by reason", ["reason"], registry=registry)
        registry.register(self)

    def know(self, health: Iterable[tuple[str, tuple[int, ...]]]) -> None:
        """Path → counts of ``series.HEALTH_COLUMNS`` since the store began; newer ones replace older ones."""
        # A new dict in one step: it is read by another thread.
        self._wire = {**self._wire, **dict(health)}

    def committed(self, changes: Changes, seconds: float) -> None:
        """Note a commit that succeeded."""
        self._commit_s.observe(seconds)
        for record in changes.quarantine:
            self._refused.labels(record.reason).inc()
        self.know((change.path, change.rows.health) for change in changes.machines)
        self.know((line.path, line.health) for line in changes.lines)

    def collect(self) -> Iterator[Metric]:
        """The numbers of this moment, for ``generate_latest``."""
        for place, name in enumerate(HEALTH_COLUMNS):
            if name in _WIRE:
                total = sum(counts[place] for counts in self._wire.values())
                yield CounterMetricFamily(f"mes_{name}_events", _WIRE[name], value=total)
        if self.subscriber is not None:
            yield from _running(self.subscriber)
        if self.sender is not None:
            yield from _sending(self.sender)


def _running(subscriber: Subscriber) -> Iterator[Metric]:
    stats = subscriber.stats
    yield CounterMetricFamily("mes_events", "Events taken, refused ones included", value=stats.events)
    yield CounterMetricFamily("mes_packets", "MQTT packets committed and acknowledged", value=stats.packets)
    yield CounterMetricFamily("mes_commits", "Commits to the store", value=stats.commits)
    yield GaugeMetricFamily("mes_inbox_packets", "Packets waiting to be taken", value=stats.waiting)
    yield GaugeMetricFamily("mes_connected", "1 while the broker is there", value=int(stats.connected))
    if stats.newest_us:
        yield GaugeMetricFamily("mes_lag_seconds", "Now less the newest event time", value=lag_s(stats.newest_us))


def _sending(sender: Sender) -> Iterator[Metric]:
    stats = sender.stats
    yield GaugeMetricFamily("mes_influx_waiting", "Changes that wait to be sent to InfluxDB", value=stats.waiting)
    yield CounterMetricFamily("mes_influx_written", "Points written to InfluxDB", value=stats.written)
    yield CounterMetricFamily("mes_influx_refused", "Points InfluxDB refused for ever", value=stats.refused)
    yield GaugeMetricFamily("mes_influx_up", "1 while InfluxDB takes what we send", value=int(not stats.trouble))


def lag_s(newest_us: int) -> float:
    """How far the newest event time is behind the wall clock, s; negative when it is ahead."""
    return time.time() - newest_us / 1e6


class MeasuredJournal(Journal):
    """A journal whose commits are measured."""

    meter: Meter

    @classmethod
    def measured(cls, path: Path, meter: Meter, *, spool: bool = False) -> Self:
        """Open the store as :meth:`Journal.open` does; ``meter`` then also knows what is in it."""
        journal = cls.open(path, spool=spool)
        journal.meter = meter
        with Store.open(path) as store:
            rows = [(one.path, tuple(getattr(one, name) for name in HEALTH_COLUMNS)) for one in store.health()]
        meter.know(rows)
        return journal

    def commit(self, changes: Changes) -> None:
        """Write everything or nothing, and note how long that took."""
        began_s = time.perf_counter()
        super().commit(changes)
        self.meter.committed(changes, time.perf_counter() - began_s)


def create_metrics_app(registry: CollectorRegistry, subscriber: Subscriber) -> Starlette:
    """``/metrics`` of ``registry`` and ``/healthz`` of ``subscriber``: 503 once it has failed or lost the broker."""

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def healthz(_: Request) -> Response:
        stats, failure = subscriber.stats, subscriber.failure
        trouble = f"failed: {failure!r}" if failure else "" if stats.connected else "the broker is gone"
        state = {
            "status": trouble or "ok",
            "waiting": stats.waiting,
            "lag_s": round(lag_s(stats.newest_us), 3) if stats.newest_us else None,
        }
        return JSONResponse(state, status_code=503 if trouble else 200)

    return Starlette(routes=[Route("/metrics", metrics), Route("/healthz", healthz)])
