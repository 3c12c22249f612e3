"""What the pages behind the wall say of a simulated plant is what the answers say, and adds up to the microsecond."""

from importlib import import_module

import pytest
from simulated import simulate

from answers.energy import line_energies
from answers.explain import explain
from answers.order_report import order_reports
from answers.quality import quality
from answers.report import line_report, rolled
from answers.span import Span, everything
from answers.store import Store, short
from answers.trace import recall, trace
from dashboards.board.api import Answer, answer
from dashboards.board.ladder import BLAME, DEFINITIONS
from dashboards.board.pages import Query

# Two lines with panels and orders; one with branches that join, and rework.
RUNS = [("phone", 1), ("printer", 4)]


@pytest.fixture(scope="module", params=RUNS, ids=str)
def path(request, tmp_path_factory):
    name, seed = request.param
    return simulate(tmp_path_factory.mktemp(name), name, seed, 4)


@pytest.fixture
def store(path):
    with Store.open(path) as opened:
        yield opened


def told(path, page, **asked):
    """What the page ``page`` gets."""
    found = answer(path, import_module(f"dashboards.board.pages.{page}").PAGE, Query(**asked))
    assert isinstance(found, Answer), found
    return found


def trouble(path, page, **asked):
    found = answer(path, import_module(f"dashboards.board.pages.{page}").PAGE, Query(**asked))
    assert isinstance(found, dict), found
    return found["trouble"].reason


def subjects(store):
    """Each line, and every fourth of its machines."""
    return [(line, machine) for line in store.lines() for machine in ["", *map(short, store.machines(line)[::4])]]


def report_of(store, found):
    return line_report(store, found.line, whole_of(found))


def whole_of(found):
    return Span(found.from_us, found.to_us)


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_every_step_down_to_good_parts_adds_up_and_is_what_the_kpi_says(path, store, definition):
    for line, machine in subjects(store):
        found = told(path, "explain", line=line, machine=machine, definition=definition)
        left = found.data.rows[0].us
        for row in found.data.rows[1:]:
            left = left if row.is_left else left - row.us
            if row.is_left:
                assert row.us == left, (machine or line, row.kind)
        report = report_of(store, found)
        kpis = next((one.kpis for one in report.machines if short(one.path) == machine), report.kpis)
        right = kpis.oee if definition in ("tpm", "iso") else getattr(kpis, definition)
        assert found.data.ratios[definition] == right


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_each_factor_is_its_fraction_and_together_they_are_the_definition(path, store, definition):
    for line, machine in subjects(store):
        data = told(path, "explain", line=line, machine=machine, definition=definition).data
        product = 1.0
        for factor in data.factors:
            if factor.value is not None:
                assert factor.value == pytest.approx(factor.above / factor.below)
                product *= factor.value
        several = any(factor.in_parts for factor in data.factors) and len({one.product for one in data.good}) > 1
        if all(factor.value is not None for factor in data.factors) and not several:
            assert product == pytest.approx(data.ratios[definition])


def test_what_each_definition_blames_is_what_its_factors_lose(path, store):
    for line in store.lines():
        for definition in ("tpm", "iso", "ooe"):
            data = told(path, "explain", line=line, definition=definition).data
            times = {row.kind: row.us for row in data.rows}
            for factor in data.factors:
                letter = {"availability": "A", "performance": "P", "effectiveness": "E", "quality": "Q"}.get(factor.key)
                if letter and factor.below:
                    lost = sum(us for kind, us in times.items() if BLAME[definition].get(kind) == letter)
                    assert factor.below - factor.above == lost, (definition, factor.key)


def test_the_intervals_behind_a_step_are_that_step(path, store):
    for line, machine in subjects(store):
        for row in told(path, "explain", line=line, machine=machine).data.rows:
            if row.reasons:
                opened = told(path, "explain", line=line, machine=machine, code=row.kind).data
                shown = sum(one.to_us - one.from_us for one in opened.pieces) + opened.more_us
                assert shown == sum(one.us for one in row.reasons) == row.us, row.kind
                assert len(opened.pieces) + opened.more == sum(one.intervals for one in row.reasons)


def test_the_parts_behind_good_and_rejected_time_are_all_of_it(path, store):
    for line, machine in subjects(store):
        data = told(path, "explain", line=line, machine=machine).data
        times = {row.kind: row.us for row in data.rows}
        assert data.off_us == (0, 0)
        assert sum(one.parts * one.each_us for one in data.good) == times["good"]
        assert sum(one.us for one in data.rejected) == times["defects"] + times["startup"]


def test_a_machine_is_opened_as_mes_explain_opens_it(path, store):
    for line in store.lines():
        for machine in store.machines(line):
            found = told(path, "explain", line=line, machine=short(machine))
            other = explain(store, machine, whole_of(found))
            times = {row.kind: row.us for row in found.data.rows}
            assert (times["span"], times["unknown"], times["planned"]) == (
                other.span_us,
                other.unknown_us,
                other.planned_us,
            )
            assert times["ppt"] == other.losses.ppt_us
            assert times["good"] == other.losses.good_ideal_us


def test_the_two_mistakes_are_those_of_the_report(path, store):
    for line in store.lines():
        found = told(path, "explain", line=line, basis="mean")
        report = report_of(store, found)
        assert found.data.mean["tpm"] == pytest.approx(report.mean_oee)
        assert found.data.least["tpm"] == report.min_oee
        assert found.data.ratios["tpm"] == report.kpis.oee


def test_orders_carry_the_kpis_of_their_report(path, store):
    for line in store.lines():
        found = told(path, "orders", line=line, span="7d")
        reports = {one.order: one for one in order_reports(store, line, whole_of(found))}
        rows = {one.order.order: one for one in found.data.orders}
        assert {name for name in rows if rows[name].oee is not None} <= set(reports)
        for name, row in rows.items():
            if name in reports:
                assert (row.oee, row.rty) == (reports[name].kpis.oee, reports[name].rty)
                one = told(path, "orders", line=line, span="7d", order=name).data.opened
                assert one.planned_s == pytest.approx(sum(one.steps.values()) + one.good_s)
        dated = [row for row in rows.values() if row.order.due_us is not None]
        for row in dated:
            end_us = row.forecast.finish_us if row.forecast else row.order.finish_us
            assert row.late_us == (None if end_us is None else end_us - row.order.due_us)
            assert (row.forecast is None) == (row.order.state == "complete")
        foreseen = [row for row in dated if row.late_us is not None]
        assert (found.data.late, found.data.in_time) == (
            sum(row.late_us > 0 for row in foreseen),
            sum(row.late_us <= 0 for row in foreseen),
        )
        assert trouble(path, "orders", line=line, order="no such") == "order"


def test_an_order_cut_by_the_span_carries_the_kpis_of_its_whole_life(path, store):
    cut = 0
    for line in store.lines():
        reports = {one.order: one for one in order_reports(store, line, everything(store))}
        for row in told(path, "orders", line=line, span="hour").data.orders:
            if row.oee is not None:
                assert (row.oee, row.made_s) == (
                    reports[row.order.order].kpis.oee,
                    (reports[row.order.order].ended_us - reports[row.order.order].began_us) / 1e6,
                )
                cut += row.made_s > 3600
    assert cut, "no order was longer than the span"


def test_quality_is_that_of_the_answers(path, store):
    for line in store.lines():
        found = told(path, "quality", line=line)
        right, data = quality(store, line, whole_of(found)), found.data
        assert data.rty == right.rty
        assert sum(one.defects for one in data.stations) == sum(one.count for one in right.pareto) == data.defects
        for one in data.stations:
            own = [each.made for each in right.stations if short(each.machine) == one.station]
            assert one.first == sum(made.first for made in own)
            assert one.fpy == pytest.approx(sum(made.first_good for made in own) / one.first)
        if data.shares:
            station = next(one for one in data.stations if one.station == data.shares.station)
            assert sum(one.n for one in data.shares.samples) == station.first
            assert sum(one.rejected for one in data.shares.samples) == station.first - station.first_good
        assert trouble(path, "quality", line=line, code="no.such") == "value"
        assert trouble(path, "quality", line=line, machine="no_such") == "machine"


def test_every_value_can_be_charted_with_its_limits_and_rules(path, store):
    for line in store.lines():
        for value in told(path, "quality", line=line).data.values:
            chosen = told(path, "quality", line=line, code=value.key).data.chosen
            assert chosen.key == value.key
            for rule, count in chosen.rules.items():
                assert count == sum(rule in point.rules for point in chosen.points)
            out = [
                one
                for one in chosen.points
                if chosen.chart and not chosen.chart.lower <= one.value <= chosen.chart.upper
            ]
            assert all(1 in one.rules for one in out)


def test_a_unit_and_its_kin_and_lots_lead_to_each_other(path, store):
    start = told(path, "trace").data
    assert start.recent
    for recent in start.recent[:5]:
        found, right = told(path, "trace", unit=recent.unit).data.traced, trace(store, recent.unit)
        assert [(one.machine, one.began_us, one.result) for one in found.steps] == [
            (one.machine, one.began_us, one.result) for one in right.steps
        ]
        assert sum(len(one.values) for one in found.steps) == len(right.values)
        for lot in found.lots:
            assert recent.unit in {one.unit for one in told(path, "trace", lot=lot).data.recalled.units}
        for parent in found.parents:
            assert recent.unit in {one.unit for one in told(path, "trace", unit=parent.unit).data.traced.children}


def test_a_recall_list_is_complete_and_says_what_became_of_each(path, store):
    for lot in told(path, "trace").data.lots:
        data, right = told(path, "trace", lot=lot).data, recall(store, lot)
        assert data.recalled == right
        assert sum(data.fates.values()) == len(right.units)


def test_what_is_not_known_leads_to_what_is_near(path):
    start = told(path, "trace").data
    data = told(path, "trace", unit=f"{start.recent[0].unit}9").data
    assert data.traced is None
    assert data.unknown
    assert data.near
    nothing = told(path, "trace", lot="' OR 1=1 --%").data
    assert nothing.recalled is None
    assert nothing.unknown
    if start.lots:
        assert told(path, "trace", lot=start.lots[0][:-1]).data.near


def test_energy_over_time_and_by_machine_is_that_of_the_line(path, store):
    for line in store.lines():
        for span in ("shift", "today", "7d"):
            found = told(path, "energy", line=line, span=span)
            [right] = line_energies(store, [line], whole_of(found))
            data = found.data
            assert data.energy == right.energy
            assert sum(one.kwh for one in data.bars) == pytest.approx(right.energy.kwh)
            assert sum(one.idle_kwh for one in data.bars) == pytest.approx(right.energy.idle_kwh)
            assert sum(one.energy.kwh for one in data.machines) == pytest.approx(right.energy.kwh)
            assert (data.bars[0].from_us, data.bars[-1].to_us) == (found.from_us, found.to_us)


def test_the_park_has_every_line_and_its_sums(path, store):
    found = told(path, "park", span="today").data
    lines = [line for site in found.sites for line in site.lines]
    assert {line.path for line in lines} == set(store.lines())
    reports = []
    for line in lines:
        own = told(path, "line", line=line.path, span="today")
        reports.append(report_of(store, own))
        assert line.oee == reports[-1].kpis.oee
        assert line.lost_s == pytest.approx(sum(own.data.now.shift.steps.values()))
    assert found.oee == rolled("", reports).kpis.oee
    if len(lines) > 1:
        assert max(lines, key=lambda line: line.oee).path == found.best
        assert min(lines, key=lambda line: line.oee).path == found.worst


def test_an_order_is_opened_into_the_time_of_its_own_life(path, store):
    opened = 0
    for line in store.lines():
        reports = {one.order: one for one in order_reports(store, line, everything(store))}
        rows = [row for row in told(path, "orders", line=line, span="7d").data.orders if row.oee is not None]
        for row in rows:
            report, order = reports[row.order.order], row.order.order
            data = told(path, "explain", line=line, order=order, span="hour").data
            assert data.ratios["tpm"] == row.oee == report.kpis.oee
            adds_up(data)
            times = {step.kind: step.us for step in data.rows}
            assert times["ppt"] == report.losses.ppt_us
            assert sum(one.us for one in data.good) == times["good"]
            assert sum(one.us for one in data.rejected) == times["defects"] + times["startup"]
            for step in data.rows:
                assert not step.reasons or sum(one.us for one in step.reasons) == step.us
            opened += 1
        assert trouble(path, "explain", line=line, order="no such") == "order"
    assert opened


def adds_up(data):
    """Every step that is left is the one before it less what was cut away between, to the microsecond."""
    left = data.rows[0].us
    for row in data.rows[1:]:
        left = left if row.is_left else left - row.us
        assert not row.is_left or row.us == left, row.kind


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_several_lines_are_opened_into_the_sums_of_each(path, store, definition):
    sites = [site.path for site in told(path, "park", span="today").data.sites]
    for of in ["park", *sites]:
        data = told(path, "explain", of=of, span="today", definition=definition).data
        adds_up(data)
        lines = [line for line in store.lines() if of == "park" or line.startswith(f"{of}/")]
        each = {line: told(path, "explain", line=line, span="today", definition=definition).data for line in lines}
        right = rolled(of, [report_of(store, told(path, "line", line=line, span="today")) for line in lines]).kpis
        shown = (right.oee, right.oee, right.nee, right.ooe, right.teep)
        assert tuple(data.ratios.values()) == shown
        assert [one.machine for one in data.each] == lines
        for n, step in enumerate(data.rows):
            assert {one.machine: one.us for one in step.reasons} == {
                line: own.rows[n].us for line, own in each.items() if own.rows[n].us
            }
            assert sum(one.us for one in step.reasons) == step.us
        assert sum(one.us for one in data.good) + data.off_us[0] == data.rows[-1].us
    assert trouble(path, "explain", of=f"{sites[0]}x") == "line"
