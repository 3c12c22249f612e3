"""Questions to the store of known_store, answered by hand first."""

import msgspec
import pytest
from database import database
from known_store import END, LINE, PACK, PRESS, SILENT_FROM, START

from answers.explain import explain, find_machine
from answers.live import downtime, pace, timeline
from answers.plant import constraint, stations
from answers.report import line_report, rolled
from answers.span import Span, chosen, everything, hours, shifts, whole
from answers.store import Store
from contract.errors import StoreError, UsageError
from contract.instants import HOUR_US, MINUTE_US, SECOND_US
from contract.series import SCHEMA, STORE_VERSION
from contract.states import Category

ALL = Span(START, END)


def test_the_span_of_all_evidence(store):
    assert everything(store) == ALL
    assert chosen(store, None, None) == ALL
    assert chosen(store, START + 1, START + MINUTE_US + 1) == Span(START, START + 2 * MINUTE_US)
    assert chosen(store, START + HOUR_US, None).to_us == END


def test_a_span_that_runs_backwards_says_so():
    with pytest.raises(UsageError, match="before it begins"):
        whole(END, START)


def test_hours_and_shifts_are_clipped_to_the_span(store):
    half = Span(START + 30 * MINUTE_US, END)
    assert [(part.label, part.to_us - part.from_us) for part in hours(half, "Asia/Ho_Chi_Minh")] == [
        ("2026-01-05 06:00", 30 * MINUTE_US),
        ("2026-01-05 07:00", HOUR_US),
    ]
    [(shift, window)] = shifts(store, LINE, half)
    assert (shift.from_us, shift.to_us, shift.label, window.name.vi) == (half.from_us, END, "Shift 1", "Ca 1")


def test_hours_of_a_zone_with_half_an_hour_and_of_a_night_that_is_an_hour_short():
    assert [part.to_us - part.from_us for part in hours(ALL, "Asia/Kolkata")] == [
        30 * MINUTE_US,
        HOUR_US,
        30 * MINUTE_US,
    ]
    night = whole(
        1_774_738_800_000_000, 1_774_738_800_000_000 + 4 * HOUR_US
    )  # 2026-03-29 in Berlin, 02:00 does not exist
    assert [part.label[-5:] for part in hours(night, "Europe/Berlin")] == ["00:00", "01:00", "03:00", "04:00"]


def test_hours_of_a_century_are_more_than_anybody_reads():
    assert len(hours(Span(START, START + 10_000 * HOUR_US), "UTC")) == 10_000
    with pytest.raises(UsageError, match="ask for a shorter one"):
        hours(Span(START, START + 10_001 * HOUR_US), "UTC")


def test_stations_stand_in_the_order_of_the_flow(store):
    found = stations(store, LINE)
    assert [station.id for station in found] == ["press", "pack"]
    assert [station.is_exit for station in found] == [False, True]
    assert constraint(found).path == PRESS


def test_a_line_worked_by_hand(store):
    report = line_report(store, LINE, ALL)
    good_at_exit = 60 * 3 - 10 * 3 + 20 * 3  # 90 minutes of packing less the break, less ten starved
    assert good_at_exit == 210
    planned = 120 - 10
    assert report.sums.exit_good == good_at_exit
    assert report.constraint == PRESS
    assert report.kpis.oee == pytest.approx(good_at_exit * 20 / (planned * 60))
    assert report.kpis.availability == pytest.approx((planned - 10) / planned)
    assert report.kpis.ooe == pytest.approx(good_at_exit * 20 / (120 * 60))
    assert report.kpis.mttr_s == 600
    assert report.kpis.coverage == 1


def test_the_two_mistakes_stand_beside_the_right_number(store):
    report = line_report(store, LINE, ALL)
    oees = [machine.kpis.oee for machine in report.machines]
    assert report.mean_oee == pytest.approx(sum(oees) / 2)
    assert report.min_oee == min(oees)
    assert report.kpis.oee not in oees


def test_lines_together_are_the_ratio_of_their_sums(store):
    short, long = line_report(store, LINE, Span(START, START + HOUR_US)), line_report(store, LINE, ALL)
    both = rolled("ent/site/area", [short, long])
    planned_us = short.losses.ppt_us + long.losses.ppt_us
    good_us = short.losses.good_ideal_us + long.losses.good_ideal_us
    assert both.kpis.oee == good_us / planned_us != (short.kpis.oee + long.kpis.oee) / 2
    assert both.exit_good == short.sums.exit_good + long.sums.exit_good
    assert sum(msgspec.structs.astuple(both.losses)[1:]) == both.losses.ppt_us == planned_us
    assert both.kpis.availability * both.kpis.performance * both.kpis.quality == pytest.approx(both.kpis.oee)
    assert both.kpis.coverage == 1


def test_one_line_together_is_the_line(store):
    report = line_report(store, LINE, ALL)
    alone = rolled("ent/site/area", [report])
    assert (alone.kpis, alone.losses) == (report.kpis, report.losses)
    assert report.kpis.nee == pytest.approx(report.kpis.oee)  # without setup NEE is OEE


def test_parts_proved_across_a_gap_are_production_but_not_oee(path):
    with Store.open(path) as store:
        before = line_report(store, LINE, ALL)
    with database(path) as connection:
        connection.execute("UPDATE made SET covered_good = 0 WHERE machine_id = 2 AND minute_us = ?", (START,))
    with Store.open(path) as store:
        after = line_report(store, LINE, ALL)
    assert after.sums.exit_good == before.sums.exit_good
    assert after.kpis.oee == pytest.approx(before.kpis.oee * (210 - 3) / 210)


def test_silence_is_unknown_and_in_no_denominator(store):
    press, pack = line_report(store, LINE, ALL).machines
    assert (press.unknown_us, pack.unknown_us) == (0, END - SILENT_FROM)
    assert pack.kpis.coverage == pytest.approx((120 - 10 - 30) / (120 - 10))
    assert pack.losses.ppt_us == 80 * MINUTE_US


def test_between_two_heartbeats_nothing_is_unknown_yet(path):
    with database(path) as connection:
        connection.execute("UPDATE current_state SET ts_us = ? WHERE machine_id = 1", (SILENT_FROM + 60 * SECOND_US,))
    with Store.open(path) as store:
        assert line_report(store, LINE, ALL).machines[1].unknown_us == 0


def test_every_number_opens_into_its_intervals(store):
    answer = explain(store, PRESS, ALL)
    assert answer.span_us == answer.unknown_us + answer.planned_us + answer.losses.ppt_us
    [stop] = answer.intervals[Category.BREAKDOWN]
    assert (stop.reason, stop.end_us - stop.start_us) == ("jam", 10 * MINUTE_US)
    assert answer.gaps == []
    assert explain(store, PACK, ALL).gaps == [(SILENT_FROM, END)]


def test_intervals_are_clipped_to_the_span(store):
    answer = explain(store, PRESS, Span(START + 35 * MINUTE_US, START + 65 * MINUTE_US))
    assert answer.losses.breakdown_us == 5 * MINUTE_US
    assert answer.planned_us == 5 * MINUTE_US


def test_a_store_that_contradicts_itself_is_not_explained_away(path):
    with database(path) as connection:
        connection.execute("DELETE FROM intervals WHERE reason = 'jam'")
    with Store.open(path) as store, pytest.raises(StoreError, match="contradicts itself"):
        explain(store, PRESS, ALL)


def test_machines_are_found_by_the_end_of_their_path(store):
    assert find_machine(store, "press") == find_machine(store, PRESS) == find_machine(store, "line/press") == PRESS
    with pytest.raises(UsageError, match="There are: pack, press"):
        find_machine(store, "ress")


def test_pace_is_good_parts_against_the_calendar_and_the_takt(store):
    found = pace(store, LINE, END - 1)
    assert found.good == 210
    assert found.target_now == (110 * 60 - 1) // 30
    assert found.target_shift == (8 * 60 - 10) * 60 // 30
    assert (found.order, found.product.vi, found.shift.name.vi) == ("2026-118", "Bo mạch A17", "Ca 1")


def test_outside_the_shifts_there_is_no_target(store):
    found = pace(store, LINE, START + 9 * HOUR_US)
    assert (found.shift, found.target_now, found.target_shift) == (None, 0, 0)


def test_downtime_is_ordered_by_what_it_cost(store):
    found = [(row.machine, row.reason, row.lost_us, row.stops) for row in downtime(store, LINE, ALL)]
    assert found == [(PRESS, "jam", 10 * MINUTE_US, 1)]  # that pack was starved meanwhile is what the jam did
    assert downtime(store, LINE, Span(START, START + 33 * MINUTE_US))[0].lost_us == 3 * MINUTE_US


def test_a_minute_without_evidence_is_absent_from_the_timeline(store):
    assert len(timeline(store, PRESS, ALL)) == 120
    assert timeline(store, PACK, ALL)[-1][0] == SILENT_FROM - MINUTE_US


def test_the_change_token_moves_when_somebody_commits(store, path):
    before = store.change_token()
    assert store.change_token() == before
    with database(path) as connection:
        connection.execute("UPDATE current_state SET total = 5 WHERE machine_id = 1")
    connection.close()
    assert store.change_token() != before


def test_no_store_is_said(tmp_path):
    with pytest.raises(StoreError, match="there is no store"):
        Store.open(tmp_path / "none.db")


def test_a_file_that_is_no_store_is_said(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("not a database at all, but long enough to be read as one\n" * 40)
    with pytest.raises(StoreError, match="not a store"):
        Store.open(file)


def test_a_store_of_a_newer_version_is_not_guessed_at(path):
    with database(path) as connection:
        connection.execute("UPDATE meta SET value = '999' WHERE key = 'schema_version'")
    connection.close()
    with pytest.raises(StoreError, match="newer version"):
        Store.open(path)


def test_a_store_of_an_older_version_says_what_to_do(path):
    with database(path) as connection:
        connection.execute("UPDATE meta SET value = '1' WHERE key = 'schema_version'")
    connection.close()
    with pytest.raises(StoreError, match=r"older version .* replay the event file into a new store"):
        Store.open(path)


def test_an_empty_store_says_what_to_do(tmp_path):
    file = tmp_path / "empty.db"
    with database(file) as connection:
        connection.executescript(SCHEMA)
        connection.execute("INSERT INTO meta VALUES ('schema_version', ?)", (str(STORE_VERSION),))
    with Store.open(file) as store, pytest.raises(StoreError, match="no machine time yet"):
        everything(store)
