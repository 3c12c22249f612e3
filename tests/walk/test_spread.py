"""`mes simulate --processes`: several processes are, to the byte, one; live, each has its lines and hears for them."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from servers import until
from simulating import beside, collector, ended, mes

from app.spread import Asked, shares, usable
from contract.errors import UsageError
from simulator.checkpoint import thaw
from simulator.engine import Factory
from simulator.plant_file import load_park

START = ("--seed", "3", "--start", "2026-01-05T06:00:00+07:00")
PRINTER = "que-vo-electronics/que-vo/smt/smt-1/printer"
#: Three groups of lines; of garment's two lines, that share a crew, one.
PARK = """
id = "small-park"
name = { en = "Small park", vi = "Khu nhỏ" }
plants = ["smt", "machining", "garment"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A park, commands for it, and a run of 100 minutes in one process."""
    here = tmp_path_factory.mktemp("spread")
    (here / "park.toml").write_text(PARK, "utf-8")
    factory = Factory(load_park(str(here / "park.toml")), 3, 0)
    commands = [
        {"at": at, "path": path, "command": {"id": f"c{number}", "verb": verb, "duration_s": lasts}}
        for number, (at, verb, lasts, path) in enumerate(
            (at, verb, lasts, path)
            for at in ("2026-01-05T06:10:00+07:00", "2026-01-05T06:30:00+07:00", "2026-01-05T06:47:11.5+07:00")
            for verb, lasts in (("break", 300), ("hold", None))
            for path in factory.paths[number_of(at) :: 17]
        )
    ]
    (here / "log.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in commands), "utf-8")
    run(here, "one", "--truth", "one.truth", "--command-log", "one.log")
    return here


def number_of(text):
    return sum(text.encode()) % 17


def run(folder, name, *more, span="100m"):
    of = ("--plant", "park.toml", *START, "--for", span, "--commands", "log.jsonl")
    return mes("simulate", *of, "--out", f"{name}.jsonl", *more, cwd=folder)


@pytest.mark.parametrize("count", [2, 3])
def test_it_is_one_run_to_the_byte(folder, count):
    name = f"spread-{count}"
    said = run(folder, name, "--truth", f"{name}.truth", "--command-log", f"{name}.log", "--processes", count)
    assert "events of 52 machines" in said
    for kind in ("jsonl", "truth", "log"):
        assert (folder / f"{name}.{kind}").read_bytes() == (folder / f"one.{kind}").read_bytes(), kind


def test_more_processes_than_groups_of_lines_is_said(folder):
    said = run(folder, "many", "--processes", 9)
    assert "small-park has 3 groups of lines that share nothing with others: --processes 3 is used" in said
    assert (folder / "many.jsonl").read_bytes() == (folder / "one.jsonl").read_bytes()
    said = mes("simulate", "--plant", "smt", *START, "--for", "1m", "--out", "x", "--processes", 2, cwd=folder)
    assert "smt has 1 group of lines that shares nothing" in said


def test_a_checkpoint_joins_runs_of_any_number_of_processes(folder):
    run(folder, "first", "--truth", "first.truth", "--checkpoint", "kept", "--processes", 2, span="40m")
    more = ("--commands", "log.jsonl", "--out", "second.jsonl", "--truth", "second.truth", "--processes", 3)
    mes("simulate", "--resume", "kept", "--for", "60m", *more, cwd=folder)
    joined = (folder / "first.jsonl").read_bytes() + (folder / "second.jsonl").read_bytes()
    assert joined == (folder / "one.jsonl").read_bytes()
    assert (folder / "second.truth").read_bytes() == (folder / "one.truth").read_bytes()


def children_of(process):
    """The processes that ``process`` has started to work for it."""
    ask = ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(process.pid)]
    found = subprocess.run(ask, capture_output=True, text=True)  # noqa: PLW1510 - nobody found is exit code 1
    return [int(line.split()[0]) for line in found.stdout.splitlines() if "spawn_main" in line]


linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks ps as Linux has it, and kills")


@linux_only
def test_a_process_that_dies_ends_the_run_with_a_word(folder):
    of = ("--plant", "park.toml", *START, "--for", "30d", "--out", "died.jsonl", "--processes", 3)
    with beside("simulate", *of, cwd=folder) as process:
        until(lambda: (folder / "died.jsonl").is_file() and (folder / "died.jsonl").stat().st_size, "the first events")
        workers = children_of(process)
        assert len(workers) == 3
        os.kill(workers[1], signal.SIGKILL)
        said = ended(process, code=2)
        assert "a process of --processes died (exit code -9), so the run ends here, unfinished" in said
        assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


@linux_only
def test_ctrl_c_ends_a_file_on_a_half_hour_whole(folder):
    of = ("--plant", "park.toml", *START, "--for", "30d", "--out", "cut.jsonl", "--checkpoint", "cut", "--processes", 2)
    with beside("simulate", *of, cwd=folder) as process:
        until(lambda: (folder / "cut.jsonl").is_file() and (folder / "cut.jsonl").stat().st_size, "the first events")
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
        ended(process)
    kept = thaw((folder / "cut").read_bytes(), "cut")
    minutes = (kept.now_us - kept.start_us) // 60_000_000
    assert minutes % 30 == 0
    whole = ("--plant", "park.toml", *START, "--for", f"{minutes}m", "--out", "whole.jsonl", "--checkpoint", "whole")
    mes("simulate", *whole, cwd=folder)
    assert (folder / "whole.jsonl").read_bytes() == (folder / "cut.jsonl").read_bytes()


@pytest.mark.mosquitto
def test_live_each_process_hears_commands_for_its_lines_and_ctrl_c_stops_all(mosquitto, folder):
    of = ("--plant", "park.toml", *START, "--broker", mosquitto.url, "--speed", 60, "--processes", 3)
    with beside("simulate", *of, cwd=folder) as process:
        assert "publishing 52 machines" in process.stderr.readline()
        for path in (PRINTER, *others(folder)):
            assert "done" in mes("command", "--broker", mosquitto.url, path, "set_speed", "--value", 0.9, cwd=folder)
        assert "no machine 'kiln'" in mes(
            "command", "--broker", mosquitto.url, f"{PRINTER.rpartition('/')[0]}/kiln", "hold", cwd=folder, code=1
        )
        os.killpg(process.pid, signal.SIGINT)
        ended(process)


def others(folder):
    """A machine of each plant but the first."""
    plants = Factory(load_park(str(folder / "park.toml")), 3, 0).engines
    return [engine.paths[0] for engine in plants[1:]]


@pytest.mark.mosquitto
def test_live_with_an_end_the_store_is_the_truth_of_one_process(mosquitto, folder):
    of = ("--plant", "park.toml", *START, "--for", "100m", "--commands", "log.jsonl", "--processes", 2)
    with collector(mosquitto.url, folder, "live.db"):
        said = mes("simulate", *of, "--broker", mosquitto.url, "--speed", "max", cwd=folder)
    assert "from 2 processes" in said
    assert "store = truth" in mes("score", "--store", "live.db", "--truth", "one.truth", cwd=folder)


def test_no_broker_is_said_once(folder):
    of = ("--plant", "park.toml", "--broker", "mqtt://127.0.0.1:1", "--processes", 2)
    assert mes("simulate", *of, cwd=folder, code=2).count("no broker answers at mqtt://127.0.0.1:1") == 1


@pytest.mark.parametrize(
    ("args", "mend"),
    [
        (("--out", "x.jsonl", "--mess", "all"), "a mess has one luck for all machines"),
        (("--broker", "mqtt://127.0.0.1:1", "--command-log", "x.log"), "leave --command-log or --processes out"),
        (("--broker", "mqtt://127.0.0.1:1", "--for", "1h", "--truth", "x"), "leave --truth or --processes out"),
        (("--broker", "mqtt://127.0.0.1:1", "--checkpoint", "x"), "leave --checkpoint or --processes out"),
    ],
)
def test_what_cannot_be_spread_is_refused_with_the_way_out(args, mend, folder):
    assert mend in mes("simulate", "--plant", "park.toml", "--processes", 2, *args, cwd=folder, code=2)


def test_shares_are_about_equal_and_have_every_line_once(folder):
    factory = Factory(load_park("park"), 1, 0)
    for count in range(1, len(factory.engines) + 1):
        parts = shares(factory, count)
        thawed = [thaw(part.frozen, "a share") for part in parts]
        assert sorted(number for part in parts for number in part.numbers) == list(range(len(factory.engines)))
        assert sorted(path for part in thawed for path in part.paths) == sorted(factory.paths)
        sizes = [len(part.paths) for part in thawed]
        assert max(sizes) - min(sizes) <= max(len(engine.paths) for engine in factory.engines)


def test_one_process_is_refused_nothing():
    factory = Factory(load_park("smt"), 1, 0)
    everything = Asked(is_live=True, mess=True, command_log=True, truth=True, checkpoint=True)
    assert usable(1, factory, everything) == 1
    with pytest.raises(UsageError, match="mess"):
        usable(2, factory, everything)
