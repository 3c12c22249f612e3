"""What the answers say of plants with orders, panels, joins and benches holds together, and with the truth."""

import io
from contextlib import closing
from itertools import pairwise
from typing import NamedTuple

import pytest
from msgspec import structs

from answers.order_report import order_reports
from answers.report import line_report, line_reports
from answers.span import everything, hours
from answers.store import Store
from answers.trace import recall, trace
from collector.intake import Intake
from collector.journal import Journal
from collector.replay import replay
from contract.instants import HOUR_US
from contract.kpi import Losses
from contract.truth import TruthOrder, decode_record
from simulator.engine import Factory
from simulator.plant_file import load_plant
from simulator.record import record

HOURS, TRACED = 9, 400


class Walk(NamedTuple):
    """A run and what truly became of its orders."""

    store: Store
    orders: dict[tuple[str, str], TruthOrder]


@pytest.fixture(scope="module", params=[("phone", 1), ("phone", 2), ("car", 3), ("printer", 4)], ids=str)
def walked(request, tmp_path_factory):
    name, seed = request.param
    plant, folder = load_plant(name), tmp_path_factory.mktemp(name)
    events, truth = io.BytesIO(), io.BytesIO()
    start_us = plant.default_start_us
    record(Factory(plant, seed, start_us), start_us + HOURS * HOUR_US, events, truth)
    with closing(Journal.open(folder / "mes.db")) as journal:
        replay(events.getvalue().splitlines(), Intake(), journal, lambda _: None)
    records = map(decode_record, truth.getvalue().splitlines())
    orders = {(one.line, one.order): one for one in records if isinstance(one, TruthOrder)}
    with Store.open(folder / "mes.db") as store:
        yield Walk(store, orders)


def every_loss(lost: Losses) -> int:
    return sum(us for name, us in structs.asdict(lost).items() if name not in {"ppt_us", "good_ideal_us"})


def test_good_time_and_all_losses_are_the_planned_time_of_every_line_hour_order_and_machine(walked):
    store, whole = walked.store, everything(walked.store)
    for line in store.lines():
        reports = [line_report(store, line, span) for span in [whole, *hours(whole, store.tz(line))]]
        orders = order_reports(store, line, whole)
        machines = [machine.losses for report in reports for machine in report.machines]
        for lost in [*machines, *(one.losses for one in [*reports, *orders])]:
            assert lost.good_ideal_us + every_loss(lost) == lost.ppt_us
        assert all(0 < report.kpis.oee <= 1 for report in reports[:1])


def test_orders_are_the_parts_of_their_line_and_what_they_truly_were(walked):
    store, whole = walked.store, everything(walked.store)
    for report in line_reports(store, store.lines(), whole):
        orders = order_reports(store, report.path, whole)
        assert len(orders) > 1  # a changeover was made
        for machine in report.machines:
            of_orders = [one.made[machine.path] for one in orders if machine.path in one.made]
            assert sum(one.total for one in of_orders) == machine.sums.total
            assert sum(one.covered_good for one in of_orders) == machine.sums.good
        for one in orders:
            assert one.left.good == walked.orders[report.path, one.order].good
        turns = sorted((one.constraint, one.span.from_us, one.span.to_us) for one in orders if one.span)
        for (machine, _, end_us), (other, start_us, _) in pairwise(turns):
            assert machine != other or end_us <= start_us


def test_a_lot_is_recalled_from_exactly_the_units_whose_trace_holds_it(walked):
    store = walked.store
    units = [unit for (unit,) in store.rows("SELECT DISTINCT unit FROM units")]
    asked = units[:: max(1, len(units) // TRACED)]
    lots = [lot for (lot,) in store.rows("SELECT DISTINCT lot FROM lots")]
    assert lots
    recalled = {lot: {one.unit for one in recall(store, lot).units} for lot in lots}
    for unit in asked:
        held = lots_of(trace(store, unit))
        assert held == {lot for lot in lots if unit in recalled[lot]}


def lots_of(found):
    own = {lot for step in found.steps for lot in step.lots}
    return own.union(*(lots_of(parent) for parent in found.parents))


def test_whatever_was_made_of_a_unit_names_it_as_its_parent(walked):
    store = walked.store
    parents = [unit for (unit,) in store.rows("SELECT DISTINCT parent FROM parents")]
    assert parents
    for parent in parents[:: max(1, len(parents) // 100)]:
        for child in trace(store, parent).children:
            assert parent in {one.unit for one in trace(store, child.unit).parents}
