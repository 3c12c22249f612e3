"""Requests that nobody means well: the board answers each in words, soon, and nothing of it changes anything."""

import asyncio
import json
import socket
import threading
import time
from contextlib import closing
from types import SimpleNamespace

import httpx
import pytest
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_line import NOW_US, STATIONS, make_store
from msgspec import convert
from served_board import serving, watching
from starlette.applications import Starlette
from test_desk_http import PIN, Clock, MadeUpDesk
from uvicorn.server import ServerState

from app.connections import CONNECTIONS, Connection
from dashboards.board.api import WAITING, Api, TooMuch, Turns
from dashboards.board.app import BoardSettings, Instructor, create_app
from dashboards.board.guard import Guard
from dashboards.board.pages import pages
from dashboards.board.stream import Hub
from dashboards.board.troubles import Trouble, said_in
from dashboards.words import LANGUAGES, catalogue

PAGES = pages()
#: What the board may answer at all; above all no 500.
SAID = {200, 204, 304, 307, 400, 401, 403, 404, 405, 408, 413, 415, 421, 431, 503}
#: No program's insides.
INSIDES = ("Traceback", 'File "', ".py", "sqlite3", "Error:")
FORBIDS = ("content-security-policy", "x-content-type-options", "referrer-policy", "cross-origin-resource-policy")


class FaultyDesk(MadeUpDesk):
    def state(self):
        raise RuntimeError("a fault of ours in /secret/place")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return make_store(tmp_path_factory.mktemp("hostile") / "mes.db", NOW_US, STATIONS[:4])


@pytest.fixture(scope="module")
def desk():
    return MadeUpDesk()


@pytest.fixture(scope="module")
def client(store, desk):
    instructor = Instructor(desk, Guard(PIN, Clock()))
    with serving(store, instructor=instructor) as address, httpx.Client(base_url=address, timeout=20) as found:
        yield found


def is_safe(answer):
    assert answer.status_code in SAID, (answer.url, answer.status_code)
    assert all(name in answer.headers for name in FORBIDS)
    assert "access-control-allow-origin" not in answer.headers
    if answer.status_code >= 400:
        assert not any(word in answer.text for word in INSIDES), answer.text


SPANS = """shift hour 7d .. NaN..NaN 2026-01-05T07:00..2026-01-05T07:00:00.000001 9999-12-31..9999-12-31
9999-12-31T23:59-23:59..9999-12-31T23:59 0001-01-01..9999-12-31 2026-W02-1..2026-W02-2 2026-01-06..2026-01-05
2026-01-01..2026-02-02 2026-01-05T07:00+14:00..2026-01-05T07:00-14:00 1970-01-03..1970-01-04 2299-01-01..2299-01-02"""
NAMES = (
    """smt-1 printer smt-1/printer / ' % -1 1e999 <script> ../../etc/passwd tpm mean minor_stop execute losses x.y"""
)
odd = st.sampled_from([*SPANS.split(), *NAMES.split(), "", "\u202e", "\x00", "😀" * 99, "a" * 301]) | st.text(
    max_size=30
)
keys = st.sampled_from(
    ["line", "machine", "span", "definition", "basis", "unit", "lot", "order", "of", "code", "table", "lang"]
)
questions = st.lists(st.tuples(keys, odd), max_size=4)  # the same key twice, too


@settings(max_examples=150)
@given(page=st.sampled_from(PAGES), kind=st.sampled_from(["json", "csv", "page"]), query=questions)
def test_whatever_is_asked_of_a_page_is_answered(client, page, kind, query):
    path = page.path if kind == "page" else f"/api/{page.name}.{kind}"
    answer = client.get(path, params=query)
    is_safe(answer)
    if kind == "json":
        found = answer.json()
        assert answer.status_code == 200
        assert ("trouble" in found) != ("data" in found)
        if "trouble" in found:
            trouble = convert(found["trouble"], Trouble)
            assert trouble.detail == "", "every refusal is one that both languages know"
            assert all(all(said_in(language, trouble)) for language in LANGUAGES)
    if kind == "page":
        assert answer.status_code == 200


PIECES = ["..", "%2e%2e", "%2f", "static", "api", "", "desk", "%00", "%ff", "\\", "app.py", "line.json"]


@settings(max_examples=100)
@given(path=st.text(max_size=40) | st.lists(st.sampled_from(PIECES), max_size=6).map("/".join))
def test_whatever_address_is_asked_for_is_answered(client, path):
    raw = "/" + "".join(char if char.isalnum() or char in "%/.\\" else f"%{ord(char) & 255:02x}" for char in path)
    answer = client.get(raw.encode("ascii", "replace").decode())
    is_safe(answer)
    assert b"import " not in answer.content[:200]


names = st.sampled_from(["do", "path", "verb", "value", "seed", "name"])
actions = st.recursive(
    st.none() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(names, inner)
).map(lambda found: json.dumps(found).encode())


@settings(max_examples=60)
@given(body=st.binary(max_size=200) | actions)
def test_whatever_is_posted_to_the_desk_is_refused(client, desk, body):
    headers = {"Origin": str(client.base_url).rstrip("/"), "Content-Type": "application/json"}
    for path in ("/desk/login", "/desk/do"):
        answer = client.post(path, content=body, headers=headers)
        assert answer.status_code in {400, 401, 403, 429}
        assert answer.json()["accepted"] is False
    assert desk.asked == []


RAW = {
    b"GET /\xff HTTP/1.1\r\nHost: a": 400,
    b"GET /%ff%fe HTTP/1.1\r\nHost: a": 404,
    b"GET /static/%00 HTTP/1.1\r\nHost: a": 404,
    b"GET /static/..%2f..%2fapp.py HTTP/1.1\r\nHost: a": 404,
    b"GET /static/%252e%252e%252fapp.py HTTP/1.1\r\nHost: a": 404,
    b"GET /static/..\\..\\app.py HTTP/1.1\r\nHost: a": 404,
    b"GET /static/a%0d%0aSet-Cookie:%20x=y HTTP/1.1\r\nHost: a": 404,
    b"GET / HTTP/1.1": 400,
    b"GET / HTTP/1.0": 421,
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b": 400,
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1@evil.example": 421,
    b"GET / HTTP/1.1\r\nHost: \xff": 421,
    b"GET / HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: 127.0.0.1": 421,
    b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example": 421,
    b"GET //evil.example/health/ HTTP/1.1\r\nHost: a": 404,
    b"GET /?lang=%ff HTTP/1.1\r\nHost: a": 200,
    b"GET / HTTP/1.1\r\nHost: a\r\nAccept-Language: vi;q=nan,en;q=inf,\xff": 200,
    b"GET / HTTP/1.1\r\nHost: a\r\nCookie: mes_lang=\xff; a; =;;;": 200,
    b"GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1": 200,
    b"GET /" + b"a" * 300_000 + b" HTTP/1.1\r\nHost: a": 400,
    b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 300_000: 400,
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999": 405,
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1": 400,
    b"POST /desk/do HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3": 403,
    b"OPTIONS * HTTP/1.1\r\nHost: a": 404,
    b"TRACE / HTTP/1.1\r\nHost: a": 405,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03": 400,
}


@pytest.mark.parametrize(("request_", "status"), RAW.items(), ids=lambda found: str(found)[:40])
def test_what_is_hardly_http_is_answered_and_the_board_goes_on(client, request_, status):
    with closing(connected(client)) as talk:
        try:
            talk.sendall(request_ + b"\r\n\r\n")
            answer = talk.recv(65536)
        except ConnectionError:
            answer = b"HTTP/1.1 400"  # hung up on in the middle of it
        assert answer.startswith(b"HTTP/1.1 %d" % status), answer[:200]
        assert not any(word.encode() in answer for word in INSIDES)
    assert client.get("/healthz").json()["status"] == "ok"


def connected(client):
    talk = socket.create_connection((client.base_url.host, client.base_url.port), timeout=5)
    talk.settimeout(5)
    return talk


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_that_is_not_there_is_a_page_in_the_readers_language(client, language):
    words = catalogue(language)
    for path in ("/nothing", "/static/nothing.js", "/words/xx.json", "/api/nothing.json", "/api/nothing.csv"):
        headers = {"Accept-Language": language}
        answer = client.get(path, headers=headers)
        assert (answer.status_code, answer.text) == (404, words["refused.nothing"])
        read = client.get(path, headers=headers | {"Accept": "text/html,*/*"})
        assert (read.status_code, read.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert f"<h1>{words['refused.nothing']}</h1>" in read.text
        assert f'<html lang="{language}">' in read.text
        assert "{{" not in read.text
    assert client.post("/", headers={"Accept-Language": language}).text == words["refused.method"]


def test_a_fault_of_ours_is_owned_up_to_and_kept_to_ourselves(store):
    with serving(store, instructor=Instructor(FaultyDesk(), Guard(PIN, Clock()))) as address:
        with httpx.Client(base_url=address, headers={"Origin": address}) as client:
            assert client.post("/desk/login", json={"pin": PIN}).status_code == 204
            answer = client.get("/desk/state.json")
        assert (answer.status_code, answer.json()["trouble"]["reason"]) == (500, "fault")
        assert "secret" not in answer.text
        assert all(name in answer.headers for name in FORBIDS)
        assert httpx.get(f"{address}/healthz").status_code == 200


#: What a POST of an action gets without a session: nothing is done, and only these addresses take one at all.
POSTED = {"/desk/login": 400, "/desk/logout": 204, "/desk/do": 401}


def test_without_a_session_nothing_can_be_changed_by_any_method_on_any_route(store):
    desk = MadeUpDesk()
    app = create_app(BoardSettings(store=store), Instructor(desk, Guard(PIN, Clock())))
    routes = [each.path.format(name="line", language="vi") for each in app.routes]
    assert {"/", *POSTED, "/desk/state.json", "/api/line.json", "/events", "/healthz"} <= set(routes)
    before = store.read_bytes(), store.stat().st_mtime_ns
    with serving(store, instructor=Instructor(desk, Guard(PIN, Clock()))) as address:
        headers = {"Origin": address, "Cookie": "mes_desk=x; mes_lang=vi"}
        with httpx.Client(base_url=address, headers=headers) as client:
            for path in routes:
                for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "TRACE"):
                    answer = client.request(method, path, json=None if method == "TRACE" else {"do": "jump"})
                    is_safe(answer)
                    expected = POSTED.get(path, 405) if method == "POST" else 405
                    assert answer.status_code == expected, (method, path)
    assert desk.asked == []
    assert (store.read_bytes(), store.stat().st_mtime_ns) == before


def test_a_viewer_who_does_not_end_a_question_is_hung_up_on(store):
    class Impatient(Connection):
        head_s = 0.2

    with serving(store, http=Impatient, heartbeat_s=0.1) as address:
        where = httpx.URL(address)
        for before in (b"", b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"):
            for sent in (b"", b"GET / HTTP/1.1\r\n"):
                with closing(socket.create_connection((where.host, where.port), timeout=20)) as slow:
                    if before:
                        slow.sendall(before)
                        assert slow.recv(65536).startswith(b"HTTP/1.1 200 OK")
                    slow.sendall(sent)
                    if sent or not before:  # who has asked before may rest a little
                        assert b"".join(iter(lambda slow=slow: slow.recv(65536), b"")).count(b"HTTP/1.1") == 0
        with watching(address) as events:
            began = time.monotonic()
            assert any(time.monotonic() - began > 2 * Impatient.head_s for _ in events), "who listens was hung up on"


class Wire:
    """A connection's transport without a connection."""

    def __init__(self, address):
        self.address, self.aborted = address, False

    def get_extra_info(self, name):
        return (self.address, 1) if name == "peername" else None

    def abort(self):
        self.aborted = True

    close = abort


def test_neither_one_address_nor_all_can_use_up_the_connections():
    async def scene():
        state, config = ServerState(), uvicorn.Config(Starlette(), http=Connection)

        def connect(address):
            wire = Wire(address)
            connection = Connection(config, state, {})
            connection.connection_made(wire)
            if wire.aborted:
                connection.connection_lost(None)
            return wire.aborted

        assert [connect("10.0.0.1") for _ in range(CONNECTIONS // 2 + 1)] == [False] * (CONNECTIONS // 2) + [True]
        assert not any(connect(f"10.1.{number // 250}.{number % 250}") for number in range(CONNECTIONS // 2))
        assert connect("10.0.0.2")
        assert not connect("127.0.0.1")
        assert len(state.connections) == CONNECTIONS + 1
        for each in list(state.connections):
            each.connection_lost(None)
        assert not state.connections

    asyncio.run(scene())


def test_one_address_leaves_room_at_the_stream_for_others(store):
    async def scene():
        hub = Hub(store, 0.05, 4, 0.05)
        assert not hub.is_full_for("10.0.0.1")
        streams = [hub.watch("10.0.0.1") for _ in range(2)]
        for stream in streams:
            await anext(stream)
        assert hub.is_full_for("10.0.0.1")
        assert not hub.is_full_for("10.0.0.2")
        own = [hub.watch("127.0.0.1") for _ in range(2)]
        for stream in own:
            await anext(stream)
        assert hub.is_full_for("10.0.0.2")
        assert hub.is_full_for("127.0.0.1")
        for stream in (*streams, *own):
            await stream.aclose()
        assert not hub.is_full_for("10.0.0.1")
        hub.close()

    asyncio.run(scene())


def test_one_address_cannot_ask_so_much_that_nobody_else_is_answered():
    async def scene():
        turns, go = Turns(), threading.Event()
        asked = [turns.ask("10.0.0.1", go.wait) for _ in range(WAITING // 2)]
        with pytest.raises(TooMuch):
            turns.ask("10.0.0.1", go.wait)
        asked += [turns.ask("10.0.0.2", go.wait) for _ in range(WAITING // 2)]
        with pytest.raises(TooMuch):
            turns.ask("10.0.0.3", go.wait)
        go.set()
        assert await asyncio.gather(*asked) == [True] * WAITING
        assert await turns.ask("10.0.0.1", lambda: "answered") == "answered"

    asyncio.run(scene())


def test_too_many_questions_are_said_in_words(store):
    line = SimpleNamespace(
        name="line", sheets={"all": lambda found: [[found]]}, pickers=(), read=lambda *_: time.sleep(0.01)
    )

    async def scene():
        api = Api(store)
        asked = [api.body(line, {"unit": str(number)}, "10.0.0.1") for number in range(WAITING)]
        answers = [json.loads(found.body) for found in await asyncio.gather(*asked)]
        sheet = [api.sheet(line, {}, "10.0.0.1") for _ in range(WAITING)]
        return answers, await asyncio.gather(*sheet)

    answers, sheets = asyncio.run(scene())
    assert [found.get("trouble", {}).get("reason") for found in answers] == [None] * (WAITING // 2) + ["busy"] * (
        WAITING // 2
    )
    assert sum(isinstance(found, tuple) for found in sheets) == WAITING // 2


def test_a_body_that_never_comes_is_not_waited_for(client):
    origin = str(client.base_url).rstrip("/")
    head = f"POST /desk/login HTTP/1.1\r\nHost: {origin[7:]}\r\nOrigin: {origin}\r\nContent-Type: application/json\r\n"
    with closing(connected(client)) as talk:
        talk.sendall(f"{head}Content-Length: 20\r\n\r\n{{".encode())
        assert talk.recv(65536).startswith(b"HTTP/1.1 408")
