"""Machine: what it does and did, why it stopped, how long it runs between breakdowns, what it measures."""

from contract.points import MACHINE_TAGS
from dashboards.grafana import look, measures, panels, queries
from dashboards.grafana.sheet import Sheet, of

_SHARES = {"oee": measures.OEE, "a": measures.A, "p": measures.P, "q": measures.Q}


def sheet(language: str) -> Sheet:
    """The dashboard."""
    made = Sheet("machine", language, MACHINE_TAGS, single=MACHINE_TAGS, start="now-8h", marks=queries.TO_MACHINES)
    _figures(made)
    _timeline(made)
    made.row("machine.stops_row")
    _stops(made)
    made.row("machine.process")
    _process(made)
    return made


def _figures(made: Sheet) -> None:
    now = queries.last("machine_state", "category", {}, f"{queries.MACHINES} AND {queries.HEARD}", MACHINE_TAGS)
    tile = panels.tiles().mappings([look.categories(made.language)])
    made.add("machine.now", tile, [of("machine_state", now, alias="$tag_machine")], (6, 4))
    age = of("machine_state", queries.age(queries.MACHINES))
    made.add("machine.age", panels.number(panels.DURATION), [age], (6, 4))
    for key, one in (("mtbf", measures.MTBF), ("mttr", measures.MTTR)):
        asked = queries.ratio(one, "value", queries.MACHINES)
        made.add(f"machine.{key}", panels.number(panels.DURATION), [of("machine", asked)], (6, 4))
    for key, one in _SHARES.items():
        shown = panels.number("percentunit", look.high_is_good(0.85, 0.6), 1)
        made.add(f"machine.{key}", shown, [of("machine", queries.ratio(one, "value", queries.MACHINES))], (6, 4))


def _timeline(made: Sheet) -> None:
    for key, field, words in (
        ("machine.categories", "category", look.categories(made.language)),
        ("machine.states", "state", look.states(made.say)),
    ):
        asked = queries.states(field, queries.MACHINES, ("machine",))
        shown = panels.states().mappings([words]).max_data_points(720)
        made.add(key, shown, [of("machine_state", asked, alias=made.say(f"column.{field}"))], (24, 4))


def _stops(made: Sheet) -> None:
    unplanned = f"{queries.MACHINES} AND \"category\" <> 'planned'"
    causes = queries.reasons("duration_s", unplanned, made.language, 12)
    shown = panels.pareto(panels.DURATION, look.ACT).mappings([look.reasons(made.language)])
    made.add("machine.causes", shown, [of("downtime", causes, form="table")], (8, 9))
    columns = {"category": "category", f"reason_{made.language}": "reason", **queries.same("duration_s", "state")}
    asked = queries.raw("downtime", columns, queries.MACHINES, 100)
    made.add(
        "machine.stops", made.table(columns.values(), has_time=True), [of("downtime", asked, form="table")], (16, 9)
    )


def _process(made: Sheet) -> None:
    cycle = [
        of("machine", queries.ratio(one, key, queries.MACHINES, each=True), alias=made.say(f"column.{key}"))
        for key, one in (("cycle", measures.CYCLE), ("ideal", measures.IDEAL))
    ]
    shown = panels.trend("s").override_by_name(made.say("column.ideal"), panels.dashed(look.ACCENT))
    made.add("machine.cycle", shown, cycle, (12, 8))
    asked = queries.of_interval("MEAN", "value", ("value",), queries.MACHINES, ("code",))
    shown = panels.curve("none").no_value(made.say("machine.no_values"))
    made.add("machine.values", shown, [of("value", asked, alias="$tag_code")], (12, 8))
    columns = {"code": "alarm", **queries.same("subject", "is_active")}
    asked = queries.raw("alarm", columns, queries.MACHINES, 50)
    shown = made.table(columns.values(), has_time=True)
    made.add("machine.alarms", shown, [of("alarm", asked, form="table")], (12, 7))
    columns = queries.same("verb", "by", "accepted", "detail")
    asked = queries.raw("command", columns, queries.MACHINES, 50)
    made.add("machine.commands", made.table(columns, has_time=True), [of("command", asked, form="table")], (12, 7))
