"""Orders: what is under way and how late, what is done."""

from contract.points import LINE_TAGS
from dashboards.grafana import links, look, panels, queries
from dashboards.grafana.sheet import Sheet, of

_COLUMNS = queries.same("order_id", "product", "quantity", "released", "good", "scrap", "late_s", "is_complete")


def sheet(language: str) -> Sheet:
    """The dashboard."""
    made = Sheet("orders", language, LINE_TAGS)
    made.start = "now-24h"
    now = queries.last("order_progress", "order_id", {name: name for name in _COLUMNS if name != "order_id"},
                       queries.LINES, LINE_TAGS)  # fmt: skip
    made.add("orders.now", _table(made, has_time=False), [of("order_progress", now, form="table")], (24, 9))
    share = queries.share_of_order(queries.LINES, ("line",))
    shown = panels.curve("percentunit")
    made.add("orders.progress", shown, [of("order_progress", share, alias="$tag_line")], (12, 9))
    late = queries.of_interval("LAST", "order_progress", "late_s", queries.LINES, ("line",))
    shown = panels.curve("s")
    made.add("orders.late", shown, [of("order_progress", late, alias="$tag_line")], (12, 9))
    done = queries.raw("order_progress", {"line": "line", **_COLUMNS}, f'{queries.LINES} AND "is_complete" = true', 100)
    made.add("orders.done", _table(made, has_time=True), [of("order_progress", done, form="table")], (24, 9))
    return made


def _table(made: Sheet, *, has_time: bool) -> object:
    shown = made.columns(panels.rows(), (*LINE_TAGS, *_COLUMNS), has_time=has_time)
    shown = shown.override_by_name("late_s", [panels.property_("unit", "s")])
    shown = shown.override_by_name("is_complete", [panels.property_("mappings", [look.yes_no(made.say)])])
    if has_time:
        return shown
    return shown.data_links([links.from_row("line", made.language, made.say("to.line"), LINE_TAGS)])
