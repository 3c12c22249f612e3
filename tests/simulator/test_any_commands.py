"""Whatever is commanded of whatever plant: nothing is lost, time is tiled, and let go it goes on."""

from itertools import pairwise

from any_plant import plants
from hypothesis import given, settings
from hypothesis import strategies as st
from small_plants import HOUR_US, MONDAY_US, SECOND_US
from test_any_line import (
    by_sender,
    check_counts,
    check_energy,
    check_fates,
    check_orders_and_units,
    check_orders_told,
    check_sequence,
    ended_parts,
)

from contract.events import CommandAnswered, CommandGiven, StateChanged, Words
from contract.states import Mode
from contract.truth import TruthInterval
from simulator.engine import Factory

#: Verbs of a machine, each with what it may be given.
MACHINES = {
    **dict.fromkeys(
        ("start", "stop", "hold", "unhold", "suspend", "unsuspend", "abort", "clear", "reset"), st.just({})
    ),
    "break": st.fixed_dictionaries({"duration_s": st.floats(0.001, 900)}),
    "repair": st.just({}),
    "set_scrap": st.sampled_from([{}, {"value": 0.5}]),
    "set_speed": st.sampled_from([{}, {"value": 0.5}, {"value": 3.0}]),
    "starve": st.fixed_dictionaries({"duration_s": st.floats(0.001, 900)}),
    "maintain": st.just({}),
    "mode": st.sampled_from([{"mode": mode} for mode in Mode]),
}
LINES = {
    "order": st.fixed_dictionaries({"product": st.just("blue"), "quantity": st.integers(1, 30)}),
    "add_order": st.fixed_dictionaries({"product": st.just("pink"), "quantity": st.integers(1, 30)}),
    "break_line": st.fixed_dictionaries({"duration_s": st.floats(0.001, 900)}),
    "note": st.sampled_from([{}, {"code": "mess.lost", "value": 0.5}, {"text": Words("Look", "Nhìn")}]),
}
#: What lets a machine go on, whatever held it.
LETS_GO = ("clear", "unhold", "unsuspend", "reset", "start", "set_scrap", "set_speed")


@st.composite
def wishes(draw):
    """(second, which machine, verb, its fields)."""
    verb = draw(st.sampled_from([*MACHINES, *LINES]))
    fields = draw((MACHINES | LINES)[verb])
    return draw(st.integers(0, 4000)), draw(st.integers(0, 9)), verb, fields


def give(factory, number, which, verb, fields):
    line = factory.engines[which % len(factory.engines)].lines[0]
    machine = line.machines[which % len(line.machines)]
    if verb in ("order", "add_order"):
        fields = fields | {"order": f"R-{number}"}
    factory.command(line.path if verb in LINES else machine.path, CommandGiven(f"c{number}", verb, **fields))


def let_go(factory):
    for path in factory.paths:
        factory.command(path, CommandGiven("mode", "mode", mode=Mode.PRODUCTION))
        for number, verb in enumerate(LETS_GO * 2):
            factory.command(path, CommandGiven(f"free{number}", verb))


@settings(max_examples=30)
@given(plants(most_lines=2), st.integers(0, 10**6), st.lists(wishes(), max_size=25))
def test_nothing_is_lost_whatever_is_commanded(plant, seed, wished):
    factory, said = Factory(plant, seed, MONDAY_US), []
    for number, (second, which, verb, fields) in enumerate(sorted(wished, key=lambda wish: wish[0])):
        said += factory.run_until(MONDAY_US + second * SECOND_US)
        give(factory, number, which, verb, fields)
        check_all_units(factory)
    said += factory.run_until(MONDAY_US + 5040 * SECOND_US)
    let_go(factory)
    said += factory.run_until(factory.now_us + HOUR_US // 2)
    before = {line.path: ended_parts(line) for engine in factory.engines for line in engine.lines}
    said += factory.run_until(factory.now_us + HOUR_US)
    check_all_units(factory)
    check_run(factory, said, before)


def check_all_units(factory):
    for engine in factory.engines:
        for line in engine.lines:
            check_orders_and_units(engine, line)


def check_run(factory, said, before):
    by_path, truth = by_sender(factory, said)
    for engine in factory.engines:
        for line in engine.lines:
            assert ended_parts(line) > before[line.path], f"{line.path} has locked up"
            check_orders_told(without_answers(by_path[line.path]))
            check_fates(engine, line, by_path)
        for machine in engine.machines:
            events = without_answers(by_path[machine.path])
            check_sequence(events)
            check_tiles(events, truth[machine.path], factory.now_us)
            check_counts(machine, events)
            check_energy(machine, events, truth[machine.path])


def without_answers(events):
    return [event for event in events if not isinstance(event, CommandAnswered)]


def check_tiles(events, truth, end_us):
    """A command may end in its own instant what another began: a state may last no time, and truth books none of it."""
    states = [event for event in events if isinstance(event, StateChanged)]
    assert all(one.ts == one.since <= other.ts for one, other in pairwise(states))
    spans = [record for record in truth if isinstance(record, TruthInterval)]
    assert (spans[0].start, spans[-1].end) == (MONDAY_US, end_us)
    assert all(one.end == other.start and one.start < one.end for one, other in pairwise(spans))
