"""Every page of the board as a printer gets it: A4 on its side, dark on white, without what only a screen can do."""

import re

import pytest

pytestmark = pytest.mark.chromium
#: Inside the margins of print.css, px.
SHEET = {"width": round((297 - 16) / 25.4 * 96), "height": round((210 - 18) / 25.4 * 96)}
PAGES = ["/", "/line", "/machine", "/explain", "/explain/yield", "/explain/energy", "/quality", "/orders", "/trace"]
PAGES += ["/energy", "/park", "/health"]
_SCREEN_ONLY = ".pages, .languages, .live, .search, .range, .download"
_SHOWN = "(names) => [...document.querySelectorAll(names)].filter((node) => node.getClientRects().length).length"
#: Letters of less than 9 pt.
_SMALL = """() => [...document.querySelectorAll('header *, main *')].filter((node) => {
  const size = parseFloat(getComputedStyle(node).fontSize);
  const says = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
  return says && node.getClientRects().length && size > 0 && size < 12;
}).map((node) => `${node.className}: ${node.textContent}`)"""
_LOOK = """() => [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color,
  document.documentElement.scrollWidth]"""


@pytest.mark.parametrize("path", PAGES)
def test_a_page_prints(chromium, board, path):
    context = chromium.new_context(viewport=SHEET, color_scheme="dark")
    page = context.new_page()
    page.goto(f"{board}{path}")
    page.wait_for_selector("main .panel:not(.loading)")
    page.wait_for_function("() => !document.querySelector('[aria-busy]')")
    pdf = page.pdf(prefer_css_page_size=True)
    page.emulate_media(media="print", color_scheme="dark")
    ground, ink, width = page.evaluate(_LOOK)
    shown, small = page.evaluate(_SHOWN, _SCREEN_ONLY), page.evaluate(_SMALL)
    context.close()
    assert (ground, ink, shown) == ("rgb(255, 255, 255)", "rgb(20, 24, 27)", 0)
    assert (width <= SHEET["width"], small) == (True, [])
    sizes = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf))
    assert {(round(float(w)), round(float(h))) for w, h in sizes} == {(842, 595)}
    if path == "/":
        assert len(re.findall(rb"/Type /Page\b", pdf)) == 1
