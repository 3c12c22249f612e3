from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from app.onduty import on_duty
from contract.instants import from_datetime
from simulator import shifts
from simulator.plant_file import load_plant

PLANT = load_plant("smt")
ONLY_MONDAY_MORNING = msgspec.structs.replace(PLANT, shifts=(msgspec.structs.replace(PLANT.shifts[0], days=("mon",)),))


def at(clock, day=0):
    """The clock of the plant on a day of a week that begins with a Monday, µs."""
    midnight = datetime(2026, 1, 5, tzinfo=ZoneInfo(PLANT.tz)) + timedelta(days=day)
    hour, minute = map(int, clock.split(":"))
    return from_datetime(midnight.replace(hour=hour, minute=minute))


@pytest.mark.parametrize("plant", [PLANT, ONLY_MONDAY_MORNING])
def test_the_demo_works_at_every_quarter_of_the_week(plant):
    for quarter in range(7 * 24 * 4):
        now = at("00:00") + quarter * 15 * 60 * 1_000_000
        working, _ = on_duty(plant, now)
        assert shifts.status(working, now) is None


def test_a_plant_at_work_is_left_as_it_is():
    assert on_duty(PLANT, at("10:00")) == (PLANT, "")


def test_what_was_changed_is_said():
    assert "night shift" in on_duty(PLANT, at("23:00"))[1]
    assert "break" in on_duty(PLANT, at("11:10"))[1]


def test_the_other_breaks_stay():
    working, _ = on_duty(PLANT, at("11:10"))
    assert shifts.status(working, at("08:35")) == shifts.BREAK
