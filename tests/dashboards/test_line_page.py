"""The page of a line in a real Chromium: right against the answers, live, in both languages and sizes."""

import sqlite3

import pytest
from made_up_line import LINE, NOW_US, SHIFT_US, STATIONS, make_store, stop
from served_board import serving
from test_chromium import _CUT_OFF, _SIZES, PHONE, WALL, page_of

from answers.bottleneck import bottlenecks
from answers.report import line_report
from answers.span import whole
from answers.store import Store
from contract.codec import encode
from contract.events import BookChanged, BookedOrder, CommandAnswered, CommandGiven, OrderProgressed
from contract.instants import HOUR_US
from dashboards.words import catalogue

pytestmark = pytest.mark.chromium


def told(path):
    """Commit two orders, one under way, and a command that was carried out."""
    running = OrderProgressed(
        ts=NOW_US, seq=3, boot=1, order="2026-118", product="A17", quantity=1000, released=600, good=481, scrap=5,
        began=SHIFT_US, finish=NOW_US + 4 * HOUR_US, due=NOW_US + 3 * HOUR_US,
        is_complete=False,
    )  # fmt: skip
    book = BookChanged(ts=NOW_US, seq=4, boot=1, orders=[BookedOrder(order="2026-119", product="A18", quantity=300)])
    given = CommandGiven(id="c1", verb="break", by="teacher", code="stencil_clog", duration_s=60)
    answered = CommandAnswered(ts=NOW_US - HOUR_US, seq=5, boot=1, command=given, accepted=True, detail="for 60 s")
    store = sqlite3.connect(path)
    with store:
        store.execute("INSERT INTO progress VALUES (?, ?, ?, ?)", (LINE, "2026-118", NOW_US, encode(running)))
        store.execute("INSERT OR REPLACE INTO facts VALUES (?, 'book', ?, ?)", (LINE, NOW_US, encode(book)))
        row = (f"{LINE}/printer", answered.ts, "c1", "break", 1, encode(answered))
        store.execute("INSERT INTO commands VALUES (?, ?, ?, ?, ?, ?)", row)
    store.close()
    return path


def ratio(text):
    """What a percentage on the page says."""
    return float(text.rstrip("%")) / 100


def near(value):
    """Half of its last digit, and no more."""
    return pytest.approx(value, abs=0.00051)


def drawn(page):
    page.wait_for_selector(".line-page .factor strong:not(:empty)", timeout=10_000)


@pytest.mark.parametrize("size", [WALL, PHONE], ids=["large", "phone"])
@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_page_fits_and_speaks(chromium, board, store, language, size):
    told(store)
    words = catalogue(language)
    with page_of(chromium, f"{board}/line?span=shift", language, size) as page:
        drawn(page)
        assert page.evaluate(_SIZES)[0] <= size[0]
        assert page.evaluate(_CUT_OFF) == []
        text = page.inner_text("main")
        for key in (
            "history.title",
            "orders.progress",
            "orders.running",
            "orders.waiting",
            "rulers.title",
            "verb.break",
        ):
            assert words[key] in text
        names = [station[1 if language == "en" else 2] for station in STATIONS]
        assert page.locator(".history .lane .name").all_text_contents() == names
        assert page.locator(".history .strip .sole").count() > 0
        assert page.title() == words["line.title"]


def test_what_it_shows_is_what_the_answers_say(chromium, board, store):
    with Store.open(store) as opened:
        span = whole(NOW_US - HOUR_US, NOW_US + 1)
        report, shares = line_report(opened, LINE, span), bottlenecks(opened, LINE, span)
    first = max(shares.machines, key=lambda path: shares.machines[path].sole_us + shares.machines[path].shifting_us)
    with page_of(chromium, f"{board}/line?span=hour") as page:
        drawn(page)
        assert ratio(page.text_content(".stairs .oee strong")) == near(report.kpis.oee)
        shown = [ratio(text) for text in page.locator(".factor strong").all_text_contents()]
        kpis = report.kpis
        assert shown == [near(kpis.availability), near(kpis.performance), near(kpis.quality)]
        assert page.text_content(".orders .oee strong") == str(report.sums.exit_good)
        assert page.get_attribute(".rulers .who >> nth=0", "href") == f"/machine?machine={first}"
        page.click(".rulers summary")
        page.wait_for_selector(".rulers tbody td")
        cells = page.locator(".rulers tbody tr >> nth=3").locator("td").all_text_contents()
        mine = report.machines[3]
        assert [ratio(text) for text in cells[:2]] == [near(mine.kpis.oee), near(mine.kpis.availability)]
        assert cells[4] == str(mine.sums.good)


def test_a_span_is_chosen_kept_in_the_address_and_taken_back(chromium, board):
    with page_of(chromium, f"{board}/line?line=smt-1") as page:
        drawn(page)
        shift = page.text_content(".shown")
        page.click("[data-span=hour]")
        page.wait_for_selector("[data-span=hour][aria-current]")
        assert page.url.endswith("?line=smt-1&span=hour")
        assert page.text_content(".shown") != shift
        page.go_back()
        page.wait_for_selector("[data-span=shift][aria-current]")
        assert page.text_content(".shown") == shift
        page.click("summary.choice")
        page.fill(".range input >> nth=0", "2026-01-05T07:00")
        page.fill(".range input >> nth=1", "2026-01-05T08:00")
        page.click(".range button")
        page.wait_for_selector("summary.choice[aria-current]")
        assert "07:00" in page.text_content(".shown")
        assert "2026-01-05T07" in page.url
        page.click(".pages a[href^='/machine']")
        page.wait_for_selector(".machine-page .shown, .shown:not(:empty)")
        assert "07:00" in page.text_content(".shown")


def test_no_store_and_no_such_line_are_said(chromium, tmp_path):
    store = tmp_path / "mes.db"
    with serving(store) as board, page_of(chromium, f"{board}/line?x=1", "vi") as page:
        page.wait_for_selector(f".message >> text={catalogue('vi')['trouble.missing']}", timeout=5000)
        make_store(store, NOW_US)
        drawn(page)
    with serving(store) as board, page_of(chromium, f"{board}/line?line=nobody") as page:
        page.wait_for_selector(f".message >> text={catalogue('en')['trouble.line']}", timeout=5000)
        page.click(".message a")
        drawn(page)


def test_hostile_names_are_text(chromium, tmp_path):
    attack = "<img src=x onerror=document.title='taken'>"
    stations = [(name, attack, attack, (fault, attack, attack)) for name, _, _, (fault, *_) in STATIONS[:3]]
    store = make_store(tmp_path / "mes.db", NOW_US, stations, line="acme/<b>site/smt/<i>line")
    stop(store, "printer", NOW_US, "stencil_clog")
    with serving(store) as board:
        for path in ("/line?span=shift", "/machine?machine=printer"):
            with page_of(chromium, f"{board}{path}", size=PHONE) as page:
                page.wait_for_selector(".factor strong:not(:empty)", timeout=10_000)
                assert attack in page.text_content("main")
                assert page.locator("main img, main b, main i").count() == 0
                assert page.evaluate(_SIZES)[0] <= PHONE[0]
