"""A class opens many tabs: who is not looked at keeps no connection and asks nothing, who is looked at is live."""

from contextlib import contextmanager

import pytest
from made_up_desk import PIN, MadeUpDesk
from served_board import serving

from contract.events import Words
from dashboards.board.app import Instructor
from dashboards.board.desk import Notice
from dashboards.board.guard import Guard

pytestmark = pytest.mark.chromium
#: More pages than a browser has connections for one host, three of them the wall.
PATHS = ("/", "/line", "/", "/health", "/machine", "/", "/park", "/desk")
#: A browser without windows takes every tab for seen: this says which is.
_UNSEEN = "Object.defineProperty(document, 'hidden', { get: () => !window.isSeen });"
_SHOW = """(seen) => {
  window.isSeen = seen;
  document.dispatchEvent(new Event('visibilitychange'));
}"""
_LIVE = "body[data-state=live]"
PATIENCE_MS = 20_000
#: Longer than whatever a page waits before it tries something again.
LONG_MS = 60_000


@pytest.fixture
def desk():
    return MadeUpDesk()


@pytest.fixture
def tabs(chromium, store, desk):
    """A page of each path in one browser, opened and not yet looked at."""
    with serving(store, instructor=Instructor(desk, Guard(PIN, lambda: 0.0))) as address:
        context = chromium.new_context()
        context.add_init_script(_UNSEEN)
        context.request.post(f"{address}/desk/login", data={"pin": PIN}, headers={"Origin": address})
        context.add_init_script("localStorage.setItem('desk-logged-in', '1');")
        pages = []
        for path in PATHS:
            page = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            page.clock.install()
            page.asked = []
            page.on("request", lambda request, asked=page.asked: asked.append(request.url))
            page.goto(address + path)
            pages.append(page)
        yield pages
        context.close()


@contextmanager
def looking_at(page):
    page.evaluate(_SHOW, True)
    page.wait_for_selector(_LIVE)
    yield
    page.evaluate(_SHOW, False)


def test_whichever_tab_is_looked_at_is_live(tabs, desk):
    for n, page in enumerate([*tabs, *tabs]):
        with looking_at(page):
            if page.locator(".notice").count():
                desk.told(Notice(said=Words(f"Look {n}", f"Nhìn {n}")))
                page.locator(".notice .said", has_text=str(n)).wait_for()


def test_a_tab_that_is_not_looked_at_asks_nothing(tabs):
    for page in tabs:
        with looking_at(page):
            pass
        del page.asked[:]
        page.clock.run_for(LONG_MS)
    assert {page.url: page.asked for page in tabs} == {page.url: [] for page in tabs}
