"""The board in a Chromium, drawn; whatever its console complained about fails the test.

A page in a context of its own takes half a second of a processor, and more than one in a Chromium with windows, most of
it for the processes behind it; another address in a page that is there takes a third. So a browser lends one page again
and again; in between, its cookies, storage and cache are emptied.
"""

from contextlib import contextmanager
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

WALL, PHONE = (1920, 1080), (390, 844)
#: Every page of a plant with the line smt-a → what is there once the page is drawn.
FILLED = {
    "/": ".numeral:not(:empty)",
    "/line": ".line-page .factor strong:not(:empty)",
    "/machine?machine=placer_1": ".machine-page .factor strong:not(:empty)",
    "/explain?code=starved": ".rung.open .reasons li",
    "/explain?of=park&code=good": ".rung.open .reasons a[href]",
    "/explain/yield": ".passes .rung.good .share:not(:empty)",
    "/explain/energy": ".result .value:not(:empty)",
    "/explain/target": ".result .value:not(:empty)",
    "/explain/forecast": ".result .value:not(:empty)",
    "/quality": ".yields .oee strong:not(:empty)",
    "/orders": ".order-row .worked",
    "/trace": ".beginnings a",
    "/energy": ".cells dd:not(:empty)",
    "/park": ".tile-of .gap-of:not(:empty)",
    "/health": ".machine .name:not(:empty)",
}
#: Browser → the page that nobody has now.
_SPARE = WeakKeyDictionary()


class Opened:
    """A page in a context of its own."""

    def __init__(self, browser):
        self.context = browser.new_context(reduced_motion="reduce")
        self.page = self.context.new_page()
        self._tools = self.context.new_cdp_session(self.page)
        self._complaints = []
        self.page.on("console", lambda message: self._hear(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self._hear(str(error)))

    def _hear(self, complaint):
        self._complaints.append(complaint)

    def show(self, address, language, size, scheme="light"):
        """Go there; ``page.complaints`` is what is wrong from now on."""
        self.page.complaints = self._complaints = []
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.page.emulate_media(color_scheme=scheme)
        slash = "" if urlsplit(address).path else "/"
        self.page.goto(f"{address}{'&' if '?' in address else f'{slash}?'}lang={language}")

    def leave(self, address):
        """Nothing is left of what was shown; what it complained about until now has been heard."""
        self.page.unroute_all()
        self.page.evaluate("location.replace('about:blank')")  # by itself, it keeps its process
        self.page.wait_for_url("about:blank")
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(address))
        self._tools.send("Network.clearBrowserCookies")
        self._tools.send("Network.clearBrowserCache")
        self._tools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})


@contextmanager
def page_of(browser, address, language="en", size=WALL, scheme="light"):
    """The page at ``address``, lent. What nobody can take back, a script or a clock, needs :func:`own_page_of`."""
    opened = _SPARE.pop(browser, None) or Opened(browser)
    with _shown(opened, address, language, size, scheme) as page:
        yield page
    if browser in _SPARE:
        opened.context.close()
    else:
        _SPARE[browser] = opened


@contextmanager
def own_page_of(browser, address, language="en", size=WALL, scheme="light"):
    """The page at ``address``, in a context that ends with it."""
    opened = Opened(browser)
    with _shown(opened, address, language, size, scheme) as page:
        yield page
    opened.context.close()


@contextmanager
def _shown(opened, address, language, size, scheme):
    """Its page at ``address``; after a failure nobody shall have it again."""
    try:
        opened.show(address, language, size, scheme)
        yield opened.page
        opened.leave(address)
        assert opened.page.complaints == [], opened.page.complaints
    except BaseException:
        opened.context.close()
        raise
