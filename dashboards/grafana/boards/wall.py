"""Factory wall (andon): are we winning, what stands and why, where the time went. To be read at five metres."""

from contract.points import LINE_TAGS, MACHINE_TAGS
from dashboards.grafana import look, measures, panels, queries
from dashboards.grafana.sheet import Sheet, of


def sheet(language: str) -> Sheet:
    """The dashboard."""
    made = Sheet("wall", language, LINE_TAGS, start="now-8h", refresh="10s")
    pace = queries.ratio(measures.LINE_PACE, "pace", queries.LINES, LINE_TAGS)
    tile = panels.tiles("percentunit").thresholds(look.high_is_good(0.98, 0.9, look.CALM)).decimals(0)
    tile = tile.data_links([made.series_link("line")])
    made.add("wall.pace", tile, [of("line", pace, alias="$tag_line")], (12, 7))
    causes = queries.reasons("duration_s", f"{queries.LINES} AND {queries.CAUSES}", language, 6)
    shown = panels.pareto(panels.DURATION, look.ACT).mappings([look.reasons(language)])
    made.add("wall.causes", shown, [of("downtime", causes, form="table")], (12, 7))
    stopped(made, "wall.stopped", queries.LINES, (12, 13))
    now = queries.last("machine_state", "category", {}, f"{queries.LINES} AND {queries.HEARD}", MACHINE_TAGS)
    tile = panels.tiles().mappings([look.categories(language)]).data_links([made.series_link("machine")])
    made.add("wall.machines", tile, [of("machine_state", now, alias="$tag_line · $tag_machine")], (12, 13))
    return made


def stopped(made: Sheet, key: str, where: str, size: tuple[int, int]) -> None:
    """What stands now and for how long, the longest first."""
    shown = made.table((*MACHINE_TAGS, "category", "reason", "for_s"), down="machine", worst="for_s")
    filled = [panels.property_("custom.cellOptions", panels.FILLED), panels.property_("custom.width", 120)]
    shown = shown.override_by_name("category", filled).no_value(made.say("wall.none"))
    # Its line says where it is; the reason wants the room.
    shown = shown.override_by_name("site", [panels.property_("custom.hidden", True)])
    shown = shown.override_by_name("for_s", [panels.property_("custom.width", 110)])
    made.add(key, shown, [of("machine_state", queries.standing(where, made.language), form="table")], size)
