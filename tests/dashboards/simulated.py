"""A store as a real run of a plant leaves it: simulated, and collected event by event."""

import io
from contextlib import closing

from collector.intake import Intake
from collector.journal import Journal
from collector.replay import replay
from contract.instants import HOUR_US
from simulator.engine import Factory
from simulator.plant_file import load_plant
from simulator.record import record


def simulate(folder, name, seed, hours):
    """The store of ``hours`` of the plant ``name``."""
    plant, events = load_plant(name), io.BytesIO()
    start_us = plant.default_start_us
    record(Factory(plant, seed, start_us), start_us + hours * HOUR_US, events, io.BytesIO())
    path = folder / "mes.db"
    with closing(Journal.open(path)) as journal:
        replay(events.getvalue().splitlines(), Intake(), journal, lambda _: None)
    return path
