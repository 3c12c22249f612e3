"""Parts of one machine, rule by rule: totals become increments, and production is never invented."""

import pytest
from msgspec import structs
from saying import BOOT, T0, S, Voice, fold, us

from collector.booking import PENDING_LIMIT
from collector.ledger import Ledger
from collector.planned import Planned
from contract.series import SUM_COLUMNS


def column(account, minute_us, name):
    return account.minutes[minute_us][SUM_COLUMNS.index(name)]


def test_increments_fall_into_the_minute_of_their_event_with_its_ideal_time():
    v = Voice()
    events = [v.run(0), v.made(59, ideal_us=3 * S), v.made(60, scrap=1, ideal_us=5 * S), v.made(61, good=0, rework=1)]
    account, _ = fold(events)
    assert column(account, T0, "ideal_us") == 3 * S
    assert column(account, us(60), "total") == 3
    assert column(account, us(60), "ideal_us") == 11 * S
    assert column(account, us(60), "good_ideal_us") == 5 * S
    assert (account.sums()["scrap"], account.sums()["rework"]) == (1, 1)


def test_a_heartbeat_bridges_a_lost_count():
    v = Voice()
    events = [v.run(0), v.made(10), v.made(20), v.made(30), v.beat(60)]
    account, _ = fold([events[0], events[1], events[4]])
    assert column(account, T0, "good") == 3


@pytest.mark.parametrize("drain_each", [False, True])
def test_a_heartbeat_adds_nothing_to_a_minute_that_is_final(drain_each):
    v = Voice()
    events = [v.run(0), v.made(30), v.starve(60), v.beat(60, good=1)]
    account, _ = fold(events, drain_each=drain_each)
    assert [column(account, us(at_s), "good") for at_s in (0, 60)] == [1, 1]
    assert column(account, T0, "execute_us") == 60 * S


def test_a_new_boot_counts_from_zero_and_an_old_one_is_refused():
    old, new = Voice(), Voice(boot=BOOT + 100)
    late_old = Voice(seq=4)
    events = [old.run(0), old.made(10, good=50), new.run(200), new.made(210, good=3), late_old.made(220)]
    account, refused = fold(events)
    assert account.sums()["good"] == 53
    assert refused == [(4, "old_boot")]


def test_what_was_heard_of_an_old_boot_is_a_duplicate():
    old, new = Voice(), Voice(boot=BOOT + 100)
    events = [old.run(0), old.made(10), new.run(200)]
    account, refused = fold([*events, *events])
    assert (account.health[0], refused) == (3, [])


def test_who_joins_in_the_middle_takes_the_totals_as_a_baseline():
    v = Voice(seq=9000)
    v.totals |= {"total": 500, "good": 500}
    account, _ = fold([v.run(0), v.beat(60), v.made(70), v.made(80)])
    assert account.sums()["good"] == 2
    assert account.health[2] == 0


def test_who_waited_in_vain_for_the_first_events_takes_a_baseline_too():
    v = Voice(seq=5)
    v.totals |= {"total": 500, "good": 500}
    account, _ = fold([v.run(0), v.made(70), v.made(200), v.made(400)])
    assert account.sums()["good"] == 2


def test_a_total_that_falls_is_refused_and_makes_nothing():
    v = Voice()
    events = [v.run(0), v.made(10, good=10), structs.replace(v.made(20, good=0), total=3, good=3), v.made(30)]
    account, refused = fold(events)
    assert refused == [(3, "total_fell")]
    assert account.sums()["good"] == 11


def test_a_declared_rollover_goes_on_counting():
    v = Voice()
    events = [v.info(0, modulus=65_536), v.run(0), v.made(5, good=65_530)]
    events += [structs.replace(v.made(10), total=4, good=4)]
    account, refused = fold(events)
    assert (account.sums()["good"], refused) == (65_540, [])


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"total": 1, "good": 2}, "inconsistent_counts"),
        ({"total": 2**53, "good": 0}, "absurd_count"),
        ({"total": 10, "good": 10, "ideal_us": 2**53}, "absurd_count"),
    ],
)
def test_impossible_counts_are_refused_and_prove_no_time_until_the_next_ones_do(fields, reason):
    v = Voice()
    events = [v.run(0), structs.replace(v.made(30), **fields)]
    account, refused = fold(events)
    assert refused == [(2, reason)]
    assert account.sums() == {}
    assert fold([*events, v.beat(60)])[0].sums() == {
        "execute_us": 60 * S, "total": 1, "good": 1, "ideal_us": S, "good_ideal_us": S
    }  # fmt: skip


def test_time_whose_totals_are_never_believed_is_unknown_but_a_stop_is_not():
    v = Voice()
    events = [v.run(0), v.made(10, good=10), v.beat(60)]
    fallen = [structs.replace(v.made(70), total=1, good=1), structs.replace(v.beat(120), total=1, good=1)]
    account, refused = fold([*events, *fallen, v.starve(130), v.run(150)])
    assert [reason for _, reason in refused] == ["total_fell"] * 2
    assert account.spans() == [(0, 60, "execute"), (130, 150, "starved")]


def test_rejects_until_the_fifth_good_part_after_a_setup_belong_to_the_start_up():
    v = Voice()
    events = [v.run(0), v.made(5, good=0, scrap=1), v.setup(10), v.run(100), v.made(110, good=0, scrap=2)]
    events += [v.made(120, good=5), v.made(130, good=0, scrap=1)]
    account, _ = fold(events)
    assert account.sums()["startup_ideal_us"] == 2 * S
    assert account.sums()["scrap"] == 4


def gap(v, *, lost_good=3):
    """Ten seconds of running with a part, then some that nobody heard of."""
    events = [v.run(0), v.made(10)]
    v.made(20, good=lost_good)
    return events


def test_parts_proved_across_an_unknown_stretch_are_production_but_no_oee():
    v = Voice()
    account, _ = fold([*gap(v), v.run(100, since_s=90), v.made(110), v.made(120), v.made(130)])
    assert account.sums()["good"] == 7
    assert account.sums()["good_ideal_us"] == 3 * S
    assert account.spans() == [(0, 10, "execute"), (110, 130, "execute")]


def test_where_totals_prove_that_nothing_was_missed_oee_goes_on_at_once():
    v = Voice()
    account, _ = fold([*gap(v, lost_good=0), v.run(100, since_s=90), v.made(110), v.made(120)])
    assert account.sums()["good_ideal_us"] == account.sums()["good"] * S == 3 * S
    assert account.spans() == [(0, 10, "execute"), (90, 120, "execute")]


@pytest.mark.parametrize("drain_each", [False, True])
def test_a_bridged_gap_is_covered_with_all_its_parts(drain_each):
    v = Voice()
    account, _ = fold([*gap(v), v.made(70), v.made(80), v.beat(120)], drain_each=drain_each)
    assert account.sums()["good_ideal_us"] == account.sums()["good"] * S == 6 * S
    assert account.spans() == [(0, 120, "execute")]


def test_totals_inside_a_gap_prove_the_parts_after_the_state_that_ends_it():
    v = Voice()
    account, _ = fold([*gap(v), v.made(70), v.made(80), v.made(90), v.run(120, since_s=75), v.made(130)])
    assert account.sums()["good_ideal_us"] == 4 * S
    assert account.spans() == [(0, 10, "execute"), (75, 130, "execute")]


def test_a_stop_after_a_gap_is_booked_from_its_beginning_whatever_the_totals():
    v = Voice()
    account, _ = fold([*gap(v), v.starve(100, since_s=50), v.run(110), v.beat(120), v.made(130)])
    assert account.spans() == [(0, 10, "execute"), (50, 110, "starved"), (120, 130, "execute")]
    assert account.sums()["good_ideal_us"] == 2 * S


def test_parts_of_a_new_boot_whose_first_events_are_missing_are_no_oee_until_totals_come():
    old, new = Voice(), Voice(boot=BOOT + 100)
    new.made(150, good=4)
    account, _ = fold([old.run(0), old.made(10), new.run(200), new.made(600), new.made(610), new.made(620)])
    assert account.sums()["good"] == 8
    assert account.sums()["good_ideal_us"] == 3 * S


def test_endless_totals_without_a_state_are_bounded():
    v = Voice()
    events = [*gap(v), *(v.made(30 + n / 100) for n in range(PENDING_LIMIT + 100)), v.beat(120)]
    ledger = Ledger()
    for event in events[:-1]:
        ledger.apply(event, Planned(), lateness_us=S)
    assert len(ledger.book.pending) == PENDING_LIMIT
    account, _ = fold(events, lateness_us=S)
    assert account.sums()["good"] == PENDING_LIMIT + 104
    assert account.sums()["good_ideal_us"] < account.sums()["good"] * S
