"""Whatever the wire does within its bounds, the rows are the same; and the rows are an account that adds up."""

import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from saying import BOOT, T0, S, Voice, calendar, fold, planned_by

from contract.events import HeartBeaten, PartsCounted, StateChanged
from contract.instants import EARLIEST_US, LATEST_US, MINUTE_US
from contract.series import SUM_COLUMNS
from contract.states import BOOKED, Mode, State

PLANNED = planned_by(calendar(0, shifts=[(0, 200), (260, 900)], breaks=[(100, 130), (500, 620)], valid=(0, 1500)))
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["run", "jam", "starve", "setup", "made", "beat", "info", "unit", "value", "another"]),
        st.integers(0, 45),
    ),
    min_size=1,
    max_size=60,
)


def say(voice, what, at_s, pause_s):
    if what == "another":
        voice.order += "'"
        return []
    more = {"used_j": at_s, "idle_j": pause_s} if what == "beat" else {}
    if what in ("made", "beat"):
        more["ideal_us"] = len(voice.order) * S
    return [getattr(voice, what)(at_s, **more)]


@st.composite
def lives(draw):
    """The events of a machine with one reboot, in their order, from its first word on."""
    events, at_s = [], 0
    for boot in (BOOT, BOOT + 60):
        voice = Voice(boot=boot)
        events.append(voice.run(at_s))
        for what, pause_s in draw(STEPS):
            at_s += pause_s
            events += say(voice, what, at_s, pause_s)
        at_s += draw(st.integers(1, 100))
    return events


def shaken(events, rng):
    """The same events of each boot, some twice, none further than a few places from where it belongs."""
    boots = {}
    for event in events:
        boots.setdefault(event.boot, []).append(event)
    result = []
    for part in boots.values():
        copies = [event for event in part for _ in range(1 + (rng.random() < 0.2))]
        places = sorted(range(len(copies)), key=lambda i: i + rng.uniform(0, 6))
        result += [copies[i] for i in places]
    return result


@settings(max_examples=150, deadline=None)
@given(lives(), st.integers(0, 2**32), st.sets(st.integers(0, 130)), st.booleans())
def test_disorder_duplicates_drains_and_restarts_change_no_row(events, seed, restarts, drain_each):
    plain, _ = fold(events, PLANNED)
    mess = shaken(events, random.Random(seed))
    # The pauses here are long for the buffer; patience is what is under test elsewhere.
    account, refused = fold(mess, PLANNED, drain_each=drain_each, restart_at=restarts, lateness_us=10**12)
    assert account.rows() == plain.rows()
    assert [reason for _, reason in refused if reason != "since_after_ts"] == []


@settings(max_examples=150, deadline=None)
@given(lives(), st.sets(st.integers(0, 130)), st.sets(st.integers(0, 130)))
def test_with_losses_too_restarts_and_drains_change_no_row(events, lost, restarts):
    heard = [event for index, event in enumerate(events) if index not in lost]
    plain, _ = fold(heard, PLANNED)
    account, _ = fold(heard, PLANNED, drain_each=True, restart_at=restarts)
    assert account.rows() == plain.rows()


@settings(max_examples=150, deadline=None)
@given(lives(), st.sets(st.integers(0, 130), max_size=8))
def test_the_account_adds_up(events, lost):
    heard = [event for index, event in enumerate(events) if index not in lost]
    account, _ = fold(heard, PLANNED, drain_each=True)
    intervals = sorted(account.intervals.values())
    assert all(start < end for start, end, *_ in intervals)
    assert all(before[1] <= after[0] for before, after in pairwise(intervals))
    for index, category in enumerate(BOOKED):
        by_interval = sum(end - start for start, end, name, *_ in intervals if name == category)
        assert by_interval == sum(row[index] for row in account.minutes.values()), category
    assert all(0 <= sum(row[: len(BOOKED)]) <= MINUTE_US and min(row) >= 0 for row in account.minutes.values())


@settings(max_examples=100, deadline=None)
@given(lives(), st.sets(st.integers(0, 130)))
def test_production_never_exceeds_what_was_made(events, lost):
    heard = [event for index, event in enumerate(events) if index not in lost]
    true, found = fold(events, PLANNED)[0].sums(), fold(heard, PLANNED)[0].sums()
    for name in SUM_COLUMNS[len(BOOKED) : len(BOOKED) + 6]:
        assert found.get(name, 0) <= true.get(name, 0)


def covered(account):
    """The stretches (start, end] µs that the intervals make together."""
    stretches = []
    for start, end, *_ in sorted(account.intervals.values()):
        if stretches and stretches[-1][1] == start:
            stretches[-1] = (stretches[-1][0], end)
        else:
            stretches.append((start, end))
    return stretches


@st.composite
def honest_lives(draw):
    """Lives of a machine that makes parts only while it executes, and needs time for them."""
    events, running_us = [], LATEST_US
    for event in draw(lives()):
        if isinstance(event, StateChanged):
            running_us = event.ts if event.state is State.EXECUTE else LATEST_US
        if not isinstance(event, PartsCounted):
            events.append(event)
        elif event.ts > running_us:
            events.append(event)
            running_us = event.ts
    return renumbered(events)


def renumbered(events):
    """The same with sequence and totals as they would have been had it said no more than this."""
    found, seq, total, boot, last = [], 0, 0, -1, {}
    for event in events:
        seq, total, boot = (seq + 1, total, boot) if event.boot == boot else (1, 0, event.boot)
        if isinstance(event, PartsCounted):
            total, last = total + 1, {"order": event.order, "ideal_us": event.ideal_us}
        counts = {"total": total, "good": total, **last} if hasattr(event, "total") else {}
        found.append(structs.replace(event, seq=seq, **counts))
    return found


@settings(max_examples=300, deadline=None)
@given(honest_lives(), st.sets(st.integers(0, 130)), st.sets(st.integers(0, 130)))
def test_the_ideal_time_is_that_of_the_parts_made_in_covered_time(events, lost, restarts):
    heard = [event for index, event in enumerate(events) if index not in lost]
    account, _ = fold(heard, PLANNED, drain_each=True, restart_at=restarts)
    known = covered(account)
    made = [e for e in events if isinstance(e, PartsCounted) and any(a < e.ts <= b for a, b in known)]
    assert account.sums().get("good_ideal_us", 0) == sum(e.ideal_us for e in made)
    assert account.sums().get("good", 0) >= len(made)
    for order in {key[1] for key in account.made} | {e.order for e in made}:
        assert account.made_of(order).get("covered_good", 0) == sum(e.order == order for e in made)
    for column in ("total", "good", "scrap", "rework"):
        orders = {key[1] for key in account.made}
        assert sum(account.made_of(o).get(column, 0) for o in orders) == account.sums().get(column, 0)


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_with_all_the_evidence_every_closed_minute_is_full(steps):
    voice, at_s = Voice(), 0
    events = [voice.run(0)]
    for what, pause_s in steps:
        at_s += pause_s
        events += say(voice, what, at_s, pause_s)
    events.append(voice.beat(at_s))
    account, _ = fold(events, PLANNED, drain_each=True)
    closed = range(T0, T0 + at_s * S - MINUTE_US + 1, MINUTE_US)
    assert {sum(account.minutes[minute][: len(BOOKED)]) for minute in closed} <= {MINUTE_US}
    assert sum(account.times().values()) == at_s


TIMES = st.one_of(st.integers(T0, T0 + 10**9), st.integers(EARLIEST_US, LATEST_US))
SMALL = st.integers(1, 6)
WHOLE = st.one_of(st.integers(0, 9), st.integers(0, 2**53))
PLACE = {"ts": TIMES, "seq": st.one_of(SMALL, st.integers(1, 2**53)), "boot": st.one_of(SMALL, WHOLE)}
STATE = {"state": st.sampled_from(State), "mode": st.sampled_from(Mode), "reason": st.text(max_size=3), "since": TIMES}
TOTALS = {"total": WHOLE, "good": WHOLE, "scrap": WHOLE, "rework": WHOLE, "ideal_us": WHOLE}
NAMES = {"product": st.just("P"), "order": st.just("O")}
ANYTHING = st.one_of(
    st.builds(StateChanged, **PLACE, **STATE),
    st.builds(PartsCounted, **PLACE, **TOTALS, **NAMES),
    st.builds(HeartBeaten, **PLACE, **STATE, **TOTALS, **NAMES),
    st.builds(
        structs.replace,
        st.just(Voice().info(0)),
        **PLACE,
        minor_stop_us=WHOLE,
        counter_modulus=st.one_of(st.none(), WHOLE),
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(ANYTHING, max_size=25), st.booleans())
def test_no_event_however_absurd_breaks_the_account(events, drain_each):
    account, _ = fold(events, PLANNED, drain_each=drain_each)
    assert all(0 <= number < 2**63 for row in account.minutes.values() for number in row)
    assert all(0 <= number < 2**63 for number in account.health)
    booked = [sum(row[: len(BOOKED)]) for row in account.minutes.values()]
    assert all(time <= MINUTE_US for time in booked)
    assert sum(booked) == sum(end - start for start, end, *_ in account.intervals.values())
