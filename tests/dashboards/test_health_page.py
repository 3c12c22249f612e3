"""The page "data health": what it is told over HTTP, and how it looks in a real Chromium."""

import csv
import io
import sqlite3

import httpx
import pytest
from made_up_line import LINE, NOW_US, STATIONS, make_store, say
from served_board import serving
from test_chromium import _SIZES, PHONE, WALL, page_of
from typer.testing import CliRunner

from app.cli import app
from contract.instants import MINUTE_US
from dashboards.words import catalogue

#: Whatever reaches beyond the panel it stands in.
_BEYOND = """() => [...document.querySelectorAll('.panel *')].filter((node) => {
  const box = node.getBoundingClientRect(), outer = node.closest('.panel').getBoundingClientRect();
  return box.width > 1 && (box.right > outer.right + 1 || box.left < outer.left - 1);
}).map((node) => node.className)"""


def mess(path, **counts):
    """Commit what the wire did to the printer, and two refusals: one of the printer, one of nobody."""
    store = sqlite3.connect(path)
    with store:
        names = ("duplicates", "reordered", "lost", "late", "quarantined")
        values = [counts.get(name, 0) for name in names]
        store.execute("INSERT OR REPLACE INTO health VALUES (?, ?, ?, ?, ?, ?)", (f"{LINE}/printer", *values))
        store.execute("INSERT OR REPLACE INTO health VALUES ('', 0, 0, 0, 0, 3)")
        columns = "(received_us, topic, reason, detail, payload)"
        for topic, reason, detail in (
            ("", "bad_line", "neither topic nor payload"),
            (f"mes/v1/{LINE}/printer/count", "total_fell", counts.get("detail", "7 after 9")),
        ):
            row = (NOW_US, topic, reason, detail, b"")
            store.execute(f"INSERT INTO quarantine {columns} VALUES (?, ?, ?, ?, ?)", row)
    store.close()
    return path


def sheet_of(board, table):
    """The rows of a table of the page that can be downloaded."""
    answer = httpx.get(f"{board}/health.csv?table={table}")
    assert answer.headers["content-disposition"] == f'attachment; filename="mes-health-{table}.csv"'
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.fixture(scope="module")
def proved(tmp_path_factory):
    """A store of half an hour and its truth."""
    folder = tmp_path_factory.mktemp("proved")
    store, truth, events = folder / "mes.db", folder / "truth.jsonl", folder / "events.jsonl"
    for line in (
        f"simulate --plant smt --for 40m --out {events} --truth {truth}",
        f"replay {events} --store {store}",
    ):
        assert CliRunner().invoke(app, line.split()).exit_code == 0
    return store, truth


def test_the_data_are_those_of_the_store(store):
    mess(store, duplicates=1, reordered=2, lost=3, late=4, quarantined=5)
    with serving(store) as board:
        data = httpx.get(f"{board}/health.json").json()
        machines, refused = (sheet_of(board, table) for table in ("machines", "refused"))
        unknown = httpx.get(f"{board}/health.csv?table=none", headers={"Accept-Language": "vi"})
    [line] = data["lines"]
    assert [one["id"] for one in line["machines"]] == [name for name, *_ in STATIONS]
    printer = line["machines"][1]
    assert [printer[name] for name in ("duplicates", "reordered", "lost", "late", "quarantined")] == [1, 2, 3, 4, 5]
    assert data["nobody"] == 3
    assert [one["reason"] for one in data["refusals"]] == ["total_fell", "bad_line"]
    assert (data["passed"], printer["proof"]) == (None, None)
    assert [one["machine"] for one in machines] == [name for name, *_ in STATIONS]
    assert [machines[1][name] for name in ("duplicates", "reordered", "lost", "late", "quarantined")] == [*"12345"]
    assert [one["reason"] for one in refused] == ["total_fell", "bad_line"]
    assert unknown.status_code == 404
    assert unknown.text.startswith(catalogue("vi")["trouble.table"])


def test_the_proof_stands_beside_what_was_computed(proved, tmp_path):
    store, truth = proved
    with serving(store, truth=truth) as board:
        data = httpx.get(f"{board}/health.json", timeout=20).json()
    assert data["passed"]
    for machine in data["lines"][0]["machines"]:
        proof = machine["proof"]
        assert proof["verdict"] == "equal"
        assert proof["oee"] == pytest.approx(proof["true_oee"], abs=1e-9)
    for wrong, reason in ((tmp_path / "none.jsonl", "truth_missing"), (store, "truth_unreadable")):
        with serving(store, truth=wrong) as board:
            data = httpx.get(f"{board}/health.json", timeout=20).json()
        trouble = data["proof_trouble"]
        assert (data["passed"], trouble["reason"], trouble["places"]) == (None, reason, {"file": wrong.name})


@pytest.mark.chromium
@pytest.mark.parametrize("size", [WALL, PHONE], ids=["wall", "phone"])
@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_page_fits_and_speaks(chromium, proved, language, size):
    store, truth = proved
    words = catalogue(language)
    with serving(store, truth=truth) as board, page_of(chromium, f"{board}/health", language, size) as page:
        page.wait_for_selector(".machine .value:not(:empty)", timeout=10_000)
        assert page.evaluate(_SIZES)[0] <= size[0]
        assert page.evaluate(_BEYOND) == []
        here = page.locator(".pages [aria-current]").bounding_box()
        assert 0 <= here["x"] <= size[0] - here["width"], "the page that is shown is in sight"
        assert page.locator(".table .machine .name").count() == 10
        text = page.inner_text("main")
        for key in ("health.proved", "health.refused", "health.none", "health.true_oee", "verdict.equal"):
            assert words[key] in text
        assert page.title() == words["health.title"]


@pytest.mark.chromium
@pytest.mark.parametrize("size", [WALL, PHONE], ids=["wall", "phone"])
def test_the_mess_is_shown_and_a_silent_machine_stands_out(chromium, store, size):
    mess(store, lost=3, quarantined=5)
    say(store, "aoi", NOW_US + 10 * MINUTE_US)
    connection = sqlite3.connect(store)
    with connection:
        where = "(SELECT machine_id FROM machines WHERE path LIKE '%/printer')"
        connection.execute(f"UPDATE current_state SET ts_us = ? WHERE machine_id = {where}", (NOW_US,))
    connection.close()
    with serving(store) as board, page_of(chromium, f"{board}/health", size=size) as page:
        page.wait_for_selector("[data-machine=printer] [data-state=silent]", timeout=5000)
        assert page.locator("[data-state=silent]").count() == 1
        assert page.text_content("[data-machine=printer] .lost .value") == "3"
        assert page.text_content(".refusal .why") == catalogue("en")["refusal.total_fell"]
        assert page.text_content(".refusal .hint") == catalogue("en")["refusal.total_fell.hint"]
        assert page.locator(".cell.true_oee").first.is_hidden()
        assert page.evaluate(_BEYOND) == []


@pytest.mark.chromium
def test_hostile_names_are_text(chromium, tmp_path):
    attack = "<img src=x onerror=document.title='taken'>" * 3
    stations = [(name, attack, attack, (fault, attack, attack)) for name, _, _, (fault, *_) in STATIONS[:3]]
    store = mess(make_store(tmp_path / "mes.db", NOW_US, stations), detail=attack * 3)
    with serving(store) as board, page_of(chromium, f"{board}/health", size=PHONE) as page:
        page.wait_for_selector(".refusal", timeout=5000)
        assert page.text_content(".machine .name") == attack
        assert page.locator("main img").count() == 0
        assert page.title() == catalogue("en")["health.title"]
        assert page.evaluate(_SIZES)[0] <= PHONE[0]
        assert page.evaluate(_BEYOND) == []


@pytest.mark.chromium
def test_no_store_is_said_and_the_way_leads_there_and_back(chromium, tmp_path):
    store, words = tmp_path / "mes.db", catalogue("vi")
    with serving(store) as board, page_of(chromium, f"{board}/health", "vi") as page:
        page.wait_for_selector(f".message >> text={words['trouble.missing']}", timeout=5000)
        make_store(store, NOW_US)
        page.wait_for_selector(".machine", timeout=10_000)
        page.click(".pages a[href='/']")
        page.wait_for_selector(".numeral:not(:empty)", timeout=5000)
        page.click(".way")
        page.wait_for_selector(".table .machine", timeout=5000)
        assert page.title() == words["health.title"]
