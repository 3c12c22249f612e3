"""Wear and its service, planned maintenance at its time or at a good one, warm-up, and people who are away."""

import datetime as dt
from itertools import pairwise

import pytest
from small_plants import HOUR_US, MONDAY_US, SECOND_US, factory_of, of_kind, station, stop, words

from contract.events import HeartBeaten, StateChanged, UnitProcessed
from contract.states import Category, Mode
from contract.truth import TruthInterval
from simulator.plant import Pause, Shift
from simulator.sampling import Constant, Exponential, Uniform
from simulator.station_spec import Absence, Batch, Conveyor, Maintenance, StopMode, WarmUp, Wear

MAINTAINED = ("Stopped", "planned_maintenance")


def run_of(*stations, seconds=600, **more):
    factory = factory_of(*stations, **more)
    return factory, factory.run_until(MONDAY_US + seconds * SECOND_US)


def states(said, machine="m"):
    return [
        ((event.since - MONDAY_US) / SECOND_US, str(event.state), event.reason)
        for event in of_kind(said, StateChanged, machine)
    ]


def spans(said, what, machine="m"):
    """(begin, end) of every state that is ``what``, (state, reason) or reason."""
    pairs = pairwise(states(said, machine))
    return [(at, after[0]) for (at, state, reason), after in pairs if what in (reason, (state, reason))]


def wear(life, service_s=20, **more):
    return Wear("tool", words("tool"), life, Constant(service_s), **more)


def care(every_h, lasts_min=1, clock="calendar", opportune_from=1.0, renews=()):
    return Maintenance("pm", words("pm"), every_h, Constant(lasts_min), clock, None, opportune_from, renews)


# ---------------------------------------------------------------------- wear


def test_after_a_service_that_emptied_the_machine_the_buffer_fills_at_once():
    """Both servers are idle then: one takes the unit that waits, one the first that knocks, the place is the next's."""
    factory = factory_of(
        station("feed", 3, servers=4), station("m", 30, servers=2, buffer=1, wear=(wear(1, service_s=60),))
    )
    feed, machine = factory.engines[0].machines
    factory.run_until(MONDAY_US + (3 + 30 + 60 - 1) * SECOND_US)
    assert (machine.busy, len(machine.inbox), machine.knocking, len(feed.finished)) == (0, 1, 4, 4)
    factory.run_until(MONDAY_US + (3 + 30 + 60 + 1) * SECOND_US)
    assert (machine.busy, len(machine.inbox), machine.knocking, len(feed.finished)) == (2, 1, 2, 2)


def test_a_tool_is_serviced_after_exactly_its_life():
    _, said = run_of(station("m", 10, wear=(wear(5),)), seconds=215)
    assert states(said) == [
        (0, "Execute", ""), (50, "Held", "tool"), (70, "Execute", ""), (120, "Held", "tool"), (140, "Execute", ""),
        (190, "Held", "tool"), (210, "Execute", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", [{}, {"servers": 3}, {"conveyor": Conveyor(25, 4)}, {"batch": Batch(4, 20)}])
def test_between_two_services_it_makes_its_life_and_what_was_in_work_by_then(kind):
    spread = {} if "conveyor" in kind else {"spread": Uniform(0.5, 1.5)}
    machine = station("m", 8, buffer=6, wear=(wear(20),), **spread, **kind)
    _, said = run_of(station("feed", 2), machine, seconds=3 * 3600)
    made = [event.ts for event in of_kind(said, UnitProcessed, "m")]
    most = 20 + {"servers": 2, "conveyor": 3, "batch": 3}.get(next(iter(kind), ""), 0)
    services = [round(MONDAY_US + at * SECOND_US) for at, _ in spans(said, "tool")]
    assert len(services) > 20
    for begin, end in pairwise([0, *services]):
        assert 20 <= sum(begin < at <= end for at in made) <= most


def test_two_things_wear_each_by_itself():
    _, said = run_of(station("m", 10, wear=(wear(3, 5), Wear("belt", words("b"), 4, Constant(7)))), seconds=200)
    assert spans(said, "tool")[:3] == [(30, 35), (72, 77), (114, 119)]
    assert spans(said, "belt")[:2] == [(45, 52), (97, 104)]


def test_micro_stops_come_more_often_towards_the_end_of_a_life():
    """Up to five times as often: the last fifth of a life has about three times the stops of the first."""
    jam = stop("jam", Exponential(0.5), Constant(1))
    machine = station("m", 1, micro_stops=(jam,), failures=(stop("crash", Exponential(5), Constant(1)),),
                      wear=(wear(1000, stops_at_end=5.0),))  # fmt: skip
    _, said = run_of(machine, seconds=60 * 3600)
    made, by_fifth = 0, {"jam": [0] * 5, "crash": [0] * 5}
    for _, event in said:
        if isinstance(event, UnitProcessed):
            made += 1
        elif isinstance(event, StateChanged) and event.reason in by_fifth:
            by_fifth[event.reason][made % 1000 // 200] += 1
    first, *_, last = by_fifth["jam"]
    assert first > 1000
    assert 2.5 < last / first < 4
    first, *_, last = by_fifth["crash"]
    assert last == pytest.approx(first, rel=0.25)


# ---------------------------------------------------------------------- planned maintenance


def test_it_is_done_when_it_is_due_between_two_parts_and_planned_again_from_its_end():
    """Due at 3600 while a part of seven seconds is in hand; then an hour after it was over."""
    factory, said = run_of(station("m", 7, maintenance=(care(1, 10),)), seconds=3 * 3600)
    assert spans(said, MAINTAINED) == [(3605, 4205), (7810, 8410)]  # due again at 7805: a part begun at 7803
    done = [r for r in factory.truth_records() if isinstance(r, TruthInterval) and r.reason == "planned_maintenance"]
    assert {record.category for record in done} == {Category.PLANNED}


def test_its_mode_is_on_the_wire():
    _, said = run_of(station("m", 10, maintenance=(care(0.5, 5),)), seconds=2400)
    modes = {event.reason: event.mode for event in of_kind(said, StateChanged)}
    assert modes == {"": Mode.PRODUCTION, "planned_maintenance": Mode.MAINTENANCE}
    beats = {(event.ts - MONDAY_US) // SECOND_US: event.mode for event in of_kind(said, HeartBeaten)}
    assert beats[1800] is Mode.PRODUCTION  # it speaks of the minute before
    assert {beats[at] for at in (1860, 1920, 1980, 2040, 2100)} == {Mode.MAINTENANCE}
    assert beats[2160] is Mode.PRODUCTION


def test_by_operating_time_it_comes_later_for_a_machine_that_waits():
    """At work for half of the time: after an hour's operation two hours have gone."""
    machine = station("m", 10, maintenance=(care(1, clock="operating"),))
    _, said = run_of(station("feed", 20), machine, seconds=3 * 3600)
    assert spans(said, MAINTAINED) == [(7210, 7270)]  # 360 parts of ten seconds, the last of them begun at 7200


@pytest.mark.parametrize(("opportune_from", "begin"), [(1.0, 3600), (0.5, 1800), (0.25, 900)])
def test_a_machine_that_stands_anyway_is_seen_to_from_its_share_on(opportune_from, begin):
    """It gets a part each hundred seconds, and stands for ninety."""
    machine = station("m", 10, maintenance=(care(1, opportune_from=opportune_from),))
    _, said = run_of(station("feed", 100), machine, seconds=3900)
    [(at, end), *_] = spans(said, MAINTAINED)
    assert (at, end) == (begin, begin + 60)


def test_a_blocked_machine_is_seen_to_as_well():
    machine = station("m", 10, maintenance=(care(1, opportune_from=0.5),))
    _, said = run_of(machine, station("slow", 1000), seconds=2400)
    [(at, _)] = spans(said, MAINTAINED)
    assert at == 1800  # blocked since 1010, until 2010


def test_a_machine_at_work_is_not_stopped_before_it_is_due():
    _, said = run_of(station("m", 10, maintenance=(care(1, opportune_from=0.1),)), seconds=4000)
    assert spans(said, MAINTAINED) == [(3600, 3660)]


def test_a_break_is_a_good_time():
    shift = Shift(words("s"), dt.time(6), dt.time(14), breaks=(Pause(dt.time(6, 20), dt.time(6, 30), words("b")),))
    machine = station("m", 7, maintenance=(care(1, 2, opportune_from=0.3),))
    _, said = run_of(machine, shifts=(shift,), seconds=4000)
    assert spans(said, MAINTAINED) == [(1204, 1324)]  # the part in hand is finished first
    assert spans(said, "break") == [(1324, 1800)]


def test_what_is_called_is_done_as_soon_as_the_part_in_hand_is():
    factory = factory_of(station("feed", 100), station("m", 50, maintenance=(care(10, 1),)))
    factory.run_until(MONDAY_US + 120 * SECOND_US)
    factory.engines[0].machines[1].upkeep.call("pm", factory.now_us)
    assert spans(factory.run_until(MONDAY_US + 400 * SECOND_US), MAINTAINED) == [(150, 210)]


def test_it_renews_what_it_says_it_does():
    """A tool good for 60 parts and renewed each 55 seconds is never serviced, nor does what is changed with it fail."""
    crash, always = stop("crash", Constant(1.5), Constant(30)), {"", "planned_maintenance"}
    for renews, more in (((), {"tool", "crash"}), (("tool",), {"crash"}), (("tool", "crash"), set())):
        pm = care(55 / 3600, 0.1, renews=renews)
        _, said = run_of(station("m", 1, wear=(wear(60),), failures=(crash,), maintenance=(pm,)), seconds=1800)
        assert {reason for _, _, reason in states(said)} == always | more


def test_maintenance_due_while_something_else_keeps_the_machine_waits_for_that():
    crash = stop("crash", Constant(59), Constant(600))
    _, said = run_of(station("m", 10, failures=(crash,), maintenance=(care(1),)), seconds=4500)
    assert spans(said, "crash") == [(3540, 4140)]
    assert spans(said, MAINTAINED) == [(4150, 4210)]  # the part in hand is finished first


# ---------------------------------------------------------------------- warm-up and people who are away

TWO = (Shift(words("a"), dt.time(6), dt.time(7), breaks=(Pause(dt.time(6, 20), dt.time(6, 50), words("b")),)),
       Shift(words("b"), dt.time(7, 30), dt.time(9)))  # fmt: skip


@pytest.mark.parametrize(("after_min", "warms"), [(30, True), (29, True), (30.1, False)])
def test_it_warms_up_after_standing_long_enough_off_shift_not_after_a_break(after_min, warms):
    factory, said = run_of(station("m", 10, warm_up=WarmUp(after_min, Constant(4))), shifts=TWO, seconds=6000)
    assert spans(said, ("Starting", "warm_up")) == ([(5400, 5640)] if warms else [])
    for record in factory.truth_records():
        if isinstance(record, TruthInterval) and record.reason == "warm_up":
            assert record.category is Category.SETUP


def test_the_first_shift_of_a_run_that_begins_off_shift_is_cold_too():
    warm = station("m", 10, warm_up=WarmUp(10, Constant(4)))
    factory = factory_of(warm, shifts=TWO, start_us=MONDAY_US + 3600 * SECOND_US)
    said = factory.run_until(MONDAY_US + 6000 * SECOND_US)
    assert spans(said, "warm_up") == [(5400, 5640)]


def test_without_its_operator_a_machine_holds_the_part_in_hand():
    """Away each ten minutes of the calendar, for two."""
    away = Absence(Constant(10), Constant(2))
    factory, said = run_of(station("m", 70, absences=(away,)), seconds=1500)
    assert spans(said, ("Suspended", "no_operator")) == [(600, 720), (1320, 1440)]
    made = [(event.ts - MONDAY_US) / SECOND_US for event in of_kind(said, UnitProcessed)]
    assert made[7:10] == [560, 750, 820]  # begun at 560, held from 600 to 720
    for record in factory.truth_records():
        if isinstance(record, TruthInterval) and record.reason == "no_operator":
            assert record.category is Category.WAITING


def test_a_failure_by_the_calendar_comes_whatever_the_machine_does():
    """A starved machine fails as well; the next one is counted from the end of this one."""
    storm = StopMode("storm", words("s"), Constant(10), Constant(60), "calendar")
    _, said = run_of(station("feed", 10**4), station("m", 1, failures=(storm,)), seconds=2100)
    assert spans(said, ("Aborted", "storm")) == [(600, 660), (1260, 1320), (1920, 1980)]


def test_a_week_of_upkeep_keeps_its_shares():
    """Serviced a quarter of the time, maintained for 2 of 62 minutes."""
    machine = station("m", 6, wear=(wear(10),), maintenance=(care(1, 2),))
    factory, _ = run_of(machine, seconds=7 * 24 * 3600)
    total, length = dict.fromkeys(("", "tool", "planned_maintenance"), 0), factory.now_us - MONDAY_US
    for record in factory.truth_records():
        if isinstance(record, TruthInterval):
            total[record.reason] += record.end - record.start
    assert total["planned_maintenance"] / length == pytest.approx(2 / 62, rel=0.01)
    assert total["tool"] / (total["tool"] + total[""]) == pytest.approx(0.25, rel=0.01)
    assert sum(total.values()) == length == 7 * 24 * HOUR_US
