"""Every page while the board or the network goes away and comes back: it says so, and then shows what is, unasked."""

import contextlib
import socket
import threading
import time
from contextlib import ExitStack, contextmanager
from itertools import count

import httpx
import pytest
from served_board import free_port, serving
from simulated import Growing

from dashboards.words import catalogue

pytestmark = pytest.mark.chromium
#: All pages, as many at a time as a small machine draws at once.
GROUPS = (
    ("/", "/line", "/machine?machine=placer_1"),
    ("/explain?code=starved", "/quality", "/orders"),
    ("/trace", "/energy", "/park", "/health"),
)
_TEXT = "() => document.querySelector('main').innerText"
_DRAWN = """() => ['live', 'old'].includes(document.querySelector('#live').dataset.state)
  && !document.querySelector('main[aria-busy=true], .waiting-for-data')"""
_LOST = "#live[data-state=lost] .age:not(:empty)"
PATIENCE_S = 60
#: Often enough for pages whose clocks are put forward.
BEAT_S = 0.5


@pytest.fixture(scope="module")
def growing(tmp_path_factory):
    """An hour of a plant of two lines, and eight times some minutes more."""
    found = Growing(tmp_path_factory.mktemp("growing") / "mes.db", "phone", 1, 2, 16)
    for _ in range(8):
        found.grow()
    yield found
    found.close()


def wait_until(page, question):
    """Ask again and again: the page's policy forbids Playwright to wait inside it.

    Every second is five of the page's own: it asks and tries again the sooner.
    """
    deadline_s = time.monotonic() + PATIENCE_S
    for turn in count():
        if question():
            return
        assert time.monotonic() < deadline_s, (page.url, page.inner_text("body"))
        if turn % 10 == 0:
            page.clock.fast_forward(4_000)
        page.wait_for_timeout(100)


def drawn(page):
    wait_until(page, lambda: page.evaluate(_DRAWN))


class Relay:
    """What a browser talks to in place of the board; while it ``swallows``, nothing goes either way, nor an end."""

    def __init__(self, address):
        self._board, self.swallows = httpx.URL(address), threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends = []
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.close()
        for end in self._ends:
            end.close()

    def _accept(self):
        with contextlib.suppress(OSError):  # closed: the test is over
            while True:
                here, _ = self._listener.accept()
                there = socket.create_connection((self._board.host, self._board.port))
                self._ends += [here, there]
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one, other):
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                if not self.swallows.is_set():
                    other.sendall(data)
            other.close()


@contextmanager
def opened(browser, address, paths, language):
    """Path → its page, each in a browser of its own that remembers whether it was loaded again."""
    with ExitStack() as stack:
        pages = {}
        for path in paths:
            context = browser.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
            stack.callback(context.close)
            page = pages[path] = context.new_page()
            page.set_default_timeout(1000 * PATIENCE_S)
            page.clock.install()
            page.complaints = []
            page.on("pageerror", lambda error, complaints=page.complaints: complaints.append(str(error)))
            page.goto(f"{address}{path}{'&' if '?' in path else '?'}lang={language}")
            page.evaluate("() => { window.loadedOnce = true; }")
        for page in pages.values():
            drawn(page)
        yield pages
        assert {path: page.complaints for path, page in pages.items()} == {path: [] for path in paths}


def texts(pages):
    return {path: page.evaluate(_TEXT) for path, page in pages.items()}


def caught_up(browser, address, pages, before, language):
    """Every page shows what a page opened just now shows, which is news, without having been loaded again."""
    for path, page in pages.items():
        with opened(browser, address, [path], language) as anew:
            fresh = anew[path].evaluate(_TEXT)
        assert fresh != before[path], path
        wait_until(page, lambda page=page, fresh=fresh: page.evaluate(_TEXT) == fresh)
        drawn(page)
        assert page.evaluate("() => window.loadedOnce"), path


def lost_with_a_growing_age(pages, language):
    for path, page in pages.items():
        page.wait_for_selector(_LOST)
        said = page.text_content("#live")
        assert catalogue(language)["live.lost"] in said, path
        wait_until(page, lambda page=page, said=said: page.text_content("#live") != said)
        assert page.locator(_LOST).count() == 1, path


def show_news(pages, before):
    """Every page shows something else than ``before``, without having been loaded again."""
    for path, page in pages.items():
        wait_until(page, lambda page=page, path=path: page.evaluate(_TEXT) != before[path])
        assert page.evaluate("() => window.loadedOnce"), path


@pytest.mark.parametrize("paths", GROUPS, ids=lambda paths: paths[0])
def test_every_page_shows_what_is_new_and_survives_the_end_of_the_server(chromium, growing, paths):
    port = free_port()
    with ExitStack() as stack:
        with serving(growing.path, port, heartbeat_s=BEAT_S) as address:
            pages = stack.enter_context(opened(chromium, address, paths, "vi"))
            before = texts(pages)
            growing.grow()
            show_news(pages, before)
        lost_with_a_growing_age(pages, "vi")
        before = texts(pages)
        growing.grow()
        with serving(growing.path, port, heartbeat_s=BEAT_S):
            caught_up(chromium, address, pages, before, "vi")


def test_a_page_survives_a_network_that_is_gone(chromium, growing):
    """One in the frame and the one beside it; of the wall, what takes the network away leaves the streams it has."""
    with (
        serving(growing.path, heartbeat_s=BEAT_S) as address,
        opened(chromium, address, ("/line", "/health"), "en") as pages,
    ):
        for page in pages.values():
            page.context.set_offline(True)
        lost_with_a_growing_age(pages, "en")
        before = texts(pages)
        growing.grow()
        for page in pages.values():
            page.context.set_offline(False)
        show_news(pages, before)
        for page in pages.values():
            drawn(page)


def test_a_wall_that_hears_nothing_any_more_says_so_and_catches_up(chromium, growing):
    """As after a night's sleep, or on a network that swallows everything: no end of the stream, only silence."""
    with (
        serving(growing.path, heartbeat_s=BEAT_S) as address,
        Relay(address) as relay,
        opened(chromium, relay.address, ["/"], "vi") as pages,
    ):
        before, wall = texts(pages), pages["/"]
        relay.swallows.set()
        growing.grow()
        wall.clock.fast_forward(16_000)
        lost_with_a_growing_age(pages, "vi")
        relay.swallows.clear()
        caught_up(chromium, address, pages, before, "vi")
