"""The only wall clock: event time against the time on the wall."""

import asyncio
import time
from typing import Any

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
#: A simulation that stands still looks again after so long, although nobody called (s).
_STANDING_S = 60.0


def wall_us() -> int:
    """Now, µs since the epoch."""
    return time.time_ns() // 1000


class Pace:
    """How fast event time goes; it may be changed while it goes. ``changed`` is set until :func:`run_live` has seen it.

    ``speed`` is event time ÷ wall time: 0 stands still, ``None`` is as fast as the broker takes it.
    """

    def __init__(self, speed: float | None) -> None:
        self._speed, self._jump_us = speed, 0
        self._origin_us, self._origin_s = 0, 0.0
        self.changed = asyncio.Event()

    @property
    def speed(self) -> float | None:
        """As it was set last."""
        return self._speed

    @property
    def jumps(self) -> bool:
        """Whether it is on the way to where :meth:`jump` leads."""
        return self._jump_us > 0

    def set(self, speed: float | None) -> None:
        """Go on at ``speed`` from wherever the simulation stands; a jump ends there."""
        self._speed, self._jump_us = speed, 0
        self.changed.set()

    def jump(self, until_us: int) -> None:
        """As fast as the broker takes it up to ``until_us``, event time, or up to a minute later; then as before.

        Nothing is left out: what happens on the way is simulated and published.
        """
        self._jump_us = -(-until_us // MINUTE_US) * MINUTE_US  # on a full minute something is always said
        self.changed.set()

    def anchor(self, now_us: int) -> None:
        """Event time is ``now_us`` now."""
        self.changed.clear()
        self._origin_us, self._origin_s = now_us, time.monotonic()

    def due_us(self, now_us: int) -> int:
        """The event time that should have been reached by now; ``now_us`` is where the simulation stands."""
        if self._jump_us:
            if now_us < self._jump_us:
                return min(now_us + _STEP_US, self._jump_us)
            self._jump_us = 0
            self.anchor(now_us)
        if self._speed is None:
            return now_us + _STEP_US
        return self._origin_us + int((time.monotonic() - self._origin_s) * self._speed * SECOND_US)

    def ahead_s(self, next_us: int) -> float:
        """Wall time until ``next_us``."""
        if self._speed is None or self._jump_us:
            return 0.0
        if not self._speed:
            return _STANDING_S
        ahead_s = self._origin_s + (next_us - self._origin_us) / SECOND_US / self._speed - time.monotonic()
        return max(ahead_s, 0.0 if self._speed <= 1 else _SHORTEST_SLEEP_S)


async def run_live(  # noqa: PLR0913 - each is a different thing, and all are needed
    factory: Factory,
    publisher: BasePublisher[Any],
    speed: Pace | float | None,
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

    ``speed`` is event time ÷ wall time, ``None`` as fast as the broker takes it, or a pace that somebody changes
    meanwhile. ``anchor_us`` is the event time that it is now (default: where the factory stands); a factory that is
    behind it catches up at full speed first. When the broker is slow, events come late; none is ever skipped.
    """
    pace = speed if isinstance(speed, Pace) else Pace(speed)
    pace.anchor(factory.now_us if anchor_us is None else anchor_us)
    last_us = 1 << 62 if until_us is None else until_us
    commands, heard = commands or Commands(), heard or asyncio.Event()
    while not stop.is_set():
        heard.clear()
        if pace.changed.is_set():
            pace.anchor(factory.now_us)
        target_us = min(pace.due_us(factory.now_us), last_us)
        if commands.has_heard or target_us >= min(_next_us(factory, publisher, commands), last_us):
            emissions = commands.run_until(factory, min(target_us, factory.now_us + _STEP_US))
            await _send(publisher, emissions, factory.now_us, stop)
        if factory.now_us >= last_us:
            if not goes_on:
                await _send(publisher, factory.finish(), factory.now_us, stop)
            return
        if not heard.is_set():
            await _wait(pace.ahead_s(min(_next_us(factory, publisher, commands), last_us)), stop, heard, pace.changed)


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
