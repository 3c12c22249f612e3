"""Factory wall (andon): are we winning, what stands and why, where the time went. To be read at five metres."""

from contract.points import LINE_TAGS, MACHINE_TAGS
from dashboards.grafana import links, look, measures, panels, queries
from dashboards.grafana.sheet import Sheet, of


def sheet(language: str) -> Sheet:
    """The dashboard."""
    made = Sheet("wall", language, LINE_TAGS)
    made.refresh = "10s"
    words = [look.categories(language)]
    to_line = [links.from_series("line", language, made.say("to.line"), LINE_TAGS)]
    pace = queries.ratio(measures.LINE_PACE, "pace", queries.LINES, LINE_TAGS)
    tile = panels.tiles("percentunit").thresholds(look.high_is_good(0.98, 0.9)).decimals(0).data_links(to_line)
    made.add("wall.pace", tile, [of("line", pace, alias="$tag_line")], (12, 6))
    made.add("wall.stopped", _stopped(made), [of("machine_state", _standing(), form="table")], (12, 12))
    now = queries.last("machine_state", "category", {}, queries.LINES, MACHINE_TAGS)
    to_machine = [links.from_series("machine", language, made.say("to.machine"), MACHINE_TAGS)]
    tile = panels.tiles().mappings(words).data_links(to_machine)
    made.add("wall.machines", tile, [of("machine_state", now, alias="$tag_line · $tag_machine")], (12, 12))
    causes = queries.largest("downtime", "duration_s", ("reason",), f"{queries.LINES} AND {queries.CAUSES}", 6)
    shown = panels.pareto("s", look.ACT).mappings([look.reasons(language)])
    made.add("wall.causes", shown, [of("downtime", causes, form="table")], (12, 6))
    return made


def _standing() -> str:
    """Machines that neither run nor rest by plan, with the reason."""
    now = queries.last("machine_state", "category", {"reason": "reason"}, queries.LINES, MACHINE_TAGS)
    tags = ", ".join(f'"{tag}"' for tag in MACHINE_TAGS)
    stands = "\"category\" <> 'execute' AND \"category\" <> 'planned'"
    return f'SELECT "category", "reason" FROM ({now}) WHERE {stands} GROUP BY {tags}'


def _stopped(made: Sheet) -> object:
    shown = made.columns(panels.rows(), (*MACHINE_TAGS, "category", "reason"))
    coloured = [
        panels.property_("mappings", [look.categories(made.language)]),
        panels.property_("custom.cellOptions", {"type": "color-background"}),
    ]
    shown = shown.override_by_name("category", coloured)
    shown = shown.override_by_name("reason", [panels.property_("mappings", [look.reasons(made.language)])])
    for tag in ("enterprise", "site", "area"):
        shown = shown.override_by_name(tag, [panels.property_("custom.hidden", True)])
    to_machine = [links.from_row("machine", made.language, made.say("to.machine"), MACHINE_TAGS)]
    return shown.data_links(to_machine).no_value(made.say("wall.none"))
