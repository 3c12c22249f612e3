"""What `mes demo` costs: how soon it is live, and what it takes while a plant runs at real time.

    python bench/demo.py [--seconds 30] [--starts 5]

Live means: a browser's stream shows everything that has happened in the plant, up to its last heartbeat. The whole tree
of processes counts (the embedded broker is a process of its own); with no viewer, and with one.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psutil

from app.broker import free_port

#: Machines speak at least once a minute; a line that stands says nothing else.
HEARTBEAT_US = 61_000_000
MES = [sys.executable, "-m", "app"]


def live_after(board: str, began_s: float) -> float:
    """Seconds from the start until the stream shows everything that has happened, up to the last heartbeat."""
    with httpx.stream("GET", f"{board}events", timeout=30) as response:
        for said in _said(response):
            if said.get("now_us", 0) > time.time_ns() // 1000 - HEARTBEAT_US:
                return time.perf_counter() - began_s
    raise SystemExit("the board's stream ended")


def _said(response: httpx.Response) -> Iterator[dict[str, int]]:
    for line in response.iter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def cost(tree: list[psutil.Process], seconds: float) -> tuple[float, float]:
    """Share of one core over ``seconds``, and memory now in MB (each process's own pages, shared ones counted once)."""
    before = sum(sum(process.cpu_times()[:2]) for process in tree)
    time.sleep(seconds)
    after = sum(sum(process.cpu_times()[:2]) for process in tree)
    return (after - before) / seconds, sum(process.memory_info().rss for process in tree) / 1e6


@contextmanager
def started() -> Iterator[tuple[subprocess.Popen[str], str, float]]:
    """A demo whose address was printed: its process, its board, and when it was started."""
    began = time.perf_counter()
    process = subprocess.Popen([*MES, "demo", "--port", str(free_port())], stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        yield process, next(found[0] for line in process.stderr if (found := re.search(r"http://\S+", line))), began
    finally:
        process.terminate()
        process.wait(20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30, help="how long each state is measured")
    parser.add_argument("--starts", type=int, default=5, help="how often it is started")
    asked = parser.parse_args()
    printed, live = [], []
    for _ in range(asked.starts):
        with started() as (process, board, began):
            printed.append(time.perf_counter() - began)
            live.append(live_after(board, began))
    with started() as (process, board, _):
        tree = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        alone = cost(tree, asked.seconds)
        with httpx.stream("GET", f"{board}events", timeout=30):
            watched = cost(tree, asked.seconds)
    print(
        f"demo: plant smt, 8 h of history, real time; {len(tree)} processes, measured over {asked.seconds:.0f} s each"
    )
    for what, times in (("address printed", printed), ("live data", live)):
        print(
            f"  {what:<16} after {statistics.median(times):5.1f} s  (the slowest of {len(times)}: {max(times):.1f} s)"
        )
    for what, (share, megabytes) in (("no viewer", alone), ("one viewer", watched)):
        print(f"  {what:<16} {share * 100:6.1f} % of a core  {megabytes:6.0f} MB")


if __name__ == "__main__":
    main()
