"""Whether anything grows while the factory runs for long: the demo's memory, and what the pages keep in a browser.

    python bench/endurance.py [--hours 0.1] [--speed 600] [--every 60] [--plant phone] [--history 8h]

A demo and a Chromium that shows the wall, a line and a machine, each in a process of its own. Every minute: resident
memory of the demo (its broker too), size of the store's file, and of each page the JavaScript heap, DOM nodes and event
listeners after a forced garbage collection, detached nodes too. The first fifth is warming up. Then a slope is drawn
through the rest (Theil-Sen: the median of the slopes of all pairs), and what it adds up to over that time must stay
within :data:`ALLOWED`. The store's file is not judged: it keeps the plant's history and so it grows.
"""

import argparse
import itertools
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, CDPSession

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench._running import Demo, chromium, demo

#: Over the last hour: what they show of a shift gets longer with the shift.
PAGES = {"wall": "", "line": "line?span=hour", "machine": "machine?span=hour"}
WARM_UP = 0.2
#: What may be added over the measured time: a share of the median, and a few of the unit for what comes and goes. The
#: embedded broker keeps a log for each filter that is subscribed to, two here, which fills up to 64 MiB and no further.
ALLOWED = {
    "demo MB": (0.05, 10.0),
    "broker MB": (0.05, 140.0),
    "heap MB": (0.05, 0.3),
    "nodes": (0.05, 60.0),
    "listeners": (0.05, 10.0),
}


class Sample(NamedTuple):
    """What was measured ``at_s`` seconds after the start, by name; the last words of a name are its unit."""

    at_s: float
    values: dict[str, float]


class Trend(NamedTuple):
    """How a value went after the warming up: its median, its slope an hour and whether that is no growth."""

    name: str
    median: float
    per_hour: float
    ok: bool


def trends(samples: list[Sample]) -> list[Trend]:
    """The trend of every value that was measured in all ``samples``."""
    warm_s = samples[0].at_s + WARM_UP * (samples[-1].at_s - samples[0].at_s)
    kept = [sample for sample in samples if sample.at_s >= warm_s]
    hours = (kept[-1].at_s - kept[0].at_s) / 3600
    return [_trend(name, [(one.at_s / 3600, one.values[name]) for one in kept], hours) for name in kept[0].values]


def _trend(name: str, points: list[tuple[float, float]], hours: float) -> Trend:
    slopes = [(b - a) / (t - s) for (s, a), (t, b) in itertools.combinations(points, 2)]
    per_hour, median = statistics.median(slopes), statistics.median(value for _, value in points)
    share, some = next((limit for unit, limit in ALLOWED.items() if name.endswith(unit)), (0.0, float("inf")))
    return Trend(name, median, per_hour, per_hour * hours <= share * median + some)


class Watched:
    """A page in a renderer process of its own, asked over Chromium's debugging protocol."""

    def __init__(self, browser: Browser, address: str, size: tuple[int, int] = (1920, 1080), script: str = "") -> None:
        self._context = browser.new_context(viewport={"width": size[0], "height": size[1]})
        page = self._context.new_page()
        if script:
            page.add_init_script(script)
        page.goto(address)
        page.wait_for_selector("body[data-state=live]", timeout=60_000)
        self.page = page
        self._cdp: CDPSession = self._context.new_cdp_session(page)

    def measured(self, name: str) -> dict[str, float]:
        """Heap, nodes and listeners now, of what cannot be collected as garbage."""
        self._cdp.send("HeapProfiler.collectGarbage")
        heap, dom = self._cdp.send("Runtime.getHeapUsage"), self._cdp.send("Memory.getDOMCounters")
        return {
            f"{name} heap MB": heap["usedSize"] / 1e6,
            f"{name} nodes": dom["nodes"],
            f"{name} listeners": dom["jsEventListeners"],
        }


def memory(running: Demo) -> dict[str, float]:
    """Resident memory of a demo and of its broker, and the size of its store's file."""
    return {
        "demo MB": running.process.memory_info().rss / 1e6,
        "broker MB": sum(one.memory_info().rss for one in running.process.children(recursive=True)) / 1e6,
        "store's file": running.store.stat().st_size / 1e6,
    }


def run(
    seconds: float, every_s: float, look: Callable[[], dict[str, float]], say: Callable[[str], None]
) -> list[Sample]:
    """Look every ``every_s`` for ``seconds``."""
    began, samples = time.monotonic(), []
    while not samples or samples[-1].at_s < seconds:
        samples.append(Sample(time.monotonic() - began, look()))
        say("  ".join([f"{samples[-1].at_s / 60:6.1f} min", *(f"{k} {v:.1f}" for k, v in samples[-1].values.items())]))
        time.sleep(max(0.0, len(samples) * every_s - (time.monotonic() - began)))
    return samples


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=0.1)
    parser.add_argument("--speed", default="600")
    parser.add_argument("--every", type=float, default=60, help="seconds between two looks; less for a short run")
    parser.add_argument("--plant", default="phone")
    parser.add_argument("--history", default="8h")
    asked = parser.parse_args()
    seconds = asked.hours * 3600
    options = ("--plant", asked.plant, "--history", asked.history, "--speed", asked.speed)
    with demo(*options) as running, chromium() as browser:
        watched = {name: Watched(browser, running.board + path) for name, path in PAGES.items()}

        def look() -> dict[str, float]:
            pages = [one.measured(name) for name, one in watched.items()]
            return {name: value for found in (memory(running), *pages) for name, value in found.items()}

        found = trends(run(seconds, min(asked.every, seconds / 20), look, lambda line: print(line, flush=True)))
    print(f"\n{asked.plant} at {asked.speed} times real time for {asked.hours:g} h, after {WARM_UP:.0%} of warming up:")
    for trend in found:
        print(f"  {trend.name:<20} median {trend.median:10.1f}  {trend.per_hour:+10.3f} an hour  {_verdict(trend)}")
    if not all(trend.ok for trend in found):
        raise SystemExit("not ok: something grows")
    print("ok: nothing grows")


def _verdict(trend: Trend) -> str:
    return "" if trend.name.startswith("store") else "ok" if trend.ok else "GROWS"


if __name__ == "__main__":
    main()
