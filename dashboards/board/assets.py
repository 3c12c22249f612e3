"""The board's own files, held in memory: only what is in ``static`` can ever be asked for."""

import gzip
import hashlib
from importlib import resources

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_TYPES = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
}


class Asset(msgspec.Struct, frozen=True):
    """A file: its bytes, the same gzipped, what it is, and a tag that changes with it."""

    body: bytes
    zipped: bytes
    media_type: str
    etag: str


def asset(name: str, body: bytes) -> Asset:
    """Prepare a file; its type follows from the end of ``name``."""
    tag = hashlib.blake2b(body, digest_size=8).hexdigest()
    return Asset(body, gzip.compress(body, 9, mtime=0), _TYPES[name.rpartition(".")[2]], f'"{tag}"')


def static_files() -> dict[str, Asset]:
    """Every file of ``static`` by name."""
    folder = resources.files("dashboards.board").joinpath("static")
    return {file.name: asset(file.name, file.read_bytes()) for file in folder.iterdir() if file.is_file()}


def respond(request: Request, found: Asset | None) -> Response:
    """The file, or that the browser has it already; raises the 404 where there is none."""
    if found is None:
        raise HTTPException(404)
    headers = {"ETag": found.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == found.etag:
        return Response(status_code=304, headers=headers)
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(found.zipped if zipped else found.body, media_type=found.media_type, headers=headers)
