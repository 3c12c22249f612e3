"""Data health: how much is known, who is silent, what the wire lost, whether the database keeps up."""

from contract.points import LINE_TAGS, MACHINE_TAGS
from contract.series import HEALTH_COLUMNS
from dashboards.grafana import links, look, panels, queries
from dashboards.grafana.sheet import Sheet, of


def sheet(language: str) -> Sheet:
    """The dashboard."""
    made = Sheet("health", language, LINE_TAGS)
    made.start = "now-24h"
    to_machine = [links.from_row("machine", language, made.say("to.machine"), MACHINE_TAGS)]
    shown = made.columns(panels.rows(), (*MACHINE_TAGS, "coverage"))
    properties = {
        "unit": "percentunit",
        "decimals": 1,
        "thresholds": look.high_is_good(0.99, 0.95).build(),
        "custom.cellOptions": {"type": "color-text"},
    }
    shown = shown.override_by_name("coverage", [panels.property_(*each) for each in properties.items()])
    asked = queries.coverage(queries.LINES, MACHINE_TAGS)
    made.add("health.coverage", shown.data_links(to_machine), [of("machine", asked, form="table")], (12, 10))
    asked = queries.last("machine_state", "category", {}, queries.LINES, MACHINE_TAGS)
    shown = made.columns(panels.rows(), (*MACHINE_TAGS, "category"), has_time=True)
    shown = shown.override_by_regexp("/^[Tt]ime$/", [panels.property_("unit", "dateTimeFromNow")])
    shown = shown.override_by_name("category", [panels.property_("mappings", [look.categories(language)])])
    made.add("health.heard", shown.data_links(to_machine), [of("machine_state", asked, form="table")], (12, 10))
    first, *others = HEALTH_COLUMNS
    asked = queries.last("data_health", first, {name: name for name in others}, queries.LINES, MACHINE_TAGS)
    shown = made.columns(panels.rows(), (*MACHINE_TAGS, *HEALTH_COLUMNS)).data_links(to_machine)
    made.add("health.wire", shown, [of("data_health", asked, form="table")], (24, 9))
    for key, field in (("health.waiting", "waiting"), ("health.refused", "refused")):
        query = queries.collector(f'MAX("{field}")', field)
        made.add(key, panels.curve("short"), [of("collector", query, alias=made.say(f"column.{field}"))], (8, 7))
    rate = queries.collector('NON_NEGATIVE_DERIVATIVE(MAX("written"), 1s)', "written")
    made.add("health.written", panels.curve("cps"), [of("collector", rate, alias=made.say("column.written"))], (8, 7))
    return made
