"""Each rule finds a dashboard that was broken on purpose, and says where."""

import copy

import pytest

from app.dashboards import boards
from dashboards.grafana.lint import levels, of_query, panels, problems

BOARDS = boards()


def panel(board, kind, having=""):
    return next(one for one in panels(board) if one["type"] == kind and having in str(one))


def set_query(board, query):
    panel(board, "timeseries")["targets"][0]["query"] = query


def rename(board, old, new):
    target = panel(board, "timeseries")["targets"][0]
    assert old in target["query"]
    target["query"] = target["query"].replace(old, new)


def turn_thresholds(board):
    steps = panel(board, "stat", "#d32f2f")["fieldConfig"]["defaults"]["thresholds"]["steps"]
    colours = [step["color"] for step in steps][::-1]
    for step, colour in zip(steps, colours, strict=True):
        step["color"] = colour


def steps(board):
    return panel(board, "stat", "#d32f2f")["fieldConfig"]["defaults"]["thresholds"]["steps"]


def turn_a_column(board):
    overrides = panel(board, "table")["fieldConfig"]["overrides"]
    [given] = [each for override in overrides for each in override["properties"] if each["id"] == "thresholds"]
    given["value"]["steps"] = [{"value": None, "color": "text"}, {"value": 0.6, "color": "#d32f2f"}]


def of_scrap(board):
    target = panel(board, "stat", "#d32f2f")["targets"][0]
    target["query"] = target["query"].replace('SUM("good_ideal_s")', 'SUM("scrap")')


def move(board, **place):
    board["panels"][3]["gridPos"].update(place)


def own_thresholds(board):
    defaults = panel(board, "stat", "#d32f2f")["fieldConfig"]["defaults"]
    defaults["thresholds"]["steps"] = [{"value": None, "color": "green"}, {"value": 80, "color": "red"}]


BROKEN = {
    "uid is not": lambda board: board.update(uid="Park"),
    "it has no description": lambda board: board.update(description=""),
    "tags are not": lambda board: board.update(tags=[]),
    "not numbered": lambda board: board["panels"][1].update(id=1),
    "no data source variable": lambda board: board["templating"]["list"].pop(0),
    "all of it is not": lambda board: board["templating"]["list"][2].update(allValue=None),
    "no title": lambda board: panel(board, "stat").update(title=""),
    "no description": lambda board: panel(board, "stat").update(description="OEE"),
    "no unit": lambda board: panel(board, "stat")["fieldConfig"]["defaults"].pop("unit"),
    "hangs in the air": lambda board: panel(board, "table")["gridPos"].update(y=99),
    "lies over another": lambda board: move(board, x=0),
    "is too wide": lambda board: move(board, w=24),
    "has no unit percents": lambda board: panel(board, "stat")["fieldConfig"]["defaults"].update(unit="percents"),
    "include the instants": lambda board: panel(board, "stat")["options"]["reduceOptions"].update(fields="/.*/"),
    "sorts by 'robots'": lambda board: panel(board, "table")["options"]["sortBy"][0].update(displayName="robots"),
    "its link takes robot": lambda board: panel(board, "table")["fieldConfig"]["defaults"]["links"][0].update(
        url="/d/mes-line-en?${__url_time_range}&var-line=${__data.fields.robot:percentencode}"
    ),
    "it transforms": lambda board: panel(board, "stat").update(transformations=[{"id": "sortBy"}]),
    "it reduces by": lambda board: panel(board, "stat")["options"]["reduceOptions"].update(calcs=["mean"]),
    "does not ask ${resolution}": lambda board: panel(board, "stat")["targets"][0].update(datasource={"uid": "x"}),
    "has a placement": lambda board: board["links"][0].update(placement="inControlsMenu"),
    "leads nowhere": lambda board: board["links"][0].update(url="/d/mes-nowhere-en?${__url_time_range}"),
    "loses the time range": lambda board: board["links"][0].update(url="/d/mes-wall-en?"),
    "its target does not have": lambda board: board["links"][0].update(
        url="/d/mes-wall-en?${__url_time_range}&var-robot=x"
    ),
    "one side does not have": lambda board: board["links"][0].update(
        url="/d/mes-wall-en?${__url_time_range}&${robot:queryparam}"
    ),
    "more is worse": turn_thresholds,
    "colours say that more is worse": turn_a_column,
    "more is better": of_scrap,
    "do not rise": lambda board: steps(board)[1].update(value=9),
    "no measurement by a name": lambda board: set_query(board, 'SELECT MAX("x") FROM /line.*/ WHERE $timeFilter'),
    "Grafana's own": own_thresholds,
    "without :regex": lambda board: rename(board, "${line:regex}", "${line}"),
    "no variable robot": lambda board: rename(board, "${line:regex}", "${robot:regex}"),
    "not a whole value": lambda board: rename(board, "/^${line:regex}$/", "/${line:regex}/"),
    "line_minute has no good_ideals": lambda board: rename(board, '"good_ideal_s"', '"good_ideals"'),
    "no such measurement": lambda board: rename(board, "line_(minute|hour)", "lines_(minute|hour)"),
    "since 1677": lambda board: set_query(
        board, 'SELECT MAX("o") FROM (SELECT "execute_s" AS "o" FROM "machine_minute" WHERE $timeFilter)'
        " GROUP BY time($__interval)"
    ),
    "asks without $timeFilter": lambda board: set_query(board, 'SELECT SUM("exit_good") FROM /^line_(minute|hour)$/'),
    "takes the MEAN of a ratio": lambda board: set_query(
        board, 'SELECT MEAN("one") FROM (SELECT "top" / "bottom" AS "one" FROM (SELECT SUM("good_ideal_s") AS "top",'
        ' SUM("ppt_s") AS "bottom" FROM /^line_(minute|hour)$/ WHERE $timeFilter))'
    ),
}  # fmt: skip


def mark(board):
    return board["annotations"]["list"][0]


def turn_mark(board, old, new):
    query = mark(board)["target"]["query"]
    assert old in query
    mark(board)["target"]["query"] = query.replace(old, new)


BROKEN_MARKS = {
    "marks 'Commands and notes' do not ask ${source}": lambda board: mark(board).update(datasource={"uid": "x"}),
    "have other columns than text": lambda board: turn_mark(board, 'AS "text"', 'AS "said"'),
    "columns than text and title": lambda board: turn_mark(board, ', "by" AS "title"', ""),
    "are not asked for as such": lambda board: mark(board)["target"].pop("fromAnnotations"),
    "command has no text_xx": lambda board: turn_mark(board, "text_en", "text_xx"),
    "it asks without $timeFilter": lambda board: turn_mark(board, "$timeFilter AND ", ""),
}


@pytest.mark.parametrize("said", BROKEN_MARKS)
def test_broken_marks_are_found(said):
    board = copy.deepcopy(BOARDS["en/line.json"])
    BROKEN_MARKS[said](board)
    found = problems(BOARDS | {"en/line.json": board})
    assert any(said in one and one.startswith("en/line.json: marks") for one in found), found


@pytest.mark.parametrize("said", BROKEN)
def test_what_is_broken_is_found(said):
    board = copy.deepcopy(BOARDS["en/park.json"])
    BROKEN[said](board)
    found = problems(BOARDS | {"en/park.json": board})
    assert any(said in one and one.startswith("en/park.json") for one in found), found


def test_two_dashboards_of_one_uid_are_found():
    assert "two dashboards have the same uid" in problems(BOARDS | {"en/more.json": BOARDS["en/park.json"]})


def test_levels_part_a_query_into_its_selects():
    query = 'SELECT MAX("a") FROM (SELECT SUM("b") AS "a" FROM "m" WHERE (x)) WHERE $timeFilter'
    assert levels(query) == ['SELECT SUM("b") AS "a" FROM "m" WHERE (x)', 'SELECT MAX("a") FROM  WHERE $timeFilter']


def test_a_pattern_ends_where_influxql_ends_it():
    assert not list(of_query('SELECT "unit" FROM "unit" WHERE $timeFilter AND "unit" =~ /^${unit:regex}$/', {"unit"}))
