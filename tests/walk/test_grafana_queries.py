"""Every query of every dashboard and alert on a real InfluxDB that a real run has filled, and the KPIs of `mes kpi`."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from answers.quality import share_chart, value_chart
from answers.report import line_report
from answers.span import Span, everything
from answers.target import target
from app.dashboards import ask_all, boards
from app.influxql import InfluxReader
from bench._filled import Bucket
from bench.points import live
from collector.influx_client import InfluxSettings
from contract.errors import MesError
from contract.instants import HOUR_US
from contract.points import LINE_TAGS, MACHINE_TAGS
from dashboards.grafana.check import choose, offered, questions
from dashboards.grafana.interpolate import Scope
from dashboards.grafana.lint import panels

pytestmark = pytest.mark.influx
#: What a run of some hours need not have: commands and the collector's own points, a breakdown, a stop at its very end.
QUIET = {"MTBF", "MTTR", "Process values", "Commands", "Alarms", "Points that wait", "Points refused", "Points written",
         "Stopped now", "mes-alert-waiting-en", "Commands and notes",
         "Commands refused"}  # fmt: skip


@pytest.fixture(scope="module")
def told(influx, tmp_path_factory):
    """A run, the bucket it was sent to, and its scope."""
    bucket = Bucket(influx)
    with live(("phone", 1, ""), tmp_path_factory.mktemp("told") / "mes.db", hours=6, write=bucket.write) as run:
        span = everything(run.store)
        # A time filter has both ends in it: the last minute that is asked for is the last of the run.
        yield run, bucket, Scope(span.from_us // 1000, span.to_us // 1000 - 1)


@pytest.fixture(scope="module")
def reader(told):
    with InfluxReader(told[1].settings) as found:
        yield found


@pytest.mark.parametrize("source", ["mes-influx", "mes-influx-hourly"])
def test_every_query_answers_with_data(told, reader, source):
    scope = told[2]
    if source.endswith("hourly"):
        scope = Scope(scope.from_ms - scope.from_ms % 3_600_000, scope.to_ms)
    rows = ask_all(reader, scope, "en", {"resolution": source})
    assert len(rows) > 150
    assert [row for row in rows if row.error] == []
    assert [row for row in rows if not row.rows and row.panel not in QUIET] == []


def test_several_values_of_every_variable_go_into_every_query(told, reader):
    scope = told[2]
    for board in (board for path, board in boards().items() if path.startswith("vi/")):
        values = choose(board, reader.ask, scope, {"unit": "a(b)/c", "lot": "x.y"})
        for variable in board["templating"]["list"]:
            if variable.get("includeAll"):
                values[variable["name"]] = [*offered(variable, reader.ask, scope, values)[:2], "no (such)/one"]
        for question in questions(board, values, scope):
            reader.ask(question.source, question.text)


def asked(reader, told, dashboard, title, values=None):
    """The rows that a panel's first query returns."""
    board, scope = boards()[f"en/{dashboard}.json"], told[2]
    chosen = choose(board, reader.ask, scope, values or {})
    question = next(one for one in questions(board, chosen, scope) if one.panel == title)
    return reader.ask(question.source, question.text)


def tags(path, names):
    return dict(zip(names, path.split("/"), strict=True))


def test_the_kpis_of_every_line_are_those_of_the_answers(told, reader):
    run = told[0]
    for line in run.store.lines():
        report = line_report(run.store, line, everything(run.store))
        chosen = tags(line, LINE_TAGS)
        kpis = report.kpis
        for dashboard, title, expected in (
            ("line", "OEE", kpis.oee),
            ("line", "Availability", kpis.availability),
            ("line", "Performance", kpis.performance),
            ("line", "Quality", kpis.quality),
            ("oee", "Availability (ISO)", kpis.iso_availability),
            ("oee", "Effectiveness (ISO)", kpis.iso_effectiveness),
            ("oee", "OOE", kpis.ooe),
            ("oee", "TEEP", kpis.teep),
            ("oee", "NEE", kpis.nee),
        ):
            [series] = asked(reader, told, dashboard, title, chosen)
            assert series.values[0][1] == pytest.approx(expected, rel=1e-9), (line, title)
        [series] = asked(reader, told, "park", "Good parts", chosen)
        assert series.values[0][1] == report.sums.exit_good
        due = target(run.store, line, everything(run.store))
        [series] = asked(reader, told, "line", "Pace against target", chosen)
        assert series.values[0][1] == pytest.approx(report.sums.exit_good / due, rel=1e-9), line
        if report.rty is not None:
            [series] = asked(reader, told, "quality", "Rolled throughput yield", chosen)
            assert series.values[0][1] == pytest.approx(report.rty, rel=1e-9), line
        for title, expected in (
            ("MISTAKE: mean of the machines", report.mean_oee),
            ("MISTAKE: least of the machines", report.min_oee),
        ):
            [series] = asked(reader, told, "oee", title, chosen)
            assert series.values[0][1] == pytest.approx(expected, rel=1e-9), (line, title)


def test_the_kpis_of_every_machine_are_those_of_the_answers(told, reader):
    run = told[0]
    for line in run.store.lines():
        for machine in line_report(run.store, line, everything(run.store)).machines:
            chosen = tags(machine.path, MACHINE_TAGS)
            for title, expected in (
                ("OEE", machine.kpis.oee),
                ("Availability", machine.kpis.availability),
                ("Performance", machine.kpis.performance),
                ("Quality", machine.kpis.quality),
                ("MTBF", machine.kpis.mtbf_s),
                ("MTTR", machine.kpis.mttr_s),
            ):
                found = asked(reader, told, "machine", title, chosen)
                values = [row[1] for one in found for row in one.values]
                assert values == ([] if expected is None else [pytest.approx(expected, rel=1e-9)]), (
                    machine.path,
                    title,
                )


def test_control_limits_are_those_of_the_chart_of_the_answers(told, reader):
    run, _, scope = told
    board = boards()["en/quality.json"]
    codes = reader.ask("mes-influx", f'SELECT LAST("value") FROM "value" WHERE {scope.time_filter} GROUP BY *')
    series = codes[0].tags
    machine = "/".join(series[tag] for tag in MACHINE_TAGS)
    line = machine.rpartition("/")[0]
    span = Span(scope.from_ms * 1000, scope.to_ms * 1000 + 1)
    expected = value_chart(run.store, machine, line, series["code"], span).chart
    chosen = choose(board, reader.ask, scope, dict(series))
    chart = [one for one in questions(board, chosen, scope) if one.panel.startswith("Individuals")]
    [found] = reader.ask(chart[1].source, chart[1].text)
    for column, level in enumerate((expected.centre, expected.upper, expected.lower), start=1):
        drawn = {row[column] for row in found.values}
        assert len(drawn) == 1, "a level line is level"
        assert drawn.pop() == pytest.approx(level, rel=1e-9)


def test_the_p_chart_is_that_of_the_answers_point_by_point(told, reader):
    run, _, scope = told
    board = boards()["en/quality.json"]
    machine = max(
        (one for line in run.store.lines() for one in line_report(run.store, line, everything(run.store)).machines),
        key=lambda one: one.made.first - one.made.first_good,
    )
    chosen = choose(board, reader.ask, scope, tags(machine.path, MACHINE_TAGS))
    chart = [one for one in questions(board, chosen, scope) if one.panel.startswith("p-chart")]
    expected = share_chart(run.store, machine.path, machine.path.rpartition("/")[0], run.hours())
    [shares], [limits] = (reader.ask(one.source, one.text) for one in chart)
    drawn = {at_ms: (share,) for at_ms, share in shares.values}
    drawn = {row[0]: (*drawn[row[0]], *row[1:]) for row in limits.values}
    told_of = {
        hour.from_us // 1000: (point.share, expected.chart.centre, point.upper, point.lower)
        for hour, point in zip(expected.spans, expected.chart.points, strict=True)
        if point.n
    }
    assert drawn.keys() == told_of.keys()
    assert len({point.n for point in expected.chart.points if point.n}) > 2, "limits differ only where samples do"
    for at_ms, values in told_of.items():
        assert drawn[at_ms] == pytest.approx(values, rel=1e-9, abs=1e-12)


def test_what_stands_and_for_how_long_is_what_the_store_says(told, reader):
    run, _, scope = told
    board, seen = boards()["en/wall.json"], 0
    causes = ("breakdown", "minor_stop", "setup", "waiting")
    for minute in range(60, 360, 7):
        to_ms = scope.from_ms + minute * 60_000 + 1
        rows = run.store.rows(
            "SELECT path, category, stop_us FROM intervals JOIN machines USING (machine_id)"
            " WHERE start_us <= ?1 AND end_us > ?1",
            to_ms * 1000,
        )
        expected = {
            path: (category, pytest.approx((to_ms - since_us // 1000) / 1000, abs=0.001))
            for path, category, since_us in rows
            if category in causes
        }
        until = Scope(scope.from_ms, to_ms)
        chosen = choose(board, reader.ask, until, {})
        [question] = [one for one in questions(board, chosen, until) if one.panel == "Stopped now"]
        found = {
            "/".join(one.tags[tag] for tag in MACHINE_TAGS): (one.values[0][1], one.values[0][3])
            for one in reader.ask(question.source, question.text)
        }
        assert found == expected, minute
        seen += len(expected)
    assert seen > 30


def test_a_pareto_falls(told, reader):
    for dashboard, title in (
        ("downtime", "Time by reason"),
        ("quality", "Defects by kind"),
        ("energy", "Largest waste"),
    ):
        [series] = asked(reader, told, dashboard, title)
        values = [row[1] for row in series.values]
        assert len(values) > 1
        assert values == sorted(values, reverse=True)


def test_the_hours_say_what_the_minutes_say(told, reader):
    scope = told[2]
    first = scope.from_ms - scope.from_ms % (HOUR_US // 1000)
    whole = (told[0], told[1], Scope(first, scope.to_ms))
    for title in ("OEE", "Good parts", "Energy"):
        one, other = (
            asked(reader, whole, "park", title, {"resolution": uid}) for uid in ("mes-influx", "mes-influx-hourly")
        )
        assert one[0].values[0][1] == pytest.approx(other[0].values[0][1], rel=1e-9)


def test_names_with_anything_in_them_are_found_and_nobody_else(influx):
    bucket = Bucket(influx)
    names = ["Oven (2)/a b", "Oven .2./a b", "Oven"]
    keys = ("enterprise=e", "site=s 1", "area=a/b", "line=l(1)")
    escape = str.maketrans({" ": "\\ ", ",": "\\,", "=": "\\="})
    for number, name in enumerate(names, start=1):
        given = ",".join("=".join(part.translate(escape) for part in key.split("=")) for key in keys)
        point = (
            f"machine_minute,{given},machine={name.translate(escape)} good_ideal_s={number},ppt_s=10 1700000000000000"
        )
        bucket.write("", [point.encode()])
    scope, board = Scope(1_699_999_000_000, 1_700_000_900_000), boards()["en/machine.json"]
    with InfluxReader(bucket.settings) as reader:
        for number, name in enumerate(names, start=1):
            values = choose(board, reader.ask, scope, {"machine": name})
            assert values["line"] == "l(1)"
            question = next(one for one in questions(board, values, scope) if one.panel == "OEE")
            [series] = reader.ask(question.source, question.text)
            assert [row[1] for row in series.values] == [number / 10]


@pytest.mark.parametrize(("dashboard", "seen"), [("line", "line printer tester"), ("machine", "line printer")])
def test_marks_say_what_was_done_in_the_language_of_the_dashboard(influx, dashboard, seen):
    """Commands to a machine and to its line, of this line only, each once, done and refused apart."""
    bucket = Bucket(influx)
    for line, machine, accepted in (
        ("a", "", True), ("a", "printer", True), ("a", "printer", False), ("a", "tester", True), ("b", "", True)
    ):  # fmt: skip
        where = f"enterprise=e,site=s,area=x,line={line}" + (f",machine={machine}" if machine else "")
        text = f'text_en="en {line} {machine or "line"}",text_vi="vi {line} {machine or "line"}"'
        point = (
            f'command,{where} by="me",accepted={str(accepted).lower()},{text} {1_700_000_000_000_000 + (not accepted)}'
        )
        bucket.write("", [point.encode()])
    scope = Scope(1_699_999_000_000, 1_700_000_900_000)
    chosen = {"enterprise": "e", "site": "s", "area": "x", "line": "a", "machine": "printer"}
    with InfluxReader(bucket.settings) as reader:
        for language in ("en", "vi"):
            board = boards()[f"{language}/{dashboard}.json"]
            values = choose(board, reader.ask, scope, chosen)
            done, refused = [one for one in questions(board, values, scope) if one.ref == "Anno"]
            [series] = reader.ask(done.source, done.text)
            assert series.columns == ["time", "text", "title"]
            assert {row[2] for row in series.values} == {"me"}
            said = sorted(row[1] for row in series.values)
            assert said == [f"{language} a {name}" for name in seen.split()]
            [series] = reader.ask(refused.source, refused.text)
            assert [row[1] for row in series.values] == [f"{language} a printer"]


def test_what_a_database_refuses_is_said(told, reader):
    with pytest.raises(MesError, match="refuses"):
        reader.ask("mes-influx", "SELEKT")
    with InfluxReader(InfluxSettings("http://127.0.0.1:9")) as nobody, pytest.raises(MesError, match="does not answer"):
        nobody.ask("mes-influx", "SHOW DATABASES")


def test_every_panel_of_a_dashboard_was_asked(told, reader):
    rows = ask_all(reader, told[2], "en")
    for path, board in boards().items():
        if path.startswith("en/"):
            expected = {panel["title"] for panel in panels(board) if panel.get("targets")}
            assert expected <= {row.panel for row in rows if row.dashboard == board["uid"]}


def test_the_verb_asks_prints_and_says_what_is_wrong(told, tmp_path):
    _, bucket, scope = told
    verb = [sys.executable, "-m", "app", "dashboards", "check"]

    def check(url):
        end = datetime.fromtimestamp(scope.to_ms / 1000, UTC).isoformat()
        where = ["--influx-url", url, "--influx-bucket", bucket.name, "--for", "6h", "--to", end]
        return subprocess.run([*verb, *where], capture_output=True, text=True, timeout=120, check=False)

    if not bucket.influx.token:
        done = check(bucket.influx.url)
        assert done.returncode == 0, done.stderr
        assert "mes-line-en" in done.stdout
        assert "problems: 0" in done.stdout
    done = check("http://127.0.0.1:9")
    assert done.returncode == 2
    assert "does not answer" in done.stderr
    assert "Traceback" not in done.stderr
