"""The shift report of a store known by heart: which shift it is, what was due, which stops were the longest."""

import sqlite3
from contextlib import closing

import pytest
from known_store import END, LINE, PACK, PRESS, SECOND_ORDER, START
from msgspec import structs

from answers.live import pace
from answers.shift_report import longest_stops, shift_before, shift_report
from answers.span import Span
from answers.stops import machine_stops
from answers.store import Store
from answers.target import target
from contract import codec
from contract.events import OrderStarted
from contract.instants import HOUR_US, MINUTE_US, SECOND_US
from contract.states import Category
from contract.topics import Kind

SO_FAR = Span(START, END)


def minutes(first, last):
    return Span(START + first * MINUTE_US, START + last * MINUTE_US)


def change(path, sql, *values):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(sql, values)
        connection.commit()


def test_what_runs_is_named_after_its_shift_and_says_so(store):
    found = shift_report(store, LINE, SO_FAR)
    assert found.shift is not None
    assert (found.shift.name.vi, found.runs, [one.name.en for one in found.shifts]) == ("Ca 1", True, ["Shift 1"])
    assert (found.before, found.after) == (None, None)


@pytest.mark.parametrize("span", [minutes(0, 60), minutes(10, 120), minutes(-600, 120)])
def test_another_span_is_no_shift_whatever_shift_it_lies_in(store, span):
    assert shift_report(store, LINE, span).shift is None


def test_the_target_is_that_of_the_wall_and_of_the_whole_shift(store):
    found, beat = shift_report(store, LINE, SO_FAR), pace(store, LINE, END)
    assert (int(found.target), int(found.target_shift)) == (beat.target_now, beat.target_shift)
    assert found.target == 110 * MINUTE_US / (30 * SECOND_US)


def test_each_order_is_due_in_its_own_takt_from_the_first_whole_minute_of_it(path):
    with Store.open(path) as store:
        [(payload,)] = store.rows("SELECT payload FROM orders WHERE started_us = ?", SECOND_ORDER)
    slower = structs.replace(codec.decode(Kind.ORDER, payload)[0], takt_us=MINUTE_US)
    assert isinstance(slower, OrderStarted)
    change(path, "UPDATE orders SET payload = ? WHERE started_us = ?", codec.encode(slower), SECOND_ORDER)
    with Store.open(path) as store:
        assert target(store, LINE, SO_FAR) == (81 - 10) * 2 + (120 - 81)
        assert target(store, LINE, minutes(60, 70)) == 0
        assert pace(store, LINE, END).target_now == (81 - 10) * 2 + (120 - 81)


def test_without_an_order_nothing_is_due(path):
    change(path, "DELETE FROM orders")
    with Store.open(path) as store:
        assert target(store, LINE, SO_FAR) is None


def test_the_longest_stops_are_those_that_no_neighbour_made(store):
    [stop] = longest_stops(store, LINE, SO_FAR)
    assert (stop.machine, stop.reason, stop.lasted_us, stop.outlasts) == (PRESS, "jam", 10 * MINUTE_US, False)
    [echo] = machine_stops(store, PACK, SO_FAR)
    assert echo.category is Category.STARVED


def test_a_stop_is_clipped_to_the_span_and_outlasts_it(store):
    [stop] = longest_stops(store, LINE, minutes(0, 35))
    assert (stop.began_us, stop.ended_us) == (START + 30 * MINUTE_US, START + 35 * MINUTE_US)
    assert stop.outlasts
    assert not stop.goes_on


def test_nothing_is_claimed_of_a_time_that_nobody_saw(store):
    found = shift_report(store, LINE, Span(START + 1000 * HOUR_US, START + 1008 * HOUR_US))
    assert (found.report.kpis.oee, found.report.sums.exit_good, found.target) == (None, 0, None)
    assert found.stops == found.causes == found.shifts == []


def test_the_shifts_beside_it_are_found_and_none_that_has_not_begun(path):
    day = 24 * HOUR_US
    for begin in (START - day, START - 2 * day, START + day):
        row = (LINE, begin, begin + 8 * HOUR_US, "shift", f"At {begin}", "Ca")
        change(path, "INSERT INTO windows VALUES (?, ?, ?, ?, ?, ?)", *row)
    with Store.open(path) as store:
        found = shift_report(store, LINE, SO_FAR)
        assert found.before.start_us == START - day
        assert found.after is None
        earlier = shift_report(store, LINE, Span(found.before.start_us, found.before.end_us))
        assert (earlier.before.start_us, earlier.after.start_us) == (START - 2 * day, START)
        assert shift_before(store, LINE, START - 3 * day) is None
