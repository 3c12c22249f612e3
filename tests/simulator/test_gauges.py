"""Process values: measured as often as they should be, around their target, drifting until somebody sets them right."""

import math
from itertools import pairwise
from statistics import mean, stdev

import pytest
from small_plants import HOUR_US, MONDAY_US, SECOND_US, factory_of, of_kind, station, stop, words

from contract.codec import decode, encode
from contract.events import MachineDescribed, StateChanged, UnitProcessed, ValuesMeasured
from contract.topics import Kind
from simulator.plant import Changeover, Order, Product
from simulator.sampling import Constant
from simulator.station_spec import Maintenance, Value, Wear

STEADY = 1e-9  # a deviation too small to be told: five digits are


def value(code="width", target=10.0, sd=0.1, drift_per_h=0.0, **more):
    return Value(code, words(code), "mm", target, sd, drift_per_h=drift_per_h, **more)


def measured(*stations, seconds=3600, machine="m", **more):
    factory = factory_of(*stations, **more)
    said = factory.run_until(MONDAY_US + seconds * SECOND_US)
    return said, of_kind(said, ValuesMeasured, machine)


def at(event):
    return (event.ts - MONDAY_US) / SECOND_US


def test_on_each_so_many_th_part_and_the_part_is_named():
    said, found = measured(station("m", 10, values=(value(every_parts=3),)), seconds=300)
    assert [at(event) for event in found] == [30, 60, 90, 120, 150, 180, 210, 240, 270, 300]
    units = [event.unit for event in of_kind(said, UnitProcessed)]
    assert [event.unit for event in found] == units[2::3]
    assert all(set(event.values) == {"width"} for event in found)


def test_each_so_many_seconds_while_it_works_and_the_machine_itself_is_meant():
    """At work from 100 to 130, from 200 to 230 …; measured each seven seconds."""
    _, found = measured(station("feed", 100), station("m", 30, values=(value(every_s=7.0),)), seconds=400)
    expected = [second for second in range(7, 401, 7) if second >= 100 and second % 100 < 30]
    assert [at(event) for event in found] == expected
    assert {event.unit for event in found} == {""}


def test_what_is_measured_together_is_told_together():
    values = (value("a", every_parts=2), value("b", every_parts=3), value("c", every_s=60), value("d", every_s=60))
    _, found = measured(station("m", 10, values=values), seconds=120)
    assert [(at(event), tuple(event.values)) for event in found if event.unit] == [
        (20, ("a",)), (30, ("b",)), (40, ("a",)), (60, ("a", "b")), (80, ("a",)), (90, ("b",)), (100, ("a",)),
        (120, ("a", "b")),
    ]  # fmt: skip
    assert [(at(event), tuple(event.values)) for event in found if not event.unit] == [
        (60, ("c", "d")),
        (120, ("c", "d")),
    ]


def test_around_its_target_with_its_deviation():
    _, found = measured(station("m", 1, values=(value(sd=0.5, every_parts=1),)), seconds=8 * 3600)
    drawn = [event.values["width"] for event in found]
    assert len(drawn) == 8 * 3600
    assert mean(drawn) == pytest.approx(10, abs=4 * 0.5 / math.sqrt(len(drawn)))
    assert stdev(drawn) == pytest.approx(0.5, rel=0.02)


def test_it_drifts_with_operating_time_not_with_the_clock():
    """Two an hour at work: of two hours the machine worked one."""
    drifts = value(sd=STEADY, drift_per_h=2.0, every_parts=1)
    _, found = measured(station("feed", 20), station("m", 10, values=(drifts,)), seconds=7220)
    by_time = {at(event): event.values["width"] for event in found}
    assert by_time[30] == pytest.approx(10 + 2 * 10 / 3600, abs=1e-3)
    assert by_time[7210] == pytest.approx(12, abs=1e-3)


def test_a_stop_does_not_drift():
    jam = stop("jam", Constant(30), Constant(1800))
    drifts = value(sd=STEADY, drift_per_h=1.0, every_parts=1)
    _, found = measured(station("m", 10, values=(drifts,), failures=(jam,)), seconds=7200)
    by_time = {at(event): event.values["width"] for event in found}
    assert by_time[1800] == pytest.approx(10.5, abs=1e-3)
    assert by_time[3610] == pytest.approx(10.5 + 10 / 3600, abs=1e-3)


def resets(found):
    """When a value was nearer its target than the one before."""
    pairs = pairwise(found)
    return [at(later) for one, later in pairs if later.values["width"] < one.values["width"]]


def test_a_service_a_maintenance_and_a_changeover_set_it_right():
    drifts = (value(sd=STEADY, drift_per_h=10.0, every_parts=1),)
    worn = Wear("tool", words("t"), 50, Constant(20))
    _, found = measured(station("m", 10, values=drifts, wear=(worn,)), seconds=1700)
    assert resets(found) == [530, 1050, 1570]
    job = Maintenance("pm", words("p"), 0.25, Constant(2))
    _, found = measured(station("m", 10, values=drifts, maintenance=(job,)), seconds=2200)
    assert resets(found) == [1030, 2050]
    products = (Product("red", words("r")), Product("blue", words("b")))
    orders = (Order("WO-1", "red", 40), Order("WO-2", "blue", 400))
    more = {"products": products, "orders": orders, "changeovers": (Changeover(("m",), Constant(5)),)}
    _, found = measured(station("m", 10, values=drifts), seconds=1200, **more)
    assert resets(found) == [710]
    first = next(event for event in found if event.product == "blue")
    assert first.values["width"] == pytest.approx(10 + 10 * 10 / 3600, abs=1e-3)


def test_several_servers_measure_each_their_part():
    said, found = measured(station("m", 10, servers=3, values=(value(every_parts=1),)), seconds=300)
    assert [event.unit for event in found] == [event.unit for event in of_kind(said, UnitProcessed)]


def test_values_are_described_and_fit_the_wire():
    values = (value(every_parts=1, lsl=9.0), value("power", 2e5, 1e4, every_s=5))
    said, found = measured(station("m", 10, values=values), seconds=60)
    [info] = of_kind(said, MachineDescribed)
    assert (info.values["width"].lsl, info.values["width"].usl, info.values["width"].target) == (9.0, None, 10.0)
    assert set(info.values) == {"width", "power"}
    assert decode(Kind.VALUE, encode(found)) == found


def test_measuring_changes_nothing_else():
    plain, _ = measured(station("m", 10, scrap=0.2), seconds=HOUR_US // SECOND_US)
    with_values, _ = measured(station("m", 10, scrap=0.2, values=(value(every_parts=1), value("x", every_s=3))))
    for kind in (UnitProcessed, StateChanged):
        told = [[(e.ts, getattr(e, "result", "")) for e in of_kind(said, kind)] for said in (plain, with_values)]
        assert told[0] == told[1]
