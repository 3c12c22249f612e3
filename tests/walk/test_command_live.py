"""`mes command` as a person types it: against a running simulator, answered, logged, and played again."""

import json
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

MES = [sys.executable, "-m", "app"]
PRINTER = "que-vo-electronics/que-vo/smt/smt-1/printer"
LINE = PRINTER.rpartition("/")[0]
RUN = ("--plant", "smt", "--seed", "3", "--start", "2026-01-05T06:00:00+07:00")


def mes(*args, cwd, code=0):
    done = subprocess.run([*MES, *map(str, args)], cwd=cwd, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == code, (args, done.stdout, done.stderr)
    return done.stdout + " ".join(done.stderr.split())


@contextmanager
def started(url, folder):
    """A plant that runs at sixty times its pace and hears commands; ended however the test ends."""
    command = [*MES, "simulate", *RUN, "--broker", url, "--speed", "60", "--command-log", "log.jsonl"]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    try:
        assert "publishing" in process.stderr.readline()
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def simulator(url, folder):
    """One that is stopped as a person stops it."""
    with started(url, folder) as process:
        yield
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert "Traceback" not in process.stderr.read()


@pytest.mark.mosquitto
def test_commands_are_answered_logged_and_played_again(mosquitto, tmp_path):
    def command(*args, code=0):
        return mes("command", "--broker", mosquitto.url, *args, cwd=tmp_path, code=code)

    with simulator(mosquitto.url, tmp_path):
        assert "done: Held until the next command: stop, unhold, abort" in command(PRINTER, "hold", "--by", "Lan")
        assert "refused: hold is illegal in Held" in command(PRINTER, "hold", code=1)
        assert "done: goes on" in command(PRINTER, "unhold")
        assert "for 600 s" in command(f"{LINE}/placer_1", "break", "--duration", "10m")
        assert "refused: there is no machine 'kiln'" in command(f"{LINE}/kiln", "hold", code=1)
        assert "refused: the mode cannot be changed" in command(f"{LINE}/spi", "mode", "--mode", "manual", code=1)
    lines = (tmp_path / "log.jsonl").read_text("utf-8").splitlines()
    given = [json.loads(line)["command"]["verb"] for line in lines]
    assert given == ["hold", "hold", "unhold", "break", "mode"]
    mes("simulate", *RUN, "--for", "2h", "--commands", "log.jsonl", "--out", "events.jsonl", cwd=tmp_path)
    events = (tmp_path / "events.jsonl").read_text("utf-8").splitlines()
    replies = [line for line in events if "/cmd/reply" in line]
    assert [json.loads(line)["payload"]["accepted"] for line in replies] == [True, False, True, True, False]
    assert json.loads(replies[0])["payload"]["command"]["by"] == "Lan"


@pytest.mark.mosquitto
def test_who_stops_it_is_told_that_it_waits_for_a_broker_that_is_gone(mosquitto, tmp_path):
    with started(mosquitto.url, tmp_path) as process:
        mosquitto.stop()
        process.send_signal(signal.SIGINT)
        assert any("Ctrl-C again leaves the rest unsaid" in line for line in process.stderr)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130


@pytest.mark.parametrize(
    ("args", "mend"),
    [
        (("nowhere", "hold"), "no command can be made of this: 'mes/v1/nowhere/cmd' is not"),
        ((PRINTER, "hold", "--value", "5000"), "no command can be made of this: Expected `float` <= 1000.0"),
        ((PRINTER, "hold", "--duration", "soon"), "'soon' is not a duration"),
        ((PRINTER, "mode", "--mode", "party"), "'maintenance', 'manual'"),
        ((PRINTER, "hold"), "no broker answers at mqtt://127.0.0.1:1"),
    ],
)
def test_a_mistake_is_named_with_its_mend(args, mend, tmp_path):
    assert mend in mes("command", "--broker", "mqtt://127.0.0.1:1", *args, cwd=tmp_path, code=2)


@pytest.mark.parametrize(
    ("line", "mend"),
    [
        ("{}", "log.jsonl, line 1: Object missing required field `at`"),
        (
            f'{{"at": "2026-01-05T06:10:00+07:00", "path": "{LINE}/kiln", "command": {{"id": "1", "verb": "hold"}}}}',
            "there is no machine 'kiln' on line smt-1",
        ),
        (
            f'{{"at": "2025-01-05T06:10:00+07:00", "path": "{PRINTER}", "command": {{"id": "1", "verb": "hold"}}}}',
            "is before the run begins",
        ),
    ],
)
def test_a_log_with_a_mistake_names_its_place_and_mend(line, mend, tmp_path):
    (tmp_path / "log.jsonl").write_text(f"{line}\n", "utf-8")
    said = mes("simulate", *RUN, "--commands", "log.jsonl", "--out", "events.jsonl", cwd=tmp_path, code=2)
    assert mend in said
