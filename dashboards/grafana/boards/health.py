"""Data health: how much is known, who is silent, what the wire lost, whether the database keeps up."""

from contract.points import LINE_TAGS, MACHINE_TAGS
from contract.series import HEALTH_COLUMNS
from dashboards.grafana import look, panels, queries
from dashboards.grafana.sheet import Sheet, of


def sheet(language: str) -> Sheet:
    """The dashboard."""
    made = Sheet("health", language, LINE_TAGS)
    shown = made.table((*MACHINE_TAGS, "coverage"), down="machine", worst="coverage", rising=True)
    known = look.high_is_good(0.99, 0.95).build()
    coloured = [panels.property_("thresholds", known), panels.property_("custom.cellOptions", panels.LETTERS)]
    shown = shown.override_by_name("coverage", coloured)
    asked = queries.coverage(queries.LINES, MACHINE_TAGS)
    made.add("health.coverage", shown, [of("machine", asked, form="table")], (12, 10))
    asked = queries.last("machine_state", "category", {}, queries.LINES, MACHINE_TAGS)
    shown = made.table((*MACHINE_TAGS, "category"), has_time=True, down="machine", worst="time", rising=True)
    shown = shown.override_by_regexp("/^[Tt]ime$/", [panels.property_("unit", "dateTimeFromNow")])
    made.add("health.heard", shown, [of("machine_state", asked, form="table")], (12, 10))
    first, *others = HEALTH_COLUMNS
    asked = queries.last("data_health", first, queries.same(*others), queries.LINES, MACHINE_TAGS)
    shown = made.table((*MACHINE_TAGS, *HEALTH_COLUMNS), down="machine", worst="lost")
    shown = shown.no_value(made.say("health.none"))
    made.add("health.wire", shown, [of("data_health", asked, form="table")], (24, 9))
    for key, field in (("health.waiting", "waiting"), ("health.refused", "refused")):
        query = queries.collector(f'MAX("{field}")', field)
        shown = panels.curve("locale").no_value(made.say("none"))
        made.add(key, shown, [of("collector", query, alias=made.say(f"column.{field}"))], (8, 7))
    rate = queries.collector('NON_NEGATIVE_DERIVATIVE(MAX("written"), 1s)', "written")
    shown = panels.curve("cps").no_value(made.say("none"))
    made.add("health.written", shown, [of("collector", rate, alias=made.say("column.written"))], (8, 7))
    return made
