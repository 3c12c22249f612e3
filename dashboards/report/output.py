"""What came out of it: how good it was, and for which orders."""

from contract.instants import SECOND_US
from contract.kpi import ratio
from dashboards.report.markup import Child, Html, el, table
from dashboards.report.view import View, data, heads, none, part

STATIONS_SHOWN, DEFECTS_SHOWN, ORDERS_SHOWN = 6, 6, 5


def quality(view: View) -> Html:
    """Yields of the stations, the lowest first, and of the line."""
    found, write = view.found.report, view.write
    told = sorted((one for one in found.machines if one.fpy is not None), key=lambda one: one.fpy or 0.0)
    if not told:
        return part(view, "quality_head", none(view, "no_units"))
    rows: list[list[Child]] = [
        [
            write.machine(view.found.stations, one.path),
            write.number(one.made.first),
            write.number(one.made.first - one.made.first_good),
            data("fpy", one.fpy, write.percent(one.fpy)),
        ]
        for one in told[:STATIONS_SHOWN]
    ]
    shown, count = write.number(len(rows)), write.number(len(told))
    aside = write.say("report.worst_of", shown=shown, count=count) if len(told) > len(rows) else ""
    columns = heads(view, ("machine", "name"), ("first", "number"), ("rejected", "number"), ("fpy", "number"))
    whole = el("p", write.say("report.rty"), " ", el("strong", data("rty", found.rty, write.percent(found.rty))))
    return part(view, "quality_head", table("yields", columns, rows), whole, aside=aside)


def defects(view: View) -> Html:
    """The defect Pareto, all products together."""
    found, write = view.found.quality.pareto, view.write
    if not found:
        return part(view, "defects", none(view, "no_defects"))
    counts: dict[tuple[str, str], int] = {}
    for one in found:
        counts[one.machine, one.code] = counts.get((one.machine, one.code), 0) + one.count
    names = {(one.machine, one.code): write.name(one.name) if one.name else one.code for one in found}
    whole = sum(counts.values())
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rows: list[list[Child]] = [
        [
            names[key],
            write.machine(view.found.stations, key[0]),
            data("defects", count, write.number(count)),
            write.percent(ratio(count, whole)),
        ]
        for key, count in ranked[:DEFECTS_SHOWN]
    ]
    columns = heads(view, ("code", "name"), ("machine", "name"), ("count", "number"), ("share", "number"))
    aside = write.say("report.defects_of", count=write.number(whole))
    return part(view, "defects", table("defects", columns, rows), aside=aside)


def orders(view: View) -> Html:
    """The orders under way: what was made of each, and whether it keeps its date."""
    found, write = view
    book = write.say("report.in_book", count=write.number(found.waiting)) if found.waiting else ""
    if not found.orders:
        return part(view, "orders", none(view, "no_orders"), aside=book)
    rows: list[list[Child]] = []
    for one in found.orders[-ORDERS_SHOWN:]:
        order, absent = one.order, write.say("format.absent")
        rows.append(
            [
                order.order,
                write.name(order.product_name) if order.product_name else order.product,
                data("here", one.left.good, write.number(one.left.good)) if one.left else absent,
                f"{write.number(order.good)} / {write.number(order.quantity)}",
                write.say(f"orders.{order.state}"),
                absent if order.due_us is None else write.instant(order.due_us),
                absent if order.late_us is None else _lateness(view, order.late_us),
            ]
        )
    hidden = len(found.orders) - len(rows)
    more = write.say("report.more", count=write.number(hidden)) if hidden else ""
    columns = heads(
        view,
        ("order", "name"),
        ("product", "name"),
        ("here", "number few"),
        ("done", "number"),
        ("state", "kind"),
        ("due", "number due"),
        ("lateness", "number"),
    )
    return part(view, "orders", table("orders", columns, rows), aside=" · ".join(filter(None, [more, book])))


def _lateness(view: View, late_us: int) -> Html:
    text = view.write.say("orders.late" if late_us > 0 else "orders.early", time=view.write.duration(abs(late_us)))
    return data("late", late_us / SECOND_US, text)
