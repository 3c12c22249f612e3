"""Killed at random moments, under load: the store is the truth. `bench/chaos.py` plays as many rounds as you like."""

import pytest
from servers import require

from bench.chaos import FAULTS, allowed, one_round

pytestmark = pytest.mark.mosquitto
ROUNDS = range(5)


@pytest.mark.parametrize("number", ROUNDS)
def test_after_power_cuts_nothing_is_lost_and_nothing_doubled(number):
    require("mosquitto", "mosquitto")
    played = one_round(number)
    again = f"python bench/chaos.py --rounds 1 --first {number}"
    assert played.fault == FAULTS[number % len(FAULTS)]
    assert played.verdict in allowed(played.fault), f"{again}: {played}"
    assert played.quarantined == 0, f"{again}: {played}"
