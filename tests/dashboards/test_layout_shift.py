"""Nothing jumps when data arrive: what comes has its room from the first paint on, on every page and both sizes."""

import pytest
from test_chromium import PHONE, WALL
from test_words_on_pages import PAGES

pytestmark = pytest.mark.chromium
#: Cumulative layout shift from which Chromium's makers call a page good is 0.1; half of that is ours.
STILL = 0.05
#: What a page loads comes some frames late, so that what stands there before it is painted and can be seen to move.
_WATCH = """(() => {
  const frames = async (count) => {
    for (let n = 0; n < count; n++) await new Promise(requestAnimationFrame);
  };
  const real = window.fetch;
  window.fetch = async (...asked) => {
    const answer = await real(...asked);
    await frames(3);
    return answer;
  };
  const moved = [];
  const told = ({ node, previousRect: from, currentRect: to }) =>
    `${node?.nodeName} ${node?.className}: ${from.x},${from.y} ${from.width}x${from.height}`
    + ` -> ${to.x},${to.y} ${to.width}x${to.height}`;
  const watch = (list) => list.getEntries().forEach((one) => moved.push([one.value, one.sources.map(told)]));
  new PerformanceObserver(watch).observe({ type: 'layout-shift', buffered: true });
  window.moved = () => frames(6).then(() => moved);
})()"""


def moved_on(browser, served, path, size, style=""):
    """[share of the screen that moved, what did] for each time something did until the data had arrived."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce")
    page.add_init_script(_WATCH)
    if style:
        page.route("**/*.css", lambda route: route.fulfill(response=(got := route.fetch()), body=got.text() + style))
    page.goto(f"{served}{path}{'&' if '?' in path else '?'}lang=vi")
    page.wait_for_selector(PAGES[path], timeout=30_000)
    found = page.evaluate("moved()")
    page.close()
    return found


@pytest.mark.parametrize("size", [WALL, PHONE], ids=["wall", "phone"])
@pytest.mark.parametrize("path", PAGES)
def test_nothing_jumps_when_the_data_arrive(chromium, served, path, size):
    found = moved_on(chromium, served, path, size)
    assert sum(share for share, _ in found) < STILL, found


@pytest.mark.parametrize("size", [WALL, PHONE], ids=["wall", "phone"])
@pytest.mark.parametrize("path", ["/", "/line"])
def test_nothing_jumps_where_there_is_no_line_to_choose(chromium, board, path, size):
    found = moved_on(chromium, board, path, size)
    assert sum(share for share, _ in found) < STILL, found


def test_a_jump_is_seen(chromium, served):
    """The measure itself: without the room that is kept for what is chosen, the page below it is seen to move."""
    found = moved_on(chromium, served, "/orders", PHONE, ".pickers { min-height: 0 !important; }")
    assert sum(share for share, _ in found) > STILL
