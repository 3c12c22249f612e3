"""What the engine says: deterministic, in order, without gaps, whatever the slices."""

import io
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_plants import HOUR_US, MONDAY_US, SECOND_US, factory_of, of_kind, station, stop

from contract import codec, topics
from contract.events import (
    BookChanged,
    CalendarPublished,
    HeartBeaten,
    LineDescribed,
    MachineDescribed,
    OrderProgressed,
    OrderStarted,
    PartsCounted,
    StateChanged,
    UnitProcessed,
)
from simulator.engine import Factory
from simulator.plant_file import load_plant
from simulator.record import record
from simulator.sampling import Constant

MINUTE_US = 60 * SECOND_US


@pytest.fixture(scope="module")
def smt():
    return load_plant("smt")


@pytest.fixture(scope="module")
def shift(smt):
    """Eight hours of the SMT line."""
    factory = Factory(smt, 1, MONDAY_US)
    return factory.run_until(MONDAY_US + 8 * HOUR_US) + factory.finish()


def by_path(emissions):
    found = {}
    for path, event in emissions:
        found.setdefault(path, []).append(event)
    return found


def event_file(plant, seed, hours=2.0):
    factory, events, truth = Factory(plant, seed, MONDAY_US), io.BytesIO(), io.BytesIO()
    shares = []
    count = record(factory, MONDAY_US + round(hours * HOUR_US), events, truth, shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert count == events.getvalue().count(b"\n")
    return events.getvalue(), truth.getvalue()


def test_the_same_plant_and_seed_give_the_same_bytes(smt):
    assert event_file(smt, 5) == event_file(smt, 5)
    assert event_file(smt, 5) != event_file(smt, 6)


def test_an_event_file_is_what_the_wire_would_carry(smt):
    events, _ = event_file(smt, 5, 0.3)
    for line in events.splitlines():
        found = codec.decode_line(line)
        assert codec.decode(topics.parse(found.topic).kind, found.payload)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 400 * SECOND_US), max_size=40), st.integers(0, 1000))
def test_slices_of_any_size_give_the_identical_run(sizes, seed):
    smt = load_plant("smt")
    end_us = MONDAY_US + HOUR_US // 2
    whole = Factory(smt, seed, MONDAY_US)
    sliced = Factory(smt, seed, MONDAY_US)
    said = []
    for size in sizes:
        said += sliced.run_until(min(end_us, sliced.now_us + size))
    said += sliced.run_until(end_us)
    assert said == whole.run_until(end_us)


def test_events_come_in_order_of_time_and_each_sender_counts_them(shift):
    assert all(one.event.ts <= other.event.ts for one, other in pairwise(shift))
    for events in by_path(shift).values():
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        assert {event.boot for event in events} == {MONDAY_US // SECOND_US}


def test_the_line_speaks_before_its_machines(shift, smt):
    line = smt.address(smt.lines[0]).path
    assert [(e.path, type(e.event)) for e in shift[:3]] == [
        (line, LineDescribed), (line, CalendarPublished), (line, BookChanged),
    ]  # fmt: skip
    assert OrderStarted in {type(event) for event in by_path(shift)[line] if event.ts == MONDAY_US}
    for path, events in by_path(shift).items():
        if path != line:
            assert [type(event) for event in events[:2]] == [MachineDescribed, StateChanged]


def test_states_tile_time_without_zero_lengths_or_repeats(shift):
    for path in {emission.path for emission in shift}:
        states = [event for event in by_path(shift)[path] if isinstance(event, StateChanged)]
        for one, other in pairwise(states):
            assert one.ts == one.since < other.ts
            assert (one.state, one.reason) != (other.state, other.reason)


def test_within_an_instant_the_heartbeat_comes_first_and_the_state_last(shift, smt):
    """A heartbeat speaks of the minute that is over; a state of what is left when everything has moved."""
    for path in (smt.address(smt.lines[0], one.id).path for one in smt.lines[0].stations):
        for one, other in pairwise(by_path(shift)[path][1:]):  # after what it says of itself
            if one.ts == other.ts:
                assert not isinstance(one, StateChanged)
                assert not isinstance(other, HeartBeaten)
                assert not (isinstance(one, PartsCounted) and isinstance(other, UnitProcessed))


def test_heartbeats_fall_on_every_minute_and_repeat_the_last_word(shift, smt):
    for station_ in smt.lines[0].stations:
        events = by_path(shift)[smt.address(smt.lines[0], station_.id).path]
        beats = [event for event in events if isinstance(event, HeartBeaten)]
        assert [beat.ts for beat in beats] == [MONDAY_US + MINUTE_US * n for n in range(1, 481)]
        state, total = None, 0
        for event in events:
            if isinstance(event, StateChanged):
                state = event
            elif isinstance(event, PartsCounted):
                assert event.total == total + 1 or station_.servers > 1
                assert event.total == event.good + event.scrap + event.rework
                total = event.total
            elif isinstance(event, HeartBeaten):
                assert (event.state, event.reason, event.since) == (state.state, state.reason, state.since)
                assert event.total == total


def test_buffers_stay_within_their_places(shift, smt):
    stations = smt.lines[0].stations
    for index, one in enumerate(stations):
        for event in of_kind(shift, PartsCounted, one.id):
            assert (event.buffer_in is None) == (index == 0)
            assert event.buffer_in is None or 0 <= event.buffer_in <= one.buffer
            assert (event.buffer_out is None) == (index == len(stations) - 1)
            assert event.buffer_out is None or 0 <= event.buffer_out <= stations[index + 1].buffer


def test_machines_say_what_they_are(shift, smt):
    infos = of_kind(shift, MachineDescribed)
    assert [info.position for info in infos] == list(range(1, 11))
    fct = infos[7]
    assert (fct.ideal_us, fct.servers, fct.buffer_capacity) == (22_500_000, 2, 8)
    assert (fct.upstream, fct.downstream) == (["aoi"], ["router"])
    assert infos[0].buffer_capacity is None
    assert infos[5].ideal_us == 18_000_000
    reasons = {event.reason for event in of_kind(shift, StateChanged, "placer_2") if event.state in ("Held", "Aborted")}
    assert reasons
    assert reasons <= set(infos[4].reasons)


def test_a_run_that_ends_between_minutes_is_heard_of_to_the_end():
    factory = factory_of(station("m"))
    factory.run_until(MONDAY_US + 90 * SECOND_US)
    last = factory.finish()
    assert [type(emission.event) for emission in last] == [HeartBeaten, OrderProgressed]
    assert {emission.event.ts for emission in last} == {MONDAY_US + 90 * SECOND_US}
    assert last[0].event.total == last[1].event.good == 90
    factory.run_until(MONDAY_US + 120 * SECOND_US)
    assert of_kind(factory.finish(), HeartBeaten) == []


def test_a_break_lets_the_part_in_hand_be_finished(smt):
    factory = Factory(smt, 1, MONDAY_US)
    emissions = factory.run_until(MONDAY_US + 4 * HOUR_US)
    states = of_kind(emissions, StateChanged, "placer_1")
    begin = MONDAY_US + 150 * MINUTE_US  # 08:30
    idle = next(event for event in states if event.reason == "break")
    assert (idle.state, begin <= idle.ts <= begin + MINUTE_US) == ("Idle", True)
    again = states[states.index(idle) + 1]
    assert again.ts == begin + 10 * MINUTE_US


def test_after_the_shift_the_line_stands(smt):
    factory = Factory(smt, 1, MONDAY_US + 15 * HOUR_US)
    emissions = factory.run_until(MONDAY_US + 25 * HOUR_US)
    for station_ in smt.lines[0].stations:
        stopped = [event for event in of_kind(emissions, StateChanged, station_.id) if event.reason == "no_shift"]
        assert [event.state for event in stopped] == ["Stopped"]
        running = [
            event for event in of_kind(emissions, StateChanged, station_.id) if event.ts >= MONDAY_US + 24 * HOUR_US
        ]
        assert running


def test_the_calendar_is_published_again_at_each_local_midnight(smt):
    factory = Factory(smt, 1, MONDAY_US)
    calendars = of_kind(factory.run_until(MONDAY_US + 60 * HOUR_US), CalendarPublished)
    assert [event.ts - MONDAY_US for event in calendars] == [0, 18 * HOUR_US, 42 * HOUR_US]
    for event in calendars:
        assert event.valid_to - event.valid_from == 9 * 24 * HOUR_US
        assert event.valid_from <= event.ts - 24 * HOUR_US
        assert [window for window in event.windows if window.start <= event.valid_from + 6 * HOUR_US < window.end]


def test_a_repair_goes_on_through_a_break():
    smt = load_plant("smt")
    broken = station("m", 10, failures=(stop("jam", Constant(149), Constant(300)),))
    line = msgspec.structs.replace(smt.lines[0], stations=(broken,))
    factory = Factory(msgspec.structs.replace(smt, lines=(line,)), 1, MONDAY_US)
    states = of_kind(factory.run_until(MONDAY_US + 3 * HOUR_US), StateChanged)
    times = [((event.ts - MONDAY_US) / 60 / SECOND_US, event.state, event.reason) for event in states]
    assert times == [(0, "Execute", ""), (149, "Aborted", "jam"), (154, "Idle", "break"), (160, "Execute", "")]


def test_several_lines_are_merged_in_order_of_time(smt):
    other = msgspec.structs.replace(smt.lines[0], id="smt-2")
    factory = Factory(msgspec.structs.replace(smt, lines=(smt.lines[0], other)), 1, MONDAY_US)
    emissions = factory.run_until(MONDAY_US + HOUR_US // 2)
    assert all(one.event.ts <= two.event.ts for one, two in pairwise(emissions))
    assert len(factory.paths) == 20
    first, second = (
        [event for path, event in emissions if topics.address(path).line == line and isinstance(event, PartsCounted)]
        for line in ("smt-1", "smt-2")
    )
    assert [event.ts for event in first] != [event.ts for event in second]


def test_branches_may_meet(smt):
    """Two first stations feed one: nothing is lost where they meet."""
    factory = factory_of(
        station("left", 4, downstream="join"), station("right", 4), station("join", 3, buffer=1), station("end", 1)
    )
    factory.run_until(MONDAY_US + HOUR_US)
    left, right, join, end = factory.engines[0].machines
    assert join.total == pytest.approx(1200, abs=2)
    assert abs(left.total - right.total) <= 3
    assert left.total + right.total - join.total <= 4
    assert join.total - end.total <= 1
