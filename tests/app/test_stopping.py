"""What ends parts that run side by side reaches the person as it is; a bug of ours stays what it is."""

import asyncio

import pytest

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


def test_a_bug_is_not_hidden_behind_a_mistake():
    with pytest.raises(ExceptionGroup) as raised:
        run_until_stopped(ended_by(UsageError("no room"), ZeroDivisionError()))
    assert raised.value.subgroup(ZeroDivisionError) is not None
