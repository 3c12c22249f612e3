"""Whose shift it was, and whether it was won."""

from contract.kpi import ratio
from dashboards.report.markup import Child, Html, el, join
from dashboards.report.view import View, data, few

_NAMES_SHOWN = 3


def shift_name(view: View) -> str:
    """The names of the shifts, or that there was none."""
    names = list(dict.fromkeys(view.write.name(one.name) for one in view.found.shifts))
    return few(view, names, _NAMES_SHOWN) or view.write.say("report.no_shift")


def title(view: View) -> str:
    """What this paper is: a shift's report, or a span's."""
    return view.write.say("report.title" if view.found.shift else "report.title_span")


def top(view: View) -> Html:
    """Whose shift it was, with room for what no machine knows."""
    found, write = view
    made = [one.order for one in found.orders if one.left and one.left.total]
    orders = [one.order for one in made]
    products = [write.name(one.product_name) if one.product_name else one.product for one in made]
    cells = [
        ("plant", write.name(found.plant)),
        ("line", write.name(found.name)),
        ("shift", shift_name(view)),
        ("date", write.days(found.span.from_us, found.span.to_us)),
        ("span", write.span(found.span.from_us, found.span.to_us)),
        ("orders_made", few(view, orders, _NAMES_SHOWN) or write.say("format.absent")),
        ("products", few(view, list(dict.fromkeys(products)), _NAMES_SHOWN) or write.say("format.absent")),
        ("leader", ""),
        ("people", ""),
    ]
    pairs = [
        el("div", el("dt", write.say(f"report.{key}")), el("dd", text, title=text or None), class_=key)
        for key, text in cells
    ]
    interim = write.say("report.interim", time=write.clock(found.shift.end_us)) if found.runs and found.shift else ""
    head = el("header", el("h1", title(view)), el("p", interim, class_="interim") if interim else None, class_="head")
    return join(head, el("dl", *pairs, class_="who"))


def strip(view: View) -> Html:
    """Good parts against the target, the pace, OEE."""
    found, write = view
    kpis, good = found.report.kpis, found.report.sums.exit_good
    made = _box(view, "good", data("good", good, write.number(good)), _rejected(view))
    oee = _box(view, "oee", data("oee", kpis.oee, write.percent(kpis.oee)), _product(view))
    return el("div", made, *_against(view, good), oee, class_="strip")


def _against(view: View, good: int) -> list[Html]:
    """What the plan wanted, and how much of it there is; in whole parts, as on the wall."""
    found, write = view
    rate = found.report.kpis.throughput_per_h
    absent = write.say("format.absent")
    per_hour = write.say("report.per_hour", n=absent if rate is None else write.number(rate, 1))
    pace = data("rate", rate, per_hour)
    if found.target is None:
        target = _box(view, "target", data("target", None, absent), write.say("report.no_target"))
        return [target, _box(view, "pace", data("reached", None, absent), pace)]
    due = int(found.target)
    reached = ratio(good, due)
    return [
        _box(view, "target", data("target", due, write.number(due)), _gap(view, good - due), _of_whole(view)),
        _box(view, "pace", data("reached", reached, write.percent(reached)), write.say("report.pace_is"), pace),
    ]


def _box(view: View, name: str, figure: Html, *notes: Child) -> Html:
    head = el("h2", view.write.say(f"report.{name}"))
    return el("div", head, el("p", figure, class_="big"), *(el("p", each) for each in notes if each))


def _rejected(view: View) -> str:
    machines, write = view.found.report.machines, view.write
    scrap, rework = (sum(getattr(one.sums, name) for one in machines) for name in ("scrap", "rework"))
    return write.say("report.scrap", scrap=write.number(scrap), rework=write.number(rework))


def _gap(view: View, gap: int) -> Html:
    way = "even" if gap == 0 else "behind" if gap < 0 else "ahead"
    return el("strong", view.write.say(f"report.gap_{way}", n=view.write.number(abs(gap))), class_=way)


def _of_whole(view: View) -> str:
    found, write = view
    if not found.runs or found.target_shift is None:
        return ""
    return write.say("report.of_whole", target=write.number(int(found.target_shift)))


def _product(view: View) -> str:
    kpis = view.found.report.kpis
    return " × ".join(view.write.percent(each) for each in (kpis.availability, kpis.performance, kpis.quality))
