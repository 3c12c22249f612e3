"""The pictures' renderer reads a dashboard as Grafana does: names, units, colours, and what a panel leaves out."""

import re

import pytest

from app.dashboards import boards
from bench.preview.fields import of_panel
from bench.preview.page import SAID, page
from bench.preview.units import written
from dashboards.grafana.check import Series
from dashboards.grafana.interpolate import Everything, Scope
from dashboards.grafana.lint import panels, variables

SCOPE = Scope(1_700_000_000_000, 1_700_028_800_000)
ROW_MS = SCOPE.from_ms + 3_600_000


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "expected"),
    [
        (0.6782, "percentunit", 1, "67.8%"),
        (86_400, "dtdhms", None, "1 d 00:00:00"),
        (1_179_811, "dtdhms", None, "13 d 15:43:31"),
        (-1, "dtdhms", None, "00:00:01 ago"),
        (1516.4, "kwatth", None, "1.52 MWh"),
        (7871, "locale", None, "7,871"),
        (212.25, "suffix:phút", 1, "212.2 phút"),
        (5400, "s", None, "1.50 hours"),
        (None, "percentunit", 1, ""),
        (True, "none", None, "true"),
        (SCOPE.to_ms - 300_000, "dateTimeFromNow", None, "5 minutes ago"),
    ],
)
def test_values_are_written_as_grafana_writes_them(value, unit, decimals, expected):
    assert written(value, unit, decimals, SCOPE.to_ms) == expected


def panel(path, title):
    return next(one for one in panels(boards()[path]) if one["title"] == title)


def answered(one, columns, values, tags=None):
    return [(one["targets"][0], [Series("m", tags or {}, ["time", *columns], [[ROW_MS, *values]])])]


def test_a_tile_has_the_word_and_colour_of_what_it_says_and_the_name_of_its_series():
    one = panel("vi/wall.json", "Các máy")
    [[instant, field]] = of_panel(one, answered(one, ["category"], ["breakdown"], {"line": "l", "machine": "m"}))
    assert instant.name == "Time"
    assert (field.shown_name, field.text("breakdown", 0), field.colour("breakdown")) == ("l · m", "hỏng hóc", "#d32f2f")


def test_thresholds_turn_the_right_way():
    one = panel("en/park.json", "OEE")
    [[_, field]] = of_panel(one, answered(one, ["value"], [0.7]))
    assert [field.colour(value) for value in (0.59, 0.6, 0.85)] == ["#d32f2f", "#f2b134", "#ccccdc"]


def drawn(path, answers):
    board = boards()[path]
    values = {name: Everything() if each.get("includeAll") else "x" for name, each in variables(board).items()}
    return page(board, answers, SCOPE, values)


@pytest.mark.parametrize("path", boards())
def test_every_dashboard_can_be_drawn_empty_and_says_what_it_is(path):
    html = drawn(path, {})
    assert SAID[path[:2]] in html
    titles = re.findall(r"<h2>(.*?)</h2>", html)
    assert len(titles) == len(panels(boards()[path]))
    assert "$" not in re.sub(r"<style>.*</style>", "", html)


def test_only_what_a_panel_asks_for_is_drawn():
    """No instant as a bar, no bar above the end of its scale, a row's name from its words."""
    path, board = "en/line.json", boards()["en/line.json"]
    stairs, causes, standing = (panel(path, title) for title in
                                ("From planned time to good parts", "Bottleneck", "Stopped now"))  # fmt: skip
    html = drawn(path, {
        stairs["id"]: answered(stairs, ["planned", "good_time", "speed"], [480.0, 330.0, -2.5]),
        causes["id"]: answered(causes, ["value", "machine"], [5400.0, "press (1)"]),
        standing["id"]: answered(standing, ["category", "reason", "for_s"], ["setup", "changeover", 252],
                                 {"enterprise": "e", "site": "s", "area": "a", "line": "l", "machine": "m"}),
    })  # fmt: skip
    assert ">Time<" not in html
    for said in ("Planned", "480.0 min", "-2.5 min", "press (1)", "01:30:00", "changeover", "00:04:12", "No data"):
        assert f">{said}<" in html, said
    assert ">e<" not in html, "an enterprise is only for the link"
    assert str(board["title"]) in html
