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
    path = folder / "mes.db"
    with closing(Growing(path, name, seed, hours, 1)) as growing:
        growing.grow()
    return path


class Growing:
    """A store at ``path`` that a collector goes on filling: with one of ``parts`` of the run each time it grows.

    ``adapt``: the plant of the file → the plant that runs.
    """

    def __init__(self, path, name, seed, hours, parts, *, adapt=lambda plant: plant):
        plant, events = adapt(load_plant(name)), io.BytesIO()
        start_us = plant.default_start_us
        record(Factory(plant, seed, start_us), start_us + round(hours * HOUR_US), events, io.BytesIO())
        lines = events.getvalue().splitlines()
        size = -(-len(lines) // parts)
        self._left = [lines[begin : begin + size] for begin in range(0, len(lines), size)]
        self.path, self._intake, self._journal = path, Intake(), Journal.open(path)

    def grow(self):
        """Collect the next part."""
        replay(self._left.pop(0), self._intake, self._journal, lambda _: None)

    def close(self):
        """Let go of the store."""
        self._journal.close()
