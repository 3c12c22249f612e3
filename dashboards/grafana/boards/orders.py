"""Orders: what is under way and how late, what is done."""

from contract.points import LINE_TAGS
from dashboards.grafana import panels, queries
from dashboards.grafana.sheet import Sheet, of

_COLUMNS = queries.same("order_id", "product", "quantity", "released", "good", "scrap", "late_s", "is_complete")


def sheet(language: str) -> Sheet:
    """The dashboard."""
    made = Sheet("orders", language, LINE_TAGS)
    others = {name: name for name in _COLUMNS if name != "order_id"}
    now = queries.last("order_progress", "order_id", others, queries.LINES, LINE_TAGS)
    shown = made.table((*LINE_TAGS, *_COLUMNS), down="line", worst="late_s")
    made.add("orders.now", shown, [of("order_progress", now, form="table")], (24, 7))
    share = queries.share_of_order(queries.LINES, ("line",))
    made.add("orders.progress", panels.trend("percentunit"),
             [of("order_progress", share, alias="$tag_line")], (12, 9))  # fmt: skip
    late = queries.of_interval("LAST", "order_progress", ("late_s",), queries.LINES, ("line",))
    made.add("orders.late", panels.trend("s"), [of("order_progress", late, alias="$tag_line")], (12, 9))
    done = queries.raw("order_progress", {"line": "line", **_COLUMNS}, f'{queries.LINES} AND "is_complete" = true', 100)
    shown = made.table(("line", *_COLUMNS), has_time=True)
    made.add("orders.done", shown, [of("order_progress", done, form="table")], (24, 9))
    return made
