"""How OEE is made: the same data under TPM, ISO 22400, NEE, OOE and TEEP; and two mistakes beside the right number."""

from contract.points import LINE_TAGS, MACHINE_TAGS
from dashboards.grafana import look, measures, panels, queries
from dashboards.grafana.sheet import Sheet, of

_SCHOOLS = {
    "tpm": {"a": measures.LINE_A, "p": measures.LINE_P, "q": measures.LINE_Q, "oee": measures.LINE_OEE},
    "iso": {"a": measures.LINE_ISO_A, "p": measures.LINE_ISO_E, "q": measures.LINE_Q, "oee": measures.LINE_OEE},
}
_SPANS = {"oee": measures.LINE_OEE, "ooe": measures.LINE_OOE, "teep": measures.LINE_TEEP, "nee": measures.LINE_NEE}


def sheet(language: str) -> Sheet:
    """The dashboard."""
    made = Sheet("oee", language, LINE_TAGS, single=LINE_TAGS)
    made.add("oee.note", panels.note(made.say("oee.text")), [], (24, 3))
    for school, ratios in _SCHOOLS.items():
        made.row(f"oee.{school}")
        for key, one in ratios.items():
            asked = queries.ratio(one, "value", queries.LINES)
            made.add(f"oee.{school}.{key}", panels.number("percentunit", decimals=1), [of("line", asked)], (6, 4))
    made.row("oee.spans")
    for key, one in _SPANS.items():
        asked = queries.ratio(one, "value", queries.LINES)
        made.add(f"oee.span.{key}", panels.number("percentunit", decimals=1), [of("line", asked)], (6, 4))
    made.row("oee.mistakes")
    right = of("line", queries.ratio(measures.LINE_OEE, "value", queries.LINES))
    made.add("oee.right", panels.number("percentunit", look.high_is_good(0.85, 0.6), 1), [right], (8, 5))
    for key, function in (("oee.mean", "MEAN"), ("oee.least", "MIN")):
        asked = queries.of_each(function, measures.OEE, "value", queries.LINES, MACHINE_TAGS)
        made.add(key, panels.number("percentunit", decimals=1), [of("machine", asked)], (8, 5))
    each = queries.ratio(measures.OEE, "oee", queries.LINES, ("machine",), each=True)
    line = queries.ratio(measures.LINE_OEE, "oee", queries.LINES, each=True)
    # Its axis ends above anything but a machine that beat the plan in a break; such a value is cut off, not changed.
    shown = panels.curve("percentunit").interval("1h").min(0).max(1.25)
    shown = shown.override_by_name(
        made.say("oee.of_line"), [panels.fixed("#f5f5f5"), panels.property_("custom.lineWidth", 4)]
    )
    both = [of("line", line, alias=made.say("oee.of_line")), of("machine", each, alias="$tag_machine")]
    made.add("oee.trend", shown, both, (24, 9))
    return made
