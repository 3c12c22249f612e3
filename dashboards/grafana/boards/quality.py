"""Quality: yields, what is wrong where, and whether the processes are stable and good enough."""

from contract.points import MACHINE_TAGS
from dashboards.grafana import look, measures, panels, queries
from dashboards.grafana.sheet import Sheet, of

_WHERE = f"{queries.MACHINES} AND {queries.within('product')}"

#: Lines of an individuals chart: from the process itself, from whoever uses the part, and what both aim at.
_LINES = {
    **dict.fromkeys(("centre", "target"), look.ACCENT),
    **dict.fromkeys(("upper", "lower"), look.ACT),
    **dict.fromkeys(("lsl", "usl"), look.WATCH),
}


def sheet(language: str) -> Sheet:
    """The dashboard."""
    made = Sheet("quality", language, (*MACHINE_TAGS, "product", "code"), single=("code",))
    _figures(made)
    made.row("quality.defects_row")
    _defects(made)
    made.row("quality.charts")
    _shares(made)
    _values(made)
    return made


def _figures(made: Sheet) -> None:
    fpy, rty = look.high_is_good(0.98, 0.95), look.high_is_good(0.95, 0.9)
    asked = queries.ratio(measures.FPY, "value", _WHERE)
    made.add("quality.fpy", panels.number("percentunit", fpy, 2), [of("made", asked)], (6, 4))
    asked = queries.product(measures.FPY, "value", _WHERE, MACHINE_TAGS)
    made.add("quality.rty", panels.number("percentunit", rty, 2), [of("made", asked)], (6, 4))
    for key, one in (("quality.scrap", measures.MADE_SCRAP), ("quality.rework", measures.MADE_REWORK)):
        shown = panels.number("percentunit", look.low_is_good(0.02, 0.05), 2)
        made.add(key, shown, [of("made", queries.ratio(one, "value", _WHERE))], (6, 4))
    columns = {"fpy": measures.FPY, "scrap_share": measures.MADE_SCRAP}
    more = queries.same("first", "good", "scrap", "rework", "false_calls")
    shown = made.table((*MACHINE_TAGS, *columns, *more), down="machine", worst="fpy", rising=True)
    asked = queries.ratios(columns, more, _WHERE, MACHINE_TAGS)
    made.add("quality.machines", shown, [of("made", asked, form="table")], (24, 8))


def _defects(made: Sheet) -> None:
    for key, by in (("quality.defects", ("defect",)), ("quality.where", ("line", "machine"))):
        asked = queries.largest("defect", "count", by, _WHERE, 12)
        made.add(key, panels.pareto("locale", look.ACT), [of("defect", asked, form="table")], (7, 9))
    asked = queries.sums("defect", {"defects": "count"}, _WHERE, ("machine",), each=True)
    made.add("quality.trend", panels.stack("locale"), [of("defect", asked, alias="$tag_machine")], (10, 9))


def _shares(made: Sheet) -> None:
    one, shown = measures.FIRST_REJECTS, panels.curve("percentunit").interval("1h").max_data_points(120)
    asked = [of("made", queries.ratio(one, "share", _WHERE, each=True), alias=made.say("chart.share"))]
    asked.append(of("made", queries.proportions(one, _WHERE), alias="$col"))
    for word in ("centre", "upper", "lower"):
        drawn = [panels.property_("displayName", made.say(f"chart.{word}")), panels.property_(*panels.STEPS)]
        shown = shown.override_by_name(word, [*drawn, *panels.dashed(look.ACCENT if word == "centre" else look.ACT)])
    made.add("quality.p_chart", shown, asked, (24, 9))


def _values(made: Sheet) -> None:
    where, by = f"{queries.MACHINES} AND {queries.within('code')}", ("machine",)
    shown = panels.curve("none").max_data_points(480)
    asked = [
        of("value", queries.of_interval("MEAN", "value", ("value",), where, by), alias="$tag_machine"),
        of("value", queries.individuals(where, by), alias="$tag_machine · $col"),
        of("value", queries.of_interval("LAST", "value", ("target", "lsl", "usl"), where, by),
           alias="$tag_machine · $col"),
    ]  # fmt: skip
    for word, colour in _LINES.items():
        name = panels.property_("displayName", f"${{__field.labels.machine}} · {made.say(f'chart.{word}')}")
        shown = shown.override_by_regexp(f"/ · {word}$/", [name, *panels.dashed(colour)])
    made.add("quality.individuals", shown, asked, (24, 10))
    each = ("line", "machine", "code")
    asked = [of("value", queries.capability(where, each), form="table")]
    made.add("quality.capability", made.table((*each, "ppu", "ppl")), asked, (24, 5))
