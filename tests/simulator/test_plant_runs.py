"""Whatever a person types into a plant file: it is refused with a word, or the plant runs and keeps the contract."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from plant_text import PLANT

from contract.codec import KIND_OF, decode, encode
from contract.errors import PlantError
from contract.instants import MINUTE_US
from simulator.engine import Factory
from simulator.plant_file import parse_plant

TYPED = list(re.finditer(r'= ([-\d.]+(?=[\s,}])|"[^"]*")', PLANT))
NUMBERS = ["0", "-1", "0.02", "0.3", "0.999", "1", "2", "3", "50", "1000", "100000", "1000000", "1e300", "nan"]
OTHER = [
    '""',
    '"x"',
    '"two"',
    '"one"',
    '"bench"',
    '"red"',
    '"cold"',
    '"*"',
    '"đ"',
    '"a b"',
    '"a/b"',
    "true",
    "[]",
    "{}",
]
LONG = [f'"{"a" * 40}"', f'"{"a" * 64}"']


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(TYPED), st.sampled_from([*NUMBERS, *NUMBERS, *OTHER, *LONG])), max_size=2))
def test_what_is_not_refused_runs_and_can_be_read(changes):
    text = PLANT
    for place, typed in sorted(changes, key=lambda change: -change[0].start(1)):
        text = text[: place.start(1)] + typed + text[place.end(1) :]
    try:
        plant = parse_plant(text, "typed.toml")
    except PlantError as error:
        message = str(error)
    else:
        keeps_the_contract(plant)
        return
    assert re.match(r"typed\.toml: .+: .+", message)


def keeps_the_contract(plant):
    factory = Factory(plant, 1, plant.default_start_us)
    for _, event in factory.run_until(plant.default_start_us + 40 * MINUTE_US):
        assert decode(KIND_OF[type(event)], encode(event)) == [event]


def test_the_plant_of_the_tests_joins_cuts_bakes_repairs_and_measures():
    """So that the property above is about something: everything the file has takes part in the run."""
    plant = parse_plant(PLANT, "plant.toml")
    factory = Factory(plant, 1, plant.default_start_us)
    factory.run_until(plant.default_start_us + 5 * MINUTE_US)
    said = factory.run_until(plant.default_start_us + 12 * 60 * MINUTE_US)
    kinds = {KIND_OF[type(event)] for _, event in said}
    assert {"unit", "value", "material", "alarm", "count", "heartbeat", "progress", "order", "book"} <= kinds
    units = [event for _, event in said if KIND_OF[type(event)] == "unit"]
    assert {unit.result for unit in units} == {"pass", "rework", "scrap"}
    assert max(unit.attempt for unit in units) > 1
    assert any(len(unit.parents) == 2 for unit in units)
    assert any(unit.unit.endswith(".4") for unit in units)
