"""Orders, quality, traces, recalls, materials, alarms and commands of panel_store."""

import pytest
from database import database
from panel_store import END, LINE, PRINTER, START, TESTER, VOLUMES, at

from answers.commands import commands
from answers.materials import alarms, materials
from answers.orders import OrderState, line_orders, orders_within
from answers.quality import quality, share_chart, value_chart
from answers.span import Span
from answers.store import Store
from answers.trace import nearest, recall, trace
from contract.errors import UsageError
from contract.instants import HOUR_US, MINUTE_US
from contract.spc import capability, individuals

ALL = Span(START, END)


def test_orders_are_done_under_way_or_in_the_book_and_say_how_late(panels):
    found = line_orders(panels, LINE)
    assert [(one.order, one.state, one.late_us) for one in found] == [
        ("WO-1", OrderState.COMPLETE, 5 * MINUTE_US),
        ("WO-2", OrderState.RUNNING, -20 * MINUTE_US),  # no longer in the book, whatever that says
        ("WO-3", OrderState.WAITING, None),
        ("WO-4", OrderState.WAITING, HOUR_US),  # overdue before it has begun
    ]
    assert (found[1].good, found[1].released, found[1].quantity) == (200, 440, 440)
    assert found[0].product_name.vi == "Board A (vi)"


def test_an_order_that_should_be_done_by_now_is_not_said_to_be_done_in_the_past(panel_path):
    with Store.open(panel_path) as store:
        late = line_orders(store, LINE)[1]
    with database(panel_path) as connection:
        connection.execute("UPDATE current_state SET ts_us = ?", (at(300),))
    with Store.open(panel_path) as store:
        later = line_orders(store, LINE)[1]
    assert (late.finish_us, later.finish_us, later.late_us) == (at(180), at(300), 100 * MINUTE_US)


def test_a_span_keeps_the_orders_that_were_under_way_in_it(panels):
    found = line_orders(panels, LINE)
    assert [one.order for one in orders_within(found, Span(START, at(30)))] == ["WO-1", "WO-3", "WO-4"]
    assert [one.order for one in orders_within(found, Span(at(90), END))] == ["WO-2", "WO-3", "WO-4"]


def test_quality_worked_by_hand(panels):
    found = quality(panels, LINE, ALL)
    tester = next(one for one in found.stations if (one.machine, one.product) == (TESTER, "A"))
    assert (tester.fpy, tester.defects, tester.dpmo) == (238 / 240, 3, pytest.approx(3 / (240 * 100) * 1e6))
    printer = next(one for one in found.stations if (one.machine, one.product) == (PRINTER, "A"))
    assert printer.opportunities == 400  # four boards on a panel
    first, second = found.products
    assert (first.product, first.parts, first.defects) == ("A", 240, 3)
    assert first.dpmo == pytest.approx(125)
    assert (second.rty, second.dpmo) == (1, None)  # nobody said how many opportunities B has
    assert found.rty == 438 / 440
    [bar] = found.pareto
    assert (bar.machine, bar.code, bar.name.vi, bar.count, bar.cumulative) == (TESTER, "bridge", "Bridge (vi)", 3, 1)


def test_a_share_chart_counts_first_passes_only(panels):
    spans = [Span(at(0), at(15)), Span(at(15), at(60)), Span(at(65), at(70))]
    chart = share_chart(panels, TESTER, LINE, spans).chart
    assert [(point.n, point.defective) for point in chart.points] == [(40, 1), (180, 1), (0, 0)]
    assert chart.centre == 2 / 220


def test_a_value_chart_is_that_of_its_values(panels):
    found = value_chart(panels, PRINTER, LINE, "volume", ALL)
    assert [point.value for point in found.points] == VOLUMES
    assert found.chart == individuals(VOLUMES)
    assert found.capability == capability(VOLUMES, 44.0, 56.0)
    assert value_chart(panels, PRINTER, LINE, "volume", Span(START, at(2))).chart is None


def test_each_point_says_which_rules_it_breaks(panel_path):
    with database(panel_path) as connection:
        row = "INSERT INTO measurements VALUES (1, 'volume', ?, 'x', 'A', ?)"
        connection.executemany(row, [(at(20 + n), 50 + n % 2) for n in range(40)] + [(at(70), 90.0)])
    with Store.open(panel_path) as store:
        points = value_chart(store, PRINTER, LINE, "volume", ALL).points
    assert 1 in points[-1].rules
    assert [4 in point.rules for point in points[-20:-1]] == [True] * 19


def test_a_value_nobody_measures_is_said(panels):
    with pytest.raises(UsageError, match=r"measures no value 'height'\. It measures: volume"):
        value_chart(panels, PRINTER, LINE, "height", ALL)
    with pytest.raises(UsageError, match="It measures: none"):
        value_chart(panels, TESTER, LINE, "height", ALL)


def test_a_board_finds_its_panel_and_the_panel_its_boards(panels):
    board = trace(panels, "WO-1-00001.2")
    assert [(step.machine.rsplit("/")[-1], step.attempt, step.result) for step in board.steps] == [
        ("router", 1, "pass"),
        ("tester", 1, "rework"),
        ("bench", 1, "pass"),
        ("tester", 2, "pass"),
    ]
    assert board.steps[1].defects == ["bridge"]
    [panel] = board.parents
    assert (panel.unit, panel.steps[0].lots, panel.children) == ("WO-1-00001", ["paste.1"], [])
    assert [(one.code, one.value) for one in panel.values] == [("volume", VOLUMES[0])]
    down = trace(panels, "WO-1-00001")
    assert [child.unit for child in down.children] == [f"WO-1-00001.{n}" for n in range(1, 5)]
    assert [child.unit for child in down.children[2].children] == ["WO-9-00001"]


def test_what_went_into_a_unit_is_followed_through_all_generations(panels):
    board, case = trace(panels, "WO-9-00001").parents
    assert [panel.unit for panel in board.parents] == ["WO-1-00001"]
    assert (case.unit, case.steps, case.parents) == ("WO-9-case-00001", [], [])  # nobody told of it


def test_serials_that_run_in_a_ring_come_to_an_end(panel_path):
    with database(panel_path) as connection:
        connection.execute("UPDATE units SET parents = 'WO-9-00001' WHERE unit = 'WO-1-00001'")
        connection.execute("INSERT INTO parents VALUES ('WO-9-00001', 'WO-1-00001')")
    with Store.open(panel_path) as store:
        assert trace(store, "WO-9-00001").unit == "WO-9-00001"
        found = [one.unit for one in recall(store, "paste.1").units]
    assert len(found) == len(set(found)) == 11


def test_an_unknown_serial_says_what_is_kept_and_what_is_near(panels):
    with pytest.raises(
        UsageError, match=r"keeps 15 steps of units since 2026-01-04T23:02:00Z.* Near to it: WO-1-00001"
    ):
        trace(panels, "WO-1-0001")
    assert nearest(panels, "WO-1-00002.9")[0].startswith("WO-1-00002.")
    assert nearest(panels, "zzz") == []
    with pytest.raises(UsageError, match=r"Near to it: paste\.2, paste\.1"):
        recall(panels, "paste.3")
    with pytest.raises(UsageError, match=r"Lots are called like paste\.1"):
        recall(panels, "zzz")


def test_a_store_without_units_says_so(store):
    with pytest.raises(UsageError, match="holds no units"):
        trace(store, "WO-1")
    with pytest.raises(UsageError, match="holds no lots"):
        recall(store, "L-1")


def test_a_recall_finds_every_unit_that_holds_the_lot_and_all_made_of_them(panels):
    found = recall(panels, "paste.1")
    assert {one.unit for one in found.units} == {
        *(f"WO-1-0000{panel}" for panel in (1, 2)),
        *(f"WO-1-0000{panel}.{board}" for panel in (1, 2) for board in range(1, 5)),
        "WO-9-00001",
    }
    fates = {one.unit: (one.via, one.fate) for one in found.units}
    assert fates["WO-1-00001"] == ("", "made into others")
    assert fates["WO-1-00001.1"] == ("WO-1-00001", "scrap")
    assert fates["WO-1-00001.2"] == ("WO-1-00001", "left")
    assert fates["WO-1-00001.3"] == ("WO-1-00001", "made into others")
    assert fates["WO-1-00002.4"] == ("WO-1-00002", "in process")
    assert fates["WO-9-00001"] == ("WO-1-00001.3", "left")
    [feeder] = found.feeders
    assert (feeder.machine, feeder.slot, feeder.remaining) == (PRINTER, "paste", 0)
    assert {one.unit for one in recall(panels, "paste.2").units} == {
        "WO-1-00002",
        *(f"WO-1-00002.{board}" for board in range(1, 5)),
    }


def test_a_feeder_shows_the_lot_on_it_and_an_empty_one_nothing(panels):
    paste, flux = materials(panels, LINE)
    assert (paste.lot, paste.remaining, paste.is_low, paste.said_us) == ("paste.2", 10, True, at(100))
    assert (flux.lot, flux.is_low, flux.name.vi) == ("", True, "Flux (vi)")


def test_only_alarms_that_are_on_are_shown(panels):
    [alarm] = alarms(panels, LINE)
    assert (alarm.machine, alarm.subject, alarm.raised_us) == (PRINTER, "paste", at(100))


def test_commands_are_notes_in_their_span(panels):
    [note] = commands(panels, LINE, ALL)
    assert (note.ts_us, note.path, note.asked.verb, note.asked.by) == (at(30), PRINTER, "hold", "teacher")
    assert (note.accepted, note.detail, note.why) == (True, "held", "")
    assert commands(panels, LINE, Span(at(31), END)) == []
    assert commands(panels, "ent/site/area/pan", ALL) == []
