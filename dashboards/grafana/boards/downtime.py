"""Downtime: what costs most time, by reason, machine and turn; how long repairs take."""

from contract.points import MACHINE_TAGS
from dashboards.grafana import look, measures, panels, queries
from dashboards.grafana.sheet import Sheet, of

_WHERE = f"{queries.MACHINES} AND {queries.within('reason')} AND {queries.CAUSES}"


def sheet(language: str) -> Sheet:
    """The dashboard."""
    made = Sheet("downtime", language, (*MACHINE_TAGS, "reason"))
    _paretos(made)
    made.row("downtime.when")
    _when(made)
    made.row("downtime.repairs")
    _repairs(made)
    return made


def _paretos(made: Sheet) -> None:
    for key, field, shown in (
        ("downtime.reasons", "duration_s", panels.pareto(panels.DURATION, look.ACT)),
        ("downtime.counts", "stops", panels.pareto("locale", look.WATCH)),
    ):
        asked = of("downtime", queries.reasons(field, _WHERE, made.language, 15), form="table")
        made.add(key, shown.mappings([look.reasons(made.language)]), [asked], (8, 11))
    asked = of("downtime", queries.largest("downtime", "duration_s", ("line", "machine"), _WHERE, 15), form="table")
    made.add("downtime.machines", panels.pareto(panels.DURATION, look.ACT), [asked], (8, 11))


def _when(made: Sheet) -> None:
    lost = queries.minutes({word: f"{word}_s" for word in measures.STOPS})
    query = queries.sums("machine", lost, queries.MACHINES, each=True)
    for key, group, width in (("downtime.trend", "$__interval", 16), ("downtime.turns", queries.TURN, 8)):
        shown = made.losses(panels.stack(made.minutes), measures.STOPS)
        asked = of("machine", query.replace("$__interval", group), alias="$col")
        made.add(key, shown, [asked], (width, 9))


def _repairs(made: Sheet) -> None:
    columns = {"mtbf": measures.MTBF, "mttr": measures.MTTR}
    more = {"breakdowns": "breakdowns", "breakdown": "breakdown_s"}
    shown = made.table((*MACHINE_TAGS, *columns, *more), down="machine", worst="breakdown")
    asked = queries.ratios(columns, more, queries.MACHINES, MACHINE_TAGS)
    made.add("downtime.mttr", shown, [of("machine", asked, form="table")], (12, 10))
    named = queries.same("line", "machine", "category") | {f"reason_{made.language}": "reason", "state": "state"}
    asked = queries.longest("downtime", "duration_s", named, _WHERE, 25)
    shown = made.table(("duration_s", *named.values()), has_time=True, worst="duration_s")
    made.add("downtime.longest", shown, [of("downtime", asked, form="table")], (12, 10))
