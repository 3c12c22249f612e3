"""A store that is no good, or goes bad while it is shown: every page, sheet and stream says so in words, and soon."""

import html
import os
import random
import re
import shutil
import sqlite3
import time

import httpx
import pytest
from made_up_line import NOW_US, STATIONS, make_store
from served_board import serving, watching
from servers import until
from test_chromium import PHONE, page_of

from contract.series import SCHEMA, STORE_VERSION
from dashboards.board.pages import pages
from dashboards.words import LANGUAGES, catalogue

PAGES = pages()
#: Whatever is wrong, nobody waits longer for being told, s; a locked store takes longest.
SOON_S = 4.0


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A store in one file, to be copied."""
    path = make_store(tmp_path_factory.mktemp("whole") / "mes.db", NOW_US, STATIONS[:3])
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


@pytest.fixture
def store(whole, tmp_path):
    return shutil.copy(whole, tmp_path / "mes.db")


def put_in_place(store, content):
    """As an installer or a backup does it: all at once, under the same name."""
    other = store.with_name("other.db")
    other.write_bytes(content)
    for end in ("-wal", "-shm"):
        store.with_name(store.name + end).unlink(missing_ok=True)
    other.replace(store)


def of_version(whole, store, version):
    path = store.with_name("version.db")
    shutil.copy(whole, path)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE meta SET value = ?", (str(version),))
    connection.close()
    put_in_place(store, path.read_bytes())


def without_rows(store):
    path = store.with_name("bare.db")
    connection = sqlite3.connect(path)
    with connection:
        connection.executescript(SCHEMA)
        connection.execute("INSERT INTO meta VALUES ('schema_version', ?)", (str(STORE_VERSION),))
    connection.close()
    put_in_place(store, path.read_bytes())


def a_folder(store):
    store.unlink()
    store.mkdir()


DAMAGES = {
    "gone": ("missing", lambda store, _: store.unlink()),
    "a_folder": ("missing", lambda store, _: a_folder(store)),
    "newer": ("newer", lambda store, whole: of_version(whole, store, STORE_VERSION + 1)),
    "older": ("older", lambda store, whole: of_version(whole, store, STORE_VERSION - 1)),
    "versionless": ("unreadable", lambda store, whole: of_version(whole, store, "x")),
    "no_rows": ("empty", lambda store, _: without_rows(store)),
    "nothing": ("unreadable", lambda store, _: put_in_place(store, b"")),
    "no_database": ("unreadable", lambda store, _: put_in_place(store, b"\x00\xff no store " * 999)),
    "cut_off": ("unreadable", lambda store, whole: put_in_place(store, whole.read_bytes()[:9000])),
    "another_schema": ("unreadable", lambda store, _: put_in_place(store, strange())),
}


def strange():
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE meta (key, value)")
    connection.execute("INSERT INTO meta VALUES ('schema_version', ?)", (str(STORE_VERSION),))
    connection.commit()
    return connection.serialize()


def said(client, path):
    began = time.monotonic()
    found = client.get(path).json()
    assert time.monotonic() - began < SOON_S
    return found.get("trouble", {}).get("reason", "")


def everywhere(client):
    """What every page says is wrong now."""
    return {said(client, f"/api/{page.name}.json") for page in PAGES} | {said(client, "/health.json")}


def in_words(language, reason):
    """All that anybody is told: no word of a library, no folder of the server's."""
    words = catalogue(language)
    return [words[f"trouble.{reason}"], words[f"trouble.{reason}.hint"].format(file="mes.db")]


def sheets_and_the_report_say(client, reason):
    for language in LANGUAGES:
        headers, said = {"Accept-Language": language}, in_words(language, reason)
        for page in PAGES:
            answer = client.get(f"/api/{page.name}.csv", headers=headers)
            assert (answer.status_code, answer.text.split("\n")) == (503, said)
        paper = client.get("/report", headers=headers)
        told = re.findall(r"<(?:h1|p)>(.*?)</(?:h1|p)>", paper.text)
        assert (paper.status_code, told) == (503, [*map(html.escape, said), catalogue(language)["trouble.again"]])


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_store_that_cannot_be_shown_is_said_on_every_page(whole, store, damage):
    reason, harm = DAMAGES[damage]
    harm(store, whole)
    with serving(store) as address, httpx.Client(base_url=address, timeout=20) as client:
        assert everywhere(client) == {reason}
        sheets_and_the_report_say(client, reason)
        health = client.get("/healthz")
        assert (health.status_code, health.json()["status"]) == ((200, "ok") if reason == "empty" else (503, reason))
        assert client.get("/").status_code == 200
        with watching(address) as events:
            assert next(events)[2].get("reason", "empty") == reason
            told = [client.get(f"/api/{page.name}.json").json()["trouble"] for page in PAGES]
            assert {frozenset(one["places"].items()) for one in told} <= {frozenset(), frozenset({("file", "mes.db")})}
            assert not any(one["detail"] or one["lasting"] for one in told)


@pytest.mark.chromium
@pytest.mark.parametrize("damage", ["gone", "older", "newer", "cut_off", "no_rows"])
def test_on_a_vietnamese_page_a_trouble_is_vietnamese_to_the_last_word(chromium, whole, store, damage):
    reason, harm = DAMAGES[damage]
    harm(store, whole)
    with serving(store) as address:
        for path in ("/", "/health", *(page.path for page in PAGES)):
            with page_of(chromium, f"{address}{path}?", "vi", PHONE) as page:
                page.wait_for_selector(".message h2")
                said = [*in_words("vi", reason), catalogue("vi")["trouble.again"]]
                assert page.locator(".message > *").all_text_contents() == said
                assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


NOT_THERE = {
    "/line?line=nix": "line",
    "/machine?machine=nix": "machine",
    "/line?span=..": "span",
    "/line?definition=best": "query",
    "/orders?order=nix": "order",
    "/quality?code=nix": "value",
    "/explain?machine=nix": "machine",
}


@pytest.mark.chromium
def test_what_is_not_there_is_said_in_vietnamese_with_what_there_is(chromium, whole):
    words = catalogue("vi")
    with serving(whole) as address:
        for path, reason in NOT_THERE.items():
            trouble = httpx.get(f"{address}/api{path.replace('?', '.json?')}", timeout=20).json()["trouble"]
            hint = words[f"trouble.{reason}.hint"].format(**trouble["places"])
            with page_of(chromium, f"{address}{path}", "vi", PHONE) as page:
                page.wait_for_selector(".message h2")
                said = [words[f"trouble.{reason}"], hint, words["trouble.start"]]
                assert page.locator(".message > *").all_text_contents() == said
                assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_the_servers_log_has_the_whole_path_once(whole, store, caplog):
    store.unlink()
    with serving(store) as address, httpx.Client(base_url=address, timeout=20) as client:
        for _ in range(2):
            assert everywhere(client) == {"missing"}
    told = [record.getMessage() for record in caplog.records if record.name == "mes.board"]
    assert [str(store) in message for message in told] == [True]


@pytest.mark.parametrize("damage", ["gone", "newer", "cut_off"])
def test_a_store_that_goes_bad_while_it_is_shown_is_said_and_what_comes_back_is_shown(whole, store, damage):
    reason, harm = DAMAGES[damage]
    with serving(store) as address, httpx.Client(base_url=address, timeout=20) as client, watching(address) as events:
        assert everywhere(client) == {""}
        assert next(events)[0] == "snapshot"
        harm(store, whole)
        assert next(data for kind, _, data in events if kind == "trouble")["reason"] == reason
        until(lambda: everywhere(client) == {reason}, reason)
        put_in_place(store, whole.read_bytes())
        assert next(data for _, _, data in events if data.get("now_us") == NOW_US)["lines"]
        until(lambda: everywhere(client) == {""}, "the store to be shown again")


def test_a_store_that_somebody_locks_is_said_soon_and_shown_after_it(store):
    with serving(store) as address, httpx.Client(base_url=address, timeout=20) as client:
        connection = sqlite3.connect(store)
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        assert said(client, "/api/line.json") == said(client, "/health.json") == "locked"
        with watching(address) as events:
            trouble = next(data for kind, _, data in events if kind == "trouble")
            assert trouble["reason"] == "locked"
            assert (trouble["places"], trouble["detail"]) == ({"file": "mes.db"}, "")
            connection.close()
            assert next(data for _, _, data in events if data.get("now_us") == NOW_US)["lines"]
        until(lambda: said(client, "/api/line.json") == "", "the store to be shown again")


@pytest.mark.parametrize("seed", range(12))
def test_no_damage_to_its_bytes_takes_the_board_down(whole, store, seed):
    """Found in the pages, a damage is said; a column that holds nonsense is a fault that the log explains."""
    draw = random.Random(seed)
    content = bytearray(whole.read_bytes())
    for _ in range(draw.choice((20, 200, 2000))):
        content[draw.randrange(100, len(content))] = draw.randrange(256)
    put_in_place(store, bytes(content))
    with serving(store) as address, httpx.Client(base_url=address, timeout=20) as client:
        for path in (*(f"/api/{page.name}.json" for page in PAGES), "/health.json"):
            answer = client.get(path)
            reason = answer.json().get("trouble", {}).get("reason", "")
            assert reason in ({"fault"} if answer.status_code == 500 else {"", "unreadable", "empty", "older", "newer"})
            assert "Traceback" not in answer.text
        assert client.get("/").status_code == 200


def test_a_collector_that_died_shows_in_the_age_of_what_it_left(store):
    long_ago = time.time() - 3600
    for end in ("", "-wal", "-shm"):
        if store.with_name(store.name + end).exists():
            os.utime(store.with_name(store.name + end), (long_ago, long_ago))
    with serving(store, heartbeat_s=0.1) as address, httpx.Client(base_url=address, timeout=20) as client:
        for page in PAGES:
            assert client.get(f"/api/{page.name}.json").json()["age_s"] == pytest.approx(3600, abs=60)
        with watching(address) as events:
            beat = next(data for kind, _, data in events if kind == "beat")
            assert beat["age_s"] == pytest.approx(3600, abs=60)
