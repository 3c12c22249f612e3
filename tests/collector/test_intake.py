"""What comes off the wire: routed, or quarantined with the reason; never an exception."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from saying import BOOT, LINE, PATH, T0, S, Voice, calendar, us

from collector import intake as intake_file
from collector import ledger, lines
from collector.intake import Intake
from contract import codec
from contract.codec import KIND_OF, encode, encode_many
from contract.events import LinkChanged, OrderStarted, Words
from contract.topics import Kind, topic_of


def say(intake, event, path=PATH, **how):
    return intake.feed(topic_of(path, KIND_OF[type(event)]), encode(event), **how)


def reasons(changes):
    return [record.reason for record in changes.quarantine]


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("mes/v1/a/b", b"{}", "bad_topic"),
        ("mes/v2/a/b/c/d/m/state", b"{}", "bad_topic"),
        ("", b"{}", "bad_topic"),
        (topic_of(PATH, Kind.STATE)[:-5] + "mood", b"{}", "unknown_kind"),
        (topic_of(PATH, Kind.STATE), b"\xff\x00", "not_json"),
        (topic_of(PATH, Kind.STATE), b"", "not_json"),
        (topic_of(PATH, Kind.STATE), b"[" * 100_000, "not_in_contract"),
        (topic_of(PATH, Kind.STATE), b" " * 300_000, "too_large"),
        (topic_of(PATH, Kind.STATE), b'{"ts": 1}', "bad_time"),
        (topic_of(PATH, Kind.COUNT), b'{"ts": "now"}', "bad_time"),
        (topic_of(PATH, Kind.COUNT), json.dumps({"ts": T0}).encode(), "not_in_contract"),
    ],
)
def test_what_is_no_event_is_quarantined_with_its_reason(topic, payload, reason):
    intake = Intake()
    assert intake.feed(topic, payload, received_us=us(0)) == 0
    changes = intake.drain()
    assert reasons(changes) == [reason]
    assert changes.quarantine[0].received_us == us(0)
    assert len(changes.quarantine[0].payload) <= 1024
    assert changes.machines == []
    assert [line.health[4] for line in changes.lines] == [1]


def test_a_bad_payload_of_a_known_machine_is_counted_there():
    intake, v = Intake(), Voice()
    say(intake, v.run(0))
    intake.feed(topic_of(PATH, Kind.COUNT), b"?")
    (machine,) = intake.drain().machines
    assert machine.rows.health[4] == 1


def test_arrays_and_single_events_are_the_same():
    one, many, v = Intake(), Intake(), Voice()
    events = [v.made(n) for n in range(10)]
    for event in events:
        say(one, event)
    many.feed(topic_of(PATH, Kind.COUNT), encode_many(events))
    direct = Intake()
    direct.feed_events(PATH, events)
    assert one.drain() == many.drain() == direct.drain()
    assert (one.events, many.events, direct.events) == (10, 10, 10)


def test_times_in_the_future_are_refused_against_the_wall_clock_and_the_newest_event():
    intake, v, other = Intake(), Voice(), Voice()
    say(intake, v.run(0), received_us=us(0))
    say(intake, v.made(601), received_us=us(0))
    say(intake, other.run(599), received_us=us(0), path=f"{LINE}/m2")
    assert reasons(intake.drain()) == ["in_future"]
    say(intake, other.made(1100), path=f"{LINE}/m2")
    assert reasons(intake.drain()) == []


def test_a_replay_may_begin_whenever_it_likes():
    intake, v = Intake(), Voice()
    say(intake, v.run(0))
    assert reasons(intake.drain()) == []


def test_in_a_replay_a_plant_that_was_silent_for_long_is_believed_once_two_agree():
    intake, v, other = Intake(), Voice(), Voice()
    for event in (v.run(0), v.made(9000), v.made(9001)):
        say(intake, event)
    assert reasons(intake.drain()) == ["in_future", "in_future"]
    say(intake, other.run(9002), path=f"{LINE}/m2")
    say(intake, v.made(9003))
    assert reasons(intake.drain()) == []


def test_two_wrong_clocks_do_not_outvote_the_wall_clock():
    intake = Intake()
    for name in ("m1", "m2", "m3"):
        say(intake, Voice().run(9000), path=f"{LINE}/{name}", received_us=us(0))
    assert reasons(intake.drain()) == ["in_future"] * 3


def test_what_the_broker_had_kept_is_no_news():
    intake, v = Intake(), Voice()
    say(intake, v.info(0), retained=True)
    say(intake, v.run(10), retained=True)
    changes = intake.drain()
    assert (changes.machines[0].rows.minutes, changes.machines[0].rows.intervals) == ([], [])
    assert changes.machines[0].rows.current[3] == "Execute"
    assert [(fact.path, fact.kind) for fact in changes.facts] == [(PATH, "info")]


def test_an_older_retained_state_does_not_replace_a_newer_one():
    intake, v = Intake(), Voice()
    old, new = v.run(0), v.starve(10)
    for event in (old, new):
        say(intake, event)
    say(intake, old, retained=True)
    assert intake.drain().machines[0].rows.current[3] == "Suspended"


def test_a_will_is_believed_in_the_order_of_arrival():
    intake, v = Intake(), Voice()
    say(intake, v.run(0))
    assert intake.drain().machines[0].rows.current[-1] == 1
    for at_s, online in ((5, True), (4, False)):
        say(intake, LinkChanged(us(at_s), 1, BOOT, online))
    assert intake.drain().machines[0].rows.current[-1] == 0
    say(intake, LinkChanged(us(9), 1, BOOT - 1, online=True))
    say(intake, v.made(10))
    assert intake.drain().machines[0].rows.current[-1] == 0


def test_a_calendar_is_applied_once_and_its_windows_are_stored():
    intake, v = Intake(), Voice()
    plan = calendar(0, shifts=[(0, 100)], breaks=[(50, 60)])
    say(intake, plan, path=LINE)
    say(intake, plan, path=LINE)
    say(intake, plan, path=LINE, retained=True)
    for event in (v.starve(0), v.beat(70)):
        say(intake, event)
    changes = intake.drain()
    assert [interval[2] for interval in changes.machines[0].rows.intervals] == ["starved", "planned", "starved"]
    (line,) = changes.lines
    assert line.health[0] == 1
    assert [row[:3] for windows in line.windows for row in windows.rows] == [
        (us(0), us(100), "shift"),
        (us(50), us(60), "break"),
    ]


def test_a_calendar_with_a_window_that_ends_before_it_starts_is_refused():
    intake = Intake()
    say(intake, calendar(0, shifts=[(100, 50)]), path=LINE)
    assert reasons(intake.drain()) == ["bad_calendar"]


def test_an_order_is_a_fact_and_every_order_is_remembered():
    intake = Intake()
    order = OrderStarted(us(0), 1, BOOT, "O1", "P1", Words("x", "x"), 100, S, 0.8)
    say(intake, order, path=LINE)
    say(intake, structs.replace(order, seq=2, order="O2"), path=LINE)
    changes = intake.drain()
    assert [json.loads(fact.payload)["order"] for fact in changes.facts] == ["O2"]
    assert [json.loads(began.payload)["order"] for began in changes.orders] == ["O1", "O2"]
    assert intake.drain().orders == []


def test_restarted_from_what_was_saved_it_goes_on():
    first, v = Intake(), Voice()
    events = [calendar(0, shifts=[(0, 100)], breaks=[(50, 60)]), v.starve(0), v.made(20), v.made(55), v.beat(70)]
    for event in events[:3]:
        say(first, event, path=PATH if event in events[1:] else LINE)
    changes = first.drain()
    saved = [(each.path, each.state) for each in (*changes.machines, *changes.lines)]
    second = Intake(saved=saved)
    assert second.newest_us == us(20)
    for event in events[3:]:
        say(first, event)
        say(second, event)
    assert second.drain() == first.drain()


OTHER = "acme/site/area/line/m2"


def gone_silent(intake, **how):
    """A machine of which one count is missing and that then says no more."""
    v = Voice()
    say(intake, v.run(0), **how)
    v.lose()
    say(intake, v.made(10), **how)
    return v


def good_parts(changes):
    return sum(row[10] for machine in changes.machines if machine.path == PATH for row in machine.rows.minutes)


def test_the_gap_of_a_silent_machine_is_given_up_once_the_plant_has_moved_on():
    intake, other = Intake(), Voice()
    gone_silent(intake)
    say(intake, other.run(300), path=OTHER)
    assert good_parts(intake.drain()) == 0
    say(intake, other.beat(311), path=OTHER)
    assert good_parts(intake.drain()) == 1
    say(intake, other.beat(900), path=OTHER)
    assert [machine.path for machine in intake.drain().machines] == [OTHER]


def test_a_machine_that_spoke_in_time_keeps_its_order():
    intake, other = Intake(), Voice()
    gone_silent(intake)
    say(intake, other.run(200), path=OTHER)
    late = Voice(seq=2)
    say(intake, late.made(5, good=0))
    say(intake, other.beat(700), path=OTHER)
    assert [machine.rows.health[2:4] for machine in intake.drain().machines] == [(0, 0), (0, 0)]


def test_live_the_wall_clock_must_have_moved_on_too():
    intake, other = Intake(), Voice()
    gone_silent(intake, received_us=us(1000))
    say(intake, other.run(900), path=OTHER, received_us=us(1001))
    assert good_parts(intake.drain()) == 0
    say(intake, other.beat(960), path=OTHER, received_us=us(1301))
    assert good_parts(intake.drain()) == 1


def test_after_a_restart_patience_begins_anew():
    intake, other = Intake(), Voice()
    gone_silent(intake)
    changes = intake.drain()
    again = Intake(saved=[*((m.path, m.state) for m in changes.machines), *((m.path, m.state) for m in changes.lines)])
    say(again, other.run(400), path=OTHER)
    assert good_parts(again.drain()) == 0
    say(again, other.beat(701), path=OTHER)
    assert good_parts(again.drain()) == 1


def test_every_reason_is_explained_once():
    tables = [codec.REASONS, ledger.REASONS, lines.REASONS, intake_file.REASONS]
    assert sum(map(len, tables)) == len({reason for table in tables for reason in table})


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.text(max_size=80), st.sampled_from([topic_of(PATH, kind) for kind in Kind])),
    st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.one_of(st.none(), st.integers(), st.floats(), st.text(max_size=5)),
            lambda inner: st.one_of(
                st.lists(inner, max_size=3),
                st.dictionaries(st.sampled_from(["ts", "seq", "boot", "state", "since", "total"]), inner, max_size=6),
            ),
        ).map(lambda value: json.dumps(value).encode()),
    ),
    st.booleans(),
)
def test_nothing_that_is_said_raises(topic, payload, retained):
    intake = Intake()
    intake.feed(topic, payload, retained, T0)
    assert intake.events >= len(intake.drain().quarantine)


def test_the_least_delay_of_live_messages_is_told_and_a_file_tells_none():
    intake, v = Intake(), Voice()
    for received_s, event in ((3, v.run(0)), (11, v.made(10)), (25, v.made(20))):
        say(intake, event, received_us=us(received_s))
    assert intake.drain().delays == [(PATH, 1_000_000)]
    say(intake, v.made(30))
    assert intake.drain().delays == []
