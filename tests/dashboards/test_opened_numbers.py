"""Yields and energy opened: what the pages list adds up, or multiplies, to the number that was clicked, exactly."""

from fractions import Fraction
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated import simulate
from test_pages_of_a_plant import told, trouble, whole_of

from answers.energy import line_energies
from answers.made import Made
from answers.order_report import order_reports
from answers.plant import Station
from answers.quality import first_passes
from answers.report import line_report
from answers.span import everything
from answers.store import Store, short
from contract.events import Words
from contract.kpi import rolled_throughput_yield

SPANS = ("shift", "today", "7d")


@pytest.fixture(scope="module", params=[("phone", 2), ("printer", 4)], ids=str)
def path(request, tmp_path_factory):
    name, seed = request.param
    return simulate(tmp_path_factory.mktemp(name), name, seed, 4)


@pytest.fixture
def store(path):
    with Store.open(path) as opened:
        yield opened


def multiplied(rows):
    return float(prod(Fraction(one.good, one.first) for one in rows if one.in_flow))


def test_the_counts_of_the_stations_multiply_to_the_rty(path, store):
    for line in store.lines():
        for span in SPANS:
            found = told(path, "explain_yield", line=line, span=span)
            report, page = line_report(store, line, whole_of(found)), told(path, "quality", line=line, span=span).data
            assert found.data.value == report.rty == page.rty == multiplied(found.data.stations)
            assert {(one.station, one.first, one.good, one.fpy) for one in found.data.stations} == {
                (one.station, one.first, one.first_good, one.fpy) for one in page.stations
            }
            for one in page.products:
                opened = told(path, "explain_yield", line=line, span=span, code=one.product).data
                assert opened.kind == "product"
                assert opened.value == one.rty
                assert opened.value is None or opened.value == multiplied(opened.stations)


def test_the_yield_of_a_machine_is_its_products_and_its_hours(path, store):
    for line in store.lines():
        for station in told(path, "quality", line=line, span="today").data.stations:
            data = told(path, "explain_yield", line=line, span="today", machine=station.station).data
            assert (data.kind, data.value) == ("machine", station.fpy)
            for parts in (data.products, data.slices):
                assert sum(one.first for one in parts) == station.first
                assert sum(one.good for one in parts) == station.first_good
                assert sum(one.false_calls for one in parts) == station.false_calls
        assert trouble(path, "explain_yield", line=line, machine="no_such") == "machine"
        nothing = told(path, "explain_yield", line=line, code="no such").data
        assert (nothing.value, nothing.stations) == (None, [])


def test_the_yield_of_an_order_is_that_of_its_whole_life(path, store):
    opened = 0
    for line in store.lines():
        reports = {one.order: one for one in order_reports(store, line, everything(store))}
        for row in told(path, "orders", line=line, span="7d").data.orders:
            if row.rty is not None:
                data = told(path, "explain_yield", line=line, span="hour", order=row.order.order).data
                assert data.value == row.rty == reports[row.order.order].rty == multiplied(data.stations)
                opened += 1
        assert trouble(path, "explain_yield", line=line, order="no such") == "order"
    assert opened


def test_energy_is_opened_by_machine_and_by_hour_to_the_joule(path, store):
    for line in store.lines():
        for span in SPANS:
            found = told(path, "explain_energy", line=line, span=span)
            [right] = line_energies(store, [line], whole_of(found))
            report = line_report(store, line, whole_of(found))
            adds_up(found.data)
            assert found.data.used_j == report.sums.energy_j
            assert found.data.idle_j == report.sums.idle_energy_j
            says(found.data, right.energy, right.good)
            for one in right.machines:
                own = told(path, "explain_energy", line=line, span=span, machine=short(one.machine), code="power").data
                adds_up(own)
                says(own, one.energy, own.good)
                machine = next(each for each in report.machines if each.path == one.machine)
                assert (own.good, own.known_us) == (machine.sums.good, machine.sums.booked_us)
                assert one.mean_w is None or own.used_j * 1e6 / own.known_us == pytest.approx(one.mean_w)
        assert told(path, "explain_energy", line=line, code="power").data.figure == "used"


def adds_up(data):
    for parts in (data.machines, data.slices):
        assert sum(one.used_j for one in parts) == data.used_j
        assert sum(one.idle_j for one in parts) == data.idle_j
        assert all(0 <= one.idle_j <= one.used_j for one in parts)


def says(data, energy, good):
    """What the pages with the number say is what this page divides."""
    assert energy.kwh == data.used_j / 3.6e6
    assert energy.idle_kwh == data.idle_j / 3.6e6
    assert energy.idle_share == (data.idle_j / data.used_j if data.used_j else None)
    if energy.kwh_per_good is not None:
        assert energy.kwh_per_good == pytest.approx(data.used_j / 3.6e6 / good)


def station(n, *, off_flow):
    name = Words(en=f"s{n}", vi=f"s{n}")
    return Station(f"a/b/c/d/s{n}", f"s{n}", name, "", n, 1, None, {}, False, True, off_flow=off_flow)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), max_size=8))
def test_every_yield_so_far_is_that_of_the_flow_so_far(told_of):
    line_stations = [station(n, off_flow=off) for n, (_, _, off) in enumerate(told_of)]
    made = {
        one.path: Made(first=good + bad, first_good=good)
        for one, (good, bad, _) in zip(line_stations, told_of, strict=True)
    }
    found = first_passes(line_stations, made)
    assert [one.machine for one in found] == [one.path for one in line_stations if made[one.path].first]
    flow = []
    for one in found:
        if one.in_flow:
            flow.append((one.good, one.first))
        assert one.so_far == rolled_throughput_yield(flow)


def test_a_forecast_is_what_is_left_at_the_pace_laid_into_planned_time(path, store):
    opened = 0
    for line in store.lines():
        page = told(path, "orders", line=line, span="7d").data
        for row in page.orders:
            order = row.order.order
            if row.forecast is None:
                assert trouble(path, "explain_forecast", line=line, order=order) == "order"
                continue
            found = told(path, "explain_forecast", line=line, order=order)
            data = found.data
            assert (data.finish_us, data.late_us, data.pace) == (row.forecast.finish_us, row.late_us, page.pace)
            assert data.pace == (1.0 if data.is_ideal else data.made_us / data.planned_us)
            for one in data.orders:
                assert one.needed_us == pytest.approx(one.remaining * one.ideal_us / data.pace)
            assert data.orders[-1].order == order
            if data.finish_us is not None:
                needed_us = sum(one.needed_us for one in data.orders)
                assert sum(one.to_us - one.from_us for one in data.ahead) == round(needed_us)
                assert not data.ahead or data.ahead[-1].to_us == data.finish_us
                opened += 1
    assert opened
