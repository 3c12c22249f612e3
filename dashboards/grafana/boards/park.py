"""Park overview: which site and line wins, which loses, where it hurts, what it costs in energy."""

from contract.points import LINE_TAGS
from dashboards.grafana import look, measures, panels, queries
from dashboards.grafana.sheet import Sheet, of

_OEES = {"oee": measures.LINE_OEE, "a": measures.LINE_A, "p": measures.LINE_P, "q": measures.LINE_Q}
_GOOD = look.high_is_good(0.85, 0.6)


def sheet(language: str) -> Sheet:
    """The dashboard."""
    made = Sheet("park", language, LINE_TAGS)
    _figures(made)
    made.row("park.lines")
    _lines(made)
    _ranks(made)
    made.row("park.trends")
    oee = queries.ratio(measures.LINE_OEE, "oee", queries.LINES, ("site",), each=True)
    made.add("park.sites", panels.shares(), [of("line", oee, alias="$tag_site")], (12, 8))
    energy = queries.sums("line", {"energy": "energy_kwh"}, queries.LINES, ("site",), each=True)
    made.add("park.energy", panels.stack("kwatth"), [of("line", energy, alias="$tag_site")], (12, 8))
    return made


def _figures(made: Sheet) -> None:
    for key, one, shown in (
        ("park.oee", measures.LINE_OEE, panels.number("percentunit", _GOOD, 1)),
        ("park.pace", measures.LINE_PACE, panels.number("percentunit", look.high_is_good(0.98, 0.9), 1)),
    ):
        made.add(key, shown, [of("line", queries.ratio(one, "value", queries.LINES))], (5, 4))
    parts = queries.sums("line", {"value": "exit_good"}, queries.LINES)
    made.add("park.good", panels.number("locale"), [of("line", parts)], (5, 4))
    energy = queries.sums("line", {"value": "energy_kwh"}, queries.LINES)
    made.add("park.kwh", panels.number("kwatth"), [of("line", energy)], (5, 4))
    each = queries.ratio(measures.LINE_KWH, "value", queries.LINES)
    made.add("park.kwh_part", panels.number("kwatth", decimals=3), [of("line", each)], (4, 4))


def _lines(made: Sheet) -> None:
    shown = made.table((*LINE_TAGS, *_OEES, "good", "energy"), down="line", worst="oee", rising=True)
    coloured = [panels.property_("thresholds", _GOOD.build()), panels.property_("custom.cellOptions", panels.LETTERS)]
    shown = shown.override_by_name("oee", coloured)
    asked = queries.ratios(_OEES, {"good": "exit_good", "energy": "energy_kwh"}, queries.LINES, LINE_TAGS)
    made.add("park.table", shown, [of("line", asked, form="table")], (24, 9))


def _ranks(made: Sheet) -> None:
    by = ("site", "line")
    for key, function in (("park.best", "TOP"), ("park.worst", "BOTTOM")):
        asked = queries.ranked(function, measures.LINE_OEE, queries.LINES, by, 5)
        # One length for one ratio, so that best and worst can be compared.
        shown = panels.pareto("percentunit", look.ACCENT).max(1).decimals(1)
        made.add(key, shown, [of("line", asked, form="table")], (8, 7))
    asked = queries.largest("bottleneck", "sole_s + shifting_s", ("line", "machine"), queries.LINES, 5)
    shown = panels.pareto(panels.DURATION, look.WATCH)
    made.add("park.bottlenecks", shown, [of("bottleneck", asked, form="table")], (8, 7))
