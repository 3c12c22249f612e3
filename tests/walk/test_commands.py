"""Every verb as a person types it: its help, its answers, and a clear word for every mistake."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from database import database

from app.cli import app
from app.options import DEFAULT_PLANT
from simulator.plant_file import load_plant

DEFAULT = load_plant(DEFAULT_PLANT)
DOCS = Path(__file__).parent.parent.parent / "docs"
GROUPS = [group.typer_instance.info.name for group in app.registered_groups]
VERBS = sorted([*(command.callback.__name__ for command in app.registered_commands), *GROUPS])
MES = [sys.executable, "-m", "app"]
PLANT = (Path(__file__).parent.parent.parent / "simulator" / "plants" / "smt.toml").read_text("utf-8")


def mes(*args, cwd, code=0):
    """What a command prints, standard output and standard error; it must end with ``code`` and without a traceback."""
    done = subprocess.run([*MES, *map(str, args)], cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == code, (args, done.stdout, done.stderr)
    return done.stdout, " ".join(done.stderr.split())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder in which a run of two hours was simulated and replayed."""
    here = tmp_path_factory.mktemp("walk")
    mes("simulate", "--seed", 5, "--for", "2h", "--out", "events.jsonl", "--truth", "truth.jsonl", cwd=here)
    mes("replay", "events.jsonl", "--store", "mes.db", cwd=here)
    return here


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_an_example_in_its_help_and_a_place_in_the_documents(verb, tmp_path):
    assert f"Example: mes {verb}" in " ".join(mes(verb, "--help", cwd=tmp_path)[0].split())
    for name in ("commands.md", "commands.vi.md"):
        assert f"## mes {verb}\n" in (DOCS / name).read_text("utf-8"), name


def test_the_promised_verbs_are_there():
    run, make = "demo simulate collect replay board broker command mess", "new plants check dashboards"
    ask = "kpi explain orders quality trace recall materials energy report score health doctor"
    assert sorted(f"{run} {make} {ask}".split()) == VERBS


def test_the_same_seed_gives_the_same_bytes(folder):
    mes("simulate", "--seed", 5, "--for", "2h", "--out", "again.jsonl", cwd=folder)
    assert (folder / "again.jsonl").read_bytes() == (folder / "events.jsonl").read_bytes()


def test_a_mess_leaves_the_truth_as_it_is_and_the_store_proves_it(folder, tmp_path):
    mess = "duplicates,reorder,offline,stale_retained,ghost_will,malformed"
    made = ("--seed", 5, "--for", "2h", "--mess", mess, "--out", "messy.jsonl", "--truth", "truth.jsonl")
    machines = sum(len(line.stations) for line in DEFAULT.lines)
    assert f"messages of {machines} machines" in mes("simulate", *made, cwd=tmp_path)[1]
    assert (tmp_path / "truth.jsonl").read_bytes() == (folder / "truth.jsonl").read_bytes()
    mes("replay", "messy.jsonl", "--store", "messy.db", cwd=tmp_path)
    assert "store = truth" in mes("score", "--store", "messy.db", "--truth", "truth.jsonl", cwd=tmp_path)[0]


def test_replaying_twice_changes_nothing(folder):
    before = mes("kpi", "--store", "mes.db", "--by", "machine", "--json", cwd=folder)[0]
    mes("replay", "events.jsonl", "--store", "mes.db", cwd=folder)
    assert mes("kpi", "--store", "mes.db", "--by", "machine", "--json", cwd=folder)[0] == before


def test_score_proves_the_store(folder):
    out, _ = mes("score", "--store", "mes.db", "--truth", "truth.jsonl", cwd=folder)
    assert "store = truth" in out
    found = json.loads(mes("score", "--store", "mes.db", "--truth", "truth.jsonl", "--json", cwd=folder)[0])
    assert found["passed"]
    assert {machine["verdict"] for machine in found["machines"]} == {"equal"}


def test_score_finds_an_invented_part_and_an_invented_second(folder, tmp_path):
    for column in ("good", "execute_us"):
        forged = tmp_path / f"{column}.db"
        with database(folder / "mes.db") as source, database(forged) as copy:
            source.backup(copy)
            an_hour_later = "(SELECT MIN(minute_us) + 3600000000 FROM minutes)"
            which = f"machine_id = 3 AND minute_us = {an_hour_later}"
            copy.execute(f"UPDATE minutes SET {column} = {column} + 1 WHERE {which}")
        out, _ = mes("score", "--store", forged, "--truth", "truth.jsonl", cwd=folder, code=1)
        assert "store ≠ truth" in out
        assert f"{column}: truth" in out


@pytest.mark.parametrize("by", ["machine", "line", "hour", "shift"])
def test_kpi_answers_by(folder, by):
    rows = json.loads(mes("kpi", "--store", "mes.db", "--by", by, "--json", cwd=folder)[0])
    lines, machines = len(DEFAULT.lines), sum(len(line.stations) for line in DEFAULT.lines)
    assert len(rows) == {"machine": machines, "line": lines, "hour": 2 * lines, "shift": lines}[by]
    text, _ = mes("kpi", "--store", "mes.db", "--by", by, cwd=folder)
    for row in rows:
        assert f"{row['kpis']['oee'] * 100:.1f}" in text


def test_explain_adds_up(folder):
    found = json.loads(mes("explain", "--store", "mes.db", "--machine", "placer_2", "--json", cwd=folder)[0])
    lost = found["losses"]
    assert sum(us for name, us in lost.items() if name != "ppt_us") == lost["ppt_us"]
    for category, intervals in found["intervals"].items():
        assert sum(one["end_us"] - one["start_us"] for one in intervals) == found["sums"][f"{category}_us"]
    text, _ = mes("explain", "--store", "mes.db", "--machine", "placer_2", cwd=folder)
    assert re.search(r"= good +\d", text)


def test_the_staircase_of_the_readme_is_what_its_commands_draw(tmp_path):
    english, other = ((DOCS.parent / name).read_text("utf-8") for name in ("README.md", "README.vi.md"))
    for command in re.findall(r"^    mes (simulate --plant .*|replay .*)$", english, flags=re.MULTILINE):
        mes(*command.split(), cwd=tmp_path)
    [command] = re.findall(r"^    mes (explain .*)$", english, flags=re.MULTILINE)
    [shown] = re.findall(r"^    planned production .*?^    OEE .*?$", english, flags=re.DOTALL | re.MULTILINE)
    assert shown in other
    assert re.sub("^    ", "", shown, flags=re.MULTILINE) in mes(*command.split(), cwd=tmp_path)[0]


def test_plants_and_check(tmp_path):
    lines = mes("plants", cwd=tmp_path)[0].splitlines()
    listed = json.loads(mes("plants", "--json", cwd=tmp_path)[0])
    assert [line.split()[0] for line in lines] == [plant["id"] for plant in listed]
    smt = next(plant for plant in listed if plant["id"] == "smt")
    assert {"plants": 1, "lines": 1, "machines": 10}.items() <= smt.items()
    (tmp_path / "mine.toml").write_text(PLANT, "utf-8")
    assert "good" in mes("check", "mine.toml", cwd=tmp_path)[0]


def test_a_plant_of_ones_own_from_nothing_to_numbers(tmp_path):
    said, _ = mes("new", "plant", "Tân Chi", cwd=tmp_path)
    for command in re.findall(r"^  mes (check .*)$", said, flags=re.MULTILINE):
        assert "good" in mes(*command.split(), cwd=tmp_path)[0]
    (tmp_path / "orders.csv").write_text("id;product;quantity\nT-1;product-a;50\n", "utf-8")
    made = (
        "--plant",
        "tan-chi.toml",
        "--orders",
        "orders.csv",
        "--for",
        "2h",
        "--out",
        "e.jsonl",
        "--truth",
        "t.jsonl",
    )
    mes("simulate", *made, cwd=tmp_path)
    mes("replay", "e.jsonl", "--store", "mes.db", cwd=tmp_path)
    assert "store = truth" in mes("score", "--store", "mes.db", "--truth", "t.jsonl", cwd=tmp_path)[0]


MISTAKES = [
    (["simulate", "--plant", "smd", "--out", "x.jsonl"], "there is no plant 'smd': use one of"),
    (["simulate", "--plant", "none.toml", "--out", "x.jsonl"], "none.toml: cannot be read"),
    (["simulate", "--plant", "smt", "--orders", "none.csv", "--out", "x.jsonl"], "none.csv: cannot be read"),
    (["new", "plant", "工场"], "has no letter a topic could be made of"),
    (["new", "plant", "events", "--path", "events.jsonl"], "a plant file ends in .toml"),
    (["new", "car", "mine"], "plant"),
    (["simulate", "--for", "8h"], "either --out FILE or --broker URL"),
    (["simulate", "--out", "a", "--broker", "mqtt://127.0.0.1"], "either --out FILE or --broker URL"),
    (["simulate", "--out", "no/such/folder/x.jsonl"], "cannot be written"),
    (["simulate", "--for", "8 parsecs", "--out", "x.jsonl"], "write it like 90s, 45m, 8h"),
    (["simulate", "--for", "30000d", "--out", "x.jsonl"], "the end of --for is outside the years 2000 to 2100"),
    (["demo", "--history", "30000d", "--port", 0], "the begin of --history is outside the years 2000 to 2100"),
    (["simulate", "--start", "yesterday", "--out", "x.jsonl"], "write it like 2026-01-05T06:00:00+07:00"),
    (["simulate", "--speed", "warp", "--broker", "mqtt://127.0.0.1"], "write a number such as 60, or max"),
    (["simulate", "--broker", "http://127.0.0.1"], "write it like mqtt://127.0.0.1:1883"),
    (["simulate", "--broker", "mqtt://127.0.0.1:1"], "no broker"),
    (["simulate", "--broker", "mqtt://127.0.0.1", "--truth", "t.jsonl"], "--truth needs an end"),
    (["simulate", "--mess", "smell", "--out", "x.jsonl"], "'smell' is not a kind of mess: write it like all, or"),
    (["simulate", "--mess", "lost=2", "--out", "x.jsonl"], "it goes from 0 (off) to 1 of messages"),
    (["mess", "--broker", "mqtt://127.0.0.1:1", "lost=off"], "no broker answers at mqtt://127.0.0.1:1"),
    (["mess", "--broker", "mqtt://127.0.0.1:1", "smell"], "'smell' is not a kind of mess"),
    (["collect", "--broker", "mqtt://127.0.0.1:1", "--store", "y.db"], "no broker"),
    (["collect", "--broker", "nonsense", "--store", "y.db"], "write it like mqtt://127.0.0.1:1883"),
    (["replay", "none.jsonl", "--store", "y.db"], "none.jsonl cannot be read"),
    (["replay", "truth.jsonl", "--store", "y.db"], "the event file truth.jsonl begins without an event"),
    (["replay", "events.jsonl", "--store", "no/such/folder/y.db"], "no/such/folder"),
    (["replay", "events.jsonl", "--store", "events.jsonl"], "not"),
    (["kpi", "--store", "none.db"], "there is no store at none.db"),
    (["kpi", "--store", "events.jsonl"], "is not a store"),
    (["kpi", "--store", "mes.db", "--by", "week"], "machine"),
    (["kpi", "--store", "mes.db", "--from", "2026-01-05T08:00:00+07:00", "--to", "2026-01-05T07:00:00+07:00"], "swap"),
    (["kpi", "--store", "mes.db", "--by", "hour", "--from", "2001-01-01T00:00:00Z"], "ask for a shorter one"),
    (["explain", "--store", "mes.db", "--machine", "robot"], "there is no machine 'robot'"),
    (["explain", "--store", "mes.db", "--machine", "robot"], "placer_2"),
    (["trace", "nobody", "--store", "mes.db"], "nothing is known of a unit 'nobody'"),
    (["trace", "nobody", "--store", "none.db"], "there is no store at none.db"),
    (["recall", "nothing", "--store", "mes.db"], "nothing is known of a lot 'nothing'"),
    (["quality", "--store", "mes.db", "--value", "volume"], "say which with --machine"),
    (["quality", "--store", "mes.db", "--machine", "spi", "--value", "smell"], "measures no value 'smell'"),
    (["score", "--store", "mes.db", "--truth", "none.jsonl"], "cannot be read"),
    (["score", "--store", "mes.db", "--truth", "events.jsonl"], "is it the file of --truth"),
    (["check", "events.jsonl"], "events.jsonl"),
]


@pytest.mark.parametrize(("args", "message"), MISTAKES, ids=lambda value: "" if isinstance(value, str) else value[0])
def test_a_mistake_is_named_with_its_mend(folder, args, message):
    _, err = mes(*args, cwd=folder, code=2)
    words = " ".join(re.sub(r"[│╭╮╰╯─]", " ", err).split())
    assert message in words, words


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("[[lines]]", "[[lines"), "this is not TOML"),
        (("cycle_s = 24", "cycle_s = 0"), "cycle_s"),
        (("cycle_s = 24", "cycle_s = -24"), "cycle_s"),
        (("cycle_s = 24", 'cycle_s = "fast"'), "cycle_s"),
        (("cycle_s = 24", "cycel_s = 24"), "did you mean 'cycle_s'"),
        (("cycle_s = 24", 'cycle_s = 24\ndownstream = "reflou"'), "reflou"),
        (("buffer = 4", "buffer = -4"), "buffer"),
    ],
)
def test_a_mistake_in_a_plant_file_is_named_with_its_place(tmp_path, change, message):
    assert change[0] in PLANT
    (tmp_path / "mine.toml").write_text(PLANT.replace(*change, 1), "utf-8")
    _, err = mes("check", "mine.toml", cwd=tmp_path, code=2)
    assert message in err
    assert "mine.toml" in err


def test_a_store_of_a_newer_version_is_refused_by_reader_and_writer(folder, tmp_path):
    newer = tmp_path / "newer.db"
    with database(folder / "mes.db") as source, database(newer) as copy:
        source.backup(copy)
        copy.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    for args in (["kpi", "--store", newer], ["replay", "events.jsonl", "--store", newer]):
        assert "version 99" in mes(*args, cwd=folder, code=2)[1]


def test_what_is_not_in_the_contract_is_kept_with_the_reason_and_the_rest_goes_on(folder, tmp_path):
    bad = [
        b"not json at all\n",
        b'{"topic":"mes/v1/a/b/c/d/e/state","payload":{"ts":0}}\n',
        b'{"topic":"mes/v1/a/b/c/d/e/smell","payload":{}}\n',
    ]
    lines = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "mixed.jsonl").write_bytes(b"".join([*lines[:500], *bad, *lines[500:]]))
    _, err = mes("replay", "mixed.jsonl", "--store", "mes.db", cwd=tmp_path)
    assert "3 of them were refused" in err
    for reason in ("bad_line", "bad_time", "unknown_kind"):
        assert reason in err
    _, err = mes("replay", folder / "events.jsonl", "--store", "mes.db", cwd=tmp_path)
    assert "refused" not in err, "what was refused before is no news"
    assert "store = truth" in mes("score", "--store", "mes.db", "--truth", folder / "truth.jsonl", cwd=tmp_path)[0]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no /dev/stdin")
def test_events_come_through_a_pipe_too(folder, tmp_path):
    some = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)[:300]
    verb = [*MES, "replay", "/dev/stdin", "--store", "mes.db"]
    done = subprocess.run(verb, cwd=tmp_path, input=b"".join(some), capture_output=True, timeout=120, check=False)
    assert (done.returncode, b"300 events" in done.stderr) == (0, True), done.stderr


def test_what_is_said_is_utf8_whatever_the_system_writes(folder):
    old = os.environ | {"PYTHONIOENCODING": "cp1252"}
    done = subprocess.run(
        [*MES, "kpi", "--store", "mes.db"], cwd=folder, capture_output=True, timeout=120, check=True, env=old
    )
    assert "✗ mean" in done.stdout.decode("utf-8")


@pytest.mark.parametrize("args", [["demo"], ["board", "--store", "mes.db"], ["broker"]], ids=lambda args: args[0])
def test_a_busy_port_is_said_with_what_to_do(folder, args):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        _, err = mes(*args, "--port", port, cwd=folder, code=2)
    assert f"port {port} on 127.0.0.1 is busy" in err
    assert "--port" in err
