"""How much a page loads, how soon it shows something that means something, and how late an event is seen on it.

    python bench/paint.py [--rounds 5] [--minutes 3]

A real Chromium with an empty cache, over its debugging protocol. Bytes are what came over the wire, heads included, of
all requests up to the first station drawn with data, the stream's first frame too; that drawing is the meaningful
paint, counted from the navigation. The desktop is this machine; the phone is Lighthouse's: a quarter of this CPU's
speed, 1.6 Mbit/s down, 750 kbit/s up, 150 ms a round trip. Then the wall, a line and a machine stay open at real time:
from an event's own time (at real time that is when it happens) until the frame after the change in the page.
"""

import argparse
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench._running import chromium, demo
from bench.viewers import at_share, heard

WALL, PHONE = (1920, 1080), (390, 844)
#: Page → its path, and what is there as soon as a station is drawn with data.
PAGES = {
    "wall": ("", ".station[data-since]"),
    "line": ("line", ".station[data-since]"),
    "machine": ("machine", ".stop[data-since]"),
}
#: kbit/s as bytes/s.
_KBIT = 1000 / 8
_SLOW_PHONE = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1600 * _KBIT,
    "uploadThroughput": 750 * _KBIT,
}
_SLOWER = 4
_PAINTED = """(selector) => new Promise((done) => {
  const look = () => document.querySelector(selector)
    ? requestAnimationFrame(() => setTimeout(() => done(performance.now())))
    : requestAnimationFrame(look);
  look();
})"""
_SEEN = """() => {
  window.seen = [];
  const note = (node) => {
    const at = [node.dataset.station, Number(node.dataset.since)];
    requestAnimationFrame(() => setTimeout(() => window.seen.push([...at, Date.now()])));
  };
  new MutationObserver((all) => all.forEach(({ target }) => note(target)))
    .observe(document.body, { subtree: true, attributes: true, attributeFilter: ["data-since"] });
}"""


class Load(NamedTuple):
    """One first load: kB over the wire in how many requests, and seconds to the meaningful paint."""

    kilobytes: float
    requests: int
    painted_s: float


@contextmanager
def fresh(browser: Browser, size: tuple[int, int]) -> Iterator[Page]:
    """A page of a browser that has never been here."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="vi-VN")
    yield context.new_page()
    context.close()


def load(browser: Browser, address: str, selector: str, *, slow: bool) -> Load:
    """Open ``address`` for the first time."""
    with fresh(browser, PHONE if slow else WALL) as page:
        cdp, came = page.context.new_cdp_session(page), [0, 0]

        def count(message: dict[str, Any]) -> None:
            came[0] += message.get("encodedDataLength", 0)

        def answered(message: dict[str, Any]) -> None:
            came[0] += message["response"]["encodedDataLength"]
            came[1] += 1

        cdp.on("Network.dataReceived", count)
        cdp.on("Network.responseReceived", answered)
        cdp.send("Network.enable")
        if slow:
            cdp.send("Network.emulateNetworkConditions", _SLOW_PHONE)
            cdp.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
        page.goto(address, wait_until="commit")
        painted_ms = page.evaluate(_PAINTED, selector)
        return Load(came[0] / 1e3, came[1], painted_ms / 1e3)


def loads(browser: Browser, board: str, rounds: int) -> None:
    for name, (path, selector) in PAGES.items():
        for slow in (False, True):
            found = [load(browser, board + path, selector, slow=slow) for _ in range(rounds)]
            painted = sorted(one.painted_s for one in found)
            print(
                f"{name:<8} {'slow phone' if slow else 'desktop':<11} {max(one.kilobytes for one in found):5.1f} kB in"
                f" {found[0].requests} requests; meaningful paint {statistics.median(painted):.2f} s"
                f" ({painted[0]:.2f} to {painted[-1]:.2f} s in {rounds} rounds)",
                flush=True,
            )


def seen(browser: Browser, board: str, broker_port: int, minutes: float) -> None:
    """How late each page shows what happens, while all are open."""
    with ExitStack() as stack:
        pages = {name: stack.enter_context(fresh(browser, WALL)) for name in PAGES}
        events = stack.enter_context(heard(broker_port))
        for name, page in pages.items():
            page.goto(board + PAGES[name][0])
            page.wait_for_selector(PAGES[name][1])
            page.evaluate(_SEEN)
        answer = pages["wall"].request.get(f"{board}api/machine.json").json()
        shown = {"wall": "", "line": f"{answer['line']}/", "machine": answer["machine"]}
        began_us = time.time_ns() // 1000
        time.sleep(minutes * 60)
        until_us = time.time_ns() // 1000 - 10_000_000
        told = [one for one in events if began_us < one[1] < until_us]
        for name, page in pages.items():
            mine = [one for one in told if one[0].startswith(shown[name])]
            late, missed = lateness(mine, page.evaluate("() => window.seen"))
            print(
                f"{name:<8} event to pixel: p50 {at_share(late, 0.5) * 1e3:.0f}, p95 {at_share(late, 0.95) * 1e3:.0f}, "
                f"p99 {at_share(late, 0.99) * 1e3:.0f} ms over {len(late)} events in {minutes:g} min; "
                f"{missed} not shown",
                flush=True,
            )


def lateness(events: list[tuple[str, int]], changes: list[tuple[str, int, float]]) -> tuple[list[float], int]:
    """Seconds from each event to the change in the page that shows it or what came after, ascending; and the rest."""
    shown: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for station, since_us, at_ms in changes:
        shown[station].append((since_us, at_ms))
    found, missed = [], 0
    for path, since_us in events:
        at_ms = next((at for since, at in shown[path.rpartition("/")[2]] if since >= since_us), None)
        if at_ms is None:
            missed += 1
        else:
            found.append(at_ms / 1e3 - since_us / 1e6)
    return sorted(found), missed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=3)
    asked = parser.parse_args()
    with demo() as running, chromium() as browser:
        print(f"plant phone at real time, Chromium {browser.version}, load of this machine {os.getloadavg()[0]:.1f}")
        loads(browser, running.board, asked.rounds)
        seen(browser, running.board, running.broker_port, asked.minutes)


if __name__ == "__main__":
    main()
