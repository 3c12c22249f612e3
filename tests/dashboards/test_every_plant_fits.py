"""Every plant that comes along, on a wall and on a phone, in both languages: nothing is cut off or covered."""

from pathlib import Path

import pytest
from served_board import serving
from simulated import simulate
from test_chromium import _CUT_OFF, _SIZES, PHONE, WALL, page_of

import simulator.plants
from simulator.plant_file import load_park

pytestmark = pytest.mark.chromium
PLANTS = sorted({file.stem for file in Path(simulator.plants.__path__[0]).glob("*.toml")})
#: Text that its own box cuts, where the box is not meant to scroll; marks above and below letters reach out of a line.
_CLIPPED = """() => [...document.querySelectorAll('header *, main *')].filter((node) => {
  const style = getComputedStyle(node);
  if (!node.getClientRects().length || !node.textContent.trim()) return false;
  if (node.closest('svg, .grid, .pages, .axis, details:not([open])')) return false;
  const cut = style.overflowX !== 'visible' && node.scrollWidth > node.clientWidth + 1;
  return cut || (style.overflowY !== 'visible' && node.scrollHeight > node.clientHeight + 4);
}).map((node) => `${node.className}: ${node.textContent}`)"""
#: On a wall of 1920 × 1080 nobody reads letters of less than 16 px.
_SMALL = """() => [...document.querySelectorAll('header *, main *')].filter((node) => {
  const size = parseFloat(getComputedStyle(node).fontSize);
  const says = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
  return says && node.getClientRects().length && size > 0 && size < 16;
}).map((node) => `${node.className}: ${node.textContent}`)"""
#: Tiles of stations that cover each other.
_COVERED = """() => {
  const boxes = [...document.querySelectorAll('.tile')].map((tile) => [tile.textContent, tile.getBoundingClientRect()]);
  const beside = (a, b) => a.left >= b.right - 1 || b.left >= a.right - 1;
  const apart = (a, b) => beside(a, b) || a.top >= b.bottom - 1 || b.top >= a.bottom - 1;
  return boxes.flatMap(([one, a], n) =>
    boxes.slice(n + 1).filter(([, b]) => !apart(a, b)).map(([other]) => `${one} / ${other}`));
}"""


@pytest.fixture(scope="module", params=PLANTS)
def served(request, tmp_path_factory):
    """Twelve minutes of the plant, or of each of the park's, are enough to have every station speak."""
    folder = tmp_path_factory.mktemp(request.param)
    stores = [simulate(folder, plant.id, 1, 0.2) for plant in load_park(request.param).plants]
    with serving(stores[0]) as address:  # all in one
        yield address


def fits(page, size):
    width, height = page.evaluate(_SIZES)
    assert width <= size[0]
    assert size is PHONE or height <= size[1]
    assert page.evaluate(_SMALL) == []
    assert page.evaluate(_CUT_OFF) == []
    assert page.evaluate(_CLIPPED) == []
    assert page.evaluate(_COVERED) == []


@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_wall_of_every_plant_fits(chromium, served, language):
    with page_of(chromium, served, language) as page:
        page.wait_for_selector(".numeral:not(:empty)", timeout=10_000)
        dots = page.locator("#turns:not([hidden]) .dot")
        for turn in range(max(1, dots.count())):
            if dots.count():
                dots.nth(turn).click()
                page.wait_for_selector(f".dot:nth-child({turn + 1})[aria-current]")
            page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            fits(page, WALL)
    with page_of(chromium, served, language, PHONE) as page:
        page.wait_for_selector(".numeral:not(:empty), .line-row .oee-of:not(:empty)", timeout=10_000)
        fits(page, PHONE)


@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_park_page_of_every_plant_fits(chromium, served, language):
    for size in (WALL, PHONE):
        with page_of(chromium, f"{served}/park?", language, size) as page:
            page.wait_for_selector(".tile-of .gap-of:not(:empty)", timeout=10_000)
            assert page.evaluate(_SIZES)[0] <= size[0]
            assert page.evaluate(_CLIPPED) == []
