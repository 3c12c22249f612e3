"""The mess of a whole plant: units, values, material, alarms, energy and answers go through it as counts do."""

import itertools
from collections import Counter, defaultdict

import pytest
from small_plants import MONDAY_US, SECOND_US

from contract import codec, topics
from contract.errors import BadPayload
from contract.events import (
    AlarmChanged,
    CommandAnswered,
    CommandGiven,
    HeartBeaten,
    MaterialChanged,
    UnitProcessed,
    ValuesMeasured,
)
from contract.topics import Kind
from simulator.agenda import Emission
from simulator.command_log import Commands, TimedCommand
from simulator.engine import Factory
from simulator.mess import KINDS, Mess, parse_mess
from simulator.plant_file import load_plant

PHONE = load_plant("phone")
SEED = 3
MINUTES = 70
END_US = MONDAY_US + MINUTES * 60 * SECOND_US
PLACER = PHONE.address(PHONE.lines[0], "placer_1").path
LATER_KINDS = (UnitProcessed, ValuesMeasured, MaterialChanged, AlarmChanged)


def clean():
    """A run in which every kind of event is said, commands answered too."""
    factory = Factory(PHONE, SEED, MONDAY_US)
    line = topics.address(PLACER).line_path
    script = [
        TimedCommand(MONDAY_US + minute * 60 * SECOND_US, path, CommandGiven(str(minute), verb, duration_s=300.0))
        for minute, path, verb in [(20, PLACER, "starve"), (50, PLACER, "break"), (60, line, "break_line")]
    ]
    return Commands(script).run_until(factory, END_US) + factory.finish(), factory.paths


CLEAN, PATHS = clean()


def messy(text):
    """(path, event) of everything that arrives and can be read, links left out."""
    mess, found = Mess(parse_mess(text), SEED, PATHS, MONDAY_US), []
    for wire in mess.pass_on(CLEAN, END_US) + mess.flush():
        if wire.events:
            topic = topics.parse(wire.topic)
            if topic.kind is not Kind.LINK:
                found += [Emission(topic.path, event) for event in codec.decode(topic.kind, wire.payload)]
    return found


def said(emissions):
    return Counter((path, codec.encode(event)) for path, event in emissions)


def of(emissions, *kinds):
    return [(path, event) for path, event in emissions if isinstance(event, kinds)]


def test_the_run_says_every_kind():
    kinds = {codec.KIND_OF[type(event)] for _, event in CLEAN}
    assert kinds == set(Kind) - {Kind.LINK, Kind.COMMAND}


def test_without_a_kind_everything_passes_as_it_is():
    assert said(messy("all=off")) == said(CLEAN)


@pytest.mark.parametrize("text", ["duplicates", "reorder", "offline=1", "late", "malformed,ghost_will,stale_retained"])
def test_nothing_is_dropped_or_invented_but_by_the_kinds_that_may(text):
    found = said(messy(text))
    assert found.keys() == said(CLEAN).keys()
    assert found >= said(CLEAN)


@pytest.mark.parametrize("text", ["lost=0.2", "stuck=4", "reboot=10"])
def test_every_kind_of_event_may_be_lost(text):
    arrived = {(path, event.boot, event.seq) for path, event in messy(text)}
    kinds = {type(event) for path, event in CLEAN if (path, event.boot, event.seq) not in arrived}
    assert kinds >= {UnitProcessed, ValuesMeasured}


def test_what_is_malformed_is_never_readable_whatever_kind_it_was_made_from():
    mess, reasons = Mess(parse_mess("malformed=0.3"), SEED, PATHS, MONDAY_US), Counter()
    for wire in mess.pass_on(CLEAN, END_US) + mess.flush():
        if not wire.events:
            with pytest.raises(BadPayload) as refused:
                codec.decode(topics.parse(wire.topic).kind, wire.payload)
            reasons[refused.value.reason] += 1
    assert set(reasons) == {"bad_topic", "unknown_kind", "not_json", "not_in_contract", "bad_time"}


def test_a_reboot_begins_energy_from_nothing_and_it_never_falls_within_a_boot():
    beats, restarts = defaultdict(list), 0
    for path, event in of(messy("reboot=4"), HeartBeaten):
        beats[path].append(event)
    truth = {path: event.energy_j for path, event in of(CLEAN, HeartBeaten)}
    for path, own in beats.items():
        gained = 0
        for before, after in itertools.pairwise(own):
            if after.boot == before.boot:
                assert after.energy_j >= before.energy_j
                gained += after.energy_j - before.energy_j
            else:
                restarts += 1
                gained += after.energy_j
                assert after.energy_j <= 3 * max(truth.values()) / MINUTES
            assert 0 <= after.idle_energy_j <= after.energy_j
        assert own[0].energy_j + gained <= truth[path]
    assert restarts > 20


def test_counters_roll_over_but_energy_does_not():
    plain, rolled = of(CLEAN, HeartBeaten), of(messy("rollover16=1"), HeartBeaten)
    energy = defaultdict(list)
    for path, event in rolled:
        energy[path].append((event.energy_j, event.idle_energy_j))
    for path in PATHS:
        assert energy[path][-1] == next((e.energy_j, e.idle_energy_j) for p, e in reversed(plain) if p == path)


@pytest.mark.parametrize("text", ["skew", "clock_back=2", "reboot=4", "all"])
def test_a_unit_never_begins_after_it_is_done_whatever_the_clock_says(text):
    true_us = defaultdict(list)  # a unit may come here for the first time again: after another station's repair
    for path, event in of(CLEAN, UnitProcessed):
        true_us[path, event.unit].append(event.ts - event.began)
    found = of(messy(text), UnitProcessed)
    assert found
    for path, event in found:
        lasted_us = event.ts - event.began
        assert min(abs(lasted_us - true) for true in true_us[path, event.unit]) <= 2 + lasted_us // 1000


def test_a_clock_that_is_off_is_off_in_every_kind():
    off = defaultdict(set)
    for (path, one), (_, other) in zip(*(_by_sender(emissions) for emissions in (messy("skew"), CLEAN)), strict=True):
        assert type(one) is type(other)
        if topics.address(path).machine:
            off[type(other)].add(one.ts != other.ts)
    assert {kind: found for kind, found in off.items() if kind in LATER_KINDS} == {kind: {True} for kind in LATER_KINDS}


def _by_sender(emissions):
    return sorted(
        (one for one in emissions if not isinstance(one.event, CommandAnswered)), key=lambda e: (e.path, e.event.seq)
    )


@pytest.mark.parametrize("text", [*(f"{kind}={info.most:g}" for kind, info in KINDS.items()), "all"])
def test_an_answer_always_comes_and_at_once(text):
    mess = Mess(parse_mess(text), SEED, PATHS, MONDAY_US)
    answers = of(CLEAN, CommandAnswered)
    assert [event.accepted for _, event in answers] == [True] * 3
    for path, answer in answers:
        mess.pass_on([], answer.ts - 1)
        wires = mess.pass_on([Emission(path, answer)], answer.ts)
        [payload, *_] = [wire.payload for wire in wires if wire.topic == topics.topic_of(path, Kind.REPLY)]
        [event] = codec.decode(Kind.REPLY, payload)
        assert (event.command, event.accepted, event.detail) == (answer.command, True, answer.detail)
