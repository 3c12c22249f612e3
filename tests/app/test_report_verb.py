"""`mes report`: the file it writes, which lines and times are on it, and what it says to a mistake."""

import pytest
from database import database
from known_store import END, PACK, PRESS, START, fill
from typer.testing import CliRunner

from answers.span import Span
from answers.store import Store
from app.ask_report import Language, Lately
from app.cli import app
from contract.errors import MesError
from contract.instants import to_iso
from dashboards.board.asking import span_of
from dashboards.words import LANGUAGES


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "mes.db"
    with database(path) as connection:
        fill(connection)
    return path


def report(store, *args):
    """(what is printed, the file)."""
    out = store.parent / "report.html"
    done = CliRunner().invoke(app, ["report", "--store", str(store), "--out", str(out), *args])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output, out.read_text("utf-8")


def refused(store, *args):
    out = store.parent / "report.html"
    done = CliRunner().invoke(app, ["report", "--store", str(store), "--out", str(out), *args])
    assert isinstance(done.exception, MesError), done.output
    assert not out.exists()
    return str(done.exception)


def test_it_says_where_the_file_is_and_the_file_is_whole(store):
    said, page = report(store)
    assert str(store.parent / "report.html") in said.replace("\n", "")
    assert page.startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")
    assert page.count('class="sheet"') == 2


def test_the_shift_so_far_is_what_it_is_about_unless_something_else_is_asked_for(store):
    assert "Shift report" in report(store)[1]
    between = report(store, "--from", to_iso(START), "--to", to_iso(END - 30 * 60 * 10**6), "--lang", "vi")[1]
    assert "Báo cáo sản xuất" in between
    assert "06:00 – 07:30" in between


def test_a_silent_machine_is_named_with_the_time_that_is_missing(store):
    assert "Pack: 30 min without data" in report(store)[1]
    assert "Máy pack: 30 phút không có dữ liệu" in report(store, "--lang", "vi")[1]


def test_every_line_is_on_it_unless_one_is_named(store):
    with database(store) as connection:
        for number, path in enumerate((PRESS, PACK), start=3):
            other = path.replace("/line/", "/other/")
            connection.execute("INSERT INTO machines VALUES (?, ?, 'ent/site/area/other')", (number, other))
            known = [name for _, name, *_ in connection.execute("PRAGMA table_info(current_state)")][1:]
            columns = ", ".join(known)
            connection.execute(
                f"INSERT INTO current_state (machine_id, {columns}) SELECT ?, {columns} FROM current_state"
                " WHERE machine_id = 1",
                (number,),
            )
    assert report(store)[1].count('class="sheet"') == 4
    assert report(store, "--line", "other")[1].count('class="sheet"') == 2


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("--line", "nix"), "There is no such line. “nix” is none of these: line"),
        (("--span", "last-shift"), "No shift of this line is over yet"),
        (("--span", "shift", "--to", to_iso(END)), "--span and --from/--to"),
        (("--from", to_iso(END), "--to", to_iso(START)), "swap --from and --to"),
        (("--from", "2020-01-01T00:00:00Z", "--to", "2026-01-01T00:00:00Z"), "at most 31 days"),
        (("--out", "/proc/no/such.html"), "cannot be written"),
    ],
)
def test_a_mistake_is_one_clear_word_and_no_file(store, args, word):
    assert word in refused(store, *args)


def test_a_store_without_machines_says_what_to_do(store):
    with database(store) as connection:
        for table in ("minutes", "current_state", "machines"):
            connection.execute(f"DELETE FROM {table}")
    assert "collect first" in refused(store)


def test_the_named_spans_and_languages_are_those_of_the_board(store):
    assert [one.value for one in Language] == list(LANGUAGES)
    with Store.open(store) as opened:
        [line] = opened.lines()
        for name in set(Lately) - {Lately.LAST_SHIFT}:
            assert span_of(opened, line, name, END, opened.tz(line)).label == name
        assert span_of(opened, line, Lately.SHIFT, END, opened.tz(line)) == Span(START, END + 60 * 10**6, "shift")
