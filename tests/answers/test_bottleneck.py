"""The bottleneck by active periods: an example worked by hand, and what must hold for any line."""

from itertools import pairwise

import panel_store
import pytest
from database import database
from hypothesis import given, settings
from hypothesis import strategies as some
from known_store import END, LINE, PACK, PRESS, START

from answers.bottleneck import (
    Period,
    Share,
    active_periods,
    bottleneck_now,
    bottlenecks,
    is_active,
    reigns,
    share_out,
)
from answers.span import Span
from answers.store import Interval, Store
from contract.instants import MINUTE_US
from contract.states import Category


def stretch(start, end, category="execute", reason=""):
    return Interval("m", start, end, Category(category), "", reason, start)


#: Roser's picture: A is active 0–10, B longer 6–20, then nobody, then A alone 22–25, beside it C, shorter, 23–25.
HAND = [Period("A", 0, 10), Period("B", 6, 20), Period("A", 22, 25), Period("C", 23, 25)]


def test_an_example_worked_by_hand():
    assert [(one.period.machine, one.from_us, one.to_us) for one in reigns(HAND)] == [
        ("A", 0, 6),
        ("B", 6, 20),
        ("A", 22, 25),
    ]
    found = share_out(HAND, 0, 30)
    # A alone 0–6 and 22–25; from 6 to 10 it shifts to B; B alone 10–20; nobody 20–22 and 25–30. C never.
    assert found.machines == {"A": Share(6 + 3, 4), "B": Share(10, 4)}
    assert (found.shifting_us, found.nobody_us) == (4, 7)


def test_three_that_overlap_shift_among_themselves():
    found = share_out([Period("A", 0, 10), Period("B", 5, 30), Period("C", 8, 31)], 0, 31)
    # at 8–10 all three are active, and the shift from B to C goes on to 30
    assert found.machines == {"A": Share(5, 5), "B": Share(0, 25), "C": Share(1, 22)}
    assert found.shifting_us == 25


def test_an_inactive_interval_or_a_gap_ends_an_active_period():
    intervals = [
        stretch(0, 5), stretch(5, 7, "breakdown", "jam"), stretch(7, 9, "waiting", "waiting_maintenance"),
        stretch(9, 10, "starved", "starved"), stretch(10, 12, "setup"), stretch(13, 15, "minor_stop"),
    ]  # fmt: skip
    assert [(one.start_us, one.end_us) for one in active_periods("m", intervals)] == [(0, 9), (10, 12), (13, 15)]


@pytest.mark.parametrize("category", Category)
def test_who_waits_for_another_is_inactive(category):
    assert is_active(category, "") == (category.value in {"execute", "setup", "breakdown", "minor_stop"})
    assert not is_active(Category.WAITING, "no_operator")


@some.composite
def lines(draw):
    """Some machines, each with active periods that neither touch nor overlap its own others."""
    periods = []
    for machine in "ABCDE"[: draw(some.integers(1, 5))]:
        edges = sorted(draw(some.sets(some.integers(0, 120), max_size=12)))
        periods += [Period(machine, start, end) for start, end in list(pairwise(edges))[::2]]
    return draw(some.permutations(periods))


@settings(deadline=None)
@given(lines())
def test_at_every_moment_the_longest_reigns(periods):
    rulers = reigns(periods)
    for moment in range(121):
        active = [one for one in periods if one.start_us <= moment < one.end_us]
        ruling = [one.period for one in rulers if one.from_us <= moment < one.to_us]
        assert len(ruling) == bool(active)
        if active:
            assert ruling[0].length_us == max(one.length_us for one in active)


@settings(deadline=None)
@given(lines())
def test_shares_are_those_counted_moment_by_moment(periods):
    rulers = reigns(periods)
    sole, shared, shifting = {}, {}, 0
    for moment in range(121):
        pairs = [
            {a.period.machine, b.period.machine}
            for a, b in pairwise(rulers)
            if b.period.start_us <= moment < a.period.end_us
        ]
        names = set().union(*pairs)
        shifting += bool(names)
        for name in names:
            shared[name] = shared.get(name, 0) + 1
        for one in rulers:
            if one.from_us <= moment < one.to_us and not names:
                sole[one.period.machine] = sole.get(one.period.machine, 0) + 1
    found = share_out(periods, 0, 121)
    assert {name: share.sole_us for name, share in found.machines.items() if share.sole_us} == sole
    assert {name: share.shifting_us for name, share in found.machines.items() if share.shifting_us} == shared
    assert found.shifting_us == shifting


@settings(deadline=None)
@given(lines(), some.integers(0, 120), some.integers(0, 120), some.integers(-(10**12), 10**12))
def test_shares_add_up_merge_and_do_not_depend_on_the_clock(periods, cut, other, offset):
    start, end = min(cut, other), 121
    for found in (share_out(periods, start, end), share_out(periods, 0, 121)):
        alone = sum(share.sole_us for share in found.machines.values())
        assert alone + found.shifting_us + found.nobody_us == found.span_us
        assert all(share.shifting_us <= found.shifting_us for share in found.machines.values())
    left, right, both = share_out(periods, 0, start), share_out(periods, start, end), share_out(periods, 0, end)
    for name, share in both.machines.items():
        a, b = left.machines.get(name, Share()), right.machines.get(name, Share())
        assert (a.sole_us + b.sole_us, a.shifting_us + b.shifting_us) == (share.sole_us, share.shifting_us)
    moved = [Period(one.machine, one.start_us + offset, one.end_us + offset) for one in periods]
    assert share_out(moved, offset, end + offset) == both


def test_the_known_store_by_hand(store):
    # press: active 0–60 (its breakdown included), 70–120; pack: 0–30, 40–60, 70–90: always within a longer one of press
    found = bottlenecks(store, LINE, Span(START, END))
    assert found.machines == {PRESS: Share(110 * MINUTE_US, 0)}
    assert found.nobody_us == 10 * MINUTE_US
    inside = bottlenecks(store, LINE, Span(START + 45 * MINUTE_US, START + 50 * MINUTE_US))
    assert inside.machines == {PRESS: Share(5 * MINUTE_US, 0)}  # pack's 20 minutes against the press's whole hour


def test_the_present_one_is_the_one_active_longest(store):
    assert bottleneck_now(store, [PACK, PRESS], END) == PRESS
    assert bottleneck_now(store, [PACK], END) is None  # silent for half an hour
    assert bottleneck_now(store, [], END) is None


def test_minutes_add_up_to_the_span_although_the_next_bottleneck_begins_behind_a_minute(panel_path):
    """Printer reigns to 40; the router overlaps it and outlasts it, but at 40 the tester, later begun, is longer."""
    rows = [(1, panel_store.at(0), panel_store.at(40)), (2, panel_store.at(10), panel_store.at(45))]
    rows.append((3, panel_store.at(30), panel_store.at(90)))
    with database(panel_path) as connection:
        connection.executemany("INSERT INTO intervals VALUES (?1, ?2, ?3, 'execute', 'Execute', '', ?2)", rows)
    with Store.open(panel_path) as store:
        parts = [
            bottlenecks(store, panel_store.LINE, Span(panel_store.at(k), panel_store.at(k + 1))) for k in range(120)
        ]
        whole = bottlenecks(store, panel_store.LINE, Span(panel_store.START, panel_store.END))
    assert whole.machines[panel_store.PRINTER] == Share(30 * MINUTE_US, 10 * MINUTE_US)
    assert panel_store.ROUTER not in whole.machines
    for machine, share in whole.machines.items():
        mine = [part.machines.get(machine, Share()) for part in parts]
        assert share == Share(sum(one.sole_us for one in mine), sum(one.shifting_us for one in mine))
    assert not any(panel_store.ROUTER in part.machines for part in parts)
