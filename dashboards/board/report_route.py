"""The shift report as a page of the board: drawn here and not in the browser, because it is to be printed.

/report?line=…&span=…      two sheets of A4, or why not
"""

import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from answers.shift_report import ShiftReport, shift_report
from answers.store import PlannedWindow, Store
from contract.errors import MesError
from contract.instants import SECOND_US, to_iso
from dashboards.board.api import Api, TooMuch
from dashboards.board.asking import resolve
from dashboards.board.doorway import address_of
from dashboards.board.page import language_of, remember
from dashboards.board.pages import query_of
from dashboards.board.troubles import BUSY, Trouble, said_in, trouble_of
from dashboards.report.document import Around, document, plain_page
from dashboards.report.markup import Html, el
from dashboards.report.writing import Writer
from dashboards.words import LANGUAGES

PATH = "/report"
_STYLES = Html(
    '<link rel="icon" href="/static/logo.svg" type="image/svg+xml"><link rel="stylesheet" href="/static/report.css">'
)
#: What is wrong with the store may be over soon: the page looks again by itself.
_AGAIN = Html('<meta http-equiv="refresh" content="5">')


def report_route(store: Path, api: Api) -> Route:
    """The route of the report of ``store``, which waits its turn with what ``api`` asks."""

    async def report(request: Request) -> Response:
        language = language_of(request)
        try:
            page, status = await api.ask(address_of(request), lambda: _page(store, request.query_params, language))
        except TooMuch:
            page, status = _trouble(BUSY, language), 503
        answer = HTMLResponse(page, status, {"Cache-Control": "no-store"})
        remember(request, answer, language)
        return answer

    return Route(PATH, report)


def _page(path: Path, params: Mapping[str, str], language: str) -> tuple[str, int]:
    try:
        query = query_of(params)
        with Store.open(path) as store, store.moment():
            ask = resolve(store, query, ())
            found = shift_report(store, ask.line, ask.span)
    except MesError as error:
        trouble = trouble_of(path, error)
        return _trouble(trouble, language), 404 if trouble.lasting else 503
    around = Around(_STYLES, _tools(found, query.span, language))
    return document([found], language, round(time.time() * SECOND_US), around), 200


def _tools(found: ShiftReport, span: str, language: str) -> Html:
    """The way back to the line, to the shifts next to this one and to the other language; how to print."""
    write = Writer(language, found.tz)
    here = {"line": found.line, "span": span}
    links = [el("a", write.say("report.back"), href=f"/line?{urlencode(here)}")]
    for key, shift in (("before", found.before), ("after", found.after)):
        if shift is not None:
            links.append(el("a", write.say(f"report.{key}"), href=_address(found.line, shift)))
    for each in LANGUAGES:
        name, current = write.say(f"page.switch.{each}"), "true" if each == language else None
        links.append(el("a", name, href=f"?{urlencode({**here, 'lang': each})}", lang=each, aria_current=current))
    return el("nav", *links, el("span", write.say("report.how_to_print")), class_="tools")


def _address(line: str, shift: PlannedWindow) -> str:
    return f"?{urlencode({'line': line, 'span': f'{to_iso(shift.start_us)}..{to_iso(shift.end_us)}'})}"


def _trouble(trouble: Trouble, language: str) -> str:
    write, (title, hint) = Writer(language, "UTC"), said_in(language, trouble)
    way, styles = write.say("trouble.again"), Html(_STYLES + _AGAIN)
    if trouble.lasting:
        way, styles = el("a", write.say("trouble.start"), href=PATH), _STYLES
    detail = el("p", el("small", trouble.detail)) if trouble.detail else None
    body = el("main", el("h1", title), el("p", hint), el("p", way), detail, class_="trouble")
    return plain_page(language, title, Around(styles, body))
