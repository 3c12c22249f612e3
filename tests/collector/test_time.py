"""Time of one machine, rule by rule: what is booked, as what, and what stays unknown."""

import pytest
from saying import T0, S, Voice, calendar, fold, planned_by, us, with_time

from contract.series import STOP_COLUMNS, SUM_COLUMNS
from contract.states import Mode, State

BOOT_LATER = T0 // S + 100


def test_a_state_is_booked_up_to_every_event_and_not_beyond():
    v = Voice()
    account, _ = fold([v.run(0), v.starve(10), v.made(25)])
    assert account.spans() == [(0, 10, "execute"), (10, 25, "starved")]


def test_the_account_starts_at_the_first_event_however_old_its_state():
    v = Voice()
    account, _ = fold([v.jam(100, since_s=40), v.beat(130)])
    assert account.spans() == [(100, 130, "minor_stop")]
    assert account.intervals[us(100)][5] == us(40)


@pytest.mark.parametrize(
    ("state", "reason", "mode", "category"),
    [
        (State.EXECUTE, "", Mode.PRODUCTION, "execute"),
        (State.EXECUTE, "", Mode.MANUAL, "setup"),
        (State.STOPPED, "changeover", Mode.PRODUCTION, "setup"),
        (State.SUSPENDED, "starved", Mode.PRODUCTION, "starved"),
        (State.SUSPENDED, "blocked", Mode.PRODUCTION, "blocked"),
        (State.STOPPED, "no_operator", Mode.PRODUCTION, "waiting"),
        (State.STOPPED, "break", Mode.PRODUCTION, "planned"),
        (State.HELD, "nozzle", Mode.PRODUCTION, "minor_stop"),
    ],
)
def test_categories(state, reason, mode, category):
    v = Voice()
    account, _ = fold([v.state(0, state, reason, mode=mode), v.run(30)])
    assert account.times() == {category: 30}


@pytest.mark.parametrize(
    ("seconds", "category"), [(119, "minor_stop"), (119.999999, "minor_stop"), (120, "breakdown"), (121, "breakdown")]
)
@pytest.mark.parametrize("drain_each", [False, True])
def test_a_fault_is_a_breakdown_from_its_first_second_once_it_is_long_enough(seconds, category, drain_each):
    v = Voice()
    account, _ = fold([v.run(0), v.jam(50), v.made(60), v.beat(120), v.run(50 + seconds)], drain_each=drain_each)
    assert account.times() == {"execute": 50, category: seconds}
    stops = {name: count for name, count in account.sums().items() if name in STOP_COLUMNS}
    assert stops == {f"{category}s": 1}
    assert account.minutes[T0][SUM_COLUMNS.index(f"{category}s")] == 1


def test_the_limit_is_the_machines_own():
    v = Voice()
    account, _ = fold([v.info(0, minor_stop_s=20), v.jam(0), v.run(20)])
    assert account.times() == {"breakdown": 20}


def test_two_stops_of_the_same_kind_are_two_stops():
    v = Voice()
    account, _ = fold([v.jam(0), v.run(30), v.jam(30), v.run(80)])
    assert account.sums()["minor_stops"] == 2
    assert account.spans() == [(0, 30, "minor_stop"), (30, 80, "minor_stop")]


def test_the_calendar_turns_everything_but_execute_into_planned():
    planned = planned_by(calendar(0, shifts=[(0, 600)], breaks=[(60, 120)]))
    v = Voice()
    account, _ = fold([v.run(0), v.starve(30), v.run(90), v.jam(100), v.run(130), v.starve(580), v.beat(700)], planned)
    assert account.spans() == [
        (0, 30, "execute"), (30, 60, "starved"), (60, 90, "planned"), (90, 100, "execute"), (100, 120, "planned"),
        (120, 130, "minor_stop"), (130, 580, "execute"), (580, 600, "starved"), (600, 700, "planned"),
    ]  # fmt: skip
    assert account.minutes[us(120)][SUM_COLUMNS.index("minor_stops")] == 1
    assert {interval[5] for interval in account.intervals.values() if interval[4] == "jam"} == {us(100)}


def test_a_stop_wholly_inside_planned_downtime_counts_nothing():
    planned = planned_by(calendar(0, shifts=[(0, 600)], breaks=[(60, 300)]))
    v = Voice()
    account, _ = fold([v.run(0), v.jam(70), v.run(280)], planned)
    assert account.sums().keys() == {"execute_us", "planned_us"}


def test_a_breakdown_across_a_break_is_rewritten_on_both_sides_only():
    planned = planned_by(calendar(0, shifts=[(0, 600)], breaks=[(60, 90)]))
    v = Voice()
    account, _ = fold([v.jam(0), v.beat(60), v.beat(90), v.run(150)], planned, drain_each=True)
    assert account.spans() == [(0, 60, "breakdown"), (60, 90, "planned"), (90, 150, "breakdown")]
    assert account.sums()["breakdowns"] == 1


def test_outside_its_validity_a_calendar_says_nothing():
    planned = planned_by(calendar(0, shifts=[], valid=(0, 100)))
    v = Voice()
    account, _ = fold([v.starve(50), v.beat(160)], planned)
    assert account.spans() == [(50, 100, "planned"), (100, 160, "starved")]


@pytest.mark.parametrize("restart_at", [(), (1,), (2,)])
def test_after_a_gap_the_same_state_with_the_same_since_is_bridged(restart_at):
    v = Voice()
    events = [v.run(0), v.made(10)]
    v.lose(3)
    account, _ = fold([*events, v.beat(400)], restart_at=restart_at)
    assert account.spans() == [(0, 400, "execute")]
    assert account.health[2] == 3


def test_after_a_gap_another_state_leaves_unknown_what_nobody_saw():
    v = Voice()
    events = [v.run(0), v.made(10)]
    v.lose(2)
    account, _ = fold([*events, v.starve(400, since_s=300), v.beat(420)])
    assert account.spans() == [(0, 10, "execute"), (300, 420, "starved")]


def test_after_a_gap_the_same_kind_of_state_begun_anew_is_not_bridged():
    v = Voice()
    events = [v.run(0), v.made(10)]
    v.lose(2)
    account, _ = fold([*events, v.run(400, since_s=350), v.beat(420)])
    assert account.spans() == [(0, 10, "execute"), (350, 420, "execute")]


def test_after_a_gap_a_since_before_the_evidence_is_clipped_to_it():
    v = Voice()
    events = [v.run(0), v.made(50)]
    v.lose()
    account, _ = fold([*events, v.starve(400, since_s=20)])
    assert account.spans() == [(0, 50, "execute"), (50, 400, "starved")]


def test_a_count_after_a_gap_proves_parts_but_no_time():
    v = Voice()
    events = [v.run(0), v.made(10)]
    v.lose()
    events += [v.made(70, good=5), v.made(80), v.starve(100, since_s=90)]
    account, _ = fold(events, drain_each=True)
    assert account.spans() == [(0, 10, "execute"), (90, 100, "starved")]
    assert account.sums()["good"] == 7


def test_a_reboot_ends_the_evidence_unless_the_state_went_on():
    old, new = Voice(), Voice(boot=BOOT_LATER)
    account, _ = fold([old.run(0), old.made(10), new.run(200, since_s=150), new.beat(210)])
    assert account.spans() == [(0, 10, "execute"), (150, 210, "execute")]
    old, new = Voice(), Voice(boot=BOOT_LATER)
    account, _ = fold([old.starve(0), old.made(10), new.starve(200, since_s=0)])
    assert account.spans() == [(0, 200, "starved")]


def test_what_a_machine_made_last_before_a_reboot_is_not_known_so_neither_is_that_time():
    old, new = Voice(), Voice(boot=BOOT_LATER)
    account, _ = fold([old.run(0), old.made(10), new.run(200, since_s=0), new.made(210)])
    assert account.spans() == [(0, 10, "execute"), (101, 210, "execute")]
    assert account.sums()["ideal_us"] == 2 * S


def test_a_state_that_begins_after_it_is_said_is_refused_and_leaves_a_hole():
    v = Voice()
    events = [v.run(0), v.made(10), with_time(v.starve(20), since=30), v.made(40), v.run(60, since_s=50)]
    account, refused = fold(events)
    assert refused == [(3, "since_after_ts")]
    assert account.spans() == [(0, 10, "execute"), (50, 60, "execute")]


def test_time_that_runs_backwards_is_refused():
    v = Voice()
    account, refused = fold([v.run(0), v.made(50), v.made(40), v.made(60)])
    assert refused == [(3, "ts_backwards")]
    assert account.sums()["good"] == 3  # the totals of the next event prove its part too


def test_silence_of_more_than_a_week_is_unknown():
    v = Voice()
    account, _ = fold([v.run(0), v.made(10), v.made(8 * 86_400), v.made(8 * 86_400 + 5)])
    assert account.spans() == [(0, 10, "execute"), (8 * 86_400, 8 * 86_400 + 5, "execute")]


def test_a_gap_that_no_state_ends_keeps_a_bounded_number_of_minutes():
    v = Voice()
    events = [v.run(0), v.made(10)]
    v.lose()
    events += [v.made(60 * n + 30) for n in range(1, 2000)]
    account, _ = fold([*events, v.beat(120_000)], drain_each=True)
    assert account.sums()["good"] == 2000
    assert account.sums()["execute_us"] == sum(end - start for start, end, *_ in account.intervals.values())
    assert account.spans()[0] == (0, 10, "execute")
    assert account.spans()[-1][1] == 120_000
