"""Machine: what it did and when, why it stopped, how long it runs between breakdowns, what it measures."""

from contract.points import MACHINE_TAGS
from dashboards.grafana import look, measures, panels, queries
from dashboards.grafana.sheet import Sheet, of

_SHARES = {"oee": measures.OEE, "a": measures.A, "p": measures.P, "q": measures.Q}


def sheet(language: str) -> Sheet:
    """The dashboard."""
    made = Sheet("machine", language, MACHINE_TAGS, single=MACHINE_TAGS)
    _figures(made)
    _timeline(made)
    made.row("machine.stops_row")
    _stops(made)
    made.row("machine.process")
    _process(made)
    return made


def _figures(made: Sheet) -> None:
    for key, one in _SHARES.items():
        shown = panels.number("percentunit", look.high_is_good(0.85, 0.6), 1)
        made.add(f"machine.{key}", shown, [of("machine", queries.ratio(one, "value", queries.MACHINES))], (4, 4))
    for key, one in (("mtbf", measures.MTBF), ("mttr", measures.MTTR)):
        asked = queries.ratio(one, "value", queries.MACHINES)
        made.add(f"machine.{key}", panels.number("s", decimals=1), [of("machine", asked)], (4, 4))


def _timeline(made: Sheet) -> None:
    shown = panels.states().mappings([look.categories(made.language)]).max_data_points(720)
    asked = queries.states("category", queries.MACHINES, ("machine",))
    made.add("machine.categories", shown, [of("machine_state", asked, alias=made.say("column.category"))], (24, 4))
    shown = panels.states().mappings([look.states(made.say)]).max_data_points(720)
    asked = queries.states("state", queries.MACHINES, ("machine",))
    made.add("machine.states", shown, [of("machine_state", asked, alias=made.say("column.state"))], (24, 4))


def _stops(made: Sheet) -> None:
    causes = queries.largest("downtime", "duration_s", ("reason",), queries.MACHINES, 12)
    shown = panels.pareto("s", look.ACT).mappings([look.reasons(made.language)])
    made.add("machine.causes", shown, [of("downtime", causes, form="table")], (8, 9))
    asked = queries.raw("downtime", queries.same("category", "reason", "duration_s", "state"), queries.MACHINES, 100)
    made.add("machine.stops", stop_table(made, ()), [of("downtime", asked, form="table")], (16, 9))


def stop_table(made: Sheet, tags: tuple[str, ...]) -> object:
    """A table of stops, the time at which each began first."""
    shown = made.columns(panels.rows(), (*tags, "category", "reason", "duration_s", "state"), has_time=True)
    shown = shown.override_by_name("duration_s", [panels.property_("unit", "s")])
    shown = shown.override_by_name("category", [panels.property_("mappings", [look.categories(made.language)])])
    shown = shown.override_by_name("state", [panels.property_("mappings", [look.states(made.say)])])
    return shown.override_by_name("reason", [panels.property_("mappings", [look.reasons(made.language)])])


def _process(made: Sheet) -> None:
    cycle = [
        of("machine", queries.ratio(one, key, queries.MACHINES, each=True), alias=made.say(f"column.{key}"))
        for key, one in (("cycle", measures.CYCLE), ("ideal", measures.IDEAL))
    ]
    shown = panels.curve("s").override_by_name(made.say("column.ideal"), panels.dashed(look.ACCENT))
    made.add("machine.cycle", shown, cycle, (12, 8))
    asked = queries.of_interval("MEAN", "value", "value", queries.MACHINES, ("code",))
    made.add("machine.values", panels.curve("none"), [of("value", asked, alias="$tag_code")], (12, 8))
    columns = queries.same("code", "subject", "is_active")
    shown = made.columns(panels.rows(), columns, has_time=True)
    shown = shown.override_by_name("is_active", [panels.property_("mappings", [look.yes_no(made.say)])])
    asked = queries.raw("alarm", columns, queries.MACHINES, 50)
    made.add("machine.alarms", shown, [of("alarm", asked, form="table")], (12, 7))
    columns = queries.same("verb", "by", "accepted", "detail")
    shown = made.columns(panels.rows(), columns, has_time=True)
    shown = shown.override_by_name("accepted", [panels.property_("mappings", [look.yes_no(made.say)])])
    asked = queries.raw("command", columns, queries.MACHINES, 50)
    made.add("machine.commands", shown, [of("command", asked, form="table")], (12, 7))
