"""Where the time went: the staircase down to good parts, and the three ratios whose product it is."""

from collections.abc import Iterator
from typing import NamedTuple

from answers.live import CONSEQUENCES
from contract.instants import MINUTE_US, SECOND_US
from contract.kpi import Losses, ratio
from contract.states import Category
from dashboards.board.ladder import Factor, factors
from dashboards.board.snapshot import STEPS
from dashboards.report.markup import Html, bar, el
from dashboards.report.view import View, data, few, none, part

_BEHIND_SHOWN, _NAMES_SHOWN = 2, 3
#: Below this planned time, steps are shown to the second.
_SHORT_US = 1800 * SECOND_US
_TIMES = {"availability": ("run", "planned"), "performance": ("made", "run"), "quality": ("good", "made")}
#: Waiting for a neighbour has no reason but the neighbour; what was planned is no step.
_BY_NAME = frozenset({Category.EXECUTE, Category.PLANNED, *CONSEQUENCES})


class Step(NamedTuple):
    """One row: ``us`` are cut away between ``before_us`` and ``after_us``, or are all that is left (``is_left``)."""

    name: str
    us: int
    before_us: int
    after_us: int
    is_left: bool


def steps(lost: Losses) -> Iterator[Step]:
    """From planned time down to good parts; what nothing was lost to is left out."""
    left_us = lost.ppt_us
    yield Step("planned", left_us, left_us, 0, is_left=True)
    for name in STEPS:
        us = getattr(lost, f"{name}_us")
        if us:
            yield Step(name, us, left_us, left_us - us, is_left=False)
        left_us -= us
    yield Step("good", left_us, left_us, 0, is_left=True)


def stairs(view: View) -> Html:
    """The staircase: planned time, each loss cut away with its minutes and what it was, good time."""
    lost, write = view.found.report.losses, view.write
    names = [write.machine(view.found.stations, one) for one in _basis(view)]
    aside = write.say("report.basis", names=few(view, names, _NAMES_SHOWN)) if names else ""
    if not lost.ppt_us:
        return part(view, "stairs", none(view, "no_planned"), aside=aside)
    found, behind = list(steps(lost)), _behind(view)
    top_us = max(one.before_us for one in found)
    rows = [_row(view, one, top_us, behind.get(one.name, "")) for one in found]
    return part(view, "stairs", el("table", el("tbody", *rows), class_="stairs"), aside=aside)


def _basis(view: View) -> list[str]:
    return list(dict.fromkeys(turn.station.path for turn in view.found.opened.basis))


def _row(view: View, step: Step, top_us: int, behind: str) -> Html:
    write, whole_us = view.write, view.found.report.losses.ppt_us
    return el(
        "tr",
        el("th", write.say(f"stairs.{step.name}" if step.is_left else f"step.{step.name}"), scope="row"),
        el("td", data(f"step-{step.name}", step.us / SECOND_US, _shown(view, step)), class_="number"),
        el("td", write.percent(ratio(step.us, whole_us)), class_="number quiet"),
        el("td", _drawn(step, top_us), class_="drawn"),
        el("td", el("span", behind, class_="clamp"), class_="name", title=behind or None),
        class_=f"step {step.name}",
    )


def _shown(view: View, step: Step) -> str:
    """What remains is rounded and a step is the difference of two remainders: so what is written adds up."""
    write, is_short = view.write, view.found.report.losses.ppt_us < _SHORT_US
    unit_us = SECOND_US if is_short else MINUTE_US
    before_us, after_us = ((us + unit_us // 2) // unit_us * unit_us for us in (step.before_us, step.after_us))
    us = before_us - after_us
    if not us and not step.is_left:
        return "0"
    sign = "" if step.is_left else "−" if us > 0 else "+"
    return sign + (write.exact(abs(us)) if is_short else write.duration(abs(us)))


def _drawn(step: Step, top_us: int) -> Html:
    low, high = (max(0, us) / top_us for us in sorted((step.before_us, step.after_us)))
    if step.is_left:
        return bar((low, high - low, step.name))
    return bar((0, low, "rest"), (low, high - low, "cut" if step.us > 0 else "gain"))


def _behind(view: View) -> dict[str, str]:
    """Category → the reasons that most of its time was spent for; with their times where there are several."""
    found, write = view
    basis, by_path = _basis(view), {one.path: one for one in found.stations}
    spent: dict[Category, dict[str, int]] = {}
    for one in found.opened.intervals:
        if one.category not in _BY_NAME:
            where = f"{write.machine(found.stations, one.machine)}: " if len(basis) > 1 else ""
            what = where + write.reason(by_path.get(one.machine), one.reason, one.category)
            times = spent.setdefault(one.category, {})
            times[what] = times.get(what, 0) + one.end_us - one.start_us
    return {category: _told(view, times) for category, times in spent.items()}


def _told(view: View, times: dict[str, int]) -> str:
    if len(times) == 1:
        return next(iter(times))
    ranked = sorted(times.items(), key=lambda item: -item[1])[:_BEHIND_SHOWN]
    return " · ".join(f"{what} {view.write.duration(us)}" for what, us in ranked)


def made_of(view: View) -> Html:
    """OEE as a product of three ratios, each with the times it is made from."""
    found = view.found
    oee, lost = found.report.kpis.oee, found.report.losses
    rows = [_factor(view, one) for one in factors(found.opened, "tpm", is_line=True)]
    whole = Factor("oee", lost.good_ideal_us, lost.ppt_us, in_parts=False, value=oee)
    rows.append(_factor(view, whole, ("good", "planned")))
    body = el("tbody", *rows)
    return part(view, "made_of", el("table", body, class_="factors"), kind="made-of")


def _factor(view: View, one: Factor, times: tuple[str, str] | None = None) -> Html:
    write = view.write
    above, below = times or _TIMES[one.key]
    sides = [
        el("td", write.exact(us), el("small", write.say(f"report.time_{word}")), class_="side")
        for us, word in ((one.above, above), (one.below, below))
    ]
    return el(
        "tr",
        el("th", write.say(f"report.factor_{one.key}"), scope="row"),
        el("td", "=", class_="sign"),
        sides[0],
        el("td", "÷", class_="sign"),
        sides[1],
        el("td", "=", class_="sign"),
        el("td", data(f"factor-{one.key}", one.value, write.percent(one.value)), class_="number"),
        class_=one.key,
    )
