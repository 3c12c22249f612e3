"""What a machine tells beyond time and counts: energy, units, values, lots, alarms; and orders told apart."""

import pytest
from msgspec import structs
from saying import T0, S, Voice, fold, us

from collector.ledger import Ledger
from collector.minutes import KEYS_LIMIT
from collector.planned import Planned
from contract.series import SUM_COLUMNS


def energy(account):
    column = SUM_COLUMNS.index("energy_j")
    return {(minute - T0) / S: row[column : column + 2] for minute, row in account.minutes.items() if row[column]}


def two_orders(v, at_s):
    """A part of order A at 10, and one of B, of twice the ideal time, at each instant of ``at_s``."""
    v.order, v.product = "A", "PA"
    events = [v.run(0), v.made(10)]
    v.order, v.product = "B", "PB"
    return [*events, *(v.made(each, ideal_us=2 * S) for each in at_s)]


def test_parts_are_told_apart_by_the_order_that_their_own_event_says():
    account, _ = fold(two_orders(Voice(), (20, 70)))
    assert account.made == {
        (T0, "A", "PA"): (1, 1, 0, 0, 1, 0, 0, 0),
        (T0, "B", "PB"): (1, 1, 0, 0, 1, 0, 0, 0),
        (us(60), "B", "PB"): (1, 1, 0, 0, 1, 0, 0, 0),
    }
    assert account.sums() == {"execute_us": 70 * S, "total": 3, "good": 3, "ideal_us": 5 * S, "good_ideal_us": 5 * S}


@pytest.mark.parametrize("drain_each", [False, True])
def test_a_step_over_two_orders_is_production_of_nobody_knows_which_and_its_time_is_unknown(drain_each):
    v = Voice()
    run, first, _, third, fourth = two_orders(v, (20, 30, 40))
    account, _ = fold([run, first, third, fourth, v.beat(60)], drain_each=drain_each)
    assert account.spans() == [(0, 10, "execute"), (30, 60, "execute")]
    assert account.made_of("") == {"total": 2, "good": 2}
    assert account.made_of("A") == account.made_of("B") == {"total": 1, "good": 1, "covered_good": 1}
    assert (account.sums()["good"], account.sums()["good_ideal_us"]) == (4, 3 * S)


@pytest.mark.parametrize("drain_each", [False, True])
def test_a_heartbeat_that_proves_parts_of_two_orders_proves_no_time_of_making(drain_each):
    v = Voice()
    run, first, *_ = two_orders(v, (20, 30))
    account, _ = fold([run, first, v.beat(60, ideal_us=2 * S), v.made(70, ideal_us=2 * S)], drain_each=drain_each)
    assert account.spans() == [(0, 10, "execute"), (60, 70, "execute")]
    assert (account.sums()["good"], account.sums()["good_ideal_us"]) == (4, 3 * S)


def test_a_batch_of_another_order_is_of_that_order_where_nothing_was_missed():
    v = Voice()
    v.order = "A"
    events = [v.run(0), v.made(10, good=4)]
    v.order = "B"
    account, _ = fold([*events, v.made(20, good=4, ideal_us=2 * S), v.unit(20)])
    assert account.made_of("B") == {"total": 4, "good": 4, "covered_good": 4, "first": 1, "first_good": 1}
    assert account.sums()["good_ideal_us"] == 12 * S


def test_a_part_of_the_very_instant_at_which_time_begins_to_count_is_no_oee():
    v = Voice()
    events = [v.run(0), v.made(10), v.made(20), v.run(40, since_s=35), v.made(50), v.made(50), v.made(60)]
    account, _ = fold([*events[:2], *events[3:]])
    assert account.spans() == [(0, 10, "execute"), (50, 60, "execute")]
    assert (account.sums()["good"], account.sums()["good_ideal_us"]) == (5, 2 * S)


def test_a_step_of_two_parts_of_the_same_order_is_bridged_as_before():
    v = Voice()
    events = [v.run(0), v.made(10), v.made(20), v.made(30), v.beat(60)]
    account, _ = fold([*events[:2], *events[3:]])
    assert account.spans() == [(0, 60, "execute")]
    assert account.made_of("O") == {"total": 3, "good": 3, "covered_good": 3}


def test_parts_that_are_no_oee_are_made_but_not_covered():
    v = Voice()
    events = [v.run(0), v.made(10), v.made(20), v.run(40, since_s=35), v.made(50)]
    account, _ = fold([*events[:2], *events[3:]])
    assert account.made_of("O") == {"total": 3, "good": 3, "covered_good": 1}
    assert account.sums()["good_ideal_us"] == S


def test_orders_in_one_minute_beyond_all_reason_are_booked_under_nobody():
    v, events = Voice(), []
    events.append(v.run(0))
    for number in range(KEYS_LIMIT + 50):
        v.order = str(number)
        events.append(v.made(1))
    account, _ = fold(events)
    assert len(account.made) == KEYS_LIMIT + 1
    assert account.made_of("") == {"total": 50, "good": 50, "covered_good": 50}
    assert account.sums()["good"] == KEYS_LIMIT + 50


@pytest.mark.parametrize("drain_each", [False, True])
def test_energy_is_booked_in_the_minute_that_its_heartbeat_ends(drain_each):
    v = Voice()
    events = [v.run(0), v.beat(60, used_j=500), v.starve(120), v.beat(120, used_j=100, idle_j=50)]
    account, refused = fold([*events, v.unit(180), v.beat(180, idle_j=7)], drain_each=drain_each)
    assert energy(account) == {0: (500, 0), 60: (150, 50), 120: (7, 7)}
    assert refused == []


def test_energy_of_a_lost_heartbeat_is_told_by_the_next_and_who_joins_takes_a_baseline():
    v = Voice()
    events = [v.run(0), v.beat(60, used_j=500), v.beat(120, used_j=500)]
    account, _ = fold([events[0], events[2]])
    assert energy(account) == {60: (1000, 0)}
    late = Voice(seq=9000)
    late.energy["energy_j"] = 10**9
    account, _ = fold([late.run(0), late.beat(60), late.beat(120, used_j=5)])
    assert account.sums()["energy_j"] == 5


def test_energy_begins_anew_with_a_boot_and_may_not_fall_inside_one():
    old, new = Voice(), Voice(boot=Voice().boot + 100)
    events = [old.run(0), old.beat(60, used_j=500), new.run(110), new.beat(120, used_j=3)]
    account, refused = fold([*events, structs.replace(new.beat(180), energy_j=2), new.beat(240, used_j=4)])
    assert refused == [(3, "total_fell")]
    assert account.sums()["energy_j"] == 507


def test_energy_that_no_machine_can_use_is_refused_and_its_totals_with_it():
    v = Voice()
    account, refused = fold([v.run(0), structs.replace(v.beat(60, good=5), energy_j=2**53), v.beat(120, used_j=1)])
    assert refused == [(2, "absurd_count")]
    assert (account.sums()["energy_j"], account.sums()["good"]) == (1, 5)


def test_units_tell_first_passes_false_calls_and_defects_of_their_minute():
    v = Voice()
    events = [v.run(0), v.unit(10, "a"), v.unit(20, "b", "rework", defects=("short", "short", "open"))]
    events += [
        v.unit(70, "b", attempt=2),
        v.unit(80, "c", false_call=True),
        v.unit(90, "d", "scrap", defects=("open",)),
    ]
    account, refused = fold([*events, *events], drain_each=True)
    assert refused == []
    assert account.made == {
        (T0, "O", "P"): (0, 0, 0, 0, 0, 2, 1, 0),
        (us(60), "O", "P"): (0, 0, 0, 0, 0, 2, 1, 1),
    }
    assert account.defects == {(T0, "P", "short"): 2, (T0, "P", "open"): 1, (us(60), "P", "open"): 1}
    assert account.told == events[1:]


def test_what_is_told_proves_time_up_to_the_microsecond_before_it():
    v = Voice()
    account, _ = fold([v.run(0), v.value(30), v.alarm(40)])
    assert account.sums() == {"execute_us": 40 * S - 1}


def test_a_lost_count_beside_its_unit_leaves_no_covered_time_without_its_part():
    v = Voice()
    events = [v.run(0), v.made(10), v.unit(20), v.made(20), v.starve(40, since_s=30), v.beat(60)]
    account, _ = fold([*events[:3], *events[4:]])
    assert account.spans()[0] == (0, 20 - 1e-6, "execute")


@pytest.mark.parametrize(
    "event",
    [
        Voice().unit(10, lots=("L1", "L 2")),
        Voice().unit(10, defects=("",)),
        Voice().unit(10, parents=("a b",)),
        Voice().value(10, torque=float("nan")),
        Voice().value(10, torque=float("inf")),
    ],
)
def test_what_could_not_be_stored_is_refused(event):
    account, refused = fold([event])
    assert refused == [(1, "not_storable")]
    assert account.told == []


def test_nothing_that_was_passed_on_is_kept():
    v, ledger = Voice(), Ledger()
    for event in (v.run(0), v.beat(60), v.unit(61)):
        ledger.apply(event, Planned())
    ledger.rows()
    before = len(ledger.freeze())
    for number in range(1000):
        ledger.apply(v.unit(70 + number / 10, f"unit-{number}", lots=("L1",)), Planned())
        ledger.rows()
    assert len(ledger.freeze()) < before + 200
