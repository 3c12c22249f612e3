"""Points: rows of small stores in the words of the contract, whatever stands in a name."""

import shutil
import sqlite3
from contextlib import closing
from itertools import pairwise

import known_store
import pytest
from database import database
from hypothesis import given
from hypothesis import strategies as st
from line_points import Outlet, parsed
from panel_store import END, LINE, PRINTER, START, TESTER, at, unit

from answers.bottleneck import bottlenecks
from answers.line_protocol import Instants, flag, form, tags, template, text
from answers.points import batch
from answers.report import line_report
from answers.span import Span
from answers.store import Store
from collector.journal import Journal
from contract.instants import HOUR_US, MINUTE_US, SECOND_US
from contract.points import HOURLY_SUFFIX, MEASUREMENTS
from contract.spool import SpoolEntry, SpoolKind
from contract.states import BOOKED

ALL = Span(START, END)
#: Any text that can come over the wire.
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def spooled(path):
    """All of a store waits to be sent."""
    Journal.open(path, spool=True).close()
    return Outlet(path)


@pytest.fixture
def outlet(panel_path):
    with spooled(panel_path) as found:
        found.drain()
        yield found


def entry(kind, path, at_us=0, to_row=0):
    return SpoolEntry(1, kind, path, at_us, to_row)


# ---------------------------------------------------------------- line protocol


@given(NAMES, NAMES)
def test_whatever_a_name_holds_a_reader_sees_one_point(name, said):
    written = form("command", tags(("line", "machine"), (name, "m1")), template("command"))
    line = (written % (text(said), text(""), flag(True), text(said), text(said), text(""), 17)).encode()
    (measurement, found, at_us), fields = parsed(line)
    assert (measurement, at_us, dict(found)["machine"]) == ("command", 17, "m1")
    assert b"\n" not in line
    printable = "".join(" " if ord(mark) < 32 or ord(mark) == 127 else mark for mark in said)
    others = {"by": "", "accepted": True, "text_vi": ""}
    assert fields == others | dict.fromkeys(("verb", "detail", "text_en"), printable)
    kept = "".join(" " if ord(mark) < 32 or ord(mark) == 127 else mark for mark in name).replace("\\", "/")
    assert dict(found).get("line", "") == kept


def test_of_points_at_one_instant_each_stands_a_microsecond_later():
    instants = Instants()
    asked = [("a", 5), ("a", 5), ("b", 5), ("a", 6), ("a", 5)]
    assert [instants.free(*one) for one in asked] == [5, 6, 5, 7, 8]


# ---------------------------------------------------------------- sums


def test_every_measurement_of_a_row_has_every_field(outlet):
    for name in ("machine", "line", "made", "defect", "bottleneck"):
        for suffix in ("_minute", "_hour"):
            found = outlet.of(name + suffix)
            assert found, name
            assert all(set(fields) == set(MEASUREMENTS[name + suffix].fields) for _, _, fields in found)
    assert {name for name, _, _ in outlet.points} <= set(MEASUREMENTS)


def test_hours_live_in_a_bucket_of_their_own(panels):
    kinds = (SpoolKind.MACHINE_HOUR, SpoolKind.MACHINE_MINUTE)
    found = batch(panels, [entry(kind, TESTER, START) for kind in kinds])
    assert {parsed(line)[0][0] for line in found[HOURLY_SUFFIX]} == {"machine_hour", "made_hour", "defect_hour"}
    assert not any(MEASUREMENTS[parsed(line)[0][0]].is_hourly for line in found[""])


@pytest.mark.parametrize("name", ["machine", "line", "made", "defect", "bottleneck"])
def test_an_hour_is_the_sum_of_its_minutes(outlet, name):
    sums = {}
    for found, at_us, fields in outlet.of(f"{name}_minute"):
        hour = sums.setdefault((tuple(found.items()), at_us - at_us % HOUR_US), {})
        for field, value in fields.items():
            if field not in {"constraint", "off_flow"}:
                hour[field] = hour.get(field, 0) + value
    hours = {(tuple(found.items()), at_us): fields for found, at_us, fields in outlet.of(f"{name}_hour")}
    assert hours.keys() == sums.keys()
    for key, fields in hours.items():
        assert {field: fields[field] for field in sums[key]} == pytest.approx(sums[key], abs=1e-6)


def test_a_line_says_what_its_report_says(outlet, panels):
    for from_us, to_us in pairwise(range(START, END + 1, HOUR_US)):
        [fields] = [fields for _, at_us, fields in outlet.of("line_hour") if at_us == from_us]
        report = line_report(panels, LINE, Span(from_us, to_us))
        assert fields["good_ideal_s"] / fields["ppt_s"] == report.kpis.oee
        assert fields["run_s"] / fields["ppt_s"] == report.kpis.availability
        assert fields["constraint"] == report.constraint.rpartition("/")[2]
        assert (fields["exit_good"], fields["energy_kwh"]) == (report.sums.exit_good, report.energy.kwh)


def test_the_target_is_planned_time_by_the_takt_of_the_order(outlet):
    minutes = {at_us: fields["target"] for _, at_us, fields in outlet.of("line_minute")}
    assert set(minutes.values()) == {60 / 15}  # no calendar speaks, so all time is planned production


def test_a_break_has_no_target_and_is_planned_downtime_inside_the_shift(path):
    with spooled(path) as found:
        found.drain()
        lines = {at_us: fields for _, at_us, fields in found.of("line_minute")}
        press = {at_us: one for tags_, at_us, one in found.of("machine_minute") if tags_["machine"] == "press"}
    rest, work = known_store.START + 60 * MINUTE_US, known_store.START
    assert (lines[rest]["target"], lines[work]["target"]) == (0, 60 / 30)
    assert lines[rest]["in_shift_planned_s"] == press[rest]["in_shift_planned_s"] == press[rest]["planned_s"] == 60
    assert lines[work]["in_shift_planned_s"] == press[work]["in_shift_planned_s"] == 0


def test_the_bottleneck_is_that_of_the_answers_and_whoever_was_not_it_says_so(panel_path):
    rows = [(1, START, at(30)), (2, at(20), at(60)), (3, START, at(25))]
    with database(panel_path) as connection:
        connection.executemany("INSERT INTO intervals VALUES (?1, ?2, ?3, 'execute', 'Execute', '', ?2)", rows)
    with spooled(panel_path) as found:
        found.drain()
        shares = {}
        for one, _, fields in found.of("bottleneck_hour"):
            sole, shifting = shares.get(one["machine"], (0, 0))
            shares[one["machine"]] = (sole + fields["sole_s"], shifting + fields["shifting_s"])
        answer = bottlenecks(found.store, LINE, ALL).machines
    told = {path.rpartition("/")[2]: (one.sole_us / 1e6, one.shifting_us / 1e6) for path, one in answer.items()}
    assert told == {machine: share for machine, share in shares.items() if share != (0, 0)}
    # The bench is no step of the line: it says that it never was, in case it was taken for one before it was described.
    assert set(shares) == {"printer", "router", "tester", "bench"}


# ---------------------------------------------------------------- what was told one by one


def test_units_of_one_load_stand_a_microsecond_apart_wherever_a_batch_ends(panel_path):
    with database(panel_path) as connection:
        (first,) = connection.execute("SELECT MAX(rowid) FROM units").fetchone()
        for number in range(6):
            unit(connection, 1, 50, f"WO-1-0005{number}")
    with Store.open(panel_path) as store:
        whole = batch(store, [entry(SpoolKind.UNITS, "", first, first + 6)])[""]
        parts = [batch(store, [entry(SpoolKind.UNITS, "", first + k, first + k + 2)])[""] for k in (0, 2, 4)]
    assert [line for part in parts for line in part] == whole
    assert [parsed(line)[0][2] - at(51) for line in whole] == list(range(6))


def test_a_unit_tells_its_defects_lots_and_parents(outlet):
    found = {fields["unit"]: (tags_, fields) for tags_, _, fields in outlet.of("unit")}
    assert len(outlet.of("unit")) == 15
    assert (found["WO-1-00002"][1]["lots"], found["WO-1-00002"][1]["duration_s"]) == ("paste.1 paste.2", 30)
    tags_, fields = found["WO-1-00001.1"]
    assert (tags_["result"], fields["defects"]) == ("scrap", "bridge bridge")
    assert found["WO-9-00001"][1]["parents"] == "WO-1-00001.3 WO-9-case-00001"


def test_values_stand_with_their_limits(outlet):
    found = outlet.of("value")
    assert [fields["value"] for _, _, fields in sorted(found, key=lambda one: one[1])][:2] == [49.6, 47.6]
    assert all(fields.items() >= {"target": 50, "lsl": 44, "usl": 56, "unit": "%"}.items() for _, _, fields in found)


def test_orders_alarms_and_commands(outlet):
    orders = {fields["order_id"]: fields for _, _, fields in outlet.of("order_progress")}
    assert (orders["WO-1"]["is_complete"], orders["WO-1"]["late_s"]) == (True, 300)
    alarms = sorted((at_us, fields["is_active"]) for _, at_us, fields in outlet.of("alarm"))
    assert alarms == [(at(1), True), (at(2), False), (at(100), True)]
    [(tags_, at_us, fields)] = outlet.of("command")
    assert (tags_["machine"], at_us, fields["detail"]) == ("printer", at(30), "held")
    assert (fields["text_en"], fields["text_vi"]) == ("Printer: hold", "Printer (vi): hold")


def test_an_alarm_that_nobody_heard_being_raised_is_only_over(panels, panel_path):
    with database(panel_path) as connection:
        connection.execute("INSERT INTO alarms VALUES (1, 'heat', '', ?1, ?1)", (at(7),))
    [line] = batch(panels, [entry(SpoolKind.ALARM, PRINTER, at(7))])[""]
    assert parsed(line)[1] == {"is_active": False}


def test_states_are_repeated_each_minute_and_a_stop_is_told_once(path):
    with spooled(path) as found:
        found.drain()
        states = [(at_us, one) for tags_, at_us, one in found.of("machine_state") if tags_["machine"] == "press"]
        stops = {(tags_["machine"], tags_["category"]): one for tags_, _, one in found.of("downtime")}
    assert len(states) == 120
    at_rest = dict(states)[known_store.START + 65 * MINUTE_US]
    assert at_rest == {
        "state": "Idle", "state_n": 4, "reason": "break", "category": "planned",
        "category_n": BOOKED.index("planned") + 1, "since_ms": (known_store.START + 60 * MINUTE_US) // 1000,
        "reason_en": "break", "reason_vi": "break",
    }  # fmt: skip
    assert stops["press", "breakdown"] == {
        "duration_s": 600, "stops": 1, "state": "Aborted", "reason_en": "Jam", "reason_vi": "Kẹt",
    }  # fmt: skip


def test_a_stop_that_planned_time_cuts_is_counted_once(path):
    begin = known_store.START + 50 * MINUTE_US
    cuts = [(50, 60, "breakdown"), (60, 70, "planned"), (70, 80, "breakdown")]
    with database(path) as connection:
        connection.execute("DELETE FROM intervals WHERE machine_id = 1 AND start_us >= ?", (begin - 10 * MINUTE_US,))
        for start, end, category in cuts:
            times = (known_store.START + start * MINUTE_US, known_store.START + end * MINUTE_US)
            connection.execute(
                "INSERT INTO intervals VALUES (1, ?, ?, ?, 'Aborted', 'jam', ?)", (*times, category, begin)
            )
    with Store.open(path) as store:
        asked = [entry(SpoolKind.DOWNTIME, known_store.PRESS, begin + k * 10 * MINUTE_US) for k in range(3)]
        told = [parsed(line) for line in batch(store, asked)[""]]
    assert [fields["stops"] for _, fields in told] == [1, 1, 0]
    assert sum(fields["duration_s"] for _, fields in told) == 1800


def test_rows_that_are_gone_give_no_point(panels):
    kinds = [kind for kind in SpoolKind if kind not in {SpoolKind.UNITS, SpoolKind.VALUES}]
    hidden = [entry(kind, "no/such/line/at/all", SECOND_US) for kind in kinds]
    ranges = [entry(kind, "", 10**6, 10**6 + 5) for kind in (SpoolKind.UNITS, SpoolKind.VALUES)]
    assert batch(panels, [*hidden, *ranges]) == {"": [], HOURLY_SUFFIX: []}


def test_a_per_cent_sign_in_a_name_is_a_name(templates, tmp_path, outlet):
    copy = shutil.copy(templates[1], tmp_path / "odd.db")
    with closing(sqlite3.connect(copy)) as connection, connection:
        for table, column in (("machines", "path"), ("machines", "line_path"), ("facts", "path")):
            connection.execute(f"UPDATE {table} SET {column} = replace({column}, 'panels', 'Line 1%s, A=B')")
        for table in ("orders", "progress"):
            connection.execute(f"UPDATE {table} SET line_path = replace(line_path, 'panels', 'Line 1%s, A=B')")
        connection.execute("UPDATE commands SET path = replace(path, 'panels', 'Line 1%s, A=B')")
    with spooled(copy) as found:
        found.drain()
        assert {dict(tags_)["line"] for _, tags_, _ in found.points} == {"Line 1%s, A=B"}
        assert {name for name, _, _ in found.points} == {name for name, _, _ in outlet.points}
