"""Forecasts of orders against what the simulator's line then does: they come nearer as the end comes nearer."""

import io
from contextlib import closing

import pytest

from answers.forecast import outlook, remaining
from answers.orders import OrderState, line_orders
from answers.plant import constraint, stations
from answers.report import evidence
from answers.span import Span, Spread, working
from answers.store import Store
from collector.intake import Intake
from collector.journal import Journal
from collector.replay import replay
from contract.instants import HOUR_US, MINUTE_US
from simulator.engine import Factory
from simulator.plant_file import load_plant
from simulator.record import record

HOURS, EVERY_US = 12, HOUR_US


def looks(folder, seed):
    """Every hour of a run of the plant ``phone``: the open store of that moment."""
    plant = load_plant("phone")
    factory, path = Factory(plant, seed, plant.default_start_us, keep_truth=False), folder / "mes.db"
    with closing(Journal.open(path)) as journal:
        intake = Intake()
        for _ in range(HOURS):
            events = io.BytesIO()
            record(factory, factory.now_us + EVERY_US, events, goes_on=True)
            replay(events.getvalue().splitlines(), intake, journal, lambda _: None)
            with Store.open(path) as store:
                yield store


@pytest.fixture(scope="module", params=[1, 2, 3])
def said(request, tmp_path_factory):
    """(what was left of an order in reality, how far off its forecast was), µs."""
    forecasts, ends = [], {}
    for store in looks(tmp_path_factory.mktemp("forecast"), request.param):
        for line in store.lines():
            found = line_orders(store, line)
            ends |= {(line, one.order): one.finish_us for one in found if one.state is OrderState.COMPLETE}
            now_us = evidence(store).newest_us
            forecasts += [((line, one.order), now_us, one.finish_us) for one in outlook(store, line, found).orders]
    known = [(ends[key], now_us, finish_us) for key, now_us, finish_us in forecasts if key in ends]
    return [(end_us - now_us, abs(finish_us - end_us)) for end_us, now_us, finish_us in known]


def test_the_error_shrinks_as_the_order_nears_its_end(said):
    near = [error_us for left_us, error_us in said if left_us <= 2 * HOUR_US]
    far = [error_us for left_us, error_us in said if left_us > 4 * HOUR_US]
    assert len(near) >= 3
    assert len(far) >= 3
    assert sum(near) / len(near) < sum(far) / len(far) / 2
    assert max(near) < HOUR_US


def test_the_planned_time_until_an_order_is_done_is_what_it_and_those_before_it_need(tmp_path):
    *_, store = looks(tmp_path, 4)
    with Store.open(store.path) as opened:
        now_us = evidence(opened).newest_us
        for line in opened.lines():
            found = [one for one in line_orders(opened, line) if one.state is not OrderState.COMPLETE]
            look = outlook(opened, line, found)
            assert not look.is_ideal
            planned, needed_us = Spread(working(opened, line, Span(now_us, now_us + 14 * 24 * HOUR_US))), 0.0
            for one, forecast in zip(found, look.orders, strict=True):
                narrow = constraint(stations(opened, line), one.product)
                needed_us += remaining(one) * narrow.exit_ideal_us(one.product) / look.pace
                if forecast.finish_us is None:
                    continue
                assert planned.overlap_us(now_us, forecast.finish_us) == pytest.approx(needed_us, abs=2)
                assert forecast.late_us == (None if one.due_us is None else forecast.finish_us - one.due_us)


def test_what_never_ran_is_forecast_by_its_ideal_time(tmp_path):
    plant = load_plant("phone")
    factory, path, events = (
        Factory(plant, 1, plant.default_start_us, keep_truth=False),
        tmp_path / "mes.db",
        io.BytesIO(),
    )
    record(factory, factory.now_us + MINUTE_US // 6, events, goes_on=True)
    with closing(Journal.open(path)) as journal:
        replay(events.getvalue().splitlines(), Intake(), journal, lambda _: None)
    with Store.open(path) as store:
        for line in store.lines():
            found = line_orders(store, line)
            look = outlook(store, line, found)
            assert look.is_ideal
            assert look.pace == 1.0
            finishes = [one.finish_us for one in look.orders if one.finish_us is not None]
            assert finishes == sorted(finishes)
            assert finishes
