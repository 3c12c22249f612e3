"""The only wall clock: event time against the time on the wall."""

import asyncio
import time
from typing import Any, NamedTuple

from contract.instants import MINUTE_US, SECOND_US
from simulator.agenda import Emission
from simulator.command_log import Commands
from simulator.engine import Factory
from simulator.publish import BasePublisher

#: Most event time in one step, so that memory stays small however far behind the engine is.
_STEP_US = 10 * MINUTE_US
#: When time is accelerated, events of less than this much wall time leave together (s).
_SHORTEST_SLEEP_S = 0.02
#: How long a stop waits for a broker that has gone silent (s).
_STOP_GRACE_S = 3.0


def wall_us() -> int:
    """Now, µs since the epoch."""
    return time.time_ns() // 1000


class _Pace(NamedTuple):
    """Event time ``origin_us`` was at ``origin_s`` on the monotonic clock; ``speed`` as in :func:`run_live`."""

    speed: float | None
    origin_us: int
    origin_s: float

    def due_us(self, now_us: int) -> int:
        """The event time that should have been reached by now."""
        if self.speed is None:
            return now_us + _STEP_US
        return self.origin_us + int((time.monotonic() - self.origin_s) * self.speed * SECOND_US)

    def ahead_s(self, next_us: int) -> float:
        """Wall time until ``next_us``."""
        if self.speed is None:
            return 0.0
        ahead_s = self.origin_s + (next_us - self.origin_us) / SECOND_US / self.speed - time.monotonic()
        return max(ahead_s, 0.0 if self.speed <= 1 else _SHORTEST_SLEEP_S)


async def run_live(  # noqa: PLR0913 - each is a different thing, and all are needed
    factory: Factory,
    publisher: BasePublisher[Any],
    speed: float | None,
    until_us: int | None,
    stop: asyncio.Event,
    *,
    anchor_us: int | None = None,
    commands: Commands | None = None,
    heard: asyncio.Event | None = None,
    goes_on: bool = False,
) -> None:
    """Run ``factory`` and publish what it says until ``until_us`` (event time; none: for ever) or ``stop``.

    ``commands`` are given on the way; ``heard`` is set when there are new ones, which are for now. A run that
    ``goes_on`` another time says no last words.

    ``speed`` is event time ÷ wall time, ``None`` as fast as the broker takes it. ``anchor_us`` is the event time that
    it is now (default: where the factory stands); a factory that is behind it catches up at full speed first. When
    the broker is slow, events come late; none is ever skipped.
    """
    pace = _Pace(speed, factory.now_us if anchor_us is None else anchor_us, time.monotonic())
    last_us = 1 << 62 if until_us is None else until_us
    commands, heard = commands or Commands(), heard or asyncio.Event()
    while not stop.is_set():
        heard.clear()
        target_us = min(pace.due_us(factory.now_us), last_us)
        if commands.has_heard or target_us >= min(_next_us(factory, publisher, commands), last_us):
            emissions = commands.run_until(factory, min(target_us, factory.now_us + _STEP_US))
            await _send(publisher, emissions, factory.now_us, stop)
        if factory.now_us >= last_us:
            if not goes_on:
                await _send(publisher, factory.finish(), factory.now_us, stop)
            return
        if not heard.is_set():
            await _wait(pace.ahead_s(min(_next_us(factory, publisher, commands), last_us)), stop, heard)


def _next_us(factory: Factory, publisher: BasePublisher[Any], commands: Commands) -> int:
    """When something happens next that somebody must hear of, event time in µs."""
    return min(factory.next_event_us, publisher.next_us, commands.next_us)


async def _send(publisher: BasePublisher[Any], emissions: list[Emission], now_us: int, stop: asyncio.Event) -> None:
    """Send all, unless the broker has gone silent and somebody wants to stop."""
    sending = asyncio.ensure_future(publisher.send(emissions, now_us))
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((sending, stopping), return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait((sending,), timeout=_STOP_GRACE_S if stop.is_set() else None)
        if sending.done():
            sending.result()
    finally:
        for task in (sending, stopping):
            task.cancel()
        await asyncio.gather(sending, stopping, return_exceptions=True)


async def _wait(seconds: float, *events: asyncio.Event) -> None:
    """Until one of ``events``, but no longer than ``seconds``."""
    if seconds <= 0:
        await asyncio.sleep(0)
        return
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
