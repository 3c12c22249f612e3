"""What the wire does to the order of events, case by case."""

from saying import BOOT, Voice, fold

from collector.ledger import Ledger
from collector.planned import Planned
from collector.reorder import HELD_LIMIT


def day(count=6):
    v = Voice()
    return [v.run(0), *(v.made(10 * n) for n in range(1, count))]


def test_a_duplicate_changes_nothing_and_is_counted():
    events = day()
    once, _ = fold(events)
    twice, refused = fold([each for event in events for each in (event, event)])
    assert twice.rows() == once.rows()
    assert (twice.health[0], refused) == (6, [])


def test_early_events_wait_for_the_gap_and_are_counted():
    events = day()
    account, _ = fold([events[0], events[3], events[2], events[1], events[5], events[4]])
    assert account.rows() == fold(events)[0].rows()
    assert account.health == (0, 3, 0, 0, 0)


def test_a_gap_is_given_up_after_the_lateness_and_its_event_is_late():
    v = Voice()
    first, missing, *rest = [v.run(0), v.starve(10), v.run(20), v.made(200), v.made(400), v.made(410)]
    account, refused = fold([first, *rest, missing, missing])
    assert refused == [(2, "late")]
    assert account.health == (1, 3, 0, 1, 0)
    assert account.spans() == [(20, 410, "execute")]


def test_patience_is_counted_anew_for_every_gap():
    v = Voice()
    first, early, second, late, last = [v.run(0), v.made(10), v.made(20), v.made(250), v.made(400)]
    account, refused = fold([first, second, early, last, late])
    assert (account.sums()["good"], refused, account.health[2]) == (4, [], 0)
    v = Voice()
    a, b, c, d, e, f = [v.run(0), *(v.made(at_s) for at_s in (10, 20, 200, 250, 350))]
    account, refused = fold([a, c, e, b, f, d])
    assert (account.sums()["good"], refused, account.health[2]) == (5, [], 0)


def test_what_is_held_is_shown_as_present_state_at_once():
    v = Voice()
    events = [v.run(0), v.made(10), v.starve(20)]
    ledger = Ledger()
    for event in (events[0], events[2]):
        ledger.apply(event, Planned())
    rows = ledger.rows()
    assert rows.current is not None
    assert rows.current[3] == "Suspended"
    assert rows.intervals == []


def test_the_buffer_is_bounded():
    v = Voice()
    ledger, planned = Ledger(), Planned()
    ledger.apply(v.run(0), planned)
    v.lose()
    for n in range(HELD_LIMIT + 1):
        ledger.apply(v.made(1 + n / 1000), planned)
        assert len(ledger.order.held) <= HELD_LIMIT
    assert (len(ledger.order.held), ledger.order.lost) == (0, 1)


def test_what_is_held_when_a_machine_reboots_is_taken_first():
    old, new = Voice(), Voice(boot=BOOT + 100)
    events = [old.run(0)]
    old.lose()
    account, _ = fold([*events, old.made(20, good=2), new.run(150), new.made(160)])
    assert account.sums()["good"] == 3
    assert account.health[2] == 1


def test_a_boot_from_a_broken_clock_cannot_lock_the_true_one_out():
    good, bad = Voice(), Voice(boot=BOOT * 2)
    account, refused = fold([good.run(0), bad.run(10), good.made(20)])
    assert refused == [(1, "boot_in_future")]
    assert account.sums()["good"] == 1


def test_a_retained_event_makes_no_time_and_no_parts_but_tells_where_the_sequence_stands():
    v = Voice(seq=50)
    v.totals |= {"total": 70, "good": 70}
    ledger, planned = Ledger(), Planned()
    ledger.see_retained(v.run(0))
    assert ledger.rows().current is not None
    for event in (v.made(10), v.beat(20), v.made(30)):
        ledger.apply(event, planned)
    rows = ledger.rows()
    assert [row[9] for row in rows.minutes] == [1]
    assert (rows.intervals[0][0], rows.health[2]) == (v.beat(20).ts, 0)


def test_retained_info_and_state_before_the_first_live_event_hide_nothing():
    v = Voice()
    ledger, planned = Ledger(), Planned()
    ledger.see_retained(v.info(0))
    ledger.see_retained(v.run(1))
    ledger.apply(v.made(10, good=3), planned)
    assert [row[9] for row in ledger.rows().minutes] == [3]
