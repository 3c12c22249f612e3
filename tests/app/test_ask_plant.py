"""The verbs about orders, units, quality, materials and energy, of the store of panels known by heart."""

import json
import re
import shutil
import sqlite3

import pytest
from database import database
from panel_store import LINE, PRINTER, VOLUMES, fill
from typer.testing import CliRunner

from app.cli import app
from contract.errors import UsageError
from contract.series import SCHEMA, STORE_VERSION


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("plant") / "mes.db"
    connection = sqlite3.connect(path)
    fill(connection)
    connection.close()
    return path


def mes(store, *args):
    """What a verb prints; it must succeed."""
    done = CliRunner().invoke(app, [*args, "--store", str(store)])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def refused(store, *args):
    """The word for a mistake."""
    done = CliRunner().invoke(app, [*args, "--store", str(store)])
    assert isinstance(done.exception, UsageError), done.output
    return str(done.exception)


def row(text, *begin):
    """The cells of the one row that begins so."""
    [line] = [line for line in text.splitlines() if line.split()[: len(begin)] == list(begin)]
    return line.split()


def test_orders_show_how_far_and_how_late(store):
    text = mes(store, "orders")
    assert row(text, "WO-1")[-2:] == ["5.0", "min"]
    assert row(text, "WO-2")[-2:] == ["on", "time"]
    assert row(text, "WO-3")[-1] == "–"
    assert row(text, "WO-4")[-3:] == ["1", "h", "00"]
    found = json.loads(mes(store, "orders", "--json"))
    assert [one["state"] for one in found] == ["complete", "running", "waiting", "waiting"]
    early = json.loads(mes(store, "orders", "--to", "2026-01-05T06:30:00+07:00", "--json"))
    assert [one["order"] for one in early] == ["WO-1", "WO-3", "WO-4"]


def test_kpis_of_orders_are_those_of_their_parts(store):
    first, second = json.loads(mes(store, "kpi", "--by", "order", "--json"))
    assert (first["order"], first["kpis"]["oee"], first["left"]["scrap"]) == ("WO-1", 239 * 10 / 3600, 1)
    assert (second["from"], second["to"]) == ("2026-01-05T00:10:00Z", "2026-01-05T01:00:00Z")
    products = json.loads(mes(store, "kpi", "--by", "product", "--json"))
    assert [(one["product"], one["kpis"]["oee"]) for one in products] == [
        ("A", first["kpis"]["oee"]),
        ("B", second["kpis"]["oee"]),
    ]
    assert products[0]["stations"][PRINTER]["total"] == 60
    [site] = json.loads(mes(store, "kpi", "--by", "site", "--json"))
    [line] = json.loads(mes(store, "kpi", "--json"))
    assert site["energy"] == line["energy"]


def test_quality_of_a_line(store):
    text = mes(store, "quality")
    assert row(text, "Board", "A")[2:] == ["240", "99.2", "%", "3", "125.0"]
    assert row(text, "Board", "B")[2:] == ["440", "100.0", "%", "0", "–"]
    assert row(text, "tester", "A", "Bridge")[3:] == ["3", "100.0", "%", "100.0", "%"]
    [found] = json.loads(mes(store, "quality", "--json"))
    assert (found["line"], found["rty"]) == (LINE, 438 / 440)


def test_a_control_chart_says_its_limits_its_capability_and_its_newest_points(store):
    text = mes(store, "quality", "--machine", "printer", "--value", "volume")
    assert "mean 50.81, control limits 45.82 to 55.8" in text
    assert "specification 44 to 56, target 50" in text
    assert "no Nelson rule is broken" in text
    assert [float(value) for value in re.findall(r"WO-1-\d+ +(\d+\.?\d*)", text)] == VOLUMES
    found = json.loads(mes(store, "quality", "--machine", "printer", "--value", "volume", "--json"))
    assert [point["value"] for point in found["points"]] == VOLUMES
    short = mes(store, "quality", "--machine", "printer", "--value", "volume", "--to", "2026-01-05T06:02:00+07:00")
    assert "too few points" in short


def test_a_chart_of_a_machine_has_a_point_an_hour(store):
    text = mes(store, "quality", "--machine", "tester")
    assert row(text, "2026-01-04", "23:00")[2:4] == ["220", "2"]  # no calendar, so UTC
    assert json.loads(mes(store, "quality", "--machine", "tester", "--every", "shift", "--json"))["spans"] == []


def test_a_chart_of_nothing_is_refused_with_the_mend(store):
    assert "say which with --machine" in refused(store, "quality", "--value", "volume")
    assert "It measures: volume" in refused(store, "quality", "--machine", "printer", "--value", "height")
    assert "There are: bench, printer" in refused(store, "quality", "--machine", "print")


def test_a_trace_shows_the_path_the_panel_and_what_it_became(store):
    text = mes(store, "trace", "WO-1-00001.2")
    at = [text.index(word) for word in ("router", "rework", "bench", "was made of WO-1-00001", "paste.1")]
    assert at == sorted(at)
    assert "measured: printer volume 49.6" in text
    assert "of WO-1-00001 was made WO-1-00001.3" in mes(store, "trace", "WO-1-00001")
    assert "WO-9-case-00001: its own steps are not kept" in mes(store, "trace", "WO-9-00001")
    found = json.loads(mes(store, "trace", "WO-1-00001.2", "--json"))
    assert [step["attempt"] for step in found["steps"]] == [1, 1, 1, 2]


def test_an_unknown_serial_or_lot_says_what_there_is(store):
    assert "Near to it: WO-1-00001" in refused(store, "trace", "WO-1-0001")
    assert "Near to it: paste.2" in refused(store, "recall", "paste.9")


def test_a_recall_counts_where_its_units_are(store):
    text = mes(store, "recall", "paste.1")
    assert "it went into 11 units" in text
    assert row(text, "WO-9-00001")[1] == "WO-1-00001.3"
    assert len(json.loads(mes(store, "recall", "paste.1", "--json"))["units"]) == 11


def test_materials_say_what_is_low_or_missing(store):
    text = mes(store, "materials")
    assert row(text, "printer", "Solder")[-1] == "low"
    assert row(text, "printer", "Flux")[-1] == "empty"
    assert "material_low" in text
    [line] = json.loads(mes(store, "materials", "--json"))
    assert [one["lot"] for one in line["feeders"]] == ["paste.2", ""]


def test_energy_adds_up_to_the_line(store):
    [found] = json.loads(mes(store, "energy", "--json"))
    assert sum(one["energy"]["kwh"] for one in found["machines"]) == pytest.approx(found["energy"]["kwh"])
    assert row(mes(store, "energy"), "line")[1] == f"{found['energy']['kwh']:.2f}"


def test_of_many_relatives_the_first_are_shown_and_the_rest_counted(store, tmp_path):
    file = shutil.copy(store, tmp_path / "many.db")
    with database(file) as connection:
        rows = [("WO-1-00001", f"WO-7-{number:05d}") for number in range(20)]
        connection.executemany("INSERT INTO parents VALUES (?, ?)", rows)
    text = mes(file, "trace", "WO-1-00001")
    shown = text.count("of WO-1-00001 was made") + text.count("of WO-1-00001.3 was made")
    assert f"and {20 + 4 + 1 - shown} more units" in text


def test_a_store_without_a_line_has_no_rows_and_no_traceback(tmp_path):
    with database(tmp_path / "empty.db") as connection:
        connection.executescript(SCHEMA)
        connection.execute("INSERT INTO meta VALUES ('schema_version', ?)", (str(STORE_VERSION),))
    span = ("--from", "2026-01-05T06:00:00+07:00", "--to", "2026-01-05T07:00:00+07:00")
    for verb in ("kpi", "health", "orders", "quality", "energy"):
        mes(tmp_path / "empty.db", verb, *span)
    mes(tmp_path / "empty.db", "materials")
    assert "holds no units" in refused(tmp_path / "empty.db", "trace", "x")
    assert "holds no lots" in refused(tmp_path / "empty.db", "recall", "x")
