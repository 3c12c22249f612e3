"""Lines nobody would build: whatever the plant, parts are conserved, states tile time, the line never locks up."""

import datetime as dt
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from small_plants import HOUR_US, MONDAY_US, factory_of, of_kind, station, stop, words
from test_physics import parts_inside

from contract.events import PartsCounted, StateChanged
from contract.truth import TruthInterval
from simulator.plant import Conveyor, Pause, Shift
from simulator.sampling import Constant, Erlang, Exponential, Uniform

SHIFT = Shift(words("s"), dt.time(6), dt.time(8), breaks=(Pause(dt.time(6, 30), dt.time(6, 35), words("b")),))
spreads = st.sampled_from([Constant(1), Exponential(1), Uniform(0.5, 1.5), Erlang(1, 3)])
modes = st.sampled_from(
    [
        (),
        (stop("jam", Exponential(2), Exponential(20)),),
        (stop("tick", Constant(1), Constant(6)), stop("tock", Constant(2), Constant(12))),
        (stop("long", Exponential(15), Uniform(100, 2000)),),
    ]
)


@st.composite
def stations(draw):
    found, count = [], draw(st.integers(1, 6))
    for index in range(count):
        common = {
            "cycle_s": draw(st.sampled_from([3, 6, 7.5])),
            "buffer": draw(st.sampled_from([None, 0, 1, 3])),
            "failures": draw(modes),
            "scrap": draw(st.sampled_from([0, 0.2, 1.0])) if index == count - 1 else draw(st.sampled_from([0, 0.2])),
            "downstream": f"m{draw(st.integers(index + 1, count - 1))}" if index + 1 < count else None,
        }
        if draw(st.booleans()):
            common["conveyor"] = Conveyor(draw(st.sampled_from([3.0, 40.0])), draw(st.integers(1, 8)))
        else:
            common |= {"spread": draw(spreads), "servers": draw(st.integers(1, 3))}
        found.append(station(f"m{index}", **common))
    return found


@settings(max_examples=60, deadline=None)
@given(stations(), st.integers(0, 10**6), st.booleans())
def test_any_line_conserves_parts_and_tiles_time(line, seed, with_shift):
    factory = factory_of(*line, seed=seed, shifts=(SHIFT,) if with_shift else ())
    said = []
    for step in range(1, 6):
        said += factory.run_until(MONDAY_US + step * HOUR_US // 2)
        check_parts(factory.engines[0])
    assert [emission.event.ts for emission in said] == sorted(emission.event.ts for emission in said)
    for machine in factory.engines[0].machines:
        states = of_kind(said, StateChanged, machine.spec.id)
        assert all(a.ts < b.ts and (a.state, a.reason) != (b.state, b.reason) for a, b in pairwise(states))
        counts = of_kind(said, PartsCounted, machine.spec.id)
        assert machine.total == (counts[-1].total if counts else 0)
        assert not counts or counts[-1].ts > MONDAY_US + HOUR_US // 2, f"{machine.path} has locked up"
        spans = [r for r in factory.truth_records() if isinstance(r, TruthInterval) and r.machine == machine.path]
        assert (spans[0].start, spans[-1].end) == (MONDAY_US, factory.now_us)
        assert all(one.end == other.start for one, other in pairwise(spans))


def check_parts(engine):
    fed = sum(machine.serial for machine in engine.machines if machine.source)
    ended = sum(m.total if m.downstream is None else m.scrap for m in engine.machines)
    assert fed - ended == len(list(parts_inside(engine)))
    for machine in engine.machines:
        assert len(machine.inbox) <= machine.capacity
