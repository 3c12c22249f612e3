"""The whole document: sheets of one or several lines, as a file of its own or as a page of the board."""

from collections.abc import Sequence
from importlib import resources
from typing import NamedTuple

from answers.shift_report import ShiftReport
from dashboards.report.handover import by_hand, energy, health
from dashboards.report.losses import bottleneck, causes, longest
from dashboards.report.markup import Html, el, join
from dashboards.report.output import defects, orders, quality
from dashboards.report.stairs import made_of, stairs
from dashboards.report.top import shift_name, strip, title, top
from dashboards.report.view import View
from dashboards.report.writing import Writer

_PAGES = 2
_PATTERNS = (
    '<svg class="patterns" width="0" height="0" aria-hidden="true"><defs>'
    '<pattern id="cut" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect class="ground" width="5" height="5"></rect><rect class="mark" width="2" height="5"></rect></pattern>'
    '<pattern id="gain" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">'
    '<rect class="ground" width="5" height="5"></rect><rect class="mark" width="1" height="5"></rect></pattern>'
    "</defs></svg>"
)
#: A file may be opened anywhere: it may look like itself, and nothing else may happen in it.
_LOCKED = "default-src 'none'; style-src 'unsafe-inline'"


class Around(NamedTuple):
    """Where the page looks up its ``styles``, and what stands ``inside`` it before the sheets."""

    styles: Html
    inside: Html


def style() -> str:
    """What the report looks like."""
    return resources.files("dashboards.board").joinpath("static", "report.css").read_text("utf-8")


def as_file() -> Around:
    """A file that holds all it needs."""
    policy = f'<meta http-equiv="Content-Security-Policy" content="{_LOCKED}">'
    return Around(Html(f"{policy}<style>{style()}</style>"), Html(""))


def document(reports: Sequence[ShiftReport], language: str, made_us: int, around: Around) -> str:
    """The report of each line on its own two sheets; ``made_us``: the wall clock."""
    views = [View(found, Writer(language, found.tz)) for found in reports]
    sheets = [sheet for view in views for sheet in _sheets(view, made_us)]
    inside = join(Html(_PATTERNS), around.inside, el("main", *sheets))
    return plain_page(language, _title(views, language), Around(around.styles, inside))


def plain_page(language: str, title: str, around: Around) -> str:
    """A page that looks like the report."""
    head = join(
        Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        around.styles,
        el("title", title),
    )
    body = el("body", around.inside, class_="report")
    return f'<!doctype html>\n<html lang="{language}"><head>{head}</head>{body}</html>\n'


def _title(views: list[View], language: str) -> str:
    if len(views) != 1:
        return Writer(language, "UTC").say("report.sheets")
    [view] = views
    return f"{title(view)} – {_running(view)}"


def _running(view: View) -> str:
    """Which line and shift this is, on every sheet."""
    found, write = view
    span = found.span
    return " · ".join([write.name(found.name), shift_name(view), write.days(span.from_us, span.to_us)])


def _sheets(view: View, made_us: int) -> list[Html]:
    one = [top(view), strip(view), stairs(view), made_of(view), causes(view), bottleneck(view)]
    two = [
        el("p", _running(view), class_="running"),
        longest(view),
        el("div", quality(view), defects(view), class_="pair"),
        orders(view),
        el("div", energy(view), health(view), class_="pair"),
        by_hand(view),
    ]
    return [
        el("article", *parts, _foot(view, made_us, page), class_="sheet")
        for page, parts in enumerate((one, two), start=1)
    ]


def _foot(view: View, made_us: int, page: int) -> Html:
    write, found = view.write, view.found
    until_us = min(found.now_us, found.span.to_us)
    made = write.say("report.made", made=write.instant(made_us), data=write.instant(until_us))
    return el("footer", el("span", made), el("span", write.say("report.page", page=str(page), pages=str(_PAGES))))
