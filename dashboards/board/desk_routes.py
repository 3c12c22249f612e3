"""The desk over HTTP: log in, look, do. Everything but the page and the log-in wants a session.

    POST /desk/login   {"pin": "…"}      204 and a cookie, 403 wrong, 429 too many
    POST /desk/logout                    204
    GET  /desk/state.json                what the desk shows, 401 without a session
    POST /desk/do      an Action         an Outcome, 400 for what cannot be meant

Every refusal is an Outcome, too: the page says its ``why`` in the reader's language.

A POST must come from our own page (Origin), be JSON, and be small.
"""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from contract.errors import MesError, UsageError
from dashboards.board.desk import BODY_LIMIT, Desk, Outcome, Unable, parse_action
from dashboards.board.doorway import address_of
from dashboards.board.guard import COOKIE, SESSION_S, Guard, is_same_origin
from dashboards.board.troubles import log

_encode = msgspec.json.Encoder().encode
_Endpoint = Callable[[Request], Awaitable[Response]]
_NO_STORE = {"Cache-Control": "no-store"}
_BODY_S = 3.0


class _Pin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pin: str


class _Denied(Exception):
    def __init__(self, status: int, why: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.answer = _json(Outcome(accepted=False, detail=detail, why=why), status, headers)


def _json(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(_encode(value), status, {**_NO_STORE, **(headers or {})}, "application/json")


async def _body(request: Request) -> bytes:
    """The body of a POST that our own page sent."""
    headers = request.headers
    if not is_same_origin(headers.get("origin", ""), headers.get("host", ""), request.url.scheme):
        raise _Denied(403, "not_ours", "the request does not come from a page of this board")
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise _Denied(403, "not_ours", "the request does not come from a page of this board")
    if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise _Denied(415, "asked", "send JSON")
    body = b""
    try:
        async with asyncio.timeout(_BODY_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > BODY_LIMIT:
                    raise _Denied(413, "asked", f"more than {BODY_LIMIT} bytes")
    except ClientDisconnect as error:
        raise _Denied(400, "unheard", "the request ended in the middle") from error
    except TimeoutError as error:
        raise _Denied(408, "unheard", f"the request took longer than {_BODY_S:.0f} s") from error
    return body


def desk_routes(desk: Desk, guard: Guard) -> list[Route]:
    """The routes under ``/desk`` but its page."""
    served = _Served(desk, guard)
    posts = {"login": served.login, "logout": served.logout, "do": served.do}
    return [
        Route("/desk/state.json", _answering(served.state)),
        *(Route(f"/desk/{name}", _answering(endpoint), methods=["POST"]) for name, endpoint in posts.items()),
    ]


class _Served:
    def __init__(self, desk: Desk, guard: Guard) -> None:
        self._desk, self._guard = desk, guard

    async def login(self, request: Request) -> Response:
        body, address = await _body(request), address_of(request)
        _require_turn(self._guard.wait_s(address), "too many wrong PINs")
        try:
            said = msgspec.json.decode(body, type=_Pin)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _Denied(400, "asked", str(error)) from error
        token = self._guard.log_in(said.pin, address)
        if not token:
            raise _Denied(403, "pin", "wrong PIN")
        answer, is_safe = Response(status_code=204, headers=_NO_STORE), request.url.scheme == "https"
        answer.set_cookie(
            COOKIE, token, max_age=int(SESSION_S), path="/desk", httponly=True, samesite="strict", secure=is_safe
        )
        return answer

    async def logout(self, request: Request) -> Response:
        await _body(request)
        self._guard.log_out(request.cookies.get(COOKIE, ""))
        answer = Response(status_code=204, headers=_NO_STORE)
        answer.delete_cookie(COOKIE, path="/desk")
        return answer

    async def state(self, request: Request) -> Response:
        self._require_session(request)
        return _json(self._desk.state())

    async def do(self, request: Request) -> Response:
        body = await _body(request)
        self._require_session(request)
        _require_turn(self._guard.actions.wait_s(), "too many actions at a time")
        self._guard.actions.count()
        try:
            return _json(await self._desk.do(parse_action(body)))
        except UsageError as error:
            why = error.why if isinstance(error, Unable) else "asked"
            raise _Denied(400, why, str(error)) from error
        except MesError as error:
            log(str(error))
            return _json(Outcome(accepted=False, detail=str(error), why="failed"))

    def _require_session(self, request: Request) -> None:
        if not self._guard.knows(request.cookies.get(COOKIE, "")):
            raise _Denied(401, "session", "log in first")


def _require_turn(wait_s: float, detail: str) -> None:
    if wait_s:
        raise _Denied(429, "pace", detail, {"Retry-After": str(int(wait_s) + 1)})


def _answering(endpoint: _Endpoint) -> _Endpoint:
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except _Denied as denied:
            return denied.answer

    return answer
