"""The board as a web application: the pages, their files and words, the stream. Reads the store, writes nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from dashboards.board.api import Api
from dashboards.board.assets import Asset, asset, respond, static_files
from dashboards.board.bundle import bound
from dashboards.board.desk import Desk
from dashboards.board.desk_routes import desk_routes
from dashboards.board.doorway import OwnHost, Refusals, SafeHeaders, address_of
from dashboards.board.guard import Guard
from dashboards.board.health import HealthReader
from dashboards.board.page import framed, language_of, navigation, remember, render
from dashboards.board.pages import Page, pages
from dashboards.board.report_route import report_route
from dashboards.board.stream import PARTS, Hub
from dashboards.board.troubles import Trouble, said_in, trouble_with
from dashboards.words import LANGUAGES, source

#: Path → the template of the page.
_TEMPLATES = {
    "/": "page.html",
    "/health": "health.html",
    "/desk": "desk.html",
}
#: What pages share, put in where a template names it: ``{{head}}``.
_PIECES = ("head", "languages", "patterns")
_WAY_TO_DESK = b'<a href="/desk">{{desk.title}}</a>'


class BoardSettings(msgspec.Struct, frozen=True):
    """What the board needs: the ``store`` to show, how often at most (``tick_s``), and to how many viewers.

    ``heartbeat_s`` is the longest silence on a stream; the page thinks the connection lost after three of the default.
    ``truth`` is the truth file of the run in the store, for the proof on the page "data health". ``hosts`` are names
    of this machine by which it is asked for, beside its addresses and names that only its own network knows.
    """

    store: Path
    tick_s: float = 0.25
    max_viewers: int = 300
    heartbeat_s: float = 5.0
    truth: Path | None = None
    hosts: frozenset[str] = frozenset()


class Instructor(msgspec.Struct, frozen=True):
    """The ``desk`` from which the plant is commanded, and the ``guard`` who lets people sit there."""

    desk: Desk
    guard: Guard


def create_app(settings: BoardSettings, instructor: Instructor | None = None) -> Starlette:
    """The board of one store, with a page ``/desk`` only where there is an ``instructor``'s.

    ``app.state.hub.close()`` ends all streams: call it when the server is told to stop.
    """
    files = static_files()
    words = {language: asset("words.json", source(language)) for language in LANGUAGES}
    framed_pages = pages()
    refusals = Refusals(_template(files, "refused.html"))
    ready = _ready(files, framed_pages, has_desk=instructor is not None)
    health = HealthReader(settings.store, settings.truth)
    hub = Hub(settings.store, settings.tick_s, settings.max_viewers, settings.heartbeat_s)

    async def page(request: Request) -> Response:
        language = language_of(request)
        answer = respond(request, ready[request.url.path][language])
        answer.headers["Vary"] = "Accept-Encoding, Accept-Language, Cookie"
        remember(request, answer, language)
        return answer

    async def static(request: Request) -> Response:
        return respond(request, files.get(request.path_params["name"]))

    async def wording(request: Request) -> Response:
        return respond(request, words.get(request.path_params["language"]))

    async def health_data(_: Request) -> Response:
        body = await run_in_threadpool(health.body)
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

    async def health_sheet(request: Request) -> Response:
        table = request.query_params.get("table", "")
        return _sheet(request, await run_in_threadpool(health.sheet, table))

    async def healthz(request: Request) -> Response:
        trouble = await run_in_threadpool(trouble_with, settings.store)
        state = {
            "status": trouble.reason if trouble else "ok",
            "viewers": hub.viewers,
            "full": hub.is_full_for(address_of(request)),
        }
        return JSONResponse(state, status_code=503 if trouble else 200)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        hub.close()

    api = Api(settings.store)
    routes = [
        *(Route(path, page) for path in ready),
        *_desk_of(instructor, hub),
        report_route(settings.store, api),
        *_api_routes(api, {each.name: each for each in framed_pages}),
        Route("/health.json", health_data),
        Route("/health.csv", health_sheet),
        Route("/static/{name}", static),
        Route("/words/{language}.json", wording),
        _stream(hub, refusals),
        Route("/healthz", healthz),
    ]
    said = {HTTPException: refusals.http, Exception: refusals.fault}
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers=said)
    app.add_middleware(OwnHost, names=settings.hosts, refusals=refusals)
    app.add_middleware(SafeHeaders)
    app.state.hub = hub
    return app


def _stream(hub: Hub, refusals: Refusals) -> Route:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

    async def events(request: Request) -> Response:
        part = next((part for part in PARTS if part == request.query_params.get("only", "")), None)
        if part is None:
            return refusals.say(request, 404)
        if hub.is_full_for(address_of(request)):
            return refusals.say(request, 503, {"Retry-After": "30"})
        packed = "gzip" in request.headers.get("accept-encoding", "")
        body = hub.watch(address_of(request), part, packed=packed)
        encoded = {"Vary": "Accept-Encoding", **({"Content-Encoding": "gzip"} if packed else {})}
        return StreamingResponse(body, media_type="text/event-stream", headers=headers | encoded)

    return Route("/events", events)


def _desk_of(instructor: Instructor | None, hub: Hub) -> list[Route]:
    if instructor is None:
        return []
    instructor.desk.announce_to(hub.tell)
    return desk_routes(instructor.desk, instructor.guard)


def _ready(files: dict[str, Asset], framed_pages: tuple[Page, ...], *, has_desk: bool) -> dict[str, dict[str, Asset]]:
    """Path → language → page, for all pages; what they are made of is taken out of ``files``."""
    for name in [name for name in files if name.endswith(".html")]:
        files[name] = asset(name, files[name].body.replace(b"{{desk}}", _WAY_TO_DESK if has_desk else b""))
    ready = {path: _in_every_language(files, template, framed_pages) for path, template in _TEMPLATES.items()}
    ready |= _in_frame(files, framed_pages)
    for piece in _PIECES:
        del files[f"{piece}.html"]
    return ready if has_desk else {path: found for path, found in ready.items() if path != "/desk"}


def _in_every_language(files: dict[str, Asset], name: str, others: tuple[Page, ...]) -> dict[str, Asset]:
    """Language → the page ``name``, which is taken out of ``files``."""
    template = _template(files, name)
    return {
        language: asset(name, bound(render(template, language, {"pages": navigation(language, others)}), files))
        for language in LANGUAGES
    }


def _template(files: dict[str, Asset], name: str) -> str:
    """A page's template with the pieces in it; it is no file to be asked for any more."""
    template = files.pop(name).body.decode()
    for piece in _PIECES:
        template = template.replace(f"{{{{{piece}}}}}", files[f"{piece}.html"].body.decode().rstrip())
    return template


def _in_frame(files: dict[str, Asset], framed_pages: tuple[Page, ...]) -> dict[str, dict[str, Asset]]:
    """Path → language → page, for every page that stands in the frame."""
    template = _template(files, "shell.html")
    return {
        each.path: {
            language: asset("shell.html", bound(framed(template, language, each, framed_pages), files))
            for language in LANGUAGES
        }
        for each in framed_pages
    }


def _api_routes(api: Api, by_name: dict[str, Page]) -> list[Route]:
    async def data(request: Request) -> Response:
        found = by_name.get(request.path_params["name"])
        return respond(request, await api.body(found, request.query_params, address_of(request)) if found else None)

    async def sheet(request: Request) -> Response:
        found = by_name.get(request.path_params["name"])
        if found is None:
            return respond(request, None)
        return _sheet(request, await api.sheet(found, request.query_params, address_of(request)))

    return [Route("/api/{name}.json", data), Route("/api/{name}.csv", sheet)]


def _sheet(request: Request, found: tuple[str, bytes] | Trouble) -> Response:
    if isinstance(found, Trouble):
        message = "\n".join(filter(None, [*said_in(language_of(request), found), found.detail]))
        return PlainTextResponse(message, 404 if found.lasting else 503, {"Cache-Control": "no-store"})
    name, body = found
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)
