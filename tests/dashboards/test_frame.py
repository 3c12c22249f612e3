"""The frame over HTTP: what can be asked for, what comes as JSON and CSV, and what is said of what makes no sense."""

import asyncio
import csv
import io

import httpx
import pytest
from made_up_line import LINE, NOW_US, SHIFT_US, STATIONS, make_store
from served_board import serving

from answers.report import line_report
from answers.span import whole
from answers.store import Store
from contract.instants import DAY_US, HOUR_US, MINUTE_US
from dashboards.board.api import KEPT, Api, to_csv
from dashboards.board.pages import pages
from dashboards.words import LANGUAGES, catalogue

PAGES = pages()


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return make_store(tmp_path_factory.mktemp("frame") / "mes.db", NOW_US)


@pytest.fixture(scope="module")
def board(store):
    """One for all tests here: they only read."""
    with serving(store) as address:
        yield address


def asked(board, name, **params):
    return httpx.get(f"{board}/api/{name}.json", params=params, timeout=20).json()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_stands_in_the_frame_in_every_language(board, page, language):
    html = httpx.get(f"{board}{page.path}?lang={language}").text
    title = catalogue(language)[f"{page.name}.title"]
    assert f"<title>{title}</title>" in html
    assert html.count('aria-current="page"') == 1
    for other in PAGES:
        assert (f'href="{other.path}"' in html) == (not other.within)
    assert "{{" not in html


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
@pytest.mark.parametrize("of", ["board", "served"])
def test_the_first_load_of_every_page_is_small(request, page, of):
    with httpx.Client(base_url=request.getfixturevalue(of), timeout=20) as client:
        html = client.get(page.path)
        names = {part.split('"')[0] for part in html.text.split("/static/")[1:]} | {"icons.svg"}
        paths = [page.path, "/words/vi.json", f"/api/{page.name}.json", *(f"/static/{name}" for name in names)]
        loaded = sum(int(client.get(path).headers["content-length"]) for path in paths)
        with client.stream("GET", "/events?only=now") as stream:
            loaded += len(next(stream.iter_raw()))
    assert loaded <= 60_000


@pytest.mark.parametrize(
    ("span", "from_us", "to_us", "said"),
    [
        ("shift", SHIFT_US, None, "shift"),
        ("", SHIFT_US, None, "shift"),
        ("hour", NOW_US - HOUR_US, None, "hour"),
        ("today", SHIFT_US - 6 * HOUR_US, None, "today"),
        ("7d", NOW_US - 7 * DAY_US, None, "7d"),
        ("2026-01-05T07:00..2026-01-05T08:30", SHIFT_US + HOUR_US, SHIFT_US + 150 * MINUTE_US, "chosen"),
        ("2026-01-05T00:00:00Z..2026-01-05T08:30+07:00", SHIFT_US + HOUR_US, SHIFT_US + 150 * MINUTE_US, "chosen"),
    ],
)
def test_a_span_is_whole_minutes_of_the_plants_own_time(board, span, from_us, to_us, said):
    answer = asked(board, "line", **({"span": span} if span else {}))
    end_us = NOW_US + 1 if to_us is None else to_us
    expected = whole(from_us, end_us)
    assert (answer["from_us"], answer["to_us"], answer["span"]) == (expected.from_us, expected.to_us, said)


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"span": "yesterday"}, "span"),
        ({"span": "2026-01-05..2026-01-01"}, "span"),
        ({"span": "0001-01-01..9999-12-31"}, "span"),
        ({"span": "2026-01-05T25:00..2026-01-06"}, "span"),
        ({"span": "..", "line": "smt-1"}, "span"),
        ({"line": "../../etc/passwd"}, "line"),
        ({"line": "<script>"}, "line"),
        ({"line": "x" * 301}, "query"),
        ({"definition": "best"}, "query"),
    ],
)
def test_what_makes_no_sense_is_said_in_both_languages(board, params, reason):
    trouble = asked(board, "line", **params)["trouble"]
    assert (trouble["reason"], trouble["lasting"], trouble["detail"]) == (reason, True, "")
    for language in LANGUAGES:
        headers, words = {"Accept-Language": language}, catalogue(language)
        sheet = httpx.get(f"{board}/api/line.csv", params=params, headers=headers)
        hint = words[f"trouble.{reason}.hint"].format(**trouble["places"])
        assert (sheet.status_code, sheet.text.split("\n")) == (404, [words[f"trouble.{reason}"], hint])
        assert trouble["places"]["asked"] in hint


def test_an_unknown_machine_table_or_page_is_said(board):
    assert asked(board, "machine", machine="nobody")["trouble"]["reason"] == "machine"
    assert "printer" in asked(board, "machine", machine="nobody")["trouble"]["places"]["known"].split(", ")
    assert httpx.get(f"{board}/api/line.csv?table=nothing").status_code == 404
    assert httpx.get(f"{board}/api/nothing.json").status_code == 404
    assert httpx.get(f"{board}/api/nothing.csv").status_code == 404


def test_a_machine_is_found_by_its_id_its_path_or_as_the_constraint(board):
    assert asked(board, "machine")["machine"] == f"{LINE}/placer_1"
    for name in ("printer", f"{LINE}/printer", "smt-1/printer"):
        assert asked(board, "machine", machine=name)["machine"] == f"{LINE}/printer"


def test_one_name_of_several_lines_must_be_made_longer(tmp_path):
    path = make_store(tmp_path / "mes.db", NOW_US, STATIONS[:2])
    make_store(path, NOW_US, STATIONS[:2], line="acme/bac-ninh/smt/smt-1")
    with serving(path) as board:
        assert asked(board, "line", line="smt-1")["trouble"]["reason"] == "several_lines"
        assert asked(board, "machine", machine="printer")["trouble"]["reason"] == "several_machines"
        assert asked(board, "line", line="bac-ninh/smt/smt-1")["line"] == "acme/bac-ninh/smt/smt-1"


@pytest.mark.parametrize(("page", "table"), [(page, table) for page in PAGES for table in page.sheets])
def test_every_table_can_be_downloaded_and_read_again(board, page, table):
    answer = httpx.get(f"{board}/api/{page.name}.csv", params={"table": table}, timeout=20)
    assert answer.headers["content-disposition"] == f'attachment; filename="mes-{page.name}-{table}.csv"'
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows
    assert {len(row) for row in rows} == {len(rows[0])}
    assert all(rows[0])


def test_the_numbers_are_those_of_the_answers(board, store):
    found = asked(board, "line", span="shift")["data"]
    with Store.open(store) as opened:
        report = line_report(opened, LINE, whole(SHIFT_US, NOW_US + 1))
    shift = found["now"]["shift"]
    assert shift["oee"]["oee"] == report.kpis.oee
    assert shift["good_s"] + sum(shift["steps"].values()) == pytest.approx(shift["planned_s"], abs=1e-5)
    assert [one["oee"] for one in found["stations"]] == [one.kpis.oee for one in report.machines]
    assert found["good"] == report.sums.exit_good


def test_a_cell_is_never_a_formula():
    text = to_csv([["name"], ["=cmd()"], ["+1"], ["-1"], ["@x"], [-1], ["plain"]]).decode("utf-8-sig")
    assert text.splitlines() == ["name", "'=cmd()", "'+1", "'-1", "'@x", "-1", "plain"]


def test_the_same_question_is_asked_of_the_store_once_and_few_are_kept(store):
    line = next(page for page in PAGES if page.name == "line")

    async def ask():
        api = Api(store)
        first = await api.body(line, {"span": "hour"})
        assert await api.body(line, {"span": "hour", "nonsense": "1"}) is first
        assert await api.body(line, {"span": "shift"}) is not first
        for number in range(KEPT + 5):
            await api.body(line, {"line": "none", "unit": str(number)})
        return await api.body(line, {"span": "hour"}) is first

    assert not asyncio.run(ask()), "kept though as many others were asked for since"
