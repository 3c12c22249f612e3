"""Energy: how much, how much of it for nothing, how much for a good part."""

from contract.points import LINE_TAGS, MACHINE_TAGS
from dashboards.grafana import look, measures, panels, queries
from dashboards.grafana.sheet import Sheet, of


def sheet(language: str) -> Sheet:
    """The dashboard."""
    made = Sheet("energy", language, LINE_TAGS)
    whole = queries.sums("line", {"value": "energy_kwh"}, queries.LINES)
    made.add("energy.kwh", panels.number("kwatth"), [of("line", whole)], (8, 4))
    idle = queries.ratio(measures.LINE_IDLE, "value", queries.LINES)
    shown = panels.number("percentunit", look.low_is_good(0.2, 0.4), 1)
    made.add("energy.idle", shown, [of("line", idle)], (8, 4))
    part = queries.ratio(measures.LINE_KWH, "value", queries.LINES)
    made.add("energy.part", panels.number("kwatth", decimals=3), [of("line", part)], (8, 4))
    each = queries.sums("line", {"energy": "energy_kwh"}, queries.LINES, ("line",), each=True)
    made.add("energy.lines", panels.stack("kwatth"), [of("line", each, alias="$tag_line")], (12, 9))
    part = queries.ratio(measures.LINE_KWH, "part", queries.LINES, ("line",), each=True)
    made.add("energy.parts", panels.curve("kwatth").interval("1h"), [of("line", part, alias="$tag_line")], (12, 9))
    waste = queries.largest("machine", "idle_energy_kwh", ("line", "machine"), queries.LINES, 12)
    made.add("energy.waste", panels.pareto("kwatth", look.WATCH), [of("machine", waste, form="table")], (10, 10))
    columns = {"kwh_part": measures.KWH, "idle_share": measures.IDLE}
    more = {"energy": "energy_kwh", "idle_energy": "idle_energy_kwh"}
    shown = made.table((*MACHINE_TAGS, *columns, *more), down="machine", worst="idle_energy")
    asked = queries.ratios(columns, more, queries.LINES, MACHINE_TAGS)
    made.add("energy.machines", shown, [of("machine", asked, form="table")], (14, 10))
    return made
