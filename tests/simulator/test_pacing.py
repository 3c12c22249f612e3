"""Pacing: event time follows the wall, late but never skipped, and stops at once."""

import asyncio
import time

import pytest
from small_plants import HOUR_US, MONDAY_US, SECOND_US

from contract.events import CommandAnswered, CommandGiven
from simulator.agenda import NEVER
from simulator.command_log import Commands, TimedCommand
from simulator.engine import Factory
from simulator.pacing import Pace, run_live, wall_us
from simulator.plant_file import load_plant

SMT = load_plant("smt")
LINE = SMT.address(SMT.lines[0]).path


class Notebook:
    """A publisher that notes what it is given and when, and may be slow."""

    def __init__(self, slow_s=0.0):
        self.said, self.at_s, self.slow_s = [], [], slow_s

    next_us = NEVER

    async def send(self, emissions, now_us):
        assert all(event.ts <= now_us for _, event in emissions)
        if emissions:
            self.said += emissions
            self.at_s += [time.monotonic()] * len(emissions)
            await asyncio.sleep(self.slow_s)


def expected(until_us):
    factory = Factory(SMT, 1, MONDAY_US)
    return factory.run_until(until_us) + factory.finish()


def run(notebook, speed, until_us, **more):
    asyncio.run(run_live(Factory(SMT, 1, MONDAY_US), notebook, speed, until_us, asyncio.Event(), **more))


def test_as_fast_as_possible_says_everything():
    notebook = Notebook()
    run(notebook, None, MONDAY_US + HOUR_US + 1)
    assert notebook.said == expected(MONDAY_US + HOUR_US + 1)


def test_events_leave_when_they_are_due():
    notebook, begin_s = Notebook(), time.monotonic()
    run(notebook, 1, MONDAY_US + 9 * SECOND_US, anchor_us=MONDAY_US + 7_500_000)
    live = [
        (at_s - begin_s) - (emission.event.ts - MONDAY_US - 7_500_000) / SECOND_US
        for emission, at_s in zip(notebook.said, notebook.at_s, strict=True)
        if emission.event.ts > MONDAY_US + 7_600_000
    ]
    assert live
    assert all(-0.005 < late_s < 0.3 for late_s in live), live
    assert time.monotonic() - begin_s == pytest.approx(1.5, abs=0.3)


def test_a_slow_broker_makes_events_late_and_loses_none():
    notebook = Notebook(slow_s=0.05)
    run(notebook, 6000, MONDAY_US + HOUR_US)
    assert notebook.said == expected(MONDAY_US + HOUR_US)


def test_stop_is_obeyed_while_waiting_and_while_the_broker_is_silent():
    async def main(notebook, speed):
        stop = asyncio.Event()
        running = asyncio.ensure_future(run_live(Factory(SMT, 1, MONDAY_US), notebook, speed, None, stop))
        await asyncio.sleep(0.05)
        stop.set()
        await asyncio.wait_for(running, 5)

    asyncio.run(main(Notebook(), 1))
    asyncio.run(main(Notebook(slow_s=3600), 1))


def test_what_was_put_off_leaves_when_it_is_due_though_nobody_says_anything():
    class Forgetful(Notebook):
        next_us = MONDAY_US + HOUR_US + SECOND_US // 4

        async def send(self, emissions, now_us):
            await super().send(emissions, now_us)
            self.late_us = now_us - self.next_us
            if self.late_us >= 0:
                stop.set()

    async def main():
        factory = Factory(SMT, 1, MONDAY_US)
        factory.run_until(MONDAY_US + HOUR_US)
        await asyncio.wait_for(run_live(factory, notebook, 1, None, stop), 5)

    stop, notebook = asyncio.Event(), Forgetful()
    asyncio.run(main())
    assert 0 <= notebook.late_us < 0.2 * SECOND_US


def given(said):
    return [emission.event for emission in said if isinstance(emission.event, CommandAnswered)]


def test_a_command_is_given_at_once_although_nothing_is_due():
    class Ringing(Notebook):
        async def send(self, emissions, now_us):
            await super().send(emissions, now_us)
            news.set()

    async def until(question):
        async with asyncio.timeout(1):
            while not question():
                await news.wait()
                news.clear()

    async def main():
        factory, commands, heard, stop = Factory(SMT, 1, MONDAY_US), Commands(), asyncio.Event(), asyncio.Event()
        running = run_live(factory, notebook, 0.01, None, stop, commands=commands, heard=heard)
        task = asyncio.create_task(running)
        await until(lambda: notebook.said)
        for number in range(3):
            assert commands.hear(LINE, CommandGiven(str(number), "break_line", duration_s=1.0))
            heard.set()
            await until(lambda: len(given(notebook.said)) == number + 1)  # noqa: B023 - asked before it changes
        stop.set()
        await task

    notebook, news = Ringing(), asyncio.Event()
    asyncio.run(main())
    assert [answer.accepted for answer in given(notebook.said)] == [True] * 3


def test_commands_of_a_script_are_given_when_they_are_due():
    at_us = [MONDAY_US + 8 * SECOND_US + 1, MONDAY_US + 8 * SECOND_US + 250_000]
    script = [TimedCommand(us, LINE, CommandGiven(str(us), "break_line", duration_s=1.0)) for us in at_us]
    notebook, begin_s = Notebook(), time.monotonic()
    until_us = MONDAY_US + 9 * SECOND_US
    run(notebook, 1, until_us, anchor_us=MONDAY_US + 7_500_000, commands=Commands(script))
    assert [answer.ts for answer in given(notebook.said)] == at_us
    heard_s = [s - begin_s for one, s in zip(notebook.said, notebook.at_s, strict=True) if given([one])]
    assert heard_s == pytest.approx([0.5, 0.75], abs=0.3)


class Conductor(Notebook):
    """Notes what it is given, and at each step asks what becomes of the pace."""

    def __init__(self, ask):
        super().__init__()
        self.ask = ask

    async def send(self, emissions, now_us):
        await super().send(emissions, now_us)
        self.ask(now_us)


def test_a_pace_that_changes_all_the_time_leaves_no_event_out():
    pace, steps = Pace(6000), iter(range(10_000))

    def ask(now_us):
        number = next(steps)
        if number % 3 == 0:
            pace.set((60_000, None, 3000)[number // 3 % 3])
        elif number % 7 == 0:
            pace.jump(now_us + 5 * 60 * SECOND_US + number)

    notebook = Conductor(ask)
    run(notebook, pace, MONDAY_US + 3 * HOUR_US)
    assert notebook.said == expected(MONDAY_US + 3 * HOUR_US)


def test_a_pause_holds_time_but_not_commands_and_a_jump_ends_where_it_should():
    async def main():
        factory, commands, heard, stop = Factory(SMT, 1, MONDAY_US), Commands(), asyncio.Event(), asyncio.Event()
        pace, notebook = Pace(0), Notebook()
        running = asyncio.create_task(run_live(factory, notebook, pace, None, stop, commands=commands, heard=heard))
        commands.hear(LINE, CommandGiven("1", "break_line", duration_s=1.0))
        heard.set()
        async with asyncio.timeout(5):
            while not given(notebook.said):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0)
        assert factory.now_us == MONDAY_US
        target_us = MONDAY_US + HOUR_US + 1
        pace.jump(target_us)
        assert pace.jumps
        async with asyncio.timeout(20):
            while pace.jumps:  # noqa: ASYNC110 - the same
                await asyncio.sleep(0)
        landed_us = factory.now_us
        await asyncio.sleep(0)
        assert factory.now_us == landed_us
        assert target_us <= landed_us <= target_us + 60 * SECOND_US
        stop.set()
        await running
        return notebook.said

    said = asyncio.run(main())
    factory = Factory(SMT, 1, MONDAY_US)
    played = Commands([TimedCommand(MONDAY_US, LINE, CommandGiven("1", "break_line", duration_s=1.0))])
    assert said == played.run_until(factory, MONDAY_US + HOUR_US + 60 * SECOND_US)


def test_the_wall_clock_is_in_microseconds():
    assert wall_us() == pytest.approx(time.time() * 1e6, abs=1e6)
