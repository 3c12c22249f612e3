"""Nothing that a person reads or hears on a page is written anywhere but in ``words``: mark those, all is marked."""

import re

import httpx
import pytest
from opened_page import FILLED, own_page_of

from dashboards.words import catalogue

pytestmark = pytest.mark.chromium
#: What the browser itself writes in the reader's language is marked, too.
_MARK_DAYS = """
const { get } = Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, 'format');
Object.defineProperty(Intl.DateTimeFormat.prototype, 'format', { get() { return (at) => `⟦${get.call(this)(at)}⟧`; } });
"""
_OPEN = """() => document.querySelectorAll('details').forEach((one) => {
  one.open = true;
  one.ontoggle?.();
})"""
#: Whatever is to be read or heard, has letters and no mark.
_UNMARKED = """() => {
  const all = [...document.querySelectorAll('main, main *, #pickers *, #live *, #shift *, #clock *')];
  const texts = all.flatMap((node) => [...node.childNodes].filter((one) => one.nodeType === 3).map((one) => one.data));
  const named = ['aria-label', 'title', 'alt', 'placeholder'];
  const heard = all.flatMap((node) => named.map((name) => node.getAttribute(name) ?? ''));
  const drawn = all.flatMap((node) => ['::before', '::after'].map((name) => getComputedStyle(node, name).content));
  return [...texts, ...heard, ...drawn.filter((text) => text !== 'none' && text !== 'normal')]
    .filter((text) => /\\p{L}/u.test(text) && !text.includes('⟦'));
}"""


#: A name on the wall stands in two pieces, so that what is in brackets can be left out.
_NAME = re.compile(r"(.*?)(\s*\([^()]*\))?", re.DOTALL)


def strings(found):
    """Every text in an answer and its pieces: what the plant itself calls its things."""
    if isinstance(found, str):
        yield from (found, *_NAME.fullmatch(found).groups(""))
    elif isinstance(found, dict):
        for key, value in found.items():
            yield key
            yield from strings(value)
    elif isinstance(found, list):
        for value in found:
            yield from strings(value)


@pytest.fixture(scope="module")
def known(served):
    """All that the plant says of itself, to whoever asks."""
    pages = httpx.get(f"{served}/api/line.json", timeout=30).json()
    asked = [
        f"/api/{name}.json?line={line['path']}" for name in ("line", "quality", "orders") for line in pages["lines"]
    ]
    found = [httpx.get(f"{served}{path}", timeout=30).json() for path in ("/health.json", "/api/park.json", *asked)]
    return set(strings(found))


@pytest.mark.parametrize("path", FILLED)
def test_every_text_is_of_the_catalogue_or_of_the_plant(chromium, served, known, path):
    marked = {key: f"⟦{text}⟧" for key, text in catalogue("en").items()}
    own = set()

    def listen(answer):
        if ".json" in answer.url and "/words/" not in answer.url:
            own.update(strings(answer.json()))

    with own_page_of(chromium, f"{served}/health?", "en") as page:
        page.add_init_script(_MARK_DAYS)
        page.route("**/words/*.json", lambda route: route.fulfill(json=marked))
        page.on("response", listen)
        page.goto(f"{served}{path}{'&' if '?' in path else '?'}lang=en")
        page.wait_for_selector(FILLED[path], timeout=30_000)
        page.evaluate(_OPEN)
        unmarked = [part for text in page.evaluate(_UNMARKED) for part in text.split(" · ")]
        assert [part for part in unmarked if part not in known | own] == []
