"""Traceability: where a unit has been, what became of it, what it was made of; and which units a lot went into."""

from contract.points import LINE_TAGS
from dashboards.grafana import queries
from dashboards.grafana.sheet import Sheet, of

_EVERYTHING = (
    "unit", "line", "machine", "result", "attempt", "order_id", "product", "duration_s", "defects", "lots", "parents",
)  # fmt: skip
_SHORT = ("unit", "line", "machine", "result", "product")


def sheet(language: str) -> Sheet:
    """The dashboard."""
    made = Sheet("trace", language, LINE_TAGS, texts=("unit", "lot"))
    for key, names, where in (
        ("trace.unit", _EVERYTHING, queries.within("unit")),
        ("trace.children", (*_SHORT, "parents"), '"parents" =~ /(^| )${unit:regex}( |$)/'),
        ("trace.lot", (*_SHORT, "lots"), '"lots" =~ /(^| )${lot:regex}( |$)/'),
    ):
        shown = made.table(names, has_time=True).no_value(made.say("trace.none"))
        asked = queries.raw("unit", queries.same(*names), f"{queries.LINES} AND {where}", 500)
        made.add(key, shown, [of("unit", asked, form="table")], (24, 9))
    return made
