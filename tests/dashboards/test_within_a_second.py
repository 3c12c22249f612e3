"""What happens at a machine is on the pages that show it within a second of its commit, asked for or not."""

import httpx
import pytest
from made_up_line import NOW_US, stop
from served_board import serving
from test_chromium import page_of

from contract.instants import MINUTE_US, SECOND_US
from dashboards.board.app import BoardSettings

pytestmark = pytest.mark.chromium
STOPPED = ".now .stop[data-category=minor_stop]"
#: Path of a page → what of it shows a machine, and the stop of the printer there.
PAGES = {
    "/line?span=hour": (".line-page .station", ".stop[data-category=minor_stop] >> text=Solder paste printer"),
    "/line?span=2026-01-05T07:00..2026-01-05T08:00": (
        ".line-page .station",
        ".station[data-station=printer][data-category=minor_stop]",
    ),
    "/machine?machine=printer": (".machine-page .now .stop", STOPPED),
}
A_SECOND_MS = 1000
_WATCH = """() => {
  const row = document.querySelector('.now .stop');
  window.seen = [];
  new MutationObserver(() => window.seen.push(row.dataset.category)).observe(row, { attributes: true });
}"""


@pytest.fixture
def board(store):
    """As often as in earnest."""
    with serving(store, tick_s=BoardSettings(store).tick_s) as address:
        yield address


@pytest.mark.parametrize("path", PAGES)
def test_a_stop_is_seen_within_a_second_though_no_question_is_answered(chromium, board, store, path):
    drawn, stopped = PAGES[path]
    with page_of(chromium, f"{board}{path}") as page:
        page.wait_for_selector(drawn)
        page.route("**/api/**", lambda _: None)  # for as long as the page lasts
        stop(store, "printer", NOW_US + SECOND_US, "stencil_clog")
        page.wait_for_selector(stopped, timeout=A_SECOND_MS)
        assert page.get_attribute("body", "data-state") == "live"


def test_an_answer_older_than_the_stream_takes_nothing_back(chromium, board, store):
    """What comes late is drawn, but for how the machine stands, which is known better; what is newer counts."""
    answer = httpx.get(f"{board}/api/machine.json?machine=printer").json()
    answer["data"]["counted"]["good"] = 4242
    with page_of(chromium, f"{board}/machine?machine=printer") as page:
        page.wait_for_selector(".machine-page .now .stop[data-category=execute]")
        page.route("**/api/**", lambda route: route.fulfill(json=answer))
        stop(store, "printer", NOW_US + SECOND_US, "stencil_clog")
        page.wait_for_selector(STOPPED, timeout=A_SECOND_MS)
        page.evaluate(_WATCH)
        page.wait_for_selector(".cells dd >> text=4,242")
        assert page.get_attribute(".now .stop", "data-category") == "minor_stop"
        assert "execute" not in page.evaluate("window.seen")
        answer["now_us"] += MINUTE_US
        answer["data"]["now"]["category"] = "setup"
        page.wait_for_selector(".now .stop[data-category=setup]")
