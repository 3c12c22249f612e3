"""Nothing jumps when data arrive: what comes has its room from the first paint on, on every page and both sizes."""

import pytest
from opened_page import FILLED, PHONE, WALL, Opened

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


@pytest.fixture(scope="module")
def watched(chromium):
    """A page that counts at each address anew what moves."""
    opened = Opened(chromium)
    opened.page.add_init_script(_WATCH)
    yield opened
    opened.context.close()


def moved_on(watched, address, size, drawn):
    """[share of the screen that moved, what did] for each time something did until the data had arrived."""
    watched.show(address, "vi", size)
    watched.page.wait_for_selector(drawn, timeout=30_000)
    found = watched.page.evaluate("moved()")
    watched.leave(address)
    return found


@pytest.mark.parametrize("size", [WALL, PHONE], ids=["wall", "phone"])
@pytest.mark.parametrize("path", FILLED)
def test_nothing_jumps_when_the_data_arrive(watched, served, path, size):
    found = moved_on(watched, f"{served}{path}", size, FILLED[path])
    assert sum(share for share, _ in found) < STILL, found


@pytest.mark.parametrize("size", [WALL, PHONE], ids=["wall", "phone"])
@pytest.mark.parametrize("path", ["/", "/line"])
def test_nothing_jumps_where_there_is_no_line_to_choose(watched, board, path, size):
    found = moved_on(watched, f"{board}{path}", size, FILLED[path])
    assert sum(share for share, _ in found) < STILL, found


def test_a_jump_is_seen(watched, served):
    """The measure itself: without the room that is kept for what is chosen, the page below it is seen to move."""
    style = ".pickers { min-height: 0 !important; }"
    watched.page.route(
        "**/*.css", lambda route: route.fulfill(response=(got := route.fetch()), body=got.text() + style)
    )
    found = moved_on(watched, f"{served}/orders", PHONE, FILLED["/orders"])
    assert sum(share for share, _ in found) > STILL
