"""Every link, followed: it arrives at a dashboard that there is, with the time and what was chosen or clicked on."""

from urllib.parse import parse_qs, urlsplit

import pytest

from app.dashboards import boards
from contract.points import LINE_TAGS, MACHINE_TAGS
from dashboards.grafana.interpolate import Everything, Scope, with_variables
from dashboards.grafana.lint import panels, variables

BOARDS = boards()
BY_UID = {board["uid"]: board for board in BOARDS.values()}
SCOPE = Scope(1_700_000_000_000, 1_700_086_400_000)
CLICKED = dict(zip(MACHINE_TAGS, ("e 1", "s/2", "a&b", "l=3", "m #4 ü"), strict=True))
#: From a row or a series of one dashboard to which others: each level leads to the next one down.
DOWN = {
    "park": {"line"},
    "wall": {"line", "machine"},
    "line": {"machine"},
    "downtime": {"machine"},
    "quality": {"machine"},
    "orders": {"line"},
    "energy": {"machine"},
    "health": {"machine"},
}
LEVELS = {"line": LINE_TAGS, "machine": MACHINE_TAGS}


def chosen(board):
    """Values of its variables: all, several, one with signs that mean something in an address."""
    choices = [Everything(), ["a b", "c/d&e"], ["one"]]
    values = {"source": "mes-influx", "resolution": "mes-influx-hourly"}
    for number, (name, variable) in enumerate(variables(board).items()):
        if name not in values:
            values[name] = choices[number % 3] if variable.get("multi") else f"{name} &=/1"
    return values


def followed(url, board):
    """(name of the dashboard, what its address says) of a click on a link of ``board``."""
    for tag, value in CLICKED.items():
        for place in ("__data.fields", "__field.labels"):
            url = url.replace(
                f"${{{place}.{tag}:percentencode}}", with_variables("${x:percentencode}", {"x": value}, SCOPE)
            )
    address = urlsplit(with_variables(url, chosen(board), SCOPE))
    assert "$" not in address.query.replace("$__all", ""), url
    return BY_UID[address.path.removeprefix("/d/")], parse_qs(address.query, strict_parsing=True)


def data_links(board):
    for panel in panels(board):
        yield from panel.get("fieldConfig", {}).get("defaults", {}).get("links", [])


@pytest.mark.parametrize("path", BOARDS)
def test_links_between_dashboards_keep_time_and_variables(path):
    board = BOARDS[path]
    reached = set()
    for link in board["links"]:
        target, said = followed(link["url"], board)
        assert target["uid"].endswith(path[:2]), "a click does not change the language"
        theirs = variables(target)
        for name, value in chosen(board).items():
            if f"var-{name}" not in said or (target is board and name == "resolution"):
                # Only where the other has no such thing; a level's own tags are told to whoever has them.
                assert target is board or name not in theirs or name not in (*LINE_TAGS, "source", "resolution"), name
                continue
            expected = ["$__all"] if isinstance(value, Everything) else value if isinstance(value, list) else [value]
            assert said[f"var-{name}"] == expected
        assert {key.removeprefix("var-") for key in said if key.startswith("var-")} <= theirs.keys()
        if target is not board:
            reached.add(target["uid"])
            assert (said["from"], said["to"]) == ([str(SCOPE.from_ms)], [str(SCOPE.to_ms)])
    assert reached == {uid for uid in BY_UID if uid.endswith(path[:2])} - {board["uid"]}


@pytest.mark.parametrize("path", BOARDS)
def test_a_click_leads_down_to_what_was_clicked_on(path):
    board, name = BOARDS[path], path[3:-5]
    reached = set()
    for link in data_links(board):
        target, said = followed(link["url"], board)
        level = target["uid"].split("-")[1]
        reached.add(level)
        assert (said["from"], said["to"]) == ([str(SCOPE.from_ms)], [str(SCOPE.to_ms)])
        assert said["var-resolution"] == ["mes-influx-hourly"]
        given = {key.removeprefix("var-"): value for key, value in said.items() if key.startswith("var-")}
        assert given == {tag: [CLICKED[tag]] for tag in LEVELS[level]} | {
            "source": ["mes-influx"], "resolution": ["mes-influx-hourly"],
        }  # fmt: skip
        assert given.keys() <= variables(target).keys()
    assert reached == DOWN.get(name, set())


def test_the_spans_offered_have_the_sums_that_are_right_for_them():
    for board in BOARDS.values():
        own = [followed(link["url"], board)[1] for link in board["links"] if board["uid"] in link["url"]]
        assert [(said["from"], said["var-resolution"]) for said in own] == [
            (["now-24h"], ["mes-influx"]),
            (["now-30d"], ["mes-influx-hourly"]),
        ]
        kept = variables(board).keys() - {"resolution"}
        assert all({f"var-{name}" for name in kept} <= said.keys() for said in own)
