"""Material: every piece is accounted for, low once a lot, and a new lot comes by a splice, a stop or a wait."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inside import units_inside
from small_plants import MONDAY_US, SECOND_US, factory_of, of_kind, station, stop, words

from contract.codec import decode, encode
from contract.events import AlarmChanged, MachineDescribed, MaterialChanged, StateChanged, UnitProcessed
from contract.states import Category
from contract.topics import Kind
from contract.truth import TruthInterval, TruthUnit
from simulator.plant import Order, Pause, Product, Shift
from simulator.sampling import Constant, Exponential, Uniform
from simulator.station_spec import Batch, Conveyor, Material

PRODUCTS = (Product("red", words("red")), Product("blue", words("blue")))


def tape(lot_size, per_part=1, low_at=5, *, replenish_min=0.1, change_s=30.0, splice=0.0, slot="tape", products=()):
    times = Constant(replenish_min), Constant(change_s)
    return Material(slot, words("tape"), "TAPE", per_part, lot_size, low_at, *times, splice, products)


def run_of(*stations, seconds=600, **more):
    factory = factory_of(*stations, **more)
    return factory, factory.run_until(MONDAY_US + seconds * SECOND_US)


def seconds(event):
    return (event.ts - MONDAY_US) / SECOND_US


def states(said, machine="m"):
    return [(seconds(event), str(event.state), event.reason) for event in of_kind(said, StateChanged, machine)]


def material(said, machine="m"):
    return [(seconds(e), e.what, e.lot.rsplit(".", 1)[1], e.remaining) for e in of_kind(said, MaterialChanged, machine)]


def test_a_lot_that_is_there_in_time_is_put_in_during_a_stop():
    _, said = run_of(station("m", 10, materials=(tape(10),)), seconds=250)
    assert states(said) == [
        (0, "Execute", ""), (100, "Held", "tape"), (130, "Execute", ""), (230, "Held", "tape"),
    ]  # fmt: skip
    assert material(said) == [
        (0, "loaded", "0001", 10), (40, "low", "0001", 5), (130, "empty", "0001", 0), (130, "loaded", "0002", 10),
        (170, "low", "0002", 5),
    ]  # fmt: skip
    alarms = [(seconds(event), event.code, event.subject, event.is_active) for event in of_kind(said, AlarmChanged)]
    assert alarms == [
        (40, "material_low", "tape", True), (130, "material_low", "tape", False), (170, "material_low", "tape", True),
    ]  # fmt: skip


def test_a_splice_stops_nothing():
    _, said = run_of(station("m", 10, materials=(tape(10, splice=1.0),)))
    assert states(said) == [(0, "Execute", "")]
    assert [event.lot[-4:] for event in of_kind(said, MaterialChanged) if event.what == "loaded"] == [
        f"{number:04d}" for number in range(1, 8)
    ]


def test_a_lot_that_comes_too_late_is_waited_for_and_that_is_waiting_time():
    """Ordered at 40, it comes at 220; the machine has been without since 100; then it is put in."""
    factory, said = run_of(station("m", 10, materials=(tape(10, replenish_min=3),)), seconds=260)
    assert states(said) == [
        (0, "Execute", ""), (100, "Suspended", "no_material"), (220, "Held", "tape"), (250, "Execute", ""),
    ]  # fmt: skip
    waited = [r for r in factory.truth_records() if isinstance(r, TruthInterval) and r.category is Category.WAITING]
    assert [(record.reason, record.end - record.start) for record in waited] == [("no_material", 120 * SECOND_US)]


def test_the_last_pieces_go_into_the_first_part_of_the_next_lot():
    """Four a part of lots of ten: the third part takes two of the old and two of the new; it knows both."""
    _, said = run_of(station("m", 10, materials=(tape(10, 4, splice=1.0),)), seconds=60)
    lots = [tuple(lot[-4:] for lot in event.lots) for event in of_kind(said, UnitProcessed)]
    assert lots == [("0001",), ("0001",), ("0001", "0002"), ("0002",), ("0002",), ("0003",)]


@pytest.mark.parametrize(("lot_size", "per_part", "low_at"), [(10, 4, 0), (7, 5, 1), (3, 3, 0), (9, 1, 0), (12, 5, 2)])
def test_what_is_left_but_too_little_is_low(lot_size, per_part, low_at):
    """Or nothing would be ordered and the machine would wait for ever."""
    _, said = run_of(station("m", 10, materials=(tape(lot_size, per_part, low_at),)), seconds=3000)
    last = of_kind(said, UnitProcessed)[-1]
    assert seconds(last) > 2900


def test_only_products_that_need_it_take_from_a_slot():
    both, red = tape(100, slot="both"), tape(4, slot="red_only", replenish_min=100, products=("red",))
    orders = (Order("WO-1", "red", 3), Order("WO-2", "blue", 10), Order("WO-3", "red", 5))
    _, said = run_of(station("m", 10, materials=(both, red)), products=PRODUCTS, orders=orders, seconds=300)
    taken = [(event.product, tuple(lot.split(".")[2] for lot in event.lots)) for event in of_kind(said, UnitProcessed)]
    assert taken == [("red", ("both", "red_only"))] * 3 + [("blue", ("both",))] * 10 + [("red", ("both", "red_only"))]
    assert states(said)[-1] == (140, "Suspended", "no_material")


def test_two_slots_empty_at_once_are_changed_one_after_the_other():
    slots = (tape(10, slot="left"), tape(10, slot="right", change_s=7))
    _, said = run_of(station("m", 10, materials=slots), seconds=150)
    assert states(said) == [(0, "Execute", ""), (100, "Held", "left"), (130, "Held", "right"), (137, "Execute", "")]


def test_a_splice_needs_no_empty_machine():
    """Two servers never out of step and an oven with parts on its belt go on as if nothing had been."""
    for more in ({"servers": 2, "cycle_s": 7}, {"conveyor": Conveyor(60, 30), "cycle_s": 10}):
        made = []
        for materials in ((), (tape(9, splice=1.0),)):
            machine = station("m", buffer=5, materials=materials, **more)
            _, said = run_of(station("feed", 4), machine, seconds=900)
            made.append([event.ts for event in of_kind(said, UnitProcessed, "m")])
        assert made[0] == made[1]


def test_a_change_waits_until_the_machine_is_empty():
    oven = station("m", 10, conveyor=Conveyor(60, 30), materials=(tape(9),))
    _, said = run_of(oven, seconds=400)
    assert states(said)[:3] == [(0, "Execute", ""), (140, "Held", "tape"), (170, "Execute", "")]  # in at 80, out at 140


def test_a_batch_takes_no_more_than_there_is():
    """Lots of ten, batches of four: four, four and two; then the next lot."""
    furnace = station("m", 20, batch=Batch(4, 60), materials=(tape(10, splice=1.0, low_at=6),))
    _, said = run_of(furnace, seconds=200)
    units = of_kind(said, UnitProcessed)
    loads = [len([unit for unit in units if unit.ts == at]) for at in sorted({unit.ts for unit in units})]
    assert loads[:6] == [4, 4, 2, 4, 4, 2]
    assert min(event.remaining for event in of_kind(said, MaterialChanged)) >= 0


def test_material_of_a_slot_is_described():
    _, said = run_of(station("m", 10, materials=(tape(10, 2),)), seconds=1)
    [info] = of_kind(said, MachineDescribed)
    assert set(info.slots) == {"tape"}
    assert (info.slots["tape"].material, info.slots["tape"].per_part, info.slots["tape"].low_at) == ("TAPE", 2, 5)
    assert set(info.reasons) == {"tape"}


@st.composite
def feeders(draw):
    found = []
    for number in range(draw(st.integers(1, 3))):
        per_part = draw(st.integers(1, 6))
        lot_size = draw(st.integers(per_part, 80))
        low_at = draw(st.integers(0, max(0, lot_size - 1)))
        times = draw(st.sampled_from([Constant(0.05), Exponential(2)])), Uniform(1, 20)
        splice, products = draw(st.sampled_from([0, 0.4, 1])), draw(st.sampled_from([(), (), ("blue",)]))
        found.append(Material(f"s{number}", words("s"), "M", per_part, lot_size, low_at, *times, splice, products))
    return tuple(found)


KINDS = [
    {"spread": Uniform(0.5, 2), "servers": 1},
    {"servers": 3},
    {"conveyor": Conveyor(25, 6)},
    {"batch": Batch(5, 30)},
]


@settings(max_examples=40)
@given(feeders(), st.sampled_from(KINDS), st.integers(0, 10**6), st.booleans())
def test_every_piece_is_accounted_for(materials, kind, seed, is_source):
    """Loaded is used and left; a unit's lots are those its pieces are from; one low and one alarm a lot."""
    jam = stop("jam", Exponential(5), Exponential(30))
    machine = station("m", 6, buffer=4, failures=(jam,), materials=materials, scrap=0.1, **kind)
    made = (Order("WO-1", "red", 40), Order("WO-2", "blue", 90), Order("WO-3", "red", 10**6))
    before = () if is_source else (station("feed", 5, Uniform(0.5, 1.5)),)
    factory, said = run_of(*before, machine, products=PRODUCTS, orders=made, seed=seed, seconds=7200)
    [target] = [one for one in factory.engines[0].machines if one.spec.id == "m"]
    in_work = [unit for unit in units_inside(factory.engines[0]) if unit.lots]
    units = [(event.product, event.lots, event.began) for event in of_kind(said, UnitProcessed, "m")]
    units += [(unit.product.id, unit.lots, unit.began) for unit in in_work]
    assert len(units) > 10
    for feeder, spec in zip(target.supply.feeders, materials, strict=True):
        own = [event for event in of_kind(said, MaterialChanged, "m") if event.slot == spec.slot]
        users = [lots for product, lots, _ in units if not spec.products or product in spec.products]
        assert all(event.remaining >= 0 for event in own)
        loaded = [event.lot for event in own if event.what == "loaded"]
        assert len(loaded) == len(set(loaded))
        assert len(loaded) * spec.lot_size == len(users) * spec.per_part + feeder.remaining
        check_genealogy(spec, loaded, users, on_it=feeder.lots)
        order = [(event.what, event.lot) for event in own]
        assert order == sorted(order, key=lambda said: (said[1], ["loaded", "low", "empty"].index(said[0])))
        assert len(set(order)) == len(order)
        check_alarms(spec, of_kind(said, AlarmChanged, "m"), own)
    for event in of_kind(said, MaterialChanged, "m"):
        assert decode(Kind.MATERIAL, encode([event])) == [event]


def check_genealogy(spec, loaded, users, on_it):
    """A unit names one lot, or two that follow one another where one ends; a lot is named as often as it has pieces.

    ``on_it``: lots of which pieces are still there; the rest of one may wait for the next unit.
    """
    number = {lot: place for place, lot in enumerate(loaded)}
    used = dict.fromkeys(loaded, 0)
    for lots in users:
        own = [lot for lot in lots if lot in number]
        assert 1 <= len(own) <= 2
        assert len(own) == 1 or number[own[1]] == number[own[0]] + 1
        for lot in own:
            used[lot] += 1
    most = -(-spec.lot_size // spec.per_part) + 1
    assert all(count <= most for count in used.values())
    assert all(count * spec.per_part >= spec.lot_size for lot, count in used.items() if lot not in on_it)


def check_alarms(spec, alarms, told):
    own = [event.is_active for event in alarms if event.subject == spec.slot]
    assert own[::2] == [True] * len(own[::2])
    assert own[1::2] == [False] * len(own[1::2])
    assert own.count(True) == sum(event.what == "low" for event in told)


def test_truth_knows_the_lots_of_each_unit():
    factory, said = run_of(station("m", 10, materials=(tape(10, 3, splice=1.0),)))
    told = [(event.unit, event.lots) for event in of_kind(said, UnitProcessed)]
    assert [(r.unit, r.lots) for r in factory.truth_records() if isinstance(r, TruthUnit)] == told


def test_a_shortage_ends_though_a_break_came_meanwhile():
    """The lot comes while the line stands: after the break the machine puts it in and goes on."""
    pause = Pause(dt.time(6, 2), dt.time(6, 5), words("b"))
    shift = Shift(words("s"), dt.time(6), dt.time(14), breaks=(pause,))
    machine = station("m", 10, materials=(tape(10, replenish_min=3),))
    _, said = run_of(machine, shifts=(shift,), seconds=400)
    assert states(said)[:5] == [
        (0, "Execute", ""), (100, "Suspended", "no_material"), (220, "Idle", "break"), (300, "Held", "tape"),
        (330, "Execute", ""),
    ]  # fmt: skip
    assert all(one < other for one, other in pairwise(states(said)))
