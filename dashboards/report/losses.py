"""What stopped the line: the costliest causes, the longest stops, the bottleneck."""

from answers.live import Downtime
from contract.instants import SECOND_US
from contract.kpi import ratio
from dashboards.report.markup import Child, Html, bar, table
from dashboards.report.view import View, data, heads, none, part

CAUSES_SHOWN, STOPS_SHOWN, RULERS_SHOWN = 5, 8, 3


def causes(view: View) -> Html:
    """The downtime Pareto: what stopped which machine, how often and how long."""
    found, write = view.found.causes, view.write
    if not found:
        return part(view, "causes", none(view, "no_stops"))
    whole_us, by_path = sum(one.lost_us for one in found), {one.path: one for one in view.found.stations}
    rows: list[list[Child]] = [
        [
            write.machine(view.found.stations, one.machine),
            write.reason(by_path.get(one.machine), one.reason, one.category),
            write.say(f"category.{one.category}"),
            *_lost(view, [one], whole_us),
            bar((0, one.lost_us / found[0].lost_us, one.category)),
        ]
        for one in found[:CAUSES_SHOWN]
    ]
    others = found[CAUSES_SHOWN:]
    if others:
        label = write.say("report.causes_others", count=write.number(len(others)))
        rows.append([label, "", "", *_lost(view, others, whole_us), None])
    rows.append([write.say("report.causes_all"), "", "", *_lost(view, found, whole_us), None])
    words = heads(
        view,
        ("machine", "name"),
        ("reason", "name"),
        ("kind", "kind"),
        ("stops", "number"),
        ("time", "number"),
        ("share", "number"),
    )
    return part(view, "causes", table("causes", [*words, ("", "drawn")], rows))


def _lost(view: View, found: list[Downtime], whole_us: int) -> list[Child]:
    """How many stops, their time, and its share of all."""
    write, us = view.write, sum(one.lost_us for one in found)
    time = data("lost", us / SECOND_US, write.duration(us))
    return [write.number(sum(one.stops for one in found)), time, write.percent(ratio(us, whole_us))]


def longest(view: View) -> Html:
    """The longest stops: when, which machine, why, how long."""
    found, write = view
    if not found.stops:
        return part(view, "longest", none(view, "no_stops"))
    by_path = {one.path: one for one in found.stations}
    is_day = write.day(found.span.from_us) == write.day(found.span.to_us - 1)
    when, dated = (write.clock, "number") if is_day else (write.instant, "number dated")
    rows: list[list[Child]] = [
        [
            write.machine(found.stations, one.machine),
            write.reason(by_path.get(one.machine), one.reason, one.category),
            write.say(f"category.{one.category}"),
            when(one.began_us),
            when(one.ended_us),
            data("stop", one.lasted_us / SECOND_US, _lasted(view, one.lasted_us, outlasts=one.outlasts)),
        ]
        for one in found.stops[:STOPS_SHOWN]
    ]
    shown, count = write.number(len(rows)), write.number(len(found.stops))
    aside = write.say("report.longest_of", shown=shown, count=count)
    what = (("machine", "name"), ("reason", "name"), ("kind", "kind"))
    columns = heads(view, *what, ("from", dated), ("to", dated), ("lasted", "number"))
    return part(view, "longest", table("longest", columns, rows), aside=aside)


def _lasted(view: View, us: int, *, outlasts: bool) -> str:
    time = view.write.duration(us)
    return view.write.say("report.goes_on", time=time) if outlasts else time


def bottleneck(view: View) -> Html:
    """Who held the line up, and for how much of the time."""
    found, write = view.found.bottlenecks, view.write
    ranked = sorted(found.machines.items(), key=lambda item: (-item[1].sole_us, -item[1].shifting_us, item[0]))
    if not ranked:
        return part(view, "bottleneck", none(view, "no_bottleneck"))
    rows: list[list[Child]] = []
    for path, share in ranked[:RULERS_SHOWN]:
        sole, shifting = (ratio(us, found.span_us) or 0.0 for us in (share.sole_us, share.shifting_us))
        shares = [data(name, one, write.percent(one)) for name, one in (("sole", sole), ("shifting", shifting))]
        rows.append(
            [write.machine(view.found.stations, path), *shares, bar((0, sole, "sole"), (sole, shifting, "shared"))]
        )
    columns = [*heads(view, ("machine", "name"), ("alone", "number"), ("shifting", "number")), ("", "drawn")]
    return part(view, "bottleneck", table("rulers", columns, rows))
