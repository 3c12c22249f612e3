"""The pages behind the wall in a real Chromium, on a simulated plant: they fit, speak both languages and lead on."""

import pytest
from test_chromium import _CUT_OFF, _SIZES, PHONE, WALL, page_of

from dashboards.words import catalogue

pytestmark = pytest.mark.chromium
SIZES = pytest.mark.parametrize("size", [WALL, PHONE], ids=["large", "phone"])
LANGUAGES = pytest.mark.parametrize("language", ["en", "vi"])
# What is wider than its frame on purpose, and scrolled in it.
_CUT = _CUT_OFF.replace(".tube'", ".tube, .grid'")
#: What each page must say, and the drawing by which it is known to be there.
PAGES = {
    "/explain?code=minor_stop": (".rung.open .reasons li", ("explain.formula", "rung.ppt", "rung.good", "basis.mean")),
    "/explain?basis=min&definition=teep": (".chooser.mistake .numeral:not(:empty)", ("factor.loading", "basis.min")),
    "/explain/yield": (".passes .rung.good .share:not(:empty)", ("yield.line_is", "yield.stations", "figure.rty")),
    "/explain/energy": (".result .value:not(:empty)", ("energy.used_is", "energy.machines", "energy.over")),
    "/orders": (".order-row .worked", ("orders.plan", "count.in_time", "stairs.title")),
    "/quality": (".shares .point, .shares .broken", ("quality.yields", "quality.pareto", "figure.rty", "quality.cpk")),
    "/trace": (".beginnings a", ("trace.newest", "trace.loaded", "trace.look")),
    "/energy": (".columns .idle-part", ("energy.whole", "used.idle", "energy.idle")),
    "/park": (".tile-of .gap-of:not(:empty)", ("park.lines", "park.best", "park.worst")),
}  # fmt: skip


def fits(page, size):
    assert page.evaluate(_SIZES)[0] <= size[0]
    assert page.evaluate(_CUT) == []


@SIZES
@LANGUAGES
@pytest.mark.parametrize("path", PAGES)
def test_the_page_fits_and_speaks(chromium, served, path, language, size):
    drawn, words = PAGES[path]
    mark = "&" if "?" in path else "?"
    with page_of(chromium, f"{served}{path}{mark}", language, size) as page:
        page.wait_for_selector(drawn, timeout=10_000)
        fits(page, size)
        text = page.inner_text("body")
        for key in words:
            assert catalogue(language)[key] in text, key


@SIZES
@LANGUAGES
def test_a_unit_and_a_lot_are_found_by_clicking(chromium, served, language, size):
    with page_of(chromium, f"{served}/trace?", language, size) as page:
        page.locator(".beginnings a").first.click(timeout=10_000)
        page.wait_for_selector(".passed .who:not(:empty)", timeout=10_000)
        assert "unit=" in page.url
        fits(page, size)
        page.locator(".passed .lot").first.click()
        page.wait_for_selector(".recall:not([hidden]) .near a", timeout=10_000)
        assert "lot=" in page.url
        fits(page, size)
        page.go_back()
        page.wait_for_selector(".unit-of:not([hidden]) .passed", timeout=10_000)
