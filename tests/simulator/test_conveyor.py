"""The oven: pitch, transit, capacity, and what happens to the parts inside when it stands still."""

from itertools import pairwise

from small_plants import MONDAY_US, SECOND_US, engine_of, of_kind, station, stop

from contract.events import PartsCounted, StateChanged
from simulator.sampling import Constant
from simulator.station_spec import Conveyor


def seconds(events):
    return [(event.ts - MONDAY_US) / SECOND_US for event in events]


def oven(**more):
    values = {"cycle_s": 10, "buffer": 2, "conveyor": Conveyor(transit_s=60, places=6), **more}
    return station("oven", **values)


def test_parts_ride_for_the_transit_time_and_enter_a_pitch_apart():
    emissions = engine_of(oven()).run_until(MONDAY_US + 120 * SECOND_US)
    assert seconds(of_kind(emissions, PartsCounted, "oven")) == [60, 70, 80, 90, 100, 110, 120]


def test_it_holds_no_more_than_its_places():
    emissions = engine_of(oven(conveyor=Conveyor(60, 3))).run_until(MONDAY_US + 200 * SECOND_US)
    assert seconds(of_kind(emissions, PartsCounted, "oven")) == [60, 70, 80, 120, 130, 140, 180, 190, 200]


def test_a_blocked_exit_stops_the_belt_and_everything_on_it():
    engine = engine_of(oven(), station("slow", 35))
    emissions = engine.run_until(MONDAY_US + 400 * SECOND_US)
    counted = seconds(of_kind(emissions, PartsCounted, "oven"))
    assert counted[:4] == [60, 70, 105, 140]
    states = [(event.state, event.reason) for event in of_kind(emissions, StateChanged, "oven")]
    assert states[:4] == [("Execute", ""), ("Suspended", "blocked"), ("Execute", ""), ("Suspended", "blocked")]
    assert seconds(of_kind(emissions, PartsCounted, "slow"))[:3] == [95, 130, 165]


def test_its_own_stop_holds_the_parts_and_they_go_on_afterwards():
    hot = stop("hot", Constant(65 / 60), Constant(100))
    emissions = engine_of(oven(failures=(hot,))).run_until(MONDAY_US + 200 * SECOND_US)
    assert seconds(of_kind(emissions, PartsCounted, "oven")) == [60, 170, 180, 190, 200]
    states = [(event.state, event.reason) for event in of_kind(emissions, StateChanged, "oven")]
    assert states == [("Execute", ""), ("Aborted", "hot"), ("Execute", "")]


def test_a_starved_oven_runs_while_anything_is_in_it():
    emissions = engine_of(station("feed", 100), oven()).run_until(MONDAY_US + 500 * SECOND_US)
    changes = [(event.reason or "run", second) for event, second in _states(emissions)]
    assert changes[:5] == [("starved", 0), ("run", 100), ("starved", 160), ("run", 200), ("starved", 260)]


def test_states_never_repeat_and_never_last_no_time():
    engine = engine_of(station("feed", 9), oven(), station("slow", 10, buffer=1))
    for events in (of_kind(engine.run_until(MONDAY_US + 3600 * SECOND_US), StateChanged, "oven"),):
        for one, other in pairwise(events):
            assert one.ts < other.ts
            assert (one.state, one.reason) != (other.state, other.reason)


def _states(emissions):
    events = of_kind(emissions, StateChanged, "oven")
    return list(zip(events, seconds(events), strict=True))
