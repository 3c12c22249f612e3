"""Into a running Grafana over HTTP: folders, data sources, dashboards, alerts; doing it twice changes nothing.

What people own stays theirs: a contact point that is there keeps its address, and of the notification policies only
our own routes are added.
"""

from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from grafana_client.api import GrafanaApi
from grafana_client.client import GrafanaClientError, GrafanaException, TokenAuth
from niquests.exceptions import RequestException

from app.settings import http_address
from collector.influx_client import InfluxSettings
from contract.errors import MesError
from contract.points import HOURLY_SUFFIX
from dashboards.grafana import alerts, provisioning
from dashboards.words import LANGUAGES, grafana

_Json = dict[str, Any]
_OWN = ("id", "version")


class Grafana:
    """One Grafana and the token of a service account; errors of the client end here, as :class:`MesError`."""

    def __init__(self, url: str, token: str) -> None:
        self._url = http_address(url, "a Grafana", "http://127.0.0.1:3000")
        self._api: Any = GrafanaApi.from_url(self._url + "/", credential=TokenAuth(token), timeout=20.0)  # type: ignore[no-untyped-call]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._api.client.s.close()

    def push(
        self, boards: Mapping[str, _Json], influx: InfluxSettings | None, *, has_alerts: bool = True
    ) -> Iterator[str]:
        """Everything, with a line for people after each part; raises :class:`MesError` at the first that fails."""
        yield f"Grafana {self._version()} at {self._url}"
        for language in LANGUAGES:
            self._folder(f"mes-{language}", provisioning.FOLDERS[language])
        if influx is None:
            yield "data sources: left as they are (name an InfluxDB with --influx-url to set them)"
        else:
            yield f"data sources: {self._data_sources(influx)} changed"
        changed = sum(self._dashboard(path.partition("/")[0], board) for path, board in boards.items())
        yield f"dashboards: {len(boards)}, changed: {changed}"
        if has_alerts:
            yield f"alert rules: {len(alerts.RULES) * len(LANGUAGES)}, changed: {self._alerts()}"

    def _version(self) -> str:
        try:
            said = self._asked("see whether it is there", lambda: self._api.client.GET("/health"))
        except _Missing:
            said = None
        if not isinstance(said, dict) or "database" not in said:
            raise MesError(f"{self._url} is not a Grafana: correct --grafana-url")
        # An old or careful Grafana does not say which it is.
        return str(said.get("version", ""))

    def _folder(self, uid: str, title: str) -> None:
        present = self._found(lambda: self._api.folder.get_folder(uid), f"read the folder {uid}")
        if present is None:
            self._asked(f"create the folder {uid}", lambda: self._api.folder.create_folder(title, uid))
        elif present["title"] != title:
            change = lambda: self._api.folder.update_folder(uid, title, overwrite=True)  # noqa: E731
            self._asked(f"rename the folder {uid}", change)

    def _data_sources(self, influx: InfluxSettings) -> int:
        changed = 0
        for uid, suffix in (("mes-influx", ""), ("mes-influx-hourly", HOURLY_SUFFIX)):
            wanted = provisioning.data_source(uid, influx.url, influx.bucket + suffix, influx.token)
            present = self._found(lambda uid=uid: self._api.datasource.get_datasource_by_uid(uid), f"read {uid}")  # type: ignore[misc]
            if present is None:
                self._asked(f"create {uid}", lambda one=wanted: self._api.datasource.create_datasource(one))  # type: ignore[misc]
            elif influx.token or not _holds(present, wanted):
                # Nobody may read a token back, so whether it has changed is not known.
                put = lambda uid=uid, one=wanted: self._api.datasource.update_datasource_by_uid(uid, one)  # noqa: E731
                self._asked(f"change {uid}", put)
            else:
                continue
            changed += 1
        return changed

    def _dashboard(self, language: str, board: _Json) -> bool:
        uid = board["uid"]
        present = self._found(lambda: self._api.dashboard.get_dashboard(uid), f"read the dashboard {uid}")
        told = {} if present is None else present["dashboard"]
        if {name: value for name, value in told.items() if name not in _OWN} == board:
            return False
        wanted = {
            "dashboard": board,
            "folderUid": f"mes-{language}",
            "overwrite": True,
            "message": "mes dashboards push",
        }
        self._asked(f"write the dashboard {uid}", lambda: self._api.dashboard.update_dashboard(wanted))
        return True

    def _alerts(self) -> int:
        own = self._api.alertingprovisioning
        changed = 0
        for language in LANGUAGES:
            folder = f"{alerts.FOLDER_UID}-{language}"
            self._folder(folder, grafana(language)["grafana.alert.title"])
            text = {"template": alerts.template(language)}
            name = f"mes.{language}"
            write = lambda name=name, text=text: own.create_or_update_template(name, text, disable_provenance=True)  # noqa: E731
            self._asked(f"write the message {name}", write)
            self._contacts(language)
            changed += sum(self._rule(rule, language, folder) for rule in alerts.RULES)
        self._routes()
        return changed

    def _contacts(self, language: str) -> None:
        own = self._api.alertingprovisioning
        present = {one["uid"] for one in self._asked("read the contact points", own.get_contactpoints)}
        for one in alerts.contacts(language):
            if one["uid"] not in present:
                wanted = {**one, "name": f"mes-{language}"}
                create = lambda one=wanted: own.create_contactpoint(one, disable_provenance=True)  # noqa: E731
                self._asked(f"create the contact point {one['uid']}", create)

    def _rule(self, rule: alerts.Rule, language: str, folder: str) -> bool:
        own, uid = self._api.alertingprovisioning, alerts.uid(rule, language)
        wanted = alerts.rule_json(rule, language) | {
            "orgID": 1,
            "folderUID": folder,
            "ruleGroup": f"{alerts.GROUP}-{language}",
        }
        present = self._found(lambda: own.get_alertrule(uid), f"read the alert rule {uid}")
        if present is None:
            create = lambda: own.create_alertrule(wanted, disable_provenance=True)  # noqa: E731
            self._asked(f"create the alert rule {uid}", create)
        elif _holds(present, wanted):
            return False
        else:
            change = lambda: own.update_alertrule(uid, wanted, disable_provenance=True)  # noqa: E731
            self._asked(f"change the alert rule {uid}", change)
        return True

    def _routes(self) -> None:
        own = self._api.alertingprovisioning
        tree = self._asked("read the notification policies", own.get_notification_policy_tree)
        routes = tree.get("routes") or []
        known = {route.get("receiver") for route in routes}
        more = [route for route in alerts.routes() if route["receiver"] not in known]
        if more:
            wanted = {**tree, "routes": [*routes, *more]}
            put = lambda: own.set_notification_policy_tree(wanted, disable_provenance=True)  # noqa: E731
            self._asked("write the notification policies", put)

    def _found(self, ask: Callable[[], Any], what: str) -> Any:  # noqa: ANN401 - whatever JSON there is
        """What is there; ``None`` where nothing is."""
        try:
            return self._asked(what, ask)
        except _Missing:
            return None

    def _asked(self, what: str, ask: Callable[[], Any]) -> Any:  # noqa: ANN401
        try:
            return ask()
        except GrafanaClientError as error:
            if error.status_code == 404:
                raise _Missing(f"{self._url} has nothing there, to {what}: is it a Grafana of 10 or later?") from error
            raise MesError(self._explained(what, error)) from error
        except GrafanaException as error:
            raise MesError(f"Grafana at {self._url} fails to {what}: {error.message}: its own log says why") from error
        except RequestException as error:
            raise MesError(f"Grafana at {self._url} does not answer: start it, or correct --grafana-url") from error
        except ValueError as error:
            raise MesError(f"{self._url} is not a Grafana: correct --grafana-url") from error

    def _explained(self, what: str, error: GrafanaClientError) -> str:
        if error.status_code == 401:
            return f"Grafana at {self._url} does not know the token: make one for a service account, role Admin"
        if error.status_code == 403:
            return f"Grafana at {self._url} does not let this token {what}: give its service account the role Admin"
        return f"Grafana at {self._url} refuses to {what}: {error.message}"


class _Missing(MesError):
    """Nothing is there (404)."""


def _holds(present: Any, wanted: Any) -> bool:  # noqa: ANN401
    """Whether all that is wanted is there; Grafana adds fields of its own."""
    if isinstance(wanted, dict):
        return isinstance(present, dict) and all(
            _holds(present.get(name), value) for name, value in wanted.items() if name != "secureJsonData"
        )
    if isinstance(wanted, list):
        pairs = zip(present or [], wanted, strict=False)
        return isinstance(present, list) and len(present) == len(wanted) and all(_holds(a, b) for a, b in pairs)
    return bool(present == wanted)
