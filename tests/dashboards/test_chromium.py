"""The board in a real Chromium: both languages, both sizes, live changes, a lost connection, hostile names."""

import pytest
from made_up_line import BREAK_US, NOW_US, STATIONS, make_store, say, stop
from opened_page import PHONE, WALL, page_of
from served_board import free_port, serving

from contract.instants import MINUTE_US, SECOND_US
from dashboards.words import catalogue

pytestmark = pytest.mark.chromium
_CUT_OFF = """() => [...document.querySelectorAll('main *, header *')].filter((node) => {
  const style = getComputedStyle(node), box = node.getBoundingClientRect();
  const outer = node.closest('.panel')?.getBoundingClientRect();
  return box.width && outer && style.position !== 'absolute' && !node.closest('svg, .stair, .bar, .axis, .tube')
    && (box.right > outer.right + 1 || box.bottom > outer.bottom + 1);
}).map((node) => `${node.className} ${node.textContent}`)"""
_SIZES = "() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]"


def drawn(page):
    page.wait_for_selector(".numeral:not(:empty)", timeout=5000)


@pytest.mark.parametrize("size", [WALL, PHONE], ids=["wall", "phone"])
@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_board_fits_and_speaks(chromium, board, language, size):
    words = catalogue(language)
    with page_of(chromium, board, language, size) as page:
        drawn(page)
        width, height = page.evaluate(_SIZES)
        assert width <= size[0]
        assert size is PHONE or height <= size[1]
        assert page.evaluate(_CUT_OFF) == []
        text = page.inner_text("body")
        for key in ("stops.title", "pace.target", "stairs.title", "timeline.title", "oee.name", "category.breakdown"):
            assert words[key] in text
        names = [station[1 if language == "en" else 2] for station in STATIONS]
        assert page.locator(".station .name").all_text_contents() == names
        assert page.locator(".lane path").count() > len(STATIONS)


@pytest.mark.parametrize(("language", "oee", "planned"), [("en", "62.6%", "5 h 07"), ("vi", "62,6 %", "5 giờ 07")])
def test_numbers_are_written_as_the_language_writes_them(chromium, board, language, oee, planned):
    with page_of(chromium, board, language) as page:
        drawn(page)
        assert page.text_content(".oee strong") == oee
        assert page.text_content(".step.planned .value") == planned
        assert page.text_content(".numeral") == "481"
        assert page.text_content(".gap") == "−133"


def test_the_language_is_switched_by_keyboard_and_remembered(chromium, board):
    with page_of(chromium, board) as page:
        drawn(page)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector("html[lang=vi]")
        page.goto(board)
        drawn(page)
        assert page.title() == catalogue("vi")["page.title"]


def test_a_stop_is_seen_within_two_seconds_of_the_commit(chromium, board, store):
    with page_of(chromium, board) as page:
        drawn(page)
        assert page.locator(".station[data-category=minor_stop]").count() == 0
        stop(store, "printer", NOW_US + SECOND_US, "stencil_clog")
        page.wait_for_selector(".station[data-category=minor_stop]", timeout=2000)
        page.wait_for_selector(".stop .who >> text=Solder paste printer", timeout=2000)
        assert "Stencil clogged" in page.inner_text(".stop[data-category=minor_stop]")


@pytest.mark.parametrize("size", [WALL, PHONE], ids=["wall", "phone"])
@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_bottleneck_is_marked_once_and_the_mark_travels(chromium, board, store, language, size):
    with page_of(chromium, board, language, size) as page:
        drawn(page)
        before = page.get_attribute(".station.bottleneck", "data-station")
        mark = page.locator(".band" if size is WALL else ".station.bottleneck .mark")
        assert mark.inner_text() == catalogue(language)["flow.bottleneck"]
        say(store, before, NOW_US, state="Suspended", reason="starved", since_us=NOW_US)
        page.wait_for_selector(f".station.bottleneck:not([data-station={before}])", timeout=2000)
        assert page.locator(".station.bottleneck").count() == 1
        if size is WALL:
            under, tile = mark.bounding_box(), page.locator(".bottleneck .tile").bounding_box()
            assert abs(under["x"] - tile["x"]) < 1


def test_a_lost_connection_is_said_and_comes_back_by_itself(chromium, store):
    port, lost = free_port(), catalogue("en")["live.lost"]
    context = chromium.new_context(viewport={"width": WALL[0], "height": WALL[1]})
    page = context.new_page()
    with serving(store, port) as address:
        page.goto(f"{address}/?lang=en")
        drawn(page)
    page.wait_for_selector(f"#live[data-state=lost] >> text={lost}", timeout=5000)
    page.wait_for_selector("#live .age:not(:empty)", timeout=2000)
    stop(store, "printer", NOW_US + SECOND_US, "stencil_clog")
    with serving(store, port):
        page.wait_for_selector("#live[data-state=live]", timeout=10_000)
        page.wait_for_selector(".station[data-category=minor_stop]", timeout=2000)
        context.close()


def test_hostile_names_are_text(chromium, tmp_path):
    attack = "<script>document.title='taken'</script><img src=x onerror=document.title='taken'>"
    stations = [(name, attack, attack, (fault, attack, attack)) for name, _, _, (fault, *_) in STATIONS[:3]]
    path = make_store(tmp_path / "mes.db", NOW_US, stations, line="acme/<b>site/smt/<i>line")
    stop(path, "printer", NOW_US, "stencil_clog")
    with serving(path) as address, page_of(chromium, address, size=PHONE) as page:
        drawn(page)
        assert page.text_content(".station .name") == attack
        assert attack in page.text_content(".stop .why")
        assert page.title() == catalogue("en")["page.title"]
        assert page.locator("main img, main script, main b, main i").count() == 0
        assert page.evaluate(_SIZES)[0] <= PHONE[0]


def test_a_break_and_an_empty_store_speak(chromium, tmp_path):
    path = make_store(tmp_path / "mes.db", BREAK_US + 5 * MINUTE_US)
    with serving(path) as address, page_of(chromium, address, "vi") as page:
        drawn(page)
        assert "Nghỉ trưa" in page.inner_text(".stops .calm")
    missing = tmp_path / "none.db"
    with serving(missing) as address, page_of(chromium, address, "vi") as page:
        page.wait_for_selector(".message >> text=none.db", timeout=5000)
        assert catalogue("vi")["trouble.missing"] in page.inner_text("main")
        make_store(missing, NOW_US)
        drawn(page)


def test_two_lines_share_a_wall_and_a_phone_shows_one_after_the_other(chromium, tmp_path):
    path = make_store(tmp_path / "mes.db", NOW_US)
    make_store(path, NOW_US, STATIONS[:4], line="acme/que-vo/smt/smt-2")
    with serving(path) as address:
        for size in (WALL, PHONE):
            with page_of(chromium, address, size=size) as page:
                drawn(page)
                assert page.locator("section.line").count() == 2
                assert page.evaluate(_SIZES)[0] <= size[0]
                assert page.evaluate(_CUT_OFF) == []


@pytest.mark.parametrize("length", [10, 25, 80])
def test_a_long_name_is_not_written_over_anything_else(chromium, board, length):
    measure = """(name) => {
        const title = document.querySelector(".pace h2");
        title.firstChild.textContent = name;
        const box = (node) => node.getBoundingClientRect();
        const below = [...document.querySelectorAll(".pace .figures > *")];
        const shown = below.filter((node) => node.getClientRects().length);
        const isAbove = shown.every((node) => box(node).top >= box(title).bottom - 1);
        return isAbove && box(title).right <= box(document.querySelector(".pace")).right;
    }"""
    with page_of(chromium, board, "vi") as page:
        drawn(page)
        assert page.evaluate(measure, "Dây " * (length // 4))


def test_silence_is_shown_as_no_data(chromium, board, store):
    with page_of(chromium, board) as page:
        drawn(page)
        say(store, "aoi", NOW_US + SECOND_US, online=0)
        page.wait_for_selector(".station[data-category=unknown]", timeout=2000)


def park(path):
    """Three lines of one plant and one of another."""
    for line in ("que-vo/smt/smt-1", "que-vo/smt/smt-2", "que-vo/smt/smt-3", "bac-ninh/smt/smt-9"):
        make_store(path, NOW_US, STATIONS[:3], line=f"acme/{line}")
    return path


def test_many_lines_take_turns_without_scrolling(chromium, tmp_path):
    with serving(park(tmp_path / "mes.db")) as address, page_of(chromium, address) as page:
        drawn(page)
        dots = page.locator(".dots .dot")
        assert dots.count() == 3
        seen = []
        for turn in range(3):
            dots.nth(turn).click()
            page.wait_for_selector(f".dots .dot:nth-child({turn + 1})[aria-current]")
            seen += page.locator(".station:first-child .tile").evaluate_all("tiles => tiles.map((tile) => tile.href)")
            assert page.evaluate(_SIZES)[1] <= WALL[1]
        assert [link.split("smt-")[1].split("/")[0] for link in seen] == ["9", "1", "2", "3"]
        page.keyboard.press("ArrowRight")
        page.wait_for_selector(".dots .dot:nth-child(1)[aria-current]")
        page.click(".hold")
        assert page.get_attribute(".hold", "aria-label") == catalogue("en")["turns.hold"]


def test_a_wall_shows_the_lines_picked(chromium, tmp_path):
    picked = "lines=smt-3,acme/que-vo/smt/smt-1"
    with serving(park(tmp_path / "mes.db")) as address, page_of(chromium, f"{address}/?{picked}") as page:
        drawn(page)
        assert page.locator("section.line").count() == 2
        assert page.locator("#turns").is_hidden()


def test_a_phone_lists_many_lines_and_leads_to_each(chromium, tmp_path):
    path = park(tmp_path / "mes.db")
    with serving(path) as address, page_of(chromium, address, size=PHONE) as page:
        page.wait_for_selector(".line-row .oee-of:not(:empty)", timeout=5000)
        assert page.locator(".line-row").count() == 4
        assert page.locator("section.line").count() == 0
        assert page.evaluate(_SIZES)[1] <= PHONE[1]
        assert page.locator(".line-row[data-category=breakdown] >> text=Camera fault").count() == 4
        say(path, "spi", NOW_US + SECOND_US, state="Execute", reason="", since_us=NOW_US + SECOND_US)
        runs = catalogue("en")["park.running"]
        page.wait_for_selector(f".line-row[data-category=execute] >> text={runs}", timeout=5000)
        page.locator(".line-row a").nth(2).click()
        page.wait_for_selector("body[data-page=line]")
        assert "line=acme" in page.url


def test_a_page_that_is_lent_remembers_nothing_and_one_that_complains_is_not_lent_again(chromium, board):
    with page_of(chromium, board, "vi") as first:
        first.evaluate("localStorage.setItem('left', 'here')")
    with page_of(chromium, board) as second:
        assert second is first
        assert second.evaluate("localStorage.length") == 0
        second.goto(board)
        assert second.evaluate("document.documentElement.lang") == "en"
    lent = page_of(chromium, board)
    lent.__enter__().evaluate("console.error('heard')")
    with pytest.raises(AssertionError, match="heard"):
        lent.__exit__(None, None, None)
    with page_of(chromium, board) as third:
        assert third is not first
