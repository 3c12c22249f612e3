"""Plants built in Python for the tests: exponential lines, failing machines, a conveyor."""

from contract.events import Words
from simulator.engine import Engine, Factory
from simulator.plant import LineSpec, Order, Plant, Product
from simulator.sampling import Constant, Distribution, Exponential
from simulator.station_spec import Station, StopMode

MONDAY_US = 1_767_567_600_000_000  # 2026-01-05T06:00+07:00
SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US


def words(text):
    return Words(text, text)


def station(name, cycle_s=1.0, spread: Distribution | None = None, **more):
    spread = spread or Constant(1.0)
    return Station(id=name, name=words(name), role="test", cycle_s=cycle_s, spread=spread, **more)


def exponential(name, rate=1.0, buffer=0, **more):
    return station(name, 1 / rate, Exponential(1.0), buffer=buffer, **more)


def stop(code, every_min, lasts_s):
    return StopMode(code, words(code), every_min, lasts_s)


def line_of(*stations, name="l1", quantity=10**9, **more):
    """A line with one product and, unless ``orders`` says otherwise, one order that never ends."""
    more.setdefault("products", (Product("board", words("board")),))
    more.setdefault("orders", (Order("WO-1", "board", quantity),))
    return LineSpec(name, words("line"), stations=tuple(stations), **more)


def plant_of(*stations, shifts=(), crews=(), **more):
    return plant_with(line_of(*stations, **more), shifts=shifts, crews=crews)


def plant_with(*lines, shifts=(), crews=()):
    place = ("e", "s", "a", "Asia/Ho_Chi_Minh")
    return Plant("test", words("test"), *place, lines, shifts=tuple(shifts), crews=tuple(crews))


def engine_of(*stations, seed=1, start_us=MONDAY_US, **more):
    plant = plant_of(*stations, **more)
    return Engine(plant, plant.lines, seed, start_us)


def factory_of(*stations, seed=1, start_us=MONDAY_US, **more):
    return Factory(plant_of(*stations, **more), seed, start_us)


def of_kind(emissions, kind, machine=None):
    return [
        event
        for path, event in emissions
        if isinstance(event, kind) and (machine is None or path.endswith(f"/{machine}"))
    ]
