"""Downtime: what costs most time, by reason, machine and turn; how long repairs take."""

from contract.points import MACHINE_TAGS
from dashboards.grafana import links, look, measures, panels, queries
from dashboards.grafana.boards.machine import stop_table
from dashboards.grafana.sheet import Sheet, of


def sheet(language: str) -> Sheet:
    """The dashboard."""
    made = Sheet("downtime", language, (*MACHINE_TAGS, "reason"))
    made.start = "now-24h"
    _paretos(made)
    made.row("downtime.when")
    _when(made)
    made.row("downtime.repairs")
    _repairs(made)
    return made


def _paretos(made: Sheet) -> None:
    where = f"{queries.MACHINES} AND {queries.within('reason')} AND {queries.CAUSES}"
    named = [look.reasons(made.language)]
    asked = queries.largest("downtime", "duration_s", ("reason",), where, 15)
    shown = panels.pareto("s", look.ACT).mappings(named)
    made.add("downtime.reasons", shown, [of("downtime", asked, form="table")], (8, 11))
    asked = queries.largest("downtime", "stops", ("reason",), where, 15)
    shown = panels.pareto("short", look.WATCH).mappings(named)
    made.add("downtime.counts", shown, [of("downtime", asked, form="table")], (8, 11))
    asked = queries.largest("downtime", "duration_s", ("line", "machine"), where, 15)
    made.add("downtime.machines", panels.pareto("s", look.ACT), [of("downtime", asked, form="table")], (8, 11))


def _when(made: Sheet) -> None:
    query = queries.sums("machine", {word: f"{word}_s" for word in measures.STOPS}, queries.MACHINES, each=True)
    for key, group, width in (("downtime.trend", "$__interval", 16), ("downtime.turns", queries.TURN, 8)):
        shown = made.losses(panels.stack("s").max_data_points(96), measures.STOPS)
        asked = of("machine", query.replace("$__interval", group), alias="$col")
        made.add(key, shown, [asked], (width, 9))


def _repairs(made: Sheet) -> None:
    columns = {"mtbf": measures.MTBF, "mttr": measures.MTTR}
    shown = made.columns(panels.rows(), (*MACHINE_TAGS, *columns, "breakdowns", "breakdown"))
    for name in (*columns, "breakdown"):
        shown = shown.override_by_name(name, [panels.property_("unit", "s")])
    to_machine = [links.from_row("machine", made.language, made.say("to.machine"), MACHINE_TAGS)]
    more = {"breakdowns": "breakdowns", "breakdown": "breakdown_s"}
    asked = queries.ratios(columns, more, queries.MACHINES, MACHINE_TAGS)
    made.add("downtime.mttr", shown.data_links(to_machine), [of("machine", asked, form="table")], (12, 10))
    where = f"{queries.MACHINES} AND {queries.within('reason')} AND {queries.CAUSES}"
    asked = queries.longest(
        "downtime", "duration_s", queries.same("line", "machine", "category", "reason", "state"), where, 25
    )
    made.add("downtime.longest", stop_table(made, ("line", "machine")), [of("downtime", asked, form="table")], (12, 10))
