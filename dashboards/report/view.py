"""What every part of the report is made from, and the shapes that the parts share."""

from typing import NamedTuple

from answers.shift_report import ShiftReport
from dashboards.report.markup import Child, Html, el
from dashboards.report.writing import Writer


class View(NamedTuple):
    """What every part of the report is made from: the ``found`` report, and ``write`` in the reader's language."""

    found: ShiftReport
    write: Writer


def part(view: View, key: str, *children: Child, aside: str = "", kind: str = "") -> Html:
    """A part of a sheet under its heading; ``aside`` is said beside it."""
    head = el("h2", view.write.say(f"report.{key}"), el("small", aside) if aside else None)
    return el("section", head, *children, class_=f"part {kind}".strip())


def none(view: View, key: str) -> Html:
    """What is said where there is nothing to show."""
    return el("p", view.write.say(f"report.{key}"), class_="none")


def data(name: str, value: float | None, text: str) -> Html:
    """A number as people read it, and beside it as it is, for a program."""
    return el("data", text, class_=name, value="" if value is None else repr(value))


def few(view: View, names: list[str], most: int) -> str:
    """The first names, and how many more there are."""
    more = [view.write.say("report.more", count=str(len(names) - most))] if len(names) > most else []
    return ", ".join([*names[:most], *more])


def heads(view: View, *columns: tuple[str, str]) -> list[tuple[str, str]]:
    """The heads of a table: (word ``report.…``, class of the column) → (text, class)."""
    return [(view.write.say(f"report.{key}"), kind) for key, kind in columns]
