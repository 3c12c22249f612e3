"""Nothing grows in a browser that shows the wall while hours pass: half a minute at 600 times real time.

The long runs are ``python bench/endurance.py``. Here a second page leaks on purpose, so that it is known to be seen.
"""

import time

import pytest

from bench._running import demo
from bench.endurance import Watched

pytestmark = pytest.mark.chromium
LOOKS, EVERY_S = 16, 2.0
#: What comes and goes with stops and breaks of the plant.
ROOM = 1.15
_LEAK = """
const kept = [];
setInterval(() => {
  for (let n = 0; n < 25; n++) kept.push(document.createElement("p"));
  kept.push(new Array(25000).fill(kept.length));
}, 250);
"""


def grows(values):
    """Whether even the least of the last third is more than the most of the first third, with room for noise."""
    third = len(values) // 3
    return min(values[-third:]) > ROOM * max(values[:third])


def test_hours_pass_and_the_page_stays_as_it_is(chromium):
    with demo("--plant", "smt", "--history", "1h", "--speed", "600") as running:
        pages = {"sound": Watched(chromium, running.board), "leaky": Watched(chromium, running.board, script=_LEAK)}
        clock = "() => document.querySelector('#clock .time').textContent"
        looks, clocks = [], set()
        for _ in range(LOOKS):
            looks.append({name: value for page in pages for name, value in pages[page].measured(page).items()})
            clocks.add(pages["sound"].page.evaluate(clock))
            time.sleep(EVERY_S)  # the time that passes is what is tested
    assert len(clocks) > LOOKS / 2, "the plant stood still"
    series = {name: [look[name] for look in looks] for name in looks[0]}
    grown = {name for name, values in series.items() if grows(values)}
    assert grown == {"leaky nodes", "leaky heap MB"}, series
