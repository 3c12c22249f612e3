"""Energy, how far the numbers can be trusted, and room for what people write by hand."""

from contract.instants import MINUTE_US, SECOND_US
from dashboards.report.markup import Html, el, join
from dashboards.report.view import View, data, none, part

UNKNOWN_SHOWN = 3
_SIGNED = ("hands_over", "takes_over", "manager")


def energy(view: View) -> Html:
    """What the line used, how much of it for nothing, and how much a good part took."""
    used, write = view.found.report.energy, view.write
    if not used.kwh:
        return part(view, "energy", none(view, "no_energy"))
    each = write.say("format.absent")
    if used.kwh_per_good is not None:
        each = _measured(view, used.kwh_per_good, 3)
    rows = [
        ("energy_used", data("kwh", used.kwh, _measured(view, used.kwh, 1)), ""),
        (
            "energy_idle",
            data("idle-kwh", used.idle_kwh, _measured(view, used.idle_kwh, 1)),
            write.percent(used.idle_share),
        ),
        ("energy_each", data("kwh-per-good", used.kwh_per_good, each), ""),
    ]
    return part(view, "energy", _facts([(write.say(f"report.{key}"), value, more) for key, value, more in rows]))


def _measured(view: View, kwh: float, digits: int) -> str:
    return view.write.say("format.measured", n=view.write.number(kwh, digits), unit=view.write.say("measure.kwh"))


def _facts(rows: list[tuple[str, Html, str]]) -> Html:
    """Some figures, each with what it is."""
    return el(
        "ul",
        *(
            el("li", el("strong", value), " ", join(label, f" ({more})" if more else None))
            for label, value, more in rows
        ),
    )


def health(view: View) -> Html:
    """How much of it all is known, and what is not."""
    found, write = view
    coverage, unknown_us = found.report.kpis.coverage, found.opened.unknown_us
    rows = [
        (write.say("report.coverage"), data("coverage", coverage, write.percent(coverage)), ""),
        (write.say("report.unknown"), data("unknown", unknown_us / SECOND_US, write.duration(unknown_us)), ""),
    ]
    return part(
        view,
        "data",
        _facts(rows),
        el("ul", *(el("li", each, class_="clamp", title=each) for each in _not_known(view)), class_="gaps"),
    )


def _not_known(view: View) -> list[str]:
    found, write = view
    silent = sorted((one for one in found.report.machines if one.unknown_us), key=lambda one: -one.unknown_us)
    told = [
        write.say(
            "report.unknown_of", name=write.machine(found.stations, one.path), time=write.duration(one.unknown_us)
        )
        for one in silent[:UNKNOWN_SHOWN]
    ]
    if len(silent) > UNKNOWN_SHOWN:
        told.append(write.say("report.more", count=write.number(len(silent) - UNKNOWN_SHOWN)))
    if not told:
        told.append(write.say("report.all_known"))
    if found.now_us < found.span.to_us - MINUTE_US:
        told.append(write.say("report.known_until", time=write.instant(found.now_us)))
    return told


def by_hand(view: View) -> Html:
    """Room for what no machine knows, and for the names of those who hand over."""
    write = view.write
    signed = [el("div", el("h2", write.say(f"report.{who}")), el("p", write.say("report.sign"))) for who in _SIGNED]
    return join(part(view, "remarks", kind="remarks"), el("div", *signed, class_="signed"))
