"""Alert rules, contact points, policies and message templates as code, each text in both languages.

A rule is a query (A), its last value (B) and a threshold (C). Rules ask one data source, without variables. Their texts
use ``.Labels`` and ``.Values``: the forms with a dollar sign would be taken for environment variables in a file.
"""

from typing import Any

from msgspec import Struct

from contract.points import LINE_TAGS, MACHINE_TAGS
from dashboards.grafana import measures
from dashboards.grafana.queries import Ratio
from dashboards.words import LANGUAGES, grafana

FOLDER_UID, GROUP = "mes-alerts", "mes"
SOURCE_UID = "mes-influx"
_MINUTE_S, _HOUR_S = 60, 3600


class Rule(Struct, frozen=True):
    """One rule: it fires for every series of ``query`` whose last value is ``op`` (``lt``, ``gt``) ``limit``.

    ``span_s`` is how far back it looks, ``until_s`` how long ago that ends, ``held`` how long it must be so.
    """

    name: str
    query: str
    span_s: int
    op: str
    limit: float
    held: str
    severity: str
    until_s: int = 0
    no_data: str = "OK"


def _by(tags: tuple[str, ...]) -> str:
    return ", ".join(f'"{tag}"' for tag in tags)


def _summed(columns: str, measurement: str, tags: tuple[str, ...]) -> str:
    return f'SELECT {columns} FROM "{measurement}" WHERE $timeFilter GROUP BY {_by(tags)}'


def _ratio(one: Ratio, measurement: str, tags: tuple[str, ...]) -> str:
    inner = _summed(f'SUM("{one.top}") AS "top", SUM("{one.bottom}") AS "bottom"', measurement, tags)
    return f'SELECT "top" / "bottom" AS "share" FROM ({inner}) WHERE "bottom" > 0 GROUP BY {_by(tags)}'


def _only(column: str, where: str, inner: str, tags: tuple[str, ...]) -> str:
    return f'SELECT "{column}" FROM ({inner}) WHERE {where} GROUP BY {_by(tags)}'


_VALUE_TAGS = (*MACHINE_TAGS, "code")
_VALUES = f'FROM "value" WHERE $timeFilter GROUP BY {_by(_VALUE_TAGS)}'
#: Nelson's rule 2. The least of the newest nine less the centre, times the centre less the largest: below 0 only where
#: all nine are on one side of it. InfluxQL wants one order of time for a query and what is in it.
_NEWEST_NINE = f'SELECT "value" AS "newest" {_VALUES} ORDER BY time DESC LIMIT 9'
_SIDE = (
    'SELECT "over" * "under" AS "side" FROM (SELECT MIN("newest") - MEAN("one") AS "over",'
    ' MEAN("one") - MAX("newest") AS "under", COUNT("newest") AS "many" FROM'
    f' ({_NEWEST_NINE}), (SELECT "value" AS "one" {_VALUES} ORDER BY time DESC)'
    f" WHERE $timeFilter GROUP BY {_by(_VALUE_TAGS)} ORDER BY time DESC)"
    f' WHERE "many" = 9 GROUP BY {_by(_VALUE_TAGS)} ORDER BY time DESC'
)
#: Nelson's rule 3: the mean of the newest five steps from value to value: 1 up, -1 down, 0 for none (0 / 0 is 0).
_STEPS = f'SELECT DIFFERENCE("value") AS "step" {_VALUES}'
_SIGNS = f'SELECT "step" / ABS("step") AS "sign" FROM ({_STEPS}) GROUP BY {_by(_VALUE_TAGS)}'
_RUN = (
    'SELECT ABS(LAST("run")) AS "run" FROM'
    f' (SELECT MOVING_AVERAGE("sign", 5) AS "run" FROM ({_SIGNS}) GROUP BY {_by(_VALUE_TAGS)})'
    f" WHERE $timeFilter GROUP BY {_by(_VALUE_TAGS)}"
)
_FAULTS = 'SUM("breakdown_s") + SUM("minor_stop_s") + SUM("waiting_s") AS "stood", SUM("ppt_s") AS "planned"'

RULES = (
    Rule(
        "line_stopped",
        _only("parts", '"planned" > 840', _summed('SUM("exit_good") AS "parts", SUM("ppt_s") AS "planned"',
                                                  "line_minute", LINE_TAGS), LINE_TAGS),
        15 * _MINUTE_S, "lt", 1, "1m", "critical",
    ),
    Rule(
        "stopped",
        _only("stood", '"planned" > 540', _summed(_FAULTS, "machine_minute", MACHINE_TAGS), MACHINE_TAGS),
        10 * _MINUTE_S, "gt", 570, "1m", "warning",
    ),
    Rule("oee", _ratio(measures.LINE_OEE, "line_minute", LINE_TAGS), _HOUR_S, "lt", 0.6, "10m", "warning"),
    Rule("scrap", _ratio(measures.SCRAP, "machine_minute", MACHINE_TAGS), _HOUR_S, "gt", 0.05, "5m", "warning"),
    Rule(
        "spc",
        'SELECT ABS(LAST("one") - MEAN("one")) / (MEAN("range") / 1.128) AS "sigmas" FROM'
        f' (SELECT ABS(DIFFERENCE("value")) AS "range" {_VALUES}), (SELECT "value" AS "one" {_VALUES})'
        f" WHERE $timeFilter GROUP BY {_by(_VALUE_TAGS)}",
        8 * _HOUR_S, "gt", 3, "0s", "warning",
    ),
    Rule("spc_side", _SIDE, 8 * _HOUR_S, "lt", 0, "0s", "warning"),
    Rule("spc_run", _RUN, 8 * _HOUR_S, "gt", 0.99, "0s", "warning"),
    Rule(
        "silent",
        'SELECT MOVING_AVERAGE(COUNT("category_n"), 2) AS "heard" FROM "machine_state"'
        f" WHERE $timeFilter GROUP BY time(5m), {_by(MACHINE_TAGS)} fill(0)",
        _HOUR_S + 2 * _MINUTE_S, "lt", 0.01, "1m", "critical", until_s=2 * _MINUTE_S, no_data="Alerting",
    ),
    Rule(
        "waiting",
        'SELECT LAST("waiting") - FIRST("waiting") AS "more" FROM "collector" WHERE $timeFilter',
        10 * _MINUTE_S, "gt", 1000, "5m", "critical", no_data="NoData",
    ),
)  # fmt: skip


def uid(rule: Rule, language: str) -> str:
    """What a rule is called, for ever."""
    return f"mes-alert-{rule.name.replace('_', '-')}-{language}"


def rule_json(rule: Rule, language: str) -> dict[str, Any]:
    """A rule as Grafana's provisioning has it, in files and over HTTP alike."""
    words = grafana(language)
    return {
        "uid": uid(rule, language),
        "title": f"{words[f'grafana.alert.{rule.name}']} ({language})",
        "condition": "C",
        "data": [_query(rule), *_conditions(rule)],
        "for": rule.held,
        "noDataState": rule.no_data,
        "execErrState": "Error",
        "annotations": {"summary": words[f"grafana.alert.{rule.name}.text"]},
        "labels": {"severity": rule.severity, "language": language, "source": "mes"},
        "isPaused": False,
    }


def _query(rule: Rule) -> dict[str, Any]:
    model = {
        "refId": "A",
        "query": rule.query,
        "rawQuery": True,
        "resultFormat": "time_series",
        "intervalMs": _MINUTE_S * 1000,
        "maxDataPoints": 1000,
    }
    span = {"from": rule.span_s, "to": rule.until_s}
    return {"refId": "A", "datasourceUid": SOURCE_UID, "relativeTimeRange": span, "model": model}


def _conditions(rule: Rule) -> list[dict[str, Any]]:
    reduced = {"refId": "B", "type": "reduce", "expression": "A", "reducer": "last"}
    evaluator = {"type": rule.op, "params": [rule.limit]}
    limit = {"refId": "C", "type": "threshold", "expression": "B", "conditions": [{"evaluator": evaluator}]}
    none = {"from": 0, "to": 0}
    return [
        {"refId": one["refId"], "datasourceUid": "__expr__", "relativeTimeRange": none, "model": one}
        for one in (reduced, limit)
    ]


def template(language: str) -> str:
    """The message: what, since when, where, in one language."""
    words = grafana(language)
    firing, over = words["grafana.alert.message.firing"], words["grafana.alert.message.resolved"]
    word = f'{{{{ if eq .Status "firing" }}}}{firing}{{{{ else }}}}{over}{{{{ end }}}}'
    return (
        f'{{{{ define "mes.{language}" }}}}{{{{ range .Alerts }}}}{word}: {{{{ .Labels.alertname }}}}\n'
        '{{ .Annotations.summary }}\n{{ .StartsAt.Format "2006-01-02 15:04" }} {{ .GeneratorURL }}\n{{ end }}{{ end }}'
    )


#: Where messages go. Placeholders that lead nowhere, for a person to change: an empty one would stop Grafana's start.
CONTACTS: dict[str, dict[str, Any]] = {
    "webhook": {"url": "http://replace-me.invalid/", "httpMethod": "POST"},
    "email": {"addresses": "replace-me@example.invalid", "singleEmail": False},
}


def contact_uid(kind: str, language: str) -> str:
    """What a contact point is called."""
    return f"mes-{kind}-{language}"


def contacts(language: str) -> list[dict[str, Any]]:
    """Both ways to one receiver, with the message in its language."""
    said = f'{{{{ template "mes.{language}" . }}}}'
    return [
        {
            "uid": contact_uid(kind, language),
            "type": kind,
            "settings": {**settings, "message": said},
            "disableResolveMessage": False,
        }
        for kind, settings in CONTACTS.items()
    ]


def routes() -> list[dict[str, Any]]:
    """Which alert goes to whom: by its language."""
    return [
        {
            "receiver": f"mes-{language}",
            "object_matchers": [["source", "=", "mes"], ["language", "=", language]],
            "group_by": ["alertname", "line"],
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "4h",
        }
        for language in LANGUAGES
    ]
