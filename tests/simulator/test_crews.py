"""People who repair: published crews of repairers, first come first served, shared by lines; who waits says so."""

from itertools import pairwise

import pytest
from small_plants import HOUR_US, MONDAY_US, SECOND_US, factory_of, line_of, of_kind, plant_with, station, stop, words

from contract.events import StateChanged
from contract.states import Category
from contract.truth import TruthInterval
from simulator.engine import Engine, Factory, groups
from simulator.plant import Crew, Order
from simulator.sampling import Constant, Exponential
from simulator.station_spec import Absence, Maintenance, StopMode, Wear

MINUTE_US = 60 * SECOND_US


def lone(name, *modes, cycle_s=3600, **more):
    """A line of one machine that never starves, and whose parts are long, so that only its stops happen."""
    machine = station("m", cycle_s, failures=modes, **more)
    return line_of(machine, name=name, orders=(Order(f"WO-{name}", "board", 10**7),))


def fault(every_min, lasts_s, clock="operating", crew="crew"):
    return StopMode("fault", words("f"), every_min, lasts_s, clock, crew)


def crew(size, *absences, name="crew"):
    return Crew(name, words("crew"), size, absences)


def down(plant, hours, seed):
    """Share of time by number of machines that do not work."""
    factory = Factory(plant, seed, MONDAY_US)
    factory.run_until(MONDAY_US + hours * HOUR_US)
    steps = [(MONDAY_US, 0)]
    for record in factory.truth_records():
        if isinstance(record, TruthInterval) and record.category is not Category.EXECUTE:
            steps += [(record.start, 1), (record.end, -1)]
    shares, number, since = {}, 0, MONDAY_US
    for at, step in sorted(steps):
        shares[number] = shares.get(number, 0) + (at - since) / (hours * HOUR_US)
        number, since = number + step, at
    return shares


def test_five_machines_and_two_repairers_are_as_published():
    """MTBF 30, MTTR 3 (here in seconds): all are up .6186 of the time, .4648 are down on average."""
    lines = [lone(f"l{number}", fault(Exponential(0.5), Exponential(3))) for number in range(5)]
    shares = down(plant_with(*lines, crews=[crew(2)]), 60, seed=1)
    assert shares[0] == pytest.approx(0.6186, abs=0.008)
    assert sum(number * share for number, share in shares.items()) == pytest.approx(0.4648, abs=0.014)


@pytest.mark.parametrize(("repairers", "up"), [(2, 0.6667), (1, 0.6)])
def test_two_machines_are_up_as_published(repairers, up):
    """Up 1, repair 0.5 (here in minutes), with a repairer each, and with one for both."""
    lines = [lone(f"l{number}", fault(Exponential(1), Exponential(30))) for number in range(2)]
    shares = down(plant_with(*lines, crews=[crew(repairers)]), 250, seed=2)
    assert 1 - sum(number * share for number, share in shares.items()) / 2 == pytest.approx(up, abs=0.012)


def told(emissions, line):
    """(minute, state, reason) of every state of that line's machine."""
    return [
        ((event.since - MONDAY_US) / MINUTE_US, str(event.state), event.reason)
        for path, event in emissions
        if isinstance(event, StateChanged) and path.split("/")[-2] == line
    ]


def test_who_asked_first_is_served_first_and_who_waits_says_so():
    once = [lone(name, fault(Constant(at), Constant(lasts_s))) for name, at, lasts_s in
            (("c", 1, 300), ("b", 3, 60), ("a", 2, 60))]  # fmt: skip
    plant = plant_with(*once, crews=[crew(1)])
    factory = Factory(plant, 1, MONDAY_US)
    said = factory.run_until(MONDAY_US + round(8.9 * MINUTE_US))
    assert told(said, "c") == [(0, "Execute", ""), (1, "Aborted", "fault"), (6, "Execute", ""), (7, "Aborted", WAITS),
                               (8, "Aborted", "fault")]  # fmt: skip
    assert told(said, "a") == [(0, "Execute", ""), (2, "Aborted", WAITS), (6, "Aborted", "fault"), (7, "Execute", "")]
    assert told(said, "b") == [(0, "Execute", ""), (3, "Aborted", WAITS), (7, "Aborted", "fault"), (8, "Execute", "")]
    spans = [r for r in factory.truth_records() if isinstance(r, TruthInterval) and r.reason == WAITS]
    assert {record.category for record in spans} == {Category.WAITING}


WAITS = "waiting_maintenance"


def test_somebody_who_is_away_comes_later_and_who_is_at_work_finishes_first():
    """Away from 4 to 6 and from 10 to 12."""
    away = Absence(Constant(4), Constant(2))
    early, long = lone("e", fault(Constant(5), Constant(12))), lone("l", fault(Constant(9.5), Constant(60)))
    late = lone("x", fault(Constant(10.2), Constant(6)))
    said = Factory(plant_with(early, long, late, crews=[crew(1, away)]), 1, MONDAY_US).run_until(
        MONDAY_US + 13 * MINUTE_US
    )
    assert told(said, "e")[1:4] == [(5, "Aborted", WAITS), (6, "Aborted", "fault"), (6.2, "Execute", "")]
    assert told(said, "l")[1:] == [(9.5, "Aborted", "fault"), (10.5, "Execute", "")]
    assert told(said, "x")[1:] == [(10.2, "Aborted", WAITS), (12, "Aborted", "fault"), (12.1, "Execute", "")]


def test_each_kind_of_stop_waits_in_its_own_state():
    keeps = lone("k", fault(Constant(1), Constant(600)))
    stops = lone("s", micro_stops=(StopMode("nudge", words("n"), Constant(2), Constant(6), crew="crew"),))
    wears = lone("w", cycle_s=60, wear=(Wear("tool", words("t"), 3, Constant(6), crew="crew"),))
    job = Maintenance("pm", words("p"), 4 / 60, Constant(0.1), crew="crew")
    kept = lone("p", cycle_s=60, maintenance=(job,))
    said = Factory(plant_with(keeps, stops, wears, kept, crews=[crew(1)]), 1, MONDAY_US).run_until(
        MONDAY_US + 12 * MINUTE_US
    )
    assert told(said, "s")[1:4] == [(2, "Held", WAITS), (11, "Held", "nudge"), (11.1, "Execute", "")]
    assert told(said, "w")[1:4] == [(3, "Held", WAITS), (11.1, "Held", "tool"), (11.2, "Execute", "")]
    reason = "planned_maintenance"
    assert told(said, "p")[1:4] == [(4, "Stopped", WAITS), (11.2, "Stopped", reason), (11.3, "Execute", "")]
    modes = [event.mode for path, event in said if isinstance(event, StateChanged) and path.endswith("/p/m")]
    assert [str(mode) for mode in modes[:4]] == ["Production", "Maintenance", "Maintenance", "Production"]


@pytest.mark.parametrize("seed", range(4))
def test_a_crew_is_never_larger_than_it_is_nor_idle_while_somebody_waits(seed):
    """Machines of two lines, in series and alone, and several reasons to call."""
    jam, worn = fault(Exponential(2), Exponential(40)), Wear("tool", words("t"), 20, Exponential(20), crew="crew")
    first = line_of(*(station(f"m{n}", 5, buffer=1, failures=(jam,), wear=(worn,)) for n in range(4)), name="l1")
    other = lone("l2", fault(Exponential(3), Exponential(60), "calendar"), cycle_s=7)
    plant = plant_with(first, other, crews=[crew(2)])
    said = Factory(plant, seed, MONDAY_US).run_until(MONDAY_US + 8 * HOUR_US)
    now, at_work, waiting, checked = MONDAY_US, set(), set(), 0
    for path, event in said:
        if isinstance(event, StateChanged):
            if event.ts > now:
                assert len(at_work) <= 2
                assert not waiting or len(at_work) == 2
                checked += bool(waiting)
            now = event.ts
            at_work.discard(path), waiting.discard(path)
            if event.reason == WAITS:
                waiting.add(path)
            elif event.reason in ("fault", "tool"):
                at_work.add(path)
    assert checked > 20


def test_a_repair_that_was_waited_for_takes_as_long_as_it_would_have():
    """Waiting draws nothing: the n-th repair of a machine is as long with a small crew as with a large one."""

    def repairs(size):
        lines = [lone(f"l{n}", fault(Exponential(2), Exponential(60))) for n in range(4)]
        said = Factory(plant_with(*lines, crews=[crew(size)]), 3, MONDAY_US).run_until(MONDAY_US + 6 * HOUR_US)
        events = [e for path, e in said if isinstance(e, StateChanged) and "/l2/" in path]
        return [b.ts - a.ts for a, b in pairwise(events) if a.reason == "fault"]

    few, many = repairs(1), repairs(4)
    assert len(many) > len(few) > 30
    assert many[: len(few)] == few


def test_lines_with_a_crew_in_common_run_together():
    a, b = lone("a", fault(Constant(1), Constant(1), crew="x")), lone("b", fault(Constant(1), Constant(1), crew="y"))
    both = lone("c", fault(Constant(1), Constant(1), crew="x"), maintenance=(
        Maintenance("pm", words("p"), 1, Constant(1), crew="y"),))  # fmt: skip
    free = lone("d")
    crews = [crew(1, name="x"), crew(1, name="y")]
    assert [[line.id for line in group] for group in groups(plant_with(a, free, b, crews=crews))] == [
        ["a"],
        ["d"],
        ["b"],
    ]
    plant = plant_with(a, free, b, both, crews=crews)
    assert [[line.id for line in group] for group in groups(plant)] == [["a", "b", "c"], ["d"]]
    assert [len(engine.lines) for engine in Factory(plant, 1, MONDAY_US).engines] == [3, 1]


def test_a_crew_that_nobody_calls_changes_nothing():
    """Only those that lines of the engine wait for are there at all."""
    plant = plant_with(lone("a", fault(Constant(1), Constant(30))), crews=[crew(1), crew(3, name="others")])
    said = Engine(plant, plant.lines, 1, MONDAY_US).run_until(MONDAY_US + HOUR_US)
    alone = factory_of(station("m", 3600, failures=(stop("fault", Constant(1), Constant(30)),)))
    expected = of_kind(alone.run_until(MONDAY_US + HOUR_US), StateChanged)
    assert [(e.ts, e.reason) for e in of_kind(said, StateChanged)] == [(e.ts, e.reason) for e in expected]
