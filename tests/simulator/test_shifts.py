"""Planned time on the clocks of a place, summer time and night shifts included."""

import datetime as dt
from itertools import islice

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from small_plants import HOUR_US, MONDAY_US, SECOND_US, plant_of, station, words

from contract.instants import parse_instant, to_iso
from contract.truth import TruthInterval
from simulator import shifts
from simulator.engine import Factory
from simulator.plant import Pause, Shift

NIGHT = Shift(
    words("night"),
    dt.time(22),
    dt.time(6),
    ("mon", "sun"),
    (Pause(dt.time(23, 50), dt.time(0, 10), words("b")), Pause(dt.time(2), dt.time(2, 30), words("b"))),
)


def edges(plant, start_us):
    """Every edge from there on; none twice."""
    edge = shifts.next_edge(plant, start_us)
    while edge is not None:
        yield edge
        edge = shifts.next_edge(plant, edge[0])


def plant(*shift, tz="Europe/Berlin"):
    made = plant_of(station("m", 7), shifts=shift)
    return msgspec.structs.replace(made, tz=tz)


def test_edges_of_a_night_shift_with_a_break_over_midnight():
    start = parse_instant("2026-01-05T12:00:00+01:00")
    found = [(to_iso(at)[5:16], off) for at, off in islice(edges(plant(NIGHT), start), 7)]
    assert found == [
        ("01-05T21:00", None), ("01-05T22:50", "break"), ("01-05T23:10", None), ("01-06T01:00", "break"),
        ("01-06T01:30", None), ("01-06T05:00", "no_shift"), ("01-11T21:00", None),
    ]  # fmt: skip


def test_summer_time_shortens_the_night():
    start = parse_instant("2026-03-29T12:00:00+02:00")
    first = shifts.next_edge(plant(NIGHT), start)
    assert to_iso(first[0]) == "2026-03-29T20:00:00Z"
    windows = shifts.windows(plant(Shift(words("n"), dt.time(22), dt.time(6))), start - 38 * HOUR_US, start)
    lengths = [(window.end - window.start) // HOUR_US for window in windows]
    assert lengths == [8, 7]


def test_a_plant_without_shifts_always_runs():
    empty = plant()
    assert shifts.status(empty, MONDAY_US) is None
    assert shifts.next_edge(empty, MONDAY_US) is None


def test_a_plant_that_never_stops_has_shifts_and_no_edges():
    always = plant(*(Shift(words(f"s{hour}"), dt.time(hour), dt.time((hour + 8) % 24)) for hour in (6, 14, 22)))
    assert shifts.next_edge(always, MONDAY_US) is None
    factory = Factory(always, 1, MONDAY_US)
    factory.run_until(MONDAY_US + 30 * HOUR_US)
    categories = {r.category for r in factory.truth_records() if isinstance(r, TruthInterval)}
    assert "execute" in categories
    assert "planned" not in categories


def test_truth_and_calendar_agree_across_summer_time_and_night_breaks():
    shown = plant(Shift(words("n"), dt.time(22), dt.time(6), breaks=NIGHT.breaks))
    start = parse_instant("2026-03-28T12:00:00+01:00")
    factory = Factory(shown, 1, start)
    factory.run_until(start + 60 * HOUR_US)
    idle = [r for r in factory.truth_records() if isinstance(r, TruthInterval) and r.category == "planned"]
    assert len(idle) == 8
    for record in idle:
        assert shifts.status(shown, (record.start + record.end) // 2) is not None


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 14 * 24 * 3600), st.integers(1, 5 * 24 * 3600))
def test_planned_time_passes_only_while_the_plant_is_planned_to_work(after_s, planned_s):
    """Counted second by second at the edges: just so much of [from, found) is planned, and the end of it is."""
    made, start = plant(NIGHT), MONDAY_US + after_s * SECOND_US
    found = shifts.planned_later(made, start, planned_s * SECOND_US)
    edges, at = [start], start
    while (edge := shifts.next_edge(made, at)) is not None and edge[0] < found:
        at = edge[0]
        edges.append(at)
    pieces = zip(edges, [*edges[1:], found], strict=True)
    assert sum(b - a for a, b in pieces if shifts.status(made, a) is None) == planned_s * SECOND_US
    assert shifts.status(made, found - 1) is None
