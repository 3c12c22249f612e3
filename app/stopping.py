"""Ctrl-C and ``kill`` as an event that the running parts wait for, so that each can finish what it has begun."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from contract.errors import MesError


def run_until_stopped(main: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run ``main(stop)``; the first Ctrl-C or SIGTERM sets ``stop``, a second one ends the program as it stands.

    Where parts run side by side and a person's mistake ends one of them, that is raised as it is, not in a group.
    """
    try:
        asyncio.run(_with_stop(main))
    except BaseExceptionGroup as group:
        _, bugs = group.split(MesError)
        if bugs is not None:
            raise
        raise _first(group) from group


def _first(error: BaseException) -> BaseException:
    return _first(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


async def _with_stop(main: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def ask(number: int, _frame: object) -> None:
        signal.signal(number, signal.default_int_handler)
        loop.call_soon_threadsafe(stop.set)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        await main(stop)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def stop_asked() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C or SIGTERM came while inside, for work in steps; a second one ends the program as it stands."""
    asked = False

    def ask(number: int, _frame: object) -> None:
        nonlocal asked
        asked = True
        signal.signal(number, signal.default_int_handler)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
