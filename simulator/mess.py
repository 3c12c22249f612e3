"""The mess: what a real network and real devices do to a stream of events, between the machines and the wire. Pure.

    engine ─→ emissions ─→ Mess ─→ wires: to an event file, to MQTT, or straight into a collector
                 └─ truth stays clean: the mess only sees what is said, and draws from streams of its own

It works in event time, deterministic by settings, seed and what is said, whatever the steps in which time passes. The
table of kinds, and what a perfect collector can still prove under each, is in :mod:`simulator.mess_kinds`.
"""

from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from itertools import count
from typing import NamedTuple

from contract.events import LinkChanged
from contract.instants import MINUTE_US
from contract.topics import address
from simulator.agenda import NEVER, Emission
from simulator.mess_kinds import KINDS, KindInfo, MessSettings, check_rate, parse_mess
from simulator.mess_sender import LineSender, MachineSender, Push, Wire

__all__ = ["KINDS", "KindInfo", "Mess", "MessSettings", "Wire", "check_rate", "parse_mess"]

#: Messages put off at one time. Beyond it the one that is due next goes out early: nothing is dropped.
QUEUE_LIMIT = 100_000


class _Waiting(NamedTuple):
    """A message that is not on the wire yet. Sender and number make the order at one instant the same every time."""

    release_us: int
    sender: int
    number: int
    why: str
    wire: Wire

    def hurried(self, now_us: int) -> "_Waiting":
        """The same, to go out now."""
        return self._replace(release_us=min(self.release_us, now_us))


class Mess:
    """The mess of ``settings`` for the machines at ``paths`` (and their lines) from ``start_us`` (µs) on."""

    def __init__(
        self, settings: MessSettings, seed: int, paths: Iterable[str], start_us: int, queue_limit: int = QUEUE_LIMIT
    ) -> None:
        self._rates = dict(settings.rates)
        self._now_us, self._limit = start_us, queue_limit
        self._queue: list[_Waiting] = []
        self._ahead: list[Wire] = []  # what had to leave because the queue was full
        machines = list(paths)
        lines = [*dict.fromkeys(address(path).line_path for path in machines)]
        self._machines = [
            MachineSender(path, seed, self._rates, self._pusher(len(lines) + index), start_us)
            for index, path in enumerate(machines)
        ]
        senders = [LineSender(path, seed, self._rates, self._pusher(index)) for index, path in enumerate(lines)]
        self._senders: dict[str, LineSender] = {sender.path: sender for sender in (*senders, *self._machines)}

    @property
    def rates(self) -> dict[str, float]:
        """The rates of now, by kind."""
        return dict(self._rates)

    @property
    def waiting(self) -> int:
        """How many messages are put off."""
        return len(self._queue)

    @property
    def next_us(self) -> int:
        """When something reaches the wire without anybody saying more, µs; ``NEVER`` if nothing does."""
        queued_us = self._queue[0].release_us if self._queue else NEVER
        return min(queued_us, min((sender.due_us for sender in self._machines), default=NEVER))

    def links(self) -> dict[str, LinkChanged]:
        """That each machine is there, in the words of its controller: its clock, its boot, its last sequence number."""
        return {sender.path: sender.device.link(online=True) for sender in self._machines}

    def pass_on(self, emissions: Iterable[Emission], now_us: int) -> list[Wire]:
        """What reaches the wire up to and including ``now_us``, in order of arrival.

        ``emissions`` is everything said since the last call and up to ``now_us``, in order of time.
        """
        out: list[Wire] = []
        step_us = self._now_us
        for path, event in emissions:
            if event.ts > step_us:
                self._advance(step_us, out)
                step_us = event.ts - event.ts % MINUTE_US + MINUTE_US - 1
            sender = self._senders[path]
            if sender.due_us <= event.ts:
                sender.advance(event.ts)
            sender.take(event)
        self._now_us = max(self._now_us, now_us)
        self._advance(self._now_us, out)
        return out

    def follow(self, emissions: Iterable[Emission], now_us: int) -> None:
        """Instead of :meth:`pass_on`, and much cheaper: all was heard up to ``now_us`` just as it was said.

        Only while every rate is 0: then the devices know what they would have said, and nothing else matters later.
        """
        assert not any(self._rates.values()), "a mess changes what is said"
        for path, event in emissions:
            sender = self._senders[path]
            if isinstance(sender, MachineSender):
                sender.follow(event)
        self._now_us = max(self._now_us, now_us)

    def wire(self, emission: Emission) -> Wire:
        """What was said, as a message."""
        return self._senders[emission.path].wire(emission.event)

    def flush(self) -> list[Wire]:
        """Everything that is still put off, in order: at the end of a run."""
        return self._release(NEVER, [])

    def switch(self, kind: str, rate: float) -> None:
        """From now on ``kind`` happens at ``rate`` (0: no more, and what it is at ends). Raises :class:`UsageError`.

        Counters of a machine that is already on do not change: the rollovers are for a start.
        """
        self._rates[kind] = check_rate(kind, rate)
        for sender in self._machines:
            sender.switch(kind, self._now_us)
        if not rate:
            self._queue = [each.hurried(self._now_us) if each.why == kind else each for each in self._queue]
            heapify(self._queue)

    def _advance(self, now_us: int, out: list[Wire]) -> None:
        for sender in self._machines:
            if sender.due_us <= now_us:
                sender.advance(now_us)
        self._release(now_us, out)

    def _release(self, until_us: int, out: list[Wire]) -> list[Wire]:
        queue = self._queue
        out += self._ahead
        self._ahead.clear()
        while queue and queue[0].release_us <= until_us:
            out.append(heappop(queue).wire)
        return out

    def _pusher(self, sender: int) -> Push:
        numbers = count()

        def push(release_us: int, why: str, wire: Wire) -> None:
            heappush(self._queue, _Waiting(release_us, sender, next(numbers), why, wire))
            if len(self._queue) > self._limit:
                self._ahead.append(heappop(self._queue).wire)

        return push
