"""Commands at random, over many seeds and plants: whatever people ask for, the store is still the truth."""

import io
import random
from contextlib import closing

import pytest

from answers.score import score
from answers.store import Store
from collector.intake import Intake
from collector.journal import Journal
from collector.replay import replay
from contract.events import CommandGiven
from contract.instants import HOUR_US, MINUTE_US
from contract.packml import Command
from contract.states import Mode
from simulator.command_log import Commands, TimedCommand
from simulator.command_verbs import LINE_VERBS, MACHINE_VERBS
from simulator.engine import Factory
from simulator.plant_file import load_plant
from simulator.record import record

HOURS, COMMANDS = 5, 60
CASES = [("phone", seed) for seed in range(4)] + [("smt", 5), ("bottling", 6), ("car", 7), ("steel", 8)]


def some_commands(factory, plant, rng):
    """Sensible wishes and others, at any time, often for the same few machines."""
    lines = {plant.address(line).path: line for line in plant.lines}
    favourites = rng.sample(factory.paths, 4)
    for number in range(COMMANDS):
        at_us = factory.start_us + rng.randrange(HOURS * HOUR_US)
        if number % 2:
            at_us -= at_us % MINUTE_US
        if rng.random() < 0.15:
            path, verb = rng.choice(list(lines)), rng.choice([*LINE_VERBS])
            product = rng.choice(lines[path].products).id
        else:
            path, verb, product = rng.choice([*favourites, *favourites, *factory.paths]), rng.choice(VERBS), ""
        fields = fields_of(verb, number, product, rng)
        yield TimedCommand(at_us, path, CommandGiven(str(number), verb, **fields))


VERBS = [*MACHINE_VERBS, *map(str, Command), "break", "break", "repair", "set_scrap"]


def fields_of(verb, number, product, rng):
    made = {
        "duration_s": rng.expovariate(1 / 300) + 0.001,
        "value": rng.choice([0.0, 0.3, 1.0]),
        "mode": rng.choice(list(Mode)),
        "order": f"X-{number}",
        "product": product,
        "quantity": rng.randrange(1, 60),
    }
    known = {**MACHINE_VERBS, **LINE_VERBS}[verb]
    return {name: made[name] for name in (*known.needs, *known.takes) if name in made}


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_the_store_is_the_truth_whatever_is_commanded(name, seed, tmp_path):
    plant = load_plant(name)
    factory = Factory(plant, seed, plant.default_start_us)
    script = sorted(some_commands(factory, plant, random.Random(seed)), key=lambda timed: timed.at_us)
    events, truth = io.BytesIO(), io.BytesIO()
    record(factory, factory.start_us + HOURS * HOUR_US, events, truth, commands=Commands(script))
    with closing(Journal.open(tmp_path / "mes.db")) as journal:
        replay(events.getvalue().splitlines(), Intake(), journal, lambda _: None)
    with Store.open(tmp_path / "mes.db") as store:
        result = score(store, truth.getvalue().splitlines())
    wrong = [machine for machine in result.machines if machine.verdict != "equal"]
    assert result.passed, wrong
    assert not wrong
    answered = events.getvalue().count(b'"accepted":true')
    assert COMMANDS / 4 < answered < COMMANDS
