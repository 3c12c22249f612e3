"""Pacing: event time follows the wall, late but never skipped, and stops at once."""

import asyncio
import time

import pytest
from small_plants import HOUR_US, MONDAY_US, SECOND_US

from simulator.agenda import NEVER
from simulator.engine import Factory
from simulator.pacing import run_live, wall_us
from simulator.plant_file import load_plant

SMT = load_plant("smt")


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


def test_the_wall_clock_is_in_microseconds():
    assert wall_us() == pytest.approx(time.time() * 1e6, abs=1e6)
