"""Park overview: which site and line wins, which loses, where it hurts, what it costs in energy."""

from contract.points import LINE_TAGS
from dashboards.grafana import links, look, measures, panels, queries
from dashboards.grafana.sheet import Sheet, of

_OEES = {"oee": measures.LINE_OEE, "a": measures.LINE_A, "p": measures.LINE_P, "q": measures.LINE_Q}


def sheet(language: str) -> Sheet:
    """The dashboard."""
    made = Sheet("park", language, LINE_TAGS)
    made.start = "now-24h"
    _figures(made)
    made.row("park.lines")
    _lines(made)
    _ranks(made)
    made.row("park.trends")
    oee = queries.ratio(measures.LINE_OEE, "oee", queries.LINES, ("site",), each=True)
    made.add("park.sites", panels.curve("percentunit"), [of("line", oee, alias="$tag_site")], (12, 8))
    energy = queries.sums("line", {"energy": "energy_kwh"}, queries.LINES, ("site",), each=True)
    made.add("park.energy", panels.stack("kwatth"), [of("line", energy, alias="$tag_site")], (12, 8))
    return made


def _figures(made: Sheet) -> None:
    good = look.high_is_good(0.85, 0.6)
    for key, one, shown in (
        ("park.oee", measures.LINE_OEE, panels.number("percentunit", good, 1)),
        ("park.pace", measures.LINE_PACE, panels.number("percentunit", look.high_is_good(0.98, 0.9), 1)),
    ):
        made.add(key, shown, [of("line", queries.ratio(one, "value", queries.LINES))], (5, 4))
    parts = queries.sums("line", {"value": "exit_good"}, queries.LINES)
    made.add("park.good", panels.number("short"), [of("line", parts)], (5, 4))
    energy = queries.sums("line", {"value": "energy_kwh"}, queries.LINES)
    made.add("park.kwh", panels.number("kwatth"), [of("line", energy)], (5, 4))
    each = queries.ratio(measures.LINE_KWH, "value", queries.LINES)
    made.add("park.kwh_part", panels.number("kwatth", decimals=3), [of("line", each)], (4, 4))


def _lines(made: Sheet) -> None:
    shown = made.columns(panels.rows(), (*LINE_TAGS, *_OEES, "good", "energy"))
    for name in _OEES:
        shown = shown.override_by_name(name, [panels.property_("unit", "percentunit"), panels.property_("decimals", 1)])
    shown = shown.override_by_name("energy", [panels.property_("unit", "kwatth")])
    to_line = [links.from_row("line", made.language, made.say("to.line"), LINE_TAGS)]
    asked = queries.ratios(_OEES, {"good": "exit_good", "energy": "energy_kwh"}, queries.LINES, LINE_TAGS)
    made.add("park.table", shown.data_links(to_line), [of("line", asked, form="table")], (24, 9))


def _ranks(made: Sheet) -> None:
    by = ("site", "line")
    for key, function in (("park.best", "TOP"), ("park.worst", "BOTTOM")):
        asked = queries.ranked(function, measures.LINE_OEE, queries.LINES, by, 5)
        made.add(key, panels.pareto("percentunit", look.ACCENT), [of("line", asked, form="table")], (8, 7))
    asked = queries.largest("bottleneck", "sole_s + shifting_s", ("line", "machine"), queries.LINES, 5)
    made.add("park.bottlenecks", panels.pareto("s", look.WATCH), [of("bottleneck", asked, form="table")], (8, 7))
