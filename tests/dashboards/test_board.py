"""The board over real HTTP: stream, cap, headers, languages, and stores that are not as they should be."""

import asyncio
from contextlib import ExitStack

import httpx
import pytest
from database import database
from made_up_line import NOW_US, make_store, stop
from served_board import serving, watching

from contract.instants import SECOND_US
from dashboards.board.reader import Trouble
from dashboards.board.stream import Frame, Mailbox
from dashboards.words import catalogue


def until(events, kind):
    return next(found for found in events if found[0] == kind)


def test_a_viewer_gets_everything_first_and_then_what_changes(board, store):
    with watching(board) as events:
        kind, number, data = next(events)
        assert kind == "snapshot"
        assert data["lines"][0]["lanes"]["printer"]
        assert next(events)[0] == "beat"
        stop(store, "printer", NOW_US + SECOND_US, "stencil_clog")
        kind, following, data = until(events, "tick")
        assert following == number + 1
        assert "lanes" not in data["lines"][0] or data["lines"][0]["lanes"] is None
        assert data["lines"][0]["stations"][1]["category"] == "minor_stop"


def test_a_page_that_asks_for_its_numbers_gets_how_the_stations_stand(board, store):
    stop(store, "printer", NOW_US + SECOND_US, "stencil_clog")
    with watching(board) as wall, watching(board, "/events?only=now") as events:
        _, number, _ = next(wall)
        assert next(events)[:2] == ("now", number)
        stop(store, "aoi", NOW_US + 2 * SECOND_US, "false_calls")
        [whole] = next(data for kind, _, data in wall if kind == "tick")["lines"]
        [line] = next(data for kind, _, data in events if kind == "now")["lines"]
        assert {"aoi", "printer"} < set(line["stops"])
        for key in ("path", "stops", "rest"):
            assert line[key] == whole[key]
        for one, known in zip(line["stations"], whole["stations"], strict=True):
            assert one == {key: known[key] for key in one}


def test_a_page_of_no_line_hears_that_there_is_news_and_what_is_wrong_with_the_store(store):
    with serving(store, heartbeat_s=60) as board, watching(board, "/events?only=beside") as events:
        assert next(events)[0] == "beat"
        stop(store, "printer", NOW_US + SECOND_US, "stencil_clog")
        assert next(event for event in events if event[2] == {"age_s": 0})[0] == "beat"
        store.unlink()
        assert next(event for event in events if event[0] != "beat")[0] == "trouble"


def test_a_part_that_is_none_is_not_there(board):
    assert httpx.get(f"{board}/events?only=half").status_code == 404


def test_who_comes_again_gets_everything_again(board, store):
    for _ in range(2):
        with watching(board, **{"Last-Event-ID": "7"}) as events:
            assert next(events)[0] == "snapshot"


def test_a_second_viewer_goes_on_from_the_number_it_was_given(board, store):
    with watching(board) as first, watching(board) as second:
        next(first)
        _, number, _ = next(second)
        stop(store, "printer", NOW_US + SECOND_US, "stencil_clog")
        assert until(second, "tick")[1] == number + 1
        assert until(first, "tick")[1] == number + 1


def test_a_quiet_stream_beats_and_says_how_old_the_data_are(store):
    with serving(store, heartbeat_s=0.1) as board, watching(board) as events:
        next(events)
        ages = [until(events, "beat")[2]["age_s"] for _ in range(3)]
        assert ages == sorted(ages)
        assert 0 <= ages[-1] < 60


def test_one_viewer_too_many_is_told_so_in_its_language(store):
    with serving(store, max_viewers=1) as board, watching(board) as events:
        next(events)
        refused = httpx.get(f"{board}/events", headers={"Accept-Language": "vi"})
        assert refused.status_code == 503
        assert refused.text == catalogue("vi")["stream.full"]
        assert httpx.get(f"{board}/healthz").json() == {"status": "ok", "viewers": 1, "full": True}


def test_who_is_too_slow_gets_everything_and_no_queue():
    async def scene():
        mailbox = Mailbox()
        frames = [Frame(number, Trouble("missing", str(number))) for number in (1, 2)]
        for frame in frames:
            mailbox.put(frame)
        assert await mailbox.take() == [frames[1].everything]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(mailbox.take(), 0.01)

    asyncio.run(scene())


@pytest.mark.parametrize("damage", ["missing", "newer", "corrupt", "empty"])
def test_a_store_that_cannot_be_shown_is_explained_and_comes_back(tmp_path, damage):
    path = tmp_path / "mes.db"
    if damage == "newer":
        make_store(path, NOW_US)
        with database(path) as store:
            store.execute("UPDATE meta SET value = '99'")
        store.close()
    elif damage != "missing":
        path.write_bytes(b"not a store at all" * 100 if damage == "corrupt" else b"")
    with serving(path) as board:
        health = httpx.get(f"{board}/healthz")
        assert health.status_code == 503
        assert "Traceback" not in health.text
        assert httpx.get(board).status_code == 200
        with watching(board) as events:
            kind, _, trouble = next(events)
            reason = damage if damage in ("missing", "newer") else "unreadable"
            assert (kind, trouble["reason"]) == ("trouble", reason)
            assert trouble["places"] == {"file": path.name}
            assert str(path.parent) not in health.text
            path.unlink(missing_ok=True)
            for end in ("-wal", "-shm"):
                path.with_name(path.name + end).unlink(missing_ok=True)
            make_store(path, NOW_US)
            assert next(data for _, _, data in events if data.get("now_us") == NOW_US)["lines"]


@pytest.mark.parametrize(
    "address",
    ["/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/page.html", "/static/health.html", "/static/",
     "/static/head.html", "/words/xx.json", "/words/..%2f..%2fpyproject.toml.json", "/nothing",
     "/static/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd"],
)  # fmt: skip
def test_only_the_boards_own_files_can_be_asked_for(board, address):
    assert httpx.get(f"{board}{address}").status_code == 404


def test_every_answer_forbids_the_browser_what_it_does_not_need(board):
    for address in ("/", "/health", "/health.json", "/static/main.js", "/words/vi.json", "/healthz", "/nothing"):
        headers = httpx.get(f"{board}{address}").headers
        assert headers["content-security-policy"].startswith("default-src 'self'")
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("query", "cookie", "accept", "expected"),
    [
        ("", "", "", "en"),
        ("", "", "vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ("", "", "fr;q=x,vi;q=0.5,en;q=0.7", "en"),
        ("", "vi", "en", "vi"),
        ("?lang=en", "vi", "vi", "en"),
        ("?lang=<script>", "<script>", "<script>", "en"),
    ],
)
def test_the_language_is_the_one_asked_for(board, query, cookie, accept, expected):
    headers = {"Accept-Language": accept, "Cookie": f"mes_lang={cookie}"}
    page = httpx.get(f"{board}/{query}", headers=headers)
    assert f'<html lang="{expected}">' in page.text
    assert catalogue(expected)["page.title"] in page.text
    assert ("set-cookie" in page.headers) == (query == f"?lang={expected}")


def test_the_first_load_is_small(board):
    with httpx.Client(base_url=board) as client:
        page = client.get("/")
        names = {part.split('"')[0] for part in page.text.split("/static/")[1:]} | {"icons.svg"}
        paths = ["/", "/words/vi.json", *(f"/static/{name}" for name in names)]
        loaded = sum(int(client.get(path).headers["content-length"]) for path in paths)
        with client.stream("GET", "/events") as stream:
            assert stream.headers["content-encoding"] == "gzip"
            loaded += len(next(stream.iter_raw()))
    assert loaded < 60_000


def test_a_packed_stream_says_the_same_to_whoever_joins_it_when(board, store):
    with ExitStack() as stack:
        streams = [stack.enter_context(watching(board, **{"Accept-Encoding": "gzip"}))]
        told = [next(streams[0])]
        stop(store, "printer", NOW_US + SECOND_US, "stencil_clog")
        told.append(until(streams[0], "tick"))
        streams.append(stack.enter_context(watching(board, **{"Accept-Encoding": "gzip"})))
        assert next(streams[1])[1] == told[-1][1]
        stop(store, "printer", NOW_US + 2 * SECOND_US, "stencil_clog")
        ticks = [until(stream, "tick") for stream in streams]
        assert ticks[0] == ticks[1]
        plain = stack.enter_context(watching(board, **{"Accept-Encoding": "identity"}))
        assert next(plain)[2]["lines"][0]["stations"] == ticks[0][2]["lines"][0]["stations"]


def test_a_file_the_browser_has_is_not_sent_again(board):
    first = httpx.get(f"{board}/static/main.js")
    again = httpx.get(f"{board}/static/main.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
