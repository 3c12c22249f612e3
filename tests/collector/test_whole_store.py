"""Whatever the wire does within its bounds, and wherever a commit or a restart falls: every table is the same."""

import random
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from database import database
from hypothesis import given, settings
from hypothesis import strategies as st
from saying import BOOT, LINE, PATH, Voice, us

from collector.intake import Intake
from collector.journal import Journal, Keep
from contract.codec import KIND_OF, encode
from contract.events import (
    BookChanged,
    BookedOrder,
    CommandAnswered,
    CommandGiven,
    OrderProgressed,
    OrderStarted,
    Words,
)
from contract.topics import Kind, topic_of

#: What no disorder may change. Of the others, ``health`` counts the disorder and ``ledger`` holds it.
TABLES = {
    "machines": "path, line_path",
    "minutes": "*",
    "intervals": "*",
    "current_state": "*",
    "facts": "*",
    "orders": "*",
    "made": "*",
    "defects": "*",
    "units": "*",
    "parents": "*",
    "lots": "*",
    "measurements": "*",
    "alarms": "*",
    "commands": "*",
    "progress": "*",
    "quarantine": "reason, detail",
}
STEPS = st.lists(
    st.tuples(st.sampled_from(["run", "jam", "starve", "made", "beat", "unit", "material", "alarm", "value", "another",
                               "progress", "reply"]), st.integers(0, 40), st.integers(0, 5)),
    min_size=1, max_size=50,
)  # fmt: skip


def content(store):
    with database(store) as db:
        found = {name: sorted(db.execute(f"SELECT {columns} FROM {name}")) for name, columns in TABLES.items()}
        # The numbers of sets follow the order of arrival; what is in them does not.
        sets = "SELECT lots, lot FROM lot_sets JOIN lot_set_members USING (lots_id)"
        named = "SELECT unit, ended_us, lots FROM units LEFT JOIN lot_sets USING (lots_id)"
        numbers = [row[:10] + row[11:] for row in found["units"]]
        return {
            **found,
            "units": numbers,
            "sets": sorted(db.execute(sets)),
            "named": sorted(db.execute(named), key=repr),
        }


def say(voice, what, at_s, number):
    lots = [(), ("L1",), ("L2", "L1"), ("L1", "L2", "L1"), ("L3",), ()][number]
    match what:
        case "unit":
            more = {
                "defects": ("short",) * (number % 3),
                "lots": lots,
                "parents": ("panel", f"p{number}")[: number % 3],
            }
            return voice.unit(at_s, f"{voice.order}-{number}", ["pass", "rework", "scrap"][number % 3], **more)
        case "material":
            return voice.material(at_s, ["loaded", "low", "empty"][number % 3], lot=f"L{number // 3}", remaining=number)
        case "alarm":
            return voice.alarm(at_s, is_active=number % 2 == 0, subject=f"F{number // 2}")
        case "value":
            return voice.value(at_s, **{f"v{number}": number / 3, "w": 1.0})
        case "beat":
            return voice.beat(at_s, used_j=at_s, idle_j=number)
    return getattr(voice, what)(at_s)


def of_line(what, at_s, number, seq):
    if what == "reply":
        command = CommandGiven(f"c{number}", "stop", by="a teacher")
        return CommandAnswered(us(at_s) + seq, 0, BOOT, command, number % 2 == 0, "done")
    order = f"O{number}"
    return OrderProgressed(us(at_s), seq, BOOT, order, "P", 100, at_s, at_s, 0, us(0), us(9999), number == 5)


@st.composite
def stories(draw):
    """(path, event) of a machine and its line, in order."""
    voice, seq, told, at_s = Voice(), 1, [], 0
    told.append((PATH, voice.run(0)))
    for what, pause_s, number in draw(STEPS):
        at_s += pause_s
        if what == "another":
            voice.order, voice.product = f"O{number}", f"P{number % 2}"
            seq += 1
            name = Words("x", "x")
            told.append((LINE, OrderStarted(us(at_s) + seq, seq, BOOT, voice.order, "P", name, 9, 1, 0.5)))
        elif what in ("progress", "reply"):
            seq += 1
            told.append((LINE, of_line(what, at_s, number, seq)))
        else:
            told.append((PATH, say(voice, what, at_s, number)))
    told.append((PATH, voice.beat(at_s + 60)))
    return told


def into(store, wires, commits=(), restarts=()):
    """Feed (topic, payload) pairs; commit and start again where asked. → content."""
    intake, journal = Intake(), Journal.open(store)
    for index, (topic, payload) in enumerate(wires):
        intake.feed(topic, payload)
        if index in commits or index in restarts:
            journal.commit(intake.drain())
        if index in restarts:
            journal.close()
            journal = Journal.open(store)
            intake = Intake(saved=journal.load())
    intake.close()
    journal.commit(intake.drain())
    journal.close()
    return content(store)


def wire(path, event):
    return topic_of(path, KIND_OF[type(event)]), encode(event)


def shaken(told, rng):
    """Some twice, none further than a few places from where it belongs."""
    copies = [each for each in told for _ in range(1 + (rng.random() < 0.2))]
    places = sorted(range(len(copies)), key=lambda place: place + rng.uniform(0, 6))
    return [copies[place] for place in places]


@settings(max_examples=60)
@given(stories(), st.integers(0, 2**32), st.sets(st.integers(0, 70)), st.sets(st.integers(0, 70), max_size=5))
def test_disorder_duplicates_commits_and_restarts_change_no_table(told, seed, commits, restarts):
    plain = [wire(*each) for each in told]
    mess = [wire(*each) for each in shaken(told, random.Random(seed))]
    with tempfile.TemporaryDirectory() as folder:
        once = into(Path(folder) / "once.db", plain)
        messy = into(Path(folder) / "messy.db", mess, commits, restarts)
        again = into(Path(folder) / "messy.db", plain)
    for name, rows in once.items():
        assert messy[name] == rows, name
    assert again.keys() == once.keys()


@settings(max_examples=30)
@given(stories(), st.sets(st.integers(0, 50)), st.sets(st.integers(0, 70)), st.sets(st.integers(0, 70), max_size=5))
def test_with_losses_commits_and_restarts_change_no_table(told, lost, commits, restarts):
    heard = [wire(*each) for index, each in enumerate(told) if index not in lost]
    with tempfile.TemporaryDirectory() as folder:
        once = into(Path(folder) / "once.db", heard)
        assert into(Path(folder) / "split.db", heard, commits, restarts) == once


@pytest.fixture
def journal(tmp_path):
    with closing(Journal.open(tmp_path / "mes.db", Keep(units=10, measurements=5, commands=3))) as opened:
        yield opened


def write(journal, *events, path=PATH):
    intake = Intake(saved=journal.load())
    for event in events:
        intake.feed(*wire(path, event))
    journal.commit(intake.drain())


def rows(journal, sql):
    return journal._connection.execute(sql).fetchall()


def test_the_newest_units_stay_and_what_only_the_old_ones_had_goes_with_them(journal):
    v = Voice()
    for number in range(15):
        lots = ("A", f"B{number // 5}")
        write(journal, v.unit(number, f"u{number}", lots=lots, parents=(f"p{number}",)))
    assert rows(journal, "SELECT unit FROM units ORDER BY rowid") == [(f"u{n}",) for n in range(5, 15)]
    assert len(rows(journal, "SELECT * FROM parents")) == 10
    assert rows(journal, "SELECT lots FROM lot_sets ORDER BY lots") == [("A B1",), ("A B2",)]
    assert len(rows(journal, "SELECT * FROM lot_set_members")) == 4


def test_the_newest_measurements_and_commands_stay(journal):
    v = Voice()
    write(journal, *(v.value(number, a=float(number)) for number in range(9)))
    assert rows(journal, "SELECT value FROM measurements ORDER BY rowid") == [(4.0,), (5.0,), (6.0,), (7.0,), (8.0,)]
    answers = [CommandAnswered(us(n), 0, BOOT, CommandGiven(f"c{n}", "stop"), True, "") for n in range(5)]
    write(journal, *answers, *answers, path=PATH)
    assert rows(journal, "SELECT command_id FROM commands ORDER BY ts_us") == [("c2",), ("c3",), ("c4",)]


def test_a_lot_keeps_what_was_said_of_it_before(journal):
    v = Voice()
    write(journal, v.material(0), v.material(10, "low", remaining=9))
    write(journal, v.material(20, "empty", remaining=0), v.material(30, lot="L2"))
    found = "SELECT lot, quantity, loaded_us, low_us, empty_us, remaining FROM lots ORDER BY lot"
    assert rows(journal, found) == [("L1", 100, us(0), us(10), us(20), 0), ("L2", 100, us(30), None, None, 100)]


def test_an_alarm_is_one_row_from_raised_to_cleared(journal):
    v = Voice()
    write(journal, v.alarm(0), v.alarm(5), v.alarm(10, is_active=False), v.alarm(20))
    write(journal, v.alarm(30, is_active=False), v.alarm(40, is_active=False), v.alarm(50, subject="F2"))
    assert rows(journal, "SELECT subject, raised_us, cleared_us FROM alarms ORDER BY raised_us") == [
        ("F1", us(0), us(10)), ("F1", us(20), us(30)), ("F1", us(40), us(40)), ("F2", us(50), None),
    ]  # fmt: skip


def test_a_command_is_no_telemetry_and_makes_nobody_known():
    intake = Intake()
    for path in (PATH, LINE):
        assert intake.feed(topic_of(path, Kind.COMMAND), b"whatever") == 0
    changes = intake.drain()
    assert (changes.machines, changes.lines, changes.quarantine, changes.commands) == ([], [], [], [])


def test_an_answer_makes_nobody_known_but_is_kept(journal):
    answer = CommandAnswered(us(0), 0, BOOT, CommandGiven("c1", "stop"), False, "it stands")
    write(journal, answer)
    write(journal, answer, path=LINE)
    assert rows(journal, "SELECT path, accepted FROM commands ORDER BY path") == [(LINE, 0), (PATH, 0)]
    assert rows(journal, "SELECT * FROM machines") == rows(journal, "SELECT * FROM ledger") == []


def test_the_order_book_is_a_fact_and_the_progress_of_each_order_is_kept(journal):
    book = BookChanged(us(0), 1, BOOT, [BookedOrder("O2", "P", 9)])
    done = OrderProgressed(us(60), 2, BOOT, "O1", "P", 9, 9, 9, 0, us(0), us(60), True)
    follows = OrderProgressed(us(60), 3, BOOT, "O2", "P", 9, 1, 0, 0, us(60), us(90), False)
    write(journal, book, follows, done, follows, path=LINE)
    assert rows(journal, "SELECT kind FROM facts") == [("book",)]
    assert rows(journal, "SELECT order_id FROM progress ORDER BY 1") == [("O1",), ("O2",)]
