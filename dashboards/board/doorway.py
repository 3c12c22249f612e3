"""What every request passes and every answer carries, and what is said where there is nothing: no page, no way in.

    request ─→ SafeHeaders ─→ OwnHost ─→ the routes ─→ answer
                                 └────────────┴─→ refusal(): a page for a person, a line of text for a program

Who asks for what cannot be gets a clear word in the own language, whatever it was, and never our insides.
"""

from collections.abc import Mapping

import msgspec
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.board.guard import is_own_host
from dashboards.board.page import fill, language_of
from dashboards.board.troubles import FAULT
from dashboards.words import catalogue

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_NOT_OURS = 421
#: Status → the word that says it; any other that the routes may give is said as the first.
_WORDS = {
    404: "refused.nothing",
    405: "refused.method",
    _NOT_OURS: "host.refused",
    500: "trouble.fault",
    503: "stream.full",
}


def address_of(request: Request) -> str:
    """Whose request it is: an IP address, empty where there is none."""
    return request.client.host if request.client else ""


class Refusals:
    """Says what cannot be had; ``template`` is the page for who reads it in a browser."""

    def __init__(self, template: str) -> None:
        self._template = template

    def say(self, request: Request, status: int, headers: Mapping[str, str] | None = None) -> Response:
        """The answer with ``status``, in the language of the request."""
        language, key = language_of(request), _WORDS.get(status, _WORDS[404])
        kept = {**(headers or {}), "Cache-Control": "no-store", "Vary": "Accept, Accept-Language, Cookie"}
        # Under a name that is not ours nothing else can be had either: no style, no way to another page.
        if status == _NOT_OURS or "text/html" not in request.headers.get("accept", ""):
            return PlainTextResponse(catalogue(language)[key], status, kept)
        page = fill(self._template.replace("{{refused}}", f"{{{{{key}}}}}"), language, {"language": language})
        return HTMLResponse(page, status, kept)

    async def http(self, request: Request, error: Exception) -> Response:
        """What the routes refuse."""
        assert isinstance(error, HTTPException)
        return self.say(request, error.status_code, error.headers)

    async def fault(self, request: Request, _: Exception) -> Response:
        """A fault of our own: the server's log has it, the visitor is told that there is one.

        It is answered outside of :class:`SafeHeaders`, so it brings their headers along.
        """
        if request.url.path.endswith(".json"):
            trouble = msgspec.to_builtins({"trouble": FAULT})
            return JSONResponse(trouble, 500, {**_HEADERS, "Cache-Control": "no-store"})
        return self.say(request, 500, _HEADERS)


class OwnHost:
    """Answers nobody who asks for another host than this: a page elsewhere whose name was made to lead here."""

    def __init__(self, app: ASGIApp, names: frozenset[str], refusals: Refusals) -> None:
        self._app, self._names, self._refusals = app, names, refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve as ``app`` does, or say which names are right."""
        if scope["type"] == "http":
            request = Request(scope)
            if not is_own_host(request.headers.get("host", ""), self._names):
                await self._refusals.say(request, _NOT_OURS)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class SafeHeaders:
    """Adds the headers that forbid a browser everything that the board does not need."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve as ``app`` does, with the headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)
