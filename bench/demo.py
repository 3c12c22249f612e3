"""What `mes demo` costs: how soon it is live, and what it takes while a plant runs at real time.

    python bench/demo.py [--seconds 30]

Live means: a browser's stream has said something that happened after the demo was started. The whole tree of processes
counts (the embedded broker is a process of its own); with no viewer, and with one.
"""

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import psutil

from app.broker import free_port

MES = [sys.executable, "-c", "from app.cli import main; main()"]


def live_after(board: str, began_s: float) -> float:
    """Seconds from the start until the stream says something newer than the start."""
    began_us = time.time_ns() // 1000 - int((time.perf_counter() - began_s) * 1e6)
    with httpx.stream("GET", f"{board}events", timeout=30) as response:
        for said in _said(response):
            if said.get("now_us", 0) > began_us:
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30, help="how long each state is measured")
    seconds, port, began = parser.parse_args().seconds, free_port(), time.perf_counter()
    process = subprocess.Popen([*MES, "demo", "--port", str(port)], stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        board = next(found[0] for line in process.stderr if (found := re.search(r"http://\S+", line)))
        printed, live = time.perf_counter() - began, live_after(board, began)
        tree = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        alone = cost(tree, seconds)
        with httpx.stream("GET", f"{board}events", timeout=30):
            watched = cost(tree, seconds)
    finally:
        process.terminate()
        process.wait(20)
    print(f"demo: plant smt, 8 h of history, real time; {len(tree)} processes, measured over {seconds:.0f} s each")
    print(f"  address printed after {printed:6.1f} s")
    print(f"  live data after       {live:6.1f} s")
    for what, (share, megabytes) in (("no viewer", alone), ("one viewer", watched)):
        print(f"  {what:<12} {share * 100:6.1f} % of a core  {megabytes:6.0f} MB")


if __name__ == "__main__":
    main()
