"""Data health of the store of known_store."""

import pytest
from database import database
from known_store import END, LINE, PACK, PRESS, SILENT_FROM, START

from answers.health import health
from answers.span import Span
from answers.store import Health, Store

ALL = Span(START, END)


@pytest.fixture
def messy(path):
    with database(path) as connection:
        connection.execute("INSERT INTO health VALUES (?, 1, 2, 3, 4, 5)", (PACK,))
        connection.executemany("INSERT INTO health VALUES (?, 0, 0, 0, 0, ?)", [("", 7), (LINE, 0)])
        for number in range(7):
            reason = "not_json" if number else "bad_topic"
            row = (START, f"topic/{number}", reason, "detail", b"")
            connection.execute(
                "INSERT INTO quarantine (received_us, topic, reason, detail, payload) VALUES (?, ?, ?, ?, ?)", row
            )
    with Store.open(path) as store:
        yield store


def test_a_silent_machine_is_told_from_one_between_heartbeats(store):
    press, pack = health(store, ALL, 5).machines
    assert (press.path, press.coverage, press.lag_us, press.silent) == (PRESS, 1, 0, False)
    assert (pack.lag_us, pack.silent, pack.unknown_us) == (END - SILENT_FROM, True, END - SILENT_FROM)
    assert pack.coverage == pytest.approx(80 / 110)


def test_counts_belong_to_their_machine_and_the_rest_to_nobody(messy):
    found = health(messy, ALL, 2)
    assert [one.counts for one in found.machines] == [Health(PRESS, 0, 0, 0, 0, 0), Health(PACK, 1, 2, 3, 4, 5)]
    assert found.others == [Health("", 0, 0, 0, 0, 7)]
    assert found.reasons == {"not_json": 6, "bad_topic": 1}
    assert [one.topic for one in found.newest] == ["topic/6", "topic/5"]
    assert found.newest_us == END


def test_who_never_said_what_it_is_makes_no_machine(path):
    with database(path) as connection:
        connection.execute("INSERT INTO machines VALUES (9, ?, ?)", (f"{LINE}/ghost", LINE))
    with Store.open(path) as store:
        found = health(store, ALL, 5)
        assert found.strangers == [f"{LINE}/ghost"]
        assert [machine.path for machine in found.machines] == [PRESS, PACK]
        assert store.machines() == [PACK, PRESS]


def test_a_clock_is_off_against_the_median_of_the_plant(path):
    with database(path) as connection:
        connection.executemany("INSERT INTO delays VALUES (?, ?)", [(PRESS, 40_000), (PACK, 1_540_000)])
    with Store.open(path) as store:
        found = {machine.path: machine.skew_us for machine in health(store, ALL, 5).machines}
    assert found == {PRESS: 0, PACK: -1_500_000}  # what arrives late was said by a clock that is behind


def test_without_live_messages_no_clock_is_judged(store):
    assert {machine.skew_us for machine in health(store, ALL, 5).machines} == {None}
