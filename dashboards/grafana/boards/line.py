"""Line: its OEE and what it is made of, what every station does, where the bottleneck is, how the order stands."""

from contract.points import LINE_TAGS, MACHINE_TAGS
from dashboards.grafana import links, look, measures, panels, queries
from dashboards.grafana.sheet import Sheet, of

_APQ = {"oee": measures.LINE_OEE, "a": measures.LINE_A, "p": measures.LINE_P, "q": measures.LINE_Q}


def sheet(language: str) -> Sheet:
    """The dashboard."""
    made = Sheet("line", language, LINE_TAGS, single=LINE_TAGS)
    _figures(made)
    _stations(made)
    made.row("line.time")
    _losses(made)
    made.row("line.parts")
    _parts(made)
    return made


def _figures(made: Sheet) -> None:
    for key, one in _APQ.items():
        shown = panels.number("percentunit", look.high_is_good(0.85, 0.6), 1)
        made.add(f"line.{key}", shown, [of("line", queries.ratio(one, "value", queries.LINES))], (4, 4))
    shown = panels.number("percentunit", look.high_is_good(0.98, 0.9), 0)
    made.add("line.pace", shown, [of("line", queries.ratio(measures.LINE_PACE, "value", queries.LINES))], (4, 4))
    asked = queries.last("line", "constraint", {}, queries.LINES, ("line",))
    made.add("line.constraint", panels.tiles(), [of("line", asked, form="table")], (4, 4))
    trend = [of("line", queries.ratio(one, key, queries.LINES, each=True), alias=made.say(f"column.{key}"))
             for key, one in _APQ.items()]  # fmt: skip
    made.add("line.trend", panels.curve("percentunit"), trend, (24, 8))


def _stations(made: Sheet) -> None:
    asked = queries.states("category", queries.LINES, MACHINE_TAGS)
    to_machine = [links.from_series("machine", made.language, made.say("to.machine"), MACHINE_TAGS)]
    shown = panels.states().mappings([look.categories(made.language)]).max_data_points(480).data_links(to_machine)
    made.add("line.stations", shown, [of("machine_state", asked, alias="$tag_machine")], (16, 10))
    longest = queries.largest("bottleneck", "sole_s + shifting_s", ("machine",), queries.LINES, 8)
    made.add("line.bottleneck", panels.pareto("s", look.WATCH), [of("bottleneck", longest, form="table")], (8, 10))


def _losses(made: Sheet) -> None:
    asked = queries.sums(
        "line", {"planned": "ppt_s", **{word: field for field, word in measures.LOSSES.items()}}, queries.LINES
    )
    shown = panels.staircase()
    shown = made.losses(shown, ("planned", *measures.LOSSES.values()))
    made.add("line.staircase", shown, [of("line", asked, form="table")], (10, 10))
    columns = {word: field for field, word in measures.LOSSES.items()}
    each = queries.sums("line", columns, queries.LINES, each=True)
    over_time = made.losses(panels.stack("s").max_data_points(96), columns)
    made.add("line.losses", over_time, [of("line", each, alias="$col")], (14, 10))


def _parts(made: Sheet) -> None:
    both = [
        of("line", queries.running_total("line", field, queries.LINES), alias=made.say(f"column.{word}"))
        for field, word in (("exit_good", "good"), ("target", "target"))
    ]
    shown = panels.curve("short").override_by_name(made.say("column.target"), panels.dashed(look.ACCENT))
    made.add("line.plan", shown, both, (14, 8))
    others = queries.same("product", "quantity", "released", "good", "scrap", "late_s")
    asked = queries.last("order_progress", "order_id", others, queries.LINES, ("line",))
    shown = made.columns(
        panels.rows(), ("line", "order_id", "product", "quantity", "released", "good", "scrap", "late_s")
    )
    shown = shown.override_by_name("late_s", [panels.property_("unit", "s")])
    made.add("line.order", shown, [of("order_progress", asked, form="table")], (10, 8))
