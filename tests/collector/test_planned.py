"""Calendars laid over each other."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from saying import T0, S, calendar, planned_by, us


def spans(planned, start_s, end_s):
    return [((a - T0) / S, (b - T0) / S, works) for a, b, works in planned.pieces(us(start_s), us(end_s))]


def test_inside_shifts_and_outside_breaks_is_working_time():
    planned = planned_by(calendar(0, shifts=[(100, 200), (200, 300)], breaks=[(150, 160), (290, 350)], valid=(50, 400)))
    assert spans(planned, 0, 500) == [
        (0, 50, True), (50, 100, False), (100, 150, True), (150, 160, False), (160, 290, True), (290, 400, False),
        (400, 500, True),
    ]  # fmt: skip


def test_a_newer_calendar_replaces_from_its_time_on_and_only_fills_what_was_blank_before():
    old = calendar(0, shifts=[(0, 100)], valid=(50, 200))
    new = calendar(120, shifts=[(150, 200)], valid=(0, 300), seq=2)
    assert spans(planned_by(old, new), 0, 400) == [
        (0, 50, False), (50, 100, True), (100, 150, False), (150, 200, True), (200, 300, False), (300, 400, True),
    ]  # fmt: skip


def test_the_same_calendar_again_changes_nothing():
    one = calendar(0, shifts=[(0, 100)], breaks=[(20, 30)], valid=(0, 200))
    again = calendar(50, shifts=[(0, 100)], breaks=[(20, 30)], valid=(0, 200), seq=2)
    assert planned_by(one, again).segments == planned_by(one).segments


SPANS = st.lists(st.tuples(st.integers(0, 90), st.integers(1, 30)).map(lambda s: (s[0], s[0] + s[1])), max_size=5)


@given(SPANS, SPANS, st.integers(0, 100), st.integers(1, 60))
def test_pieces_tile_any_span_and_agree_with_the_windows(shifts, breaks, start, length):
    planned = planned_by(calendar(0, shifts, breaks, valid=(0, 120)))
    pieces = spans(planned, start, start + length)
    assert [pieces[0][0], pieces[-1][1]] == [start, start + length]
    assert all(a[1] == b[0] and a[2] != b[2] for a, b in pairwise(pieces))
    for begin, _, works in pieces:
        in_shift = any(a <= begin < b for a, b in shifts)
        in_break = any(a <= begin < b for a, b in breaks)
        assert works == (begin >= 120 or (in_shift and not in_break))
    assert planned.works_through(us(start), us(start + length)) == (pieces == [(start, start + length, True)])
