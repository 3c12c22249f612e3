"""A plant in which every name, order, product, unit and lot is an attack: on every page they are text, and it stays."""

import csv
import io
import json
from contextlib import closing

import httpx
import pytest
from opened_page import FILLED
from served_board import serving
from test_chromium import _SIZES, PHONE, WALL, page_of

from collector.intake import Intake
from collector.journal import Journal
from collector.replay import replay
from contract.instants import HOUR_US
from dashboards.board.pages import pages
from dashboards.words import catalogue
from simulator.engine import Factory
from simulator.plant_file import load_plant
from simulator.record import record

MARKUP = "\"'><script>document.title='taken'</script><img src=x onerror=document.title='taken'>"
#: A name of at most 200 characters: markup, a word without an end, what turns the rest round, and what is no letter.
NAME = "\u202e" + MARKUP + "W" * 64 + " 😀\u2066{name}{{page.title}} "
#: What identifiers begin with; they are at most 64 characters.
BEGINNINGS = {"WO-": "=<b>\u202eWO-", "board-": "@<i>board-", "phone-": "+<u>phone-", "smt-a.": "-<s>smt-a."}
_MADE = """() => [...document.querySelectorAll('main :is(img, script, b, i, u, s), header :is(script, b, i, u, s)')]
  .map((node) => node.outerHTML)"""
# Text whose first letter stands behind its last one, on a line of its own, has been turned round.
_TURNED = """() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [], range = document.createRange();
  const at = (node, n) => { range.setStart(node, n); range.setEnd(node, n + 1); return range.getBoundingClientRect(); };
  while (walk.nextNode()) {
    const node = walk.currentNode, text = node.textContent;
    if (text.trim().length < 2 || text !== text.trim()) continue;
    const first = at(node, 0), last = at(node, text.length - 1);
    if (first.top === last.top && first.left > last.left) found.push(text);
  }
  return found;
}"""


def attacked(fact):
    """The same fact, with every name and identifier an attack."""
    if isinstance(fact, list):
        return [attacked(each) for each in fact]
    if isinstance(fact, str):
        return next((bad + fact[len(good) :] for good, bad in BEGINNINGS.items() if fact.startswith(good)), fact)
    if not isinstance(fact, dict):
        return fact
    if set(fact) == {"en", "vi"}:
        return {language: (NAME + text)[:200] for language, text in fact.items()}
    return {attacked(key): attacked(value) for key, value in fact.items()}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    plant, events = load_plant("phone"), io.BytesIO()
    start_us = plant.default_start_us
    record(Factory(plant, 1, start_us), start_us + HOUR_US, events, io.BytesIO())
    lines = [json.loads(line) for line in events.getvalue().splitlines()]
    hostile = [json.dumps({**line, "payload": attacked(line["payload"])}).encode() for line in lines]
    path = tmp_path_factory.mktemp("attacked") / "mes.db"
    with closing(Journal.open(path)) as journal:
        intake = Intake()
        replay(hostile, intake, journal, lambda _: None)
    return path


@pytest.fixture(scope="module")
def board(store):
    with serving(store) as address:
        yield address


@pytest.mark.chromium
@pytest.mark.parametrize("path", FILLED)
def test_every_name_is_text_on_every_page(chromium, board, path):
    title = path[1:].partition("?")[0].replace("/", "_") or "page"
    with page_of(chromium, f"{board}{path}{'&' if '?' in path else '?'}", "vi") as page:
        page.wait_for_selector(FILLED[path], timeout=30_000)
        page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        for size in (WALL, PHONE):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            assert page.evaluate(_MADE) == []
            assert page.evaluate(_SIZES)[0] <= size[0]
            assert page.evaluate(_TURNED) == []
        text = page.inner_text("body")
        assert "<script>" in text or "WO-" in text
        assert page.title() == catalogue("vi")[f"{title}.title"]


@pytest.mark.chromium
def test_a_unit_a_lot_and_an_order_that_attack_are_found(chromium, board):
    with page_of(chromium, f"{board}/trace?", "en", PHONE) as page:
        page.locator(".beginnings a").first.click(timeout=30_000)
        page.wait_for_selector(".passed .who:not(:empty)", timeout=30_000)
        assert "<b>WO-" in page.inner_text(".unit-of")
        assert page.evaluate(_MADE) == []
        assert page.evaluate(_SIZES)[0] <= PHONE[0]
        assert page.evaluate(_TURNED) == []
        page.goto(f"{board}/orders?lang=en&order=%3D%3Cb%3E%E2%80%AEWO-B0001")
        page.wait_for_selector(".order-of:not([hidden]) .cells dd:not(:empty), .message", timeout=30_000)
        assert page.evaluate(_MADE) == []
        assert page.evaluate(_SIZES)[0] <= PHONE[0]


@pytest.mark.parametrize(("page", "table"), [(page, table) for page in pages() for table in page.sheets])
def test_no_cell_of_a_sheet_is_a_formula(board, page, table):
    sheet = httpx.get(f"{board}/api/{page.name}.csv", params={"table": table, "machine": "placer_1"}, timeout=30)
    if sheet.status_code == 404:
        sheet = httpx.get(f"{board}/api/{page.name}.csv", params={"table": table}, timeout=30)
    assert sheet.status_code == 200
    for row in csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))):
        for cell in row:
            assert not cell.startswith(("=", "+", "@", "\t", "\r", "\n")), cell
            assert not cell.startswith("-") or float(cell) < 0, cell
