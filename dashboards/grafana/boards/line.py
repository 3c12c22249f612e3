"""Line: its OEE and what it is made of, what every station does, where the bottleneck is, how the order stands."""

from contract.points import LINE_TAGS, MACHINE_TAGS
from dashboards.grafana import look, measures, panels, queries
from dashboards.grafana.boards.wall import stopped
from dashboards.grafana.sheet import Sheet, of

_APQ = {"oee": measures.LINE_OEE, "a": measures.LINE_A, "p": measures.LINE_P, "q": measures.LINE_Q}


def sheet(language: str) -> Sheet:
    """The dashboard."""
    made = Sheet("line", language, LINE_TAGS, single=LINE_TAGS, start="now-8h", marks=queries.LINES)
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
    made.add("line.constraint", panels.word("constraint"), [of("line", asked, form="table")], (4, 4))
    trend = [of("line", queries.ratio(one, key, queries.LINES, each=True), alias=made.say(f"column.{key}"))
             for key, one in _APQ.items()]  # fmt: skip
    curves = panels.shares()
    for key, colour in look.APQ_COLOURS.items():
        curves = curves.override_by_name(made.say(f"column.{key}"), [panels.fixed(colour)])
    made.add("line.trend", curves, trend, (12, 9))
    stopped(made, "line.stopped", queries.LINES, (12, 9))


def _stations(made: Sheet) -> None:
    asked = queries.states("category", queries.LINES, MACHINE_TAGS)
    shown = panels.states().mappings([look.categories(made.language)]).max_data_points(480)
    shown = shown.data_links([made.series_link("machine")])
    made.add("line.stations", shown, [of("machine_state", asked, alias="$tag_machine")], (16, 10))
    longest = queries.largest("bottleneck", "sole_s + shifting_s", ("machine",), queries.LINES, 8)
    bars = panels.pareto(panels.DURATION, look.WATCH)
    made.add("line.bottleneck", bars, [of("bottleneck", longest, form="table")], (8, 10))


def _losses(made: Sheet) -> None:
    columns = {word: field for field, word in measures.LOSSES.items()}
    asked = queries.sums("line", queries.minutes({"planned": "ppt_s", **columns}), queries.LINES)
    shown = made.losses(panels.staircase(made.minutes), ("planned", *columns))
    made.add("line.staircase", shown, [of("line", asked, form="table")], (10, 12))
    each = queries.sums("line", queries.minutes(columns), queries.LINES, each=True)
    over_time = made.losses(panels.stack(made.minutes), columns)
    made.add("line.losses", over_time, [of("line", each, alias="$col")], (14, 12))


def _parts(made: Sheet) -> None:
    both = [
        of("line", queries.running_total("line", field, queries.LINES), alias=made.say(f"column.{word}"))
        for field, word in (("exit_good", "good"), ("target", "target"))
    ]
    shown = panels.curve("locale").override_by_name(made.say("column.target"), panels.dashed(look.ACCENT))
    made.add("line.plan", shown, both, (12, 8))
    others = queries.same("product", "quantity", "released", "good", "scrap", "late_s")
    asked = queries.last("order_progress", "order_id", others, queries.LINES, ("line",))
    shown = made.table(("line", "order_id", *others))
    made.add("line.order", shown, [of("order_progress", asked, form="table")], (12, 8))
