"""What a dashboard would ask of the database: every query of variables, marks, panels and alerts, ready to be asked.

Pure: who asks, and how long it takes, is somebody else's business.
"""

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from dashboards.grafana import alerts
from dashboards.grafana.interpolate import Everything, Scope, interpolated, interval_ms, with_variables
from dashboards.grafana.lint import marks, panels

#: Uid of a data source, query → values of the answer's rows, series after series; column names first.
Ask = Callable[[str, str], list["Series"]]
#: How wide a dashboard is drawn, in pixels, over its 24 columns.
_WIDTH, _COLUMNS = 1500, 24
_LEAST_MS = {"mes-influx": 60_000, "mes-influx-hourly": 3_600_000}
_SHORTEST = {"30m": 1_800_000, "1h": 3_600_000}


class Series(Struct, frozen=True):
    """One series of an InfluxQL answer."""

    name: str
    tags: dict[str, str]
    columns: list[str]
    values: list[list[Any]]


class Question(Struct, frozen=True):
    """One query: whose it is, which data source it goes to, its text."""

    dashboard: str
    panel: str
    ref: str
    source: str
    text: str


def choose(board: dict[str, Any], ask: Ask, scope: Scope, given: dict[str, object]) -> dict[str, object]:
    """A value for every variable: those ``given``, else all where all may be chosen, else the first there is."""
    values: dict[str, object] = {"source": "mes-influx", "resolution": "mes-influx"} | given
    for variable in board["templating"]["list"]:
        name = variable["name"]
        if name in values:
            continue
        if variable["type"] != "query":
            values[name] = ""
        elif variable.get("includeAll"):
            values[name] = Everything(variable["allValue"])
        else:
            values[name] = next(iter(offered(variable, ask, scope, values)), "")
    return values


def offered(variable: dict[str, Any], ask: Ask, scope: Scope, values: dict[str, object]) -> list[str]:
    """What a query variable has to choose from, in its order."""
    text = interpolated(variable["query"], values, scope, 60_000)
    return sorted({row[1] for one in ask(_source(variable, values, scope), text) for row in one.values})


def questions(board: dict[str, Any], values: dict[str, object], scope: Scope) -> Iterator[Question]:
    """Every query of a dashboard's variables, marks and panels."""
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            text = interpolated(variable["query"], values, scope, 60_000)
            yield Question(board["uid"], f"${variable['name']}", "", _source(variable, values, scope), text)
    for mark in marks(board):
        text = interpolated(mark["target"]["query"], values, scope, 60_000)
        yield Question(board["uid"], mark["name"], "Anno", _source(mark, values, scope), text)
    yield from panel_questions(board, values, scope)


def panel_questions(board: dict[str, Any], values: dict[str, object], scope: Scope) -> Iterator[Question]:
    """Every query of a dashboard's panels, in the order of their targets."""
    for panel in panels(board):
        for target in panel.get("targets", []):
            source = _source(target, values, scope)
            step_ms = _step_ms(panel, source, scope)
            text = interpolated(target["query"], values, scope, step_ms)
            yield Question(board["uid"], panel["title"], target["refId"], source, text)


def alert_questions(language: str, now_ms: int) -> Iterator[Question]:
    """Every query of the alert rules at an instant."""
    for rule in alerts.RULES:
        scope = Scope(now_ms - rule.span_s * 1000, now_ms - rule.until_s * 1000)
        text = interpolated(rule.query, {}, scope, 60_000)
        yield Question("alerts", alerts.uid(rule, language), "A", alerts.SOURCE_UID, text)


def _source(asker: dict[str, Any], values: dict[str, object], scope: Scope) -> str:
    return with_variables(asker["datasource"]["uid"], values, scope)


def _step_ms(panel: dict[str, Any], source: str, scope: Scope) -> int:
    points = int(panel.get("maxDataPoints") or _WIDTH * panel["gridPos"]["w"] // _COLUMNS)
    least = max(_LEAST_MS.get(source, 60_000), _SHORTEST[panel["interval"]] if "interval" in panel else 0)
    return interval_ms(scope, points, least)
