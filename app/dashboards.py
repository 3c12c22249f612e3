"""``mes dashboards``: build the Grafana dashboards, check them, push them into a Grafana."""

import time
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from app import options
from app.influxql import InfluxReader
from app.output import console, print_json
from app.settings import InfluxOptions, influx_settings, secret_in
from app.tables import plain_table
from contract.errors import MesError, UsageError
from contract.instants import HOUR_US
from dashboards.grafana import provisioning
from dashboards.grafana.check import Question, alert_questions, choose, questions
from dashboards.grafana.interpolate import Scope
from dashboards.grafana.lint import problems
from dashboards.words import LANGUAGES

app = typer.Typer(
    name="dashboards",
    help="Grafana dashboards and alerts as code: build, check, push. Example: `mes dashboards check`",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
HERE = Path(provisioning.__file__).parent
GENERATED, PROVISIONED = HERE / "generated", HERE / "provisioning"
#: Longer spans are asked of the hourly sums.
_LONG_US = 48 * HOUR_US


class Row(msgspec.Struct, frozen=True):
    """One query that was asked: how many rows it gave and how long that took; ``error`` where it could not."""

    dashboard: str
    panel: str
    query: str
    rows: int
    ms: float
    error: str = ""


def boards() -> dict[str, dict[str, Any]]:
    """The generated dashboards by their path."""
    found = sorted(GENERATED.glob("*/*.json"))
    return {path.relative_to(GENERATED).as_posix(): msgspec.json.decode(path.read_bytes()) for path in found}


@app.command()
def build() -> None:
    """Write the dashboards and what Grafana provisions anew from their code; needs the development packages.

    Example: `mes dashboards build`
    """
    if find_spec("grafana_foundation_sdk") is None:
        raise UsageError("grafana-foundation-sdk is not installed: pip install 'mes-factory[dev]'")
    from dashboards.grafana.build import dashboards  # noqa: PLC0415 - who only checks or pushes has no SDK

    for folder, files in ((GENERATED, dashboards()), (PROVISIONED, provisioning.files())):
        try:
            for name, text in files.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")
        except OSError as error:
            raise UsageError(f"{path} cannot be written ({error.strerror}): build in a checkout of your own") from error
        typer.echo(f"{folder}: files: {len(files)}")


@app.command()
def check(
    influx_url: options.AskedInfluxUrl = None,
    influx_token_file: options.InfluxTokenFile = None,
    influx_org: options.InfluxOrg = None,
    influx_bucket: options.InfluxBucket = None,
    span: Annotated[
        int, typer.Option("--for", parser=options.duration, metavar="SPAN", help="The time range asked, to --to.")
    ] = "24h",  # type: ignore[assignment]
    to: options.To = None,
    json: options.Json = False,
) -> None:
    """Check the dashboards against our rules, and with --influx-url ask the database every query of each.

    Example: `mes dashboards check --influx-url http://127.0.0.1:8086`
    """
    wrong = problems(boards())
    for one in wrong:
        typer.echo(one, err=True)
    asked = InfluxOptions(influx_url, influx_token_file, influx_org, influx_bucket)
    settings = influx_settings(asked, only_if_asked=True)
    rows: list[Row] = []
    if settings is not None:
        with InfluxReader(settings) as reader:
            rows = ask_all(reader, _scope(span, to), LANGUAGES[0])
    if json:
        print_json({"problems": wrong, "rows": rows})
    else:
        if rows:
            console().print(table(rows))
        typer.echo(f"dashboards: {len(boards())}, problems: {len(wrong)}, queries asked: {len(rows)}")
    if wrong or any(row.error for row in rows):
        raise typer.Exit(1)


def _scope(span_us: int, to_us: int | None) -> Scope:
    to_ms = round(time.time() * 1000) if to_us is None else to_us // 1000
    return Scope(to_ms - span_us // 1000, to_ms)


def ask_all(reader: InfluxReader, scope: Scope, language: str, given: dict[str, object] | None = None) -> list[Row]:
    """Every query of every dashboard and alert of one language, asked one after another."""
    is_long = (scope.to_ms - scope.from_ms) * 1000 > _LONG_US
    fixed = {"resolution": "mes-influx-hourly" if is_long else "mes-influx"} | (given or {})
    asked: list[Question] = []
    for path, board in boards().items():
        if path.startswith(f"{language}/"):
            values = choose(board, reader.ask, scope, typed(reader, board, scope) | fixed)
            asked += questions(board, values, scope)
    asked += alert_questions(language, scope.to_ms)
    return [_row(reader, question) for question in asked]


def typed(reader: InfluxReader, board: dict[str, Any], scope: Scope) -> dict[str, object]:
    """For a dashboard with fields to type into: the newest unit and lot there are."""
    if not any(variable["type"] == "textbox" for variable in board["templating"]["list"]):
        return {}
    newest = "ORDER BY time DESC LIMIT 1"
    found: dict[str, object] = {}
    for name, field in (("unit", "parents"), ("lot", "lots")):
        query = f'SELECT "{field}" FROM "unit" WHERE {scope.time_filter} AND "{field}" <> \'\' {newest}'
        for one in reader.ask("mes-influx", query):
            found[name] = one.values[0][1].split()[0]
    return found


def _row(reader: InfluxReader, question: Question) -> Row:
    began_s, error, rows = time.perf_counter(), "", 0
    try:
        rows = sum(len(one.values) for one in reader.ask(question.source, question.text))
    except MesError as refused:
        error = str(refused)
    ms = (time.perf_counter() - began_s) * 1000
    return Row(question.dashboard, question.panel, question.ref, rows, round(ms, 1), error)


def table(rows: list[Row]) -> Table:
    """The check's table: dashboards × panels × queries × rows × ms."""
    shown = plain_table("dashboard", "panel", "query", "rows", "ms", "", title="what the dashboards ask")
    for row in rows:
        shown.add_row(row.dashboard, Text(row.panel), row.query, str(row.rows), f"{row.ms:.1f}", Text(row.error))
    for dashboard in dict.fromkeys(row.dashboard for row in rows):
        own = [row for row in rows if row.dashboard == dashboard]
        total = (str(sum(row.rows for row in own)), f"{sum(row.ms for row in own):.0f}")
        shown.add_row(dashboard, Text("all", style="bold"), str(len(own)), *total, "")
    return shown


@app.command()
def push(
    url: Annotated[str, typer.Option("--grafana-url", metavar="URL", help="The Grafana, e.g. http://127.0.0.1:3000.")],
    token_file: Annotated[
        Path, typer.Option("--grafana-token-file", metavar="FILE", help="The token of a service account, role Admin.")
    ],
    influx_url: options.GrafanasInfluxUrl = None,
    influx_token_file: options.InfluxTokenFile = None,
    influx_org: options.InfluxOrg = None,
    influx_bucket: options.InfluxBucket = None,
    alerts: Annotated[bool, typer.Option("--alerts/--no-alerts", help="Alert rules and contact points too.")] = True,
) -> None:
    """Put folders, data sources, dashboards and alert rules into a Grafana; again, it changes what has changed.

    Example: `mes dashboards push --grafana-url http://127.0.0.1:3000 --grafana-token-file token.txt`
    """
    if find_spec("grafana_client") is None:
        raise UsageError("grafana-client is not installed: pip install 'mes-factory[grafana]'")
    from app.grafana_push import Grafana  # noqa: PLC0415 - who pushes nothing has no client

    wrong = problems(boards())
    if wrong:
        raise UsageError(f"the dashboards break our own rules, nothing is pushed: {wrong[0]}")
    asked = InfluxOptions(influx_url, influx_token_file, influx_org, influx_bucket)
    with Grafana(url, secret_in(token_file, "--grafana-token-file")) as grafana:
        for line in grafana.push(boards(), influx_settings(asked), has_alerts=alerts):
            typer.echo(line)
