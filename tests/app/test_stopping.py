"""What ends parts that run side by side reaches the person as it is; a bug of ours stays what it is."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette

from app.broker import LOCAL, hold_port
from app.serve import Server
from app.stopping import run_until_stopped
from contract.errors import UsageError


def ended_by(*errors):
    async def fail(error):
        raise error

    async def main(stop):
        async with asyncio.TaskGroup() as group:
            group.create_task(stop.wait())
            for error in errors:
                group.create_task(fail(error))

    return main


def test_a_mistake_in_one_of_many_parts_is_said_alone():
    with pytest.raises(UsageError, match="no room"):
        run_until_stopped(ended_by(UsageError("no room")))


def test_a_server_beside_what_fails_ends_in_order(caplog):
    """Cut off in the middle, it would tell of that in a traceback above the one line that matters."""
    ended, listening = [], asyncio.Event()

    @asynccontextmanager
    async def lifespan(_):
        yield
        ended.append("in order")

    class Heard(Server):
        async def startup(self, sockets=None):
            await super().startup(sockets)
            listening.set()

    async def fail():
        await listening.wait()
        raise UsageError("no room")

    async def main(stop):
        with hold_port(LOCAL, 0, "--port") as held:
            async with asyncio.TaskGroup() as group:
                group.create_task(Heard(Starlette(lifespan=lifespan), held).run_until(stop))
                group.create_task(fail())

    with pytest.raises(UsageError, match="no room"):
        run_until_stopped(main)
    assert (ended, caplog.messages) == (["in order"], [])


def test_a_bug_is_not_hidden_behind_a_mistake():
    with pytest.raises(ExceptionGroup) as raised:
        run_until_stopped(ended_by(UsageError("no room"), ZeroDivisionError()))
    assert raised.value.subgroup(ZeroDivisionError) is not None
