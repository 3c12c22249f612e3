"""The desk over HTTP, with a made-up plant behind it: who gets in, what a request must look like, what is refused."""

from contextlib import contextmanager

import httpx
import pytest
from made_up_desk import PIN, Clock, MadeUpDesk
from made_up_line import NOW_US, make_store
from served_board import serving, watching

from answers.commands import Note
from contract.errors import UsageError
from contract.events import CommandGiven, Words
from dashboards.board.app import Instructor
from dashboards.board.desk import (
    BODY_LIMIT,
    WHYS,
    Command,
    Deed,
    Notice,
    Speed,
    parse_action,
)
from dashboards.board.guard import (
    ACTIONS,
    COOKIE,
    SESSION_S,
    SESSIONS_LIMIT,
    WINDOW_S,
    WRONG_ALL,
    WRONG_EACH,
    Guard,
    is_own_host,
    is_same_origin,
    new_pin,
)
from dashboards.board.pages import pages
from dashboards.board.stream import PARTS


class Room:
    """A served desk and a browser's way to it."""

    def __init__(self, address, desk, clock):
        self.address, self.desk, self.clock = address, desk, clock
        self.client = httpx.Client(base_url=address, headers={"Origin": address})

    def post(self, path, body, **headers):
        return self.client.post(f"/desk/{path}", json=body, headers=headers)

    def log_in(self, pin=PIN):
        return self.post("login", {"pin": pin})


@contextmanager
def room_of(store):
    desk, clock = MadeUpDesk(), Clock()
    with serving(store, instructor=Instructor(desk, Guard(PIN, clock))) as address:
        room = Room(address, desk, clock)
        with room.client:
            yield room


@pytest.fixture
def room(store):
    with room_of(store) as made:
        yield made


@pytest.fixture(scope="module")
def shared_room(tmp_path_factory):
    """One for whoever changes nothing there; somebody is logged in."""
    with room_of(make_store(tmp_path_factory.mktemp("store") / "mes.db", NOW_US)) as made:
        made.log_in()
        yield made


def test_a_board_of_a_store_alone_has_no_desk(board):
    for path in ("/desk", "/desk/state.json", "/desk/login", "/desk/do"):
        assert httpx.get(f"{board}{path}").status_code == 404
    assert httpx.get(f"{board}/static/desk.html").status_code == 404


def test_the_pin_opens_a_session_in_a_cookie_no_script_can_read(room):
    assert room.client.get("/desk/state.json").status_code == 401
    assert room.post("do", {"do": "jump"}).json()["why"] == "session"
    answer = room.log_in()
    cookie = answer.headers["set-cookie"].lower()
    assert answer.status_code == 204
    assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/desk", f"max-age={SESSION_S:.0f}"))
    assert room.client.get("/desk/state.json").json()["seed"] == 7
    assert room.post("do", {"do": "speed", "value": 60}).json() == {"accepted": True, "detail": "as you wish"}
    assert room.desk.asked == [Speed(60)]


def test_a_session_ends_by_itself_and_on_leaving(room):
    room.log_in()
    room.clock.now_s += SESSION_S - 1
    assert room.client.get("/desk/state.json").status_code == 200
    room.clock.now_s += 2
    assert room.client.get("/desk/state.json").status_code == 401
    room.log_in()
    token = room.client.cookies[COOKIE]
    assert room.post("logout", {}).status_code == 204
    assert httpx.get(f"{room.address}/desk/state.json", cookies={COOKIE: token}).status_code == 401


def test_wrong_pins_are_refused_and_soon_not_even_looked_at(room):
    for _ in range(WRONG_EACH):
        assert room.log_in("000000").json()["why"] == "pin"
    refused = room.log_in()
    assert (refused.status_code, refused.json()["why"]) == (429, "pace")
    assert 0 < int(refused.headers["Retry-After"]) <= WINDOW_S + 1
    room.clock.now_s += WINDOW_S + 1
    assert room.log_in().status_code == 204


def test_many_addresses_together_are_limited_but_never_this_machine():
    guard = Guard(PIN, Clock())
    for number in range(WRONG_ALL):
        assert not guard.wait_s(f"10.0.0.{number}")
        assert guard.log_in("", f"10.0.0.{number}") == ""
    assert guard.wait_s("10.0.1.1") > 0
    assert guard.wait_s("127.0.0.1") == guard.wait_s("::1") == 0
    for number in range(3000):
        guard.log_in("ü", f"10.{number // 250}.9.{number % 250}")
    assert len(guard._wrong) <= 1000


def test_the_oldest_session_makes_room():
    guard = Guard(PIN, Clock())
    tokens = [guard.log_in(PIN, "127.0.0.1") for _ in range(SESSIONS_LIMIT + 1)]
    assert [guard.knows(token) for token in tokens] == [False] + [True] * SESSIONS_LIMIT
    assert not guard.knows("")
    assert not guard.knows("x" * 10_000)


def test_pins_are_random_digits():
    pins = {new_pin() for _ in range(100)}
    assert len(pins) > 90
    assert all(len(pin) == 6 and pin.isdigit() for pin in pins)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Host": "evil.example"}, 421),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 421),
    ],
)
def test_only_a_page_of_ours_can_ask(shared_room, headers, status):
    room = shared_room
    for path, body in (("do", {"do": "jump"}), ("login", {"pin": PIN}), ("logout", {})):
        answer = room.post(path, body, **headers)
        assert answer.status_code == status
        assert status == 421 or answer.json()["why"] in WHYS
    assert room.desk.asked == []
    assert room.client.get("/desk/do").status_code == 405


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b'"jump"', b"{", b"\xff\xfe", b"[" * 2000, b'{"do": "fire"}', b'{"value": 1}',
        b'{"do": "speed", "value": 601}', b'{"do": "speed", "value": -1}', b'{"do": "speed", "value": NaN}',
        b'{"do": "speed", "value": 1e999}', b'{"do": "speed", "value": "1"}', b'{"do": "speed", "value": 1, "x": 1}',
        b'{"do": "reset", "seed": -1}', b'{"do": "reset", "seed": 1.5}', b'{"do": "reset", "seed": 10000000}',
        b'{"do": "mess", "kind": "lost"}', b'{"do": "story", "name": 1}',
        b'{"do": "command", "path": "a", "verb": "break", "duration_s": 0}',
        b'{"do": "command", "path": "a", "verb": "break", "duration_s": 86401}',
        b'{"do": "command", "path": "a", "verb": "order", "quantity": 0}', b'{"do": "command", "verb": "break"}',
        b'{"do": "command", "path": "' + b"x" * 400 + b'", "verb": "hold"}',
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_no_action(body):
    with pytest.raises(UsageError, match=r"\w"):
        parse_action(body)


def test_what_cannot_be_meant_is_refused_in_words(room):
    room.log_in()
    for body in (b"[" * 2000, b'{"do": "fire"}', b'{"do": "mess", "kind": "none", "on": true}'):
        answer = room.client.post("/desk/do", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400
        assert answer.json()["accepted"] is False
        assert answer.json()["why"] == "asked"
        assert "Traceback" not in answer.text


def test_too_much_is_refused(room):
    room.log_in()
    large = b'{"do": "jump"' + b" " * BODY_LIMIT + b"}"
    assert room.client.post("/desk/do", content=large, headers={"Content-Type": "application/json"}).status_code == 413
    codes = [room.post("do", {"do": "jump"}).status_code for _ in range(ACTIONS + 1)]
    assert codes == [200] * ACTIONS + [429]


def test_what_goes_wrong_at_the_plant_is_an_answer(room):
    room.log_in()
    assert room.post("do", {"do": "reset", "seed": 1}).json() == {
        "accepted": False, "detail": "nobody answered", "why": "failed",
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/desk/%2e%2e/%2e%2e/etc/passwd", "/desk/desk.py", "/desk/"])
def test_nothing_else_is_under_the_desk(shared_room, path):
    assert shared_room.client.get(path).status_code in {307, 404}


def test_everybody_is_told_and_whoever_comes_later_too(room):
    with watching(room.address) as events:
        assert next(events)[0] == "snapshot"
        marked = Note(ts_us=NOW_US, path="", asked=CommandGiven("", "note", code="speed", value=60.0))
        room.desk.told(Notice(caption=Words("<b>Look</b>", "Nhìn"), did=Deed(marked)))
        found = next(event for event in events if event[0] == "notice")
        assert found[2]["caption"] == {"en": "<b>Look</b>", "vi": "Nhìn"}
        assert found[2]["did"]["note"]["asked"]["value"] == 60
    for part in PARTS:
        with watching(room.address, f"/events?only={part}") as events:
            assert next(event for event in events if event[0] == "notice")[2] == found[2]


def test_a_page_that_follows_a_part_is_told_at_once(room):
    for part in PARTS:
        with watching(room.address, f"/events?only={part}") as events:
            next(events)
            room.desk.told(Notice(said=Words("Look", f"Nhìn {part}")))
            assert next(data for _, _, data in events if data.get("said") == {"en": "Look", "vi": f"Nhìn {part}"})


def test_the_way_to_the_desk_is_on_every_page_that_has_one(room, board):
    for path in ("/", "/health", *(page.path for page in pages() if page.path != "/health")):
        assert 'href="/desk"' in httpx.get(f"{room.address}{path}").text, path
        assert 'href="/desk"' not in httpx.get(f"{board}{path}").text, path
    desk = httpx.get(f"{room.address}/desk").text
    assert all((f'href="{page.path}"' in desk) == (not page.within) for page in pages())


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1:8000", True), ("192.168.1.7", True), ("[::1]:8000", True), ("localhost:8000", True),
        ("teacher-pc", True), ("teacher-pc.local:80", True), ("board.factory.vn", True), ("BOARD.factory.vn.", True),
        ("evil.example", False), ("127.0.0.1.evil.example", False), ("", False), (":80", False), ("a b", False),
        ("localhost.evil.example:8000", False), ("evil.example#.local", False), ("[evil.example]", False),
    ],
)  # fmt: skip
def test_only_names_that_no_stranger_can_have_made_lead_here(host, own):
    assert is_own_host(host, frozenset({"board.factory.vn"})) is own


def test_the_board_itself_is_shown_to_its_own_names_only(board):
    assert httpx.get(board, headers={"Host": "evil.example"}).status_code == 421
    assert httpx.get(board, headers={"Host": "my-pc.local"}).status_code == 200


def test_an_origin_is_scheme_and_host():
    assert is_same_origin("http://a:1", "a:1", "http")
    assert not is_same_origin("https://a:1", "a:1", "http")
    assert not is_same_origin("http://", "", "http")


def test_an_action_is_what_it_says():
    body = b'{"do": "command", "path": "e/s/a/l/m", "verb": "break", "code": "jam", "duration_s": 5}'
    assert parse_action(body) == Command("e/s/a/l/m", "break", "jam", 5)
