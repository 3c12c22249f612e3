"""KPIs of a line with panels, two products and a bench, worked by hand from the story of panel_store."""

from itertools import pairwise
from operator import attrgetter

import pytest
from database import database
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs
from panel_store import BENCH, END, LINE, PRINTER, ROUTER, START, TESTER, WORK_J, at, info

from answers.basis import turns
from answers.bottleneck import Share, bottlenecks
from answers.energy import line_energies
from answers.order_report import order_reports
from answers.plant import behind, constraint, exits, stations
from answers.report import line_report, rolled
from answers.span import Span
from answers.store import Store
from contract import codec
from contract.instants import MINUTE_US, SECOND_US
from contract.kpi import add_losses, add_up

ALL = Span(START, END)


def every_loss(lost):
    return sum(us for name, us in structs.asdict(lost).items() if name not in {"ppt_us", "good_ideal_us"})


def test_each_product_has_its_own_constraint_in_parts_that_leave_the_line(panels):
    found = stations(panels, LINE)
    assert (constraint(found, "A").path, constraint(found, "B").path, constraint(found).path) == (
        PRINTER,
        TESTER,
        PRINTER,
    )
    assert [one.path for one in exits(found)] == [TESTER]
    assert [one.path for one in behind(found, found[0])] == [ROUTER, TESTER, BENCH]
    assert [one.path for one in behind(found, found[2])] == [BENCH]  # it stands behind, though it leads back


def test_a_line_of_two_products_worked_by_hand(panels):
    report = line_report(panels, LINE, ALL)
    assert report.constraint == PRINTER  # of A, which the line worked on for 65 of 120 minutes
    assert (report.sums.exit_good, report.sums.exit_covered) == (239 + 200, 239 + 200)
    assert report.kpis.oee == (239 * 10 + 200 * 12) / 7200
    lost = report.losses
    assert lost.good_ideal_us + every_loss(lost) == lost.ppt_us == 7200 * SECOND_US
    assert (lost.setup_us, lost.starved_us) == (300 * SECOND_US, 300 * SECOND_US)  # the printer's, then the tester's
    assert lost.defects_us == 10 * SECOND_US  # one board of A, at the printer's pace
    assert lost.in_process_us == 0  # the boards of B that wait before the tester have not passed the constraint
    assert lost.speed_us == (60 * 60 - 60 * 40 + 50 * 60 - 200 * 12) * SECOND_US
    assert report.kpis.availability * report.kpis.performance * report.kpis.quality == pytest.approx(report.kpis.oee)


def test_the_order_says_whose_time_counts(panels):
    first = line_report(panels, LINE, Span(at(60), at(65)))
    assert (first.constraint, first.kpis.oee, first.losses.setup_us) == (PRINTER, 20 * 10 / 300, 300 * SECOND_US)
    second = line_report(panels, LINE, Span(at(70), END))
    assert (second.constraint, second.kpis.oee) == (TESTER, 200 * 12 / 3000)
    between = line_report(panels, LINE, Span(at(65), at(70)))
    assert (between.constraint, between.kpis.oee, between.losses.starved_us) == (TESTER, 0, 300 * SECOND_US)


def test_before_any_order_and_of_an_unknown_product_the_nominal_constraint_counts(panel_path):
    def basis():
        with Store.open(panel_path) as store:
            return [(turn.station.path, turn.from_us, turn.to_us) for turn in turns(store, LINE, found, ALL)]

    with Store.open(panel_path) as store:
        found = stations(store, LINE)
    assert basis() == [(PRINTER, START, at(65)), (TESTER, at(65), END)]
    with database(panel_path) as connection:
        connection.execute("DELETE FROM orders WHERE started_us < ?", (START,))
    assert basis() == [(PRINTER, START, at(65)), (TESTER, at(65), END)]
    with database(panel_path) as connection:
        connection.execute("UPDATE orders SET payload = CAST(replace(payload, '\"B\"', '\"Z\"') AS BLOB)")
    assert basis() == [(PRINTER, START, END)]


def test_an_order_counts_from_the_first_whole_minute_on(panel_path):
    with database(panel_path) as connection:
        connection.execute("UPDATE orders SET started_us = started_us + 2000000 WHERE started_us > ?", (START,))
    with Store.open(panel_path) as store:
        assert turns(store, LINE, stations(store, LINE), ALL)[1].from_us == at(66)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.integers(1, 119)))
def test_spans_of_whole_minutes_add_up_exactly(panels, cuts):
    edges = [0, *sorted(cuts), 120]
    parts = [line_report(panels, LINE, Span(at(a), at(b))) for a, b in pairwise(edges)]
    whole = line_report(panels, LINE, ALL)
    assert add_losses(part.losses for part in parts) == whole.losses
    assert add_up(part.sums.constraint for part in parts) == whole.sums.constraint
    counts = attrgetter("exit_good", "exit_covered", "exit_ideal_us", "scrap_ideal_us", "energy_j", "idle_energy_j")
    assert [sum(column) for column in zip(*(counts(part.sums) for part in parts), strict=True)] == [*counts(whole.sums)]
    assert sum(part.span_us for part in parts) == whole.span_us
    assert sum(part.in_shift_planned_us for part in parts) == whole.in_shift_planned_us
    for part in parts:
        assert part.losses.good_ideal_us + every_loss(part.losses) == part.losses.ppt_us


def test_yields_are_of_first_passes_and_a_bench_is_in_none(panels):
    report = line_report(panels, LINE, ALL)
    fpy = {one.path: one.fpy for one in report.machines}
    assert fpy == {PRINTER: 1, ROUTER: 1, TESTER: 438 / 440, BENCH: 1}
    assert report.rty == 438 / 440
    assert {one.path: one.kpis.rework_ratio for one in report.machines}[TESTER] == 1 / 441
    assert report.min_oee == min(one.kpis.oee for one in report.machines if one.path != BENCH)


def test_where_no_unit_was_told_there_is_no_first_pass_yield(panel_path):
    with database(panel_path) as connection:
        connection.execute("UPDATE made SET first = 0, first_good = 0 WHERE machine_id <> 3")
    with Store.open(panel_path) as store:
        report = line_report(store, LINE, ALL)
    assert [one.fpy for one in report.machines] == [None, None, 438 / 440, None]
    assert report.rty == 438 / 440


def test_a_scrapped_panel_behind_the_constraint_costs_all_its_boards(panel_path):
    whole = codec.encode(structs.replace(info(2, "router"), exit_parts=4.0))
    with database(panel_path) as connection:
        connection.execute("UPDATE facts SET payload = ? WHERE path = ? AND kind = 'info'", (whole, ROUTER))
        connection.execute(
            "UPDATE made SET scrap = 1, good = good - 1 WHERE machine_id = 2 AND minute_us = ?", (at(7),)
        )
    with Store.open(panel_path) as store:
        assert line_report(store, LINE, ALL).losses.defects_us == (1 + 4) * 10 * SECOND_US


def test_orders_are_counted_part_by_part_at_the_constraint_of_their_product(panels):
    first, second = order_reports(panels, LINE, ALL)
    assert (first.order, first.constraint, first.span) == ("WO-1", PRINTER, Span(at(0), at(60)))
    assert (first.began_us, first.ended_us) == (at(0), at(65))
    assert (first.left.good, first.left.scrap, first.made[TESTER].rework) == (239, 1, 1)
    assert first.kpis.oee == 239 * 10 / 3600
    assert first.rty == 238 / 240
    assert (second.order, second.constraint, second.span) == ("WO-2", TESTER, Span(at(70), END))
    assert second.kpis.oee == 200 * 12 / 3000
    for one in (first, second):
        assert one.losses.good_ideal_us + every_loss(one.losses) == one.losses.ppt_us
    assert second.losses.in_process_us == 0


def test_the_orders_of_a_line_are_its_parts(panels):
    report, orders = line_report(panels, LINE, ALL), order_reports(panels, LINE, ALL)
    for machine in report.machines:
        of_orders = [one.made[machine.path] for one in orders if machine.path in one.made]
        assert sum(one.total for one in of_orders) == machine.sums.total
        assert sum(one.good for one in of_orders) == machine.sums.good
    assert sum(one.left.good for one in orders) == report.sums.exit_good


def test_the_minute_of_a_change_belongs_to_the_order_that_begins(panel_path):
    with database(panel_path) as connection:
        connection.execute("INSERT INTO made VALUES (1, ?, 'WO-2', 'B', 1, 1, 0, 0, 1, 1, 1, 0)", (at(59),))
        # and a late part of the first order while the second runs does not take its time
        connection.execute("INSERT INTO made VALUES (1, ?, 'WO-1', 'A', 1, 1, 0, 0, 1, 0, 0, 0)", (at(80),))
    with Store.open(panel_path) as store:
        first, _ = order_reports(store, LINE, ALL)
    assert first.span == Span(at(0), at(59))
    assert first.made[PRINTER].total == 61


def test_an_order_that_has_not_reached_its_constraint_has_no_oee_and_is_counted(panels):
    second = order_reports(panels, LINE, Span(START, at(70)))[1]
    assert (second.order, second.span, second.kpis.oee, second.left.total) == ("WO-2", None, None, 0)
    assert second.made[PRINTER].total == 10


def test_orders_of_a_product_together_are_the_ratio_of_their_sums(panels):
    orders = order_reports(panels, LINE, ALL)
    both = rolled("any", orders)
    assert both.kpis.oee == (239 * 10 + 200 * 12) / (3600 + 3000)


def test_energy_of_a_line_is_of_all_machines_over_what_left(panels):
    [found] = line_energies(panels, [LINE], ALL)
    whole = sum(one.sums.energy_j for one in line_report(panels, LINE, ALL).machines)
    assert found.energy.kwh == whole / 3.6e6
    assert found.energy.kwh_per_good == pytest.approx(whole / 3.6e6 / 439)
    printer, *_, bench = found.machines
    assert printer.energy.kwh == (115 * WORK_J + 5 * WORK_J / 10) / 3.6e6
    assert bench.energy.idle_share == 1
    assert printer.mean_w == pytest.approx((115 * 1000 + 5 * 100) / 120)


def test_a_bench_is_never_the_bottleneck_however_long_it_works(panel_path):
    rows = [(1, START, at(30)), (3, START, at(60)), (4, START, END)]
    with database(panel_path) as connection:
        connection.executemany("INSERT INTO intervals VALUES (?1, ?2, ?3, 'execute', 'Execute', '', ?2)", rows)
    with Store.open(panel_path) as store:
        found = bottlenecks(store, LINE, ALL)
    assert found.machines == {TESTER: Share(sole_us=60 * MINUTE_US)}
