"""The shift report in a real Chromium: two sheets of A4 whatever it holds, and a page under the board's rules."""

import html
import re

import httpx
import msgspec
import pytest
from made_up_line import LINE, NOW_US, SHIFT_US, make_store
from served_board import serving
from test_report import hostile, page_of

from answers.orders import Order, OrderState
from answers.quality import DefectCount
from answers.shift_report import OrderOfShift, shift_report
from answers.span import shifts, whole
from answers.stops import Stop
from answers.store import Store
from contract.instants import HOUR_US, MINUTE_US, to_iso
from contract.states import Category
from dashboards.words import LANGUAGES, catalogue, report

pytestmark = pytest.mark.chromium
#: What a sheet of A4 leaves inside the margins of report.css, px.
INSIDE = {"width": round((210 - 24) / 25.4 * 96), "height": 1200}
PHONE = {"width": 390, "height": 844}
#: Parts of a sheet that reach out of it, or of their own box without saying so by an ellipsis.
REACHES_OUT = """() => [...document.querySelectorAll('.sheet *')].filter((node) => {
  const sheet = node.closest('.sheet').getBoundingClientRect(), box = node.getBoundingClientRect();
  if (node.closest('svg') || !box.width) return false;
  return box.right > sheet.right + 1 || box.bottom > sheet.bottom + 1;
}).map((node) => `${node.tagName} ${node.className} ${node.textContent}`.slice(0, 80))"""
#: Letters of less than 9 pt.
SMALL = """() => [...document.querySelectorAll('.sheet *')].filter((node) => {
  const says = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
  return says && parseFloat(getComputedStyle(node).fontSize) < 12;
}).map((node) => node.textContent)"""
CUT = """() => [...document.querySelectorAll('th, td, dd, h1, h2, .big, .strip p, .clamp')].filter((node) =>
  node.scrollWidth > node.clientWidth + 1 && !node.querySelector('svg')).map((node) => node.textContent)"""


@pytest.fixture
def found(tmp_path):
    """The report of the made-up line."""
    with Store.open(make_store(tmp_path / "mes.db", NOW_US)) as store:
        [(span, _)] = shifts(store, LINE, whole(*store.evidence()))
        return shift_report(store, LINE, span)


def everything(found, name):
    """The same with as much in each list as no sheet could hold, and a long ``name`` wherever there is one."""
    stop = Stop(f"{LINE}/printer", SHIFT_US, SHIFT_US + 40 * MINUTE_US, Category.BREAKDOWN, "stencil_clog", True, True)
    defect = DefectCount(f"{LINE}/aoi", "A17", "x", hostile(found, name).name, 1234, 0.1, 0.5)
    order = Order(
        LINE, "2026-118", "A17", hostile(found, name).name, OrderState.RUNNING, 123456, 123456, 99999, 9,
        SHIFT_US, SHIFT_US + 70 * HOUR_US, SHIFT_US, 70 * HOUR_US,
    )  # fmt: skip
    lost = msgspec.structs.replace(
        found.report.losses,
        setup_us=HOUR_US,
        waiting_us=HOUR_US,
        startup_us=MINUTE_US,
        defects_us=MINUTE_US,
        in_process_us=-9,
    )
    defects = [msgspec.structs.replace(defect, code=str(n)) for n in range(90)]
    return msgspec.structs.replace(
        hostile(found, name),
        report=msgspec.structs.replace(found.report, losses=lost),
        stops=[stop] * 200,
        orders=[OrderOfShift(order, None)] * 40,
        causes=found.causes * 9,
        quality=msgspec.structs.replace(found.quality, pareto=defects),
        waiting=50,
    )


def printed(chromium, page_text, tmp_path):
    """How many pages a printer gets, and what reaches out of the sheets."""
    context = chromium.new_context(viewport=INSIDE)
    page = context.new_page()
    page.set_content(page_text)
    pdf = page.pdf(prefer_css_page_size=True)
    page.emulate_media(media="print")
    out, cut = page.evaluate(REACHES_OUT), page.evaluate(CUT)
    assert page.evaluate(SMALL) == []
    context.close()
    sizes = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf))
    assert {(round(float(w)), round(float(h))) for w, h in sizes} == {(595, 842)}
    return len(re.findall(rb"/Type /Page\b", pdf)), out, cut


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_fits_two_sheets_with_nothing_cut_off(chromium, found, language, tmp_path):
    assert printed(chromium, page_of(found, language), tmp_path) == (2, [], [])


@pytest.mark.parametrize("name", ["Máy kiểm tra quang học tự động số hai của dây chuyền", "W" * 200, "ký tự " * 33])
def test_it_fits_two_sheets_whatever_it_holds(chromium, found, name, tmp_path):
    pages, out, _ = printed(chromium, page_of(everything(found, name), "vi"), tmp_path)
    assert (pages, out) == (2, [])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phone_reads_it_without_moving_it_sideways(chromium, found, language):
    context = chromium.new_context(viewport=PHONE)
    page = context.new_page()
    page.set_content(page_of(everything(found, "W" * 60), language))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    context.close()


def test_the_board_serves_it_in_the_language_of_the_reader_under_its_rules(chromium, board):
    context = chromium.new_context(locale="vi")
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{board}/line?line=smt-1&span=today")
    page.wait_for_selector(".spans .report[href]")
    assert page.text_content(".spans .report") == catalogue("vi")["span.report"]
    page.click(".spans .report[href]")
    page.wait_for_selector(".sheet")
    assert "span=today" in page.url
    assert page.text_content("h1") == report("vi")["report.title_span"]
    assert page.evaluate("getComputedStyle(document.querySelector('.sheet')).display") == "flex", "the style is there"
    page.click(f"text={catalogue('vi')['page.switch.en']}")
    assert page.text_content("h1") == report("en")["report.title_span"]
    page.goto(f"{board}/report")
    assert page.text_content("h1") == report("en")["report.title"], "the language is remembered; the shift is the span"
    page.click(f"text={report('en')['report.back']}")
    page.wait_for_selector(".line-page")
    context.close()
    assert complaints == []


def test_it_is_never_kept_and_carries_the_headers_of_every_page(board):
    answer = httpx.get(f"{board}/report?lang=vi")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert "style=" not in answer.text
    assert "mes_lang=vi" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"line": "nix"}, "line"),
        ({"line": "<script>"}, "line"),
        ({"span": "0..1"}, "span"),
        ({"span": "2026-01-05T06:00..2029-01-05T06:00"}, "span"),
        ({"span": to_iso(NOW_US) + ".." + to_iso(SHIFT_US)}, "span"),
        ({"line": "x" * 301}, "query"),
    ],
)
def test_what_cannot_be_is_a_clear_page_with_a_way_on(board, asked, reason):
    answer = httpx.get(f"{board}/report", params={**asked, "lang": "vi"})
    words = catalogue("vi")
    assert answer.status_code == 404
    told = re.findall(r"<(?:h1|p)>(.*?)</(?:h1|p)>", answer.text)
    hint = re.escape(html.escape(words[f"trouble.{reason}.hint"]))
    assert told[0] == words[f"trouble.{reason}"]
    assert re.fullmatch(re.sub(r"\\{\w+\\}", ".+", hint), told[1]), "what to do, with what there is in its places"
    assert [words["trouble.start"] in text for text in told[2:]] == [True]
    assert "<script" not in answer.text


def test_no_shift_is_over_yet(board):
    answer = httpx.get(f"{board}/report?span=last-shift")
    assert answer.status_code == 503
    assert catalogue("en")["trouble.no_shift"] in answer.text
    assert 'http-equiv="refresh"' in answer.text


@pytest.mark.parametrize(("content", "reason"), [(None, "missing"), (b"no store at all" * 99, "unreadable")])
def test_a_store_that_cannot_be_read_is_a_clear_page_that_looks_again(tmp_path, content, reason):
    path = tmp_path / "mes.db"
    if content:
        path.write_bytes(content)
    with serving(path) as address:
        answer = httpx.get(f"{address}/report")
    assert answer.status_code == 503
    assert catalogue("en")[f"trouble.{reason}"] in answer.text
    assert 'http-equiv="refresh"' in answer.text
