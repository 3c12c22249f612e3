"""Traceability: where a unit has been, what became of it, what it was made of; and which units a lot went into."""

from contract.points import LINE_TAGS
from dashboards.grafana import look, panels, queries
from dashboards.grafana.sheet import Sheet, of

_COLUMNS = queries.same(
    "unit", "line", "machine", "result", "attempt", "order_id", "product", "duration_s", "defects", "lots", "parents"
)


def sheet(language: str) -> Sheet:
    """The dashboard."""
    made = Sheet("trace", language, LINE_TAGS, texts=("unit", "lot"))
    made.start = "now-24h"
    for key, where in (
        ("trace.unit", queries.within("unit")),
        ("trace.children", '"parents" =~ /(^| )${unit:regex}( |$)/'),
        ("trace.lot", '"lots" =~ /(^| )${lot:regex}( |$)/'),
    ):
        shown = made.columns(panels.rows(), _COLUMNS, has_time=True).no_value(made.say("trace.none"))
        shown = shown.override_by_name("duration_s", [panels.property_("unit", "s")])
        shown = shown.override_by_name("result", [panels.property_("mappings", [look.results(made.say)])])
        asked = queries.raw("unit", _COLUMNS, f"{queries.LINES} AND {where}", 500)
        made.add(key, shown, [of("unit", asked, form="table")], (24, 9))
    return made
