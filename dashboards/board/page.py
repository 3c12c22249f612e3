"""The page in the reader's language: chosen by the address, else remembered, else asked of the browser."""

import html
import re

from starlette.requests import Request
from starlette.responses import Response

from dashboards.board.pages import Page
from dashboards.words import LANGUAGES, catalogue

COOKIE = "mes_lang"
_YEAR_S = 365 * 24 * 3600
_CURRENT = 'aria-current="page"'
_PLACE = re.compile(r"\{\{([\w.]+)\}\}")


def language_of(request: Request) -> str:
    """One of :data:`LANGUAGES` for this request."""
    wishes = [request.query_params.get("lang", ""), request.cookies.get(COOKIE, ""), *_accepted(request)]
    return next((wish for wish in wishes if wish in LANGUAGES), LANGUAGES[0])


def remember(request: Request, answer: Response, language: str) -> None:
    """Keep the language that the address chose."""
    if request.query_params.get("lang") == language:
        answer.set_cookie(COOKIE, language, max_age=_YEAR_S, httponly=True, samesite="lax")


def _accepted(request: Request) -> list[str]:
    """Languages of Accept-Language without their region, most wanted first."""
    ranked = []
    for entry in request.headers.get("accept-language", "")[:200].split(","):
        tag, _, weight = entry.strip().partition(";q=")
        ranked.append((_weight(weight), tag.partition("-")[0].lower()))
    return [tag for _, tag in sorted(ranked, key=lambda pair: -pair[0])]


def _weight(text: str) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0.0


def fill(template: str, language: str, parts: dict[str, str]) -> str:
    """``{{key}}`` → a word of ``language``, escaped, or one of ``parts`` (HTML of our own making)."""
    words = catalogue(language)
    return _PLACE.sub(lambda place: parts.get(place[1]) or html.escape(words[place[1]]), template)


def render(template: str, language: str, parts: dict[str, str] | None = None) -> bytes:
    """The page."""
    current = {f"current.{each}": 'aria-current="true"' if each == language else " " for each in LANGUAGES}
    return fill(template, language, {"language": language, **current, **(parts or {})}).encode()


def framed(template: str, language: str, page: Page, all_pages: tuple[Page, ...]) -> bytes:
    """``page`` in the frame that all pages but the wall share."""
    styles = [f'<link rel="stylesheet" href="/static/{html.escape(name)}">' for name in page.styles]
    parts = {
        "title": html.escape(catalogue(language)[f"{page.name}.title"]),
        "pages": navigation(language, all_pages, page),
        "styles": "".join(styles) or " ",
        "name": page.name,
        "module": page.module,
        "pickers": " ".join(page.pickers) or " ",
    }
    return render(template, language, parts)


def navigation(language: str, all_pages: tuple[Page, ...], here: Page | None = None) -> str:
    """Links to all pages in their order; ``here`` is the one that is shown, or that stands within one of them."""
    words = catalogue(language)
    current = here and (here.within or here.name)
    return "".join(
        f'<a href="{each.path}" data-pickers="{" ".join(each.pickers)}" {_CURRENT if each.name == current else ""}>'
        f"{html.escape(words[f'{each.name}.title'])}</a>"
        for each in all_pages
        if not each.within
    )
