"""Our rules for a dashboard, on its JSON: whoever changes one hears of a broken rule before anybody sees it.

Every rule yields what is wrong and where. They know nothing of how the JSON was made.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from contract.points import MEASUREMENTS

Json = dict[str, Any]
#: What the severity of a colour is: fine, to be watched, to be acted upon.
SEVERITY = {"text": 0, "#5b6670": 0, "#f2b134": 1, "#d32f2f": 2}
#: A ratio whose top is one of these, or a column so called, is the better, the higher; of these the better, the lower.
HIGH_IS_GOOD = ("good_ideal_s", "run_s", "made_ideal_s", "ideal_s", "exit_good", "first_good", "oee", "coverage")
LOW_IS_GOOD = ("scrap", "rework", "idle_energy_kwh", "late_s", "breakdown_s")
_NUMERIC = {"stat", "timeseries", "bargauge"}
#: Units by Grafana's names for them; a name that it does not know is shown as if it were a unit.
UNITS = {"percentunit", "s", "dtdhms", "kwatth", "cps", "locale", "none", "string", "dateTimeFromNow"}
_VARIABLES_OF_SUMS, _OTHERS = "${resolution}", "${source}"
_FROM = re.compile(r'FROM (?:"(\w+)"|/\^(\w+)_\(minute\|hour\)\$/)')
_GLOBALS = {"__from", "__to", "__range_ms", "__range_s", "__range"}


def problems(boards: Mapping[str, Json]) -> list[str]:
    """Everything that is wrong in dashboards by their path."""
    by_uid = {str(board.get("uid")): board for board in boards.values()}
    found = [] if len(by_uid) == len(boards) else ["two dashboards have the same uid"]
    for path, board in boards.items():
        found += [f"{path}: {what}" for rule in _OF_BOARD for what in rule(board, by_uid)]
        for panel in panels(board):
            where = f"{path}: panel {panel.get('id')} {panel.get('title')!r}"
            found += [f"{where}: {what}" for rule in _OF_PANEL for what in rule(panel)]
    return found


def panels(board: Json) -> list[Json]:
    """The panels that show something."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def marks(board: Json) -> list[Json]:
    """The queries of what is marked over time."""
    return list(board["annotations"].get("list", []))


def variables(board: Json) -> dict[str, Json]:
    """The variables by name."""
    return {variable["name"]: variable for variable in board["templating"]["list"]}


def _identity(board: Json, _: Mapping[str, Json]) -> Iterator[str]:
    language = str(board.get("uid", "")).rpartition("-")[2]
    if not re.fullmatch(r"mes-[a-z]+-(en|vi)", str(board.get("uid"))):
        yield "its uid is not mes-NAME-LANGUAGE"
    if board.get("tags") != ["mes", language]:
        yield "its tags are not mes and the language"
    if not board.get("description"):
        yield "it has no description"
    ids = [panel.get("id") for panel in board["panels"]]
    if ids != list(range(1, len(ids) + 1)):
        yield f"its panels are not numbered from 1: {ids}"


def _grid(board: Json, _: Mapping[str, Json]) -> Iterator[str]:
    """Grafana moves panels up until they touch one: where one hangs in the air, it is not drawn as it is written."""
    places = [panel["gridPos"] for panel in board["panels"]]
    for panel, at in zip(board["panels"], places, strict=True):
        beside = [other for other in places if other is not at and _shares(at, other, "x", "w")]
        if any(_shares(at, other, "y", "h") for other in beside):
            yield f"panel {panel['id']} lies over another"
        if at["y"] and not any(other["y"] + other["h"] == at["y"] for other in beside):
            yield f"panel {panel['id']} hangs in the air"
        if at["x"] + at["w"] > 24:
            yield f"panel {panel['id']} is too wide"


def _shares(one: Json, other: Json, start: str, size: str) -> bool:
    first, second = sorted((one, other), key=lambda place: int(place[start]))
    return bool(second[start] < first[start] + first[size])


def _sources(board: Json, _: Mapping[str, Json]) -> Iterator[str]:
    kinds = {name: variable["type"] for name, variable in variables(board).items()}
    for name in ("source", "resolution"):
        if kinds.get(name) != "datasource":
            yield f"it has no data source variable {name}"
    for name, variable in variables(board).items():
        if variable["type"] == "query":
            yield from (f"variable {name}: {what}" for what in of_query(variable["query"], set(kinds)))
        if variable.get("includeAll") and variable.get("allValue") != ".*":
            yield f"variable {name}: all of it is not .*"


def _asks_only_what_there_is(board: Json, _: Mapping[str, Json]) -> Iterator[str]:
    known = set(variables(board))
    for panel in panels(board):
        for target in panel.get("targets", []):
            yield from (f"panel {panel['id']} {target['refId']}: {what}" for what in of_query(target["query"], known))


def _marks(board: Json, _: Mapping[str, Json]) -> Iterator[str]:
    """Grafana asks for marks only by a query of this form, and reads their words from columns of these names."""
    for mark in marks(board):
        where, target = f"marks {mark['name']!r}", mark["target"]
        yield from (f"{where}: {what}" for what in of_query(target["query"], set(variables(board))))
        if mark["datasource"].get("uid") != _OTHERS:
            yield f"{where} do not ask {_OTHERS}"
        if re.findall(r' AS "(\w+)"', target["query"]) != ["text", "title"] or target.get("textColumn") != "text":
            yield f"{where} have other columns than text and title"
        if not target.get("fromAnnotations"):
            yield f"{where} are not asked for as such"


def _links(board: Json, by_uid: Mapping[str, Json]) -> Iterator[str]:
    own = set(variables(board))
    for link in _all_links(board):
        url = link["url"]
        if "placement" in link:
            yield f"link {link['title']!r} has a placement"
        found = re.match(r"/d/([\w-]+)\?", url)
        if found is None or found[1] not in by_uid:
            yield f"link {link['title']!r} leads nowhere: {url}"
            continue
        target = set(variables(by_uid[found[1]]))
        if "${__url_time_range}" not in url and not ("from=" in url and "to=" in url):
            yield f"link {link['title']!r} loses the time range"
        for name in re.findall(r"\$\{(\w+):queryparam\}", url):
            if name not in own or name not in target:
                yield f"link {link['title']!r} passes {name}, which one side does not have"
        for name in set(re.findall(r"var-(\w+)=", url)) - target:
            yield f"link {link['title']!r} sets {name}, which its target does not have"


def _all_links(board: Json) -> Iterator[Json]:
    yield from board.get("links", [])
    for panel in board["panels"]:
        yield from panel.get("links", [])
        config = panel.get("fieldConfig", {})
        yield from config.get("defaults", {}).get("links", [])
        for override in config.get("overrides", []):
            for each in override["properties"]:
                if each["id"] == "links":
                    yield from each["value"]


def _words(panel: Json) -> Iterator[str]:
    if not panel.get("title"):
        yield "it has no title"
    if len(panel.get("description", "")) < 20:
        yield "no description says how the number is made"
    config = panel.get("fieldConfig", {})
    if panel["type"] in _NUMERIC and not config["defaults"].get("unit"):
        yield "its values have no unit"
    given = [config.get("defaults", {}).get("unit", "none")]
    given += [one["value"] for each in config.get("overrides", []) for one in each["properties"] if one["id"] == "unit"]
    for unit in given:
        if unit not in UNITS and not unit.startswith("suffix:"):
            yield f"Grafana has no unit {unit}"
    if panel.get("transformations"):
        yield "it transforms: order and ratios come from the query"


def _reduction(panel: Json) -> Iterator[str]:
    reduced = panel.get("options", {}).get("reduceOptions", {"calcs": ["lastNotNull"]})
    if reduced["calcs"] != ["lastNotNull"]:
        yield f"it reduces by {reduced['calcs']}: a ratio is a sum over a sum, made in the query"
    if (pattern := reduced.get("fields")) and re.search(pattern.strip("/"), "Time"):
        yield f"its fields {pattern} include the instants, which it would show as numbers"


def _sorting(panel: Json) -> Iterator[str]:
    overrides = panel.get("fieldConfig", {}).get("overrides", [])
    names = [one["value"] for each in overrides for one in each["properties"] if one["id"] == "displayName"]
    for order in panel.get("options", {}).get("sortBy", []):
        if order["displayName"] not in names:
            yield f"it sorts by {order['displayName']!r}, a column that it does not have"


def _carried(panel: Json) -> Iterator[str]:
    """What a data link takes from a row or series must be a tag by which the query groups."""
    for link in panel.get("fieldConfig", {}).get("defaults", {}).get("links", []):
        taken = re.findall(r"\$\{__(?:data\.fields|field\.labels)\.(\w+):percentencode\}", link["url"])
        for target in panel["targets"]:
            grouped = set(re.findall(r'"(\w+)"', target["query"].rpartition("GROUP BY")[2]))
            yield from (f"its link takes {tag}, by which {target['refId']} does not group" for tag in taken
                        if tag not in grouped)  # fmt: skip


def _target_sources(panel: Json) -> Iterator[str]:
    for target in panel.get("targets", []):
        names = {one or f"{two}_minute" for one, two in _FROM.findall(target["query"])}
        is_summed = any(f"{name.removesuffix('_minute')}_hour" in MEASUREMENTS for name in names)
        right = _VARIABLES_OF_SUMS if is_summed else _OTHERS
        if target.get("datasource", {}).get("uid") != right:
            yield f"{target['refId']} does not ask {right}"


def _averages(panel: Json) -> Iterator[str]:
    is_said = re.match(r"MISTAKE|SAI", panel.get("title", ""))
    for target in panel.get("targets", []):
        for function in re.findall(r'\b(MEAN|MEDIAN|MIN|MAX)\("one"\)', target["query"]):
            if '"top" / "bottom"' in target["query"] and not is_said:
                yield f"{target['refId']} takes the {function} of a ratio"


def _thresholds(panel: Json) -> Iterator[str]:
    config = panel.get("fieldConfig", {})
    given = config.get("defaults", {}).get("thresholds")
    if given:
        queries = " ".join(target["query"] for target in panel.get("targets", []))
        tops = re.findall(r'SUM\("(\w+)"\)(?: \* [^,]+)? AS "top"', queries)
        yield from _steps(given["steps"], tops)
    for override in config.get("overrides", []):
        for each in override["properties"]:
            if each["id"] == "thresholds":
                yield from _steps(each["value"]["steps"], [override["matcher"]["options"]])


def _steps(steps: list[Json], shown: list[str]) -> Iterator[str]:
    """Thresholds of ratios with these fields above the line, or of a column of this name."""
    colours = [step["color"] for step in steps]
    if colours == ["green", "red"] or not set(colours) <= SEVERITY.keys():
        yield f"its thresholds are Grafana's own: {colours}"
        return
    rising = [SEVERITY[colour] for colour in colours]
    limits = [step["value"] for step in steps[1:]]
    if limits != sorted(limits):
        yield f"its thresholds do not rise: {limits}"
    if set(shown) & set(HIGH_IS_GOOD) and rising != sorted(rising, reverse=True):
        yield "its colours say that more is worse"
    if set(shown) & set(LOW_IS_GOOD) and rising != sorted(rising):
        yield "its colours say that more is better"


def of_query(query: str, known: set[str]) -> Iterator[str]:
    """What is wrong with one InfluxQL query, given the names of the variables there are."""
    for name, form in re.findall(r"\$\{(\w+)(?::(\w+))?\}", query):
        if name not in known | _GLOBALS:
            yield f"there is no variable {name}"
        elif name not in _GLOBALS and form != "regex":
            yield f"variable {name} goes in without :regex"
    for pattern in re.findall(r"[=!]~ /(.*?)(?<!\\)/(?=[\s)]|$)", query):
        if not re.fullmatch(r"(\^|\(\^\| \))\$\{\w+:regex\}(\$|\( \|\$\))", pattern):
            yield f"the pattern /{pattern}/ is not a whole value of a variable"
    yield from _undeclared(query)
    if query.startswith("SELECT"):
        for level in levels(query):
            if "GROUP BY time(" in level and "$timeFilter" not in level:
                yield "a part groups by time without $timeFilter: it would answer for all time since 1677"
        if "$timeFilter" not in query:
            yield "it asks without $timeFilter"


def _undeclared(query: str) -> Iterator[str]:
    names = {one or f"{two}_minute" for one, two in _FROM.findall(query)}
    if unknown := names - MEASUREMENTS.keys():
        yield f"no such measurement: {', '.join(sorted(unknown))}"
        return
    if not names:
        yield "it asks no measurement by a name that we know"
    declared = {name for each in names for name in (*MEASUREMENTS[each].fields, *MEASUREMENTS[each].tags)}
    made = set(re.findall(r'AS "([^"]+)"', query))
    for name in sorted(set(re.findall(r'"([^"]+)"', query)) - declared - made - names):
        yield f"{', '.join(sorted(names))} has no {name}"


def levels(query: str) -> list[str]:
    """A query and its subqueries, each without the subqueries inside it."""
    found, stack = [], [""]
    for index, sign in enumerate(query):
        if sign == "(" and query.startswith("SELECT", index + 1):
            stack.append("")
        elif sign == "(":
            stack[-1] += sign
            stack.append("\x00")
        elif sign == ")":
            inner = stack.pop()
            if inner.startswith("\x00"):
                stack[-1] += inner[1:] + sign
            else:
                found.append(inner)
        else:
            stack[-1] += sign
    return [*found, stack[0]]


_OF_BOARD: tuple[Callable[[Json, Mapping[str, Json]], Iterator[str]], ...] = (
    _identity,
    _grid,
    _sources,
    _asks_only_what_there_is,
    _marks,
    _links,
)
_OF_PANEL: tuple[Callable[[Json], Iterator[str]], ...] = (
    _words,
    _reduction,
    _sorting,
    _carried,
    _target_sources,
    _averages,
    _thresholds,
)
