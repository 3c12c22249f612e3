"""What Grafana reads when it starts, as files: data sources, where the dashboards are, and everything of alerts.

They are JSON, which YAML is a superset of: nothing here depends on how anybody indents.
"""

import json
from typing import Any

from dashboards.grafana import alerts
from dashboards.words import LANGUAGES, grafana

#: Data source uid → its name: by these names the variables of the dashboards find them.
SOURCES = {"mes-influx": "MES minute · phút", "mes-influx-hourly": "MES hour · giờ"}
#: Shortest step of each: how far apart its sums are.
STEPS = {"mes-influx": "1m", "mes-influx-hourly": "1h"}
#: Where the deployment mounts the dashboards, a folder a language.
DASHBOARDS = "/var/lib/mes-dashboards"
FOLDERS = {"en": "MES", "vi": "MES (tiếng Việt)"}


def data_source(uid: str, url: str, bucket: str, token: str) -> dict[str, Any]:
    """One data source, in InfluxQL; the token goes where only Grafana's server reads it.

    A header works with a token of 2.x and 3.x, and of 1.x with ``user:password``.
    """
    made: dict[str, Any] = {
        "uid": uid,
        "name": SOURCES[uid],
        "type": "influxdb",
        "access": "proxy",
        "url": url,
        "isDefault": False,
        "jsonData": {"version": "InfluxQL", "dbName": bucket, "httpMode": "POST", "timeInterval": STEPS[uid]},
    }
    if token:
        made["jsonData"]["httpHeaderName1"] = "Authorization"
        made["secureJsonData"] = {"httpHeaderValue1": f"Token {token}"}
    return made


def _data_sources() -> dict[str, Any]:
    buckets = {"mes-influx": "${MES_INFLUX_BUCKET}", "mes-influx-hourly": "${MES_INFLUX_BUCKET}_hourly"}
    made = [data_source(uid, "${MES_INFLUX_URL}", bucket, "${MES_INFLUX_TOKEN}") for uid, bucket in buckets.items()]
    return {"apiVersion": 1, "datasources": [{**one, "editable": False} for one in made]}


def _providers() -> dict[str, Any]:
    made = [
        {
            "name": f"mes-{language}",
            "folder": FOLDERS[language],
            "folderUid": f"mes-{language}",
            "type": "file",
            "disableDeletion": True,
            "allowUiUpdates": False,
            "options": {"path": f"{DASHBOARDS}/{language}"},
        }
        for language in LANGUAGES
    ]
    return {"apiVersion": 1, "providers": made}


def _rules() -> dict[str, Any]:
    groups = [
        {
            "orgId": 1,
            "name": f"{alerts.GROUP}-{language}",
            "folder": grafana(language)["grafana.alert.title"],
            "interval": "1m",
            "rules": [alerts.rule_json(rule, language) for rule in alerts.RULES],
        }
        for language in LANGUAGES
    ]
    return {"apiVersion": 1, "groups": groups}


def _contact_points() -> dict[str, Any]:
    made = [{"orgId": 1, "name": f"mes-{language}", "receivers": alerts.contacts(language)} for language in LANGUAGES]
    return {"apiVersion": 1, "contactPoints": made}


def _policies() -> dict[str, Any]:
    root = {"orgId": 1, "receiver": "grafana-default-email", "group_by": ["grafana_folder", "alertname"]}
    return {"apiVersion": 1, "policies": [{**root, "routes": alerts.routes()}]}


def _templates() -> dict[str, Any]:
    made = [{"orgId": 1, "name": f"mes.{language}", "template": alerts.template(language)} for language in LANGUAGES]
    return {"apiVersion": 1, "templates": made}


def files() -> dict[str, str]:
    """Path below ``provisioning`` → text."""
    made = {
        "datasources/mes.yaml": _data_sources(),
        "dashboards/mes.yaml": _providers(),
        "alerting/rules.yaml": _rules(),
        "alerting/contact-points.yaml": _contact_points(),
        "alerting/policies.yaml": _policies(),
        "alerting/templates.yaml": _templates(),
    }
    return {path: json.dumps(one, indent=2, ensure_ascii=False) + "\n" for path, one in made.items()}
