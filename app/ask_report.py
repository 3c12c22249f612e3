"""The verb that writes a shift report."""

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from answers.shift_report import ShiftReport, shift_report
from answers.span import chosen, everything
from answers.store import Store
from app import options
from app.files import open_to_write
from contract.errors import UsageError
from contract.instants import SECOND_US, to_iso
from dashboards.board.asking import resolve
from dashboards.board.pages import Query, Refused
from dashboards.board.troubles import said_in, trouble_of
from dashboards.report.document import as_file, document


class Lately(StrEnum):
    """Spans that have a name, as on the board."""

    HOUR = "hour"
    SHIFT = "shift"
    LAST_SHIFT = "last-shift"
    TODAY = "today"
    WEEK = "7d"


class Language(StrEnum):
    """Which of the languages of ``dashboards.words``."""

    EN = "en"
    VI = "vi"


def report(
    store: options.Store,
    line: Annotated[str, typer.Option("--line", help="Path or last part of it, e.g. smt-a. Else: every line.")] = "",
    span: Annotated[
        Lately | None,
        typer.Option(help="last-shift is the last one that is over, shift the one that runs.", show_default="shift"),
    ] = None,
    from_: options.From = None,
    to: options.To = None,
    lang: Annotated[Language, typer.Option(help="The language of the paper.")] = Language.EN,
    out: Annotated[Path, typer.Option("--out", help="The file to write.")] = Path("report.html"),
) -> None:
    """A shift report to print: one HTML file, two sheets of A4 for each line, in English or Vietnamese.

    Example: `mes report --store mes.db --line smt-a --span last-shift --lang vi --out report.html`
    """
    if span is not None and (from_ is not None or to is not None):
        raise UsageError("--span and --from/--to both say which time: give one of them")
    with Store.open(store) as opened, opened.moment():
        everything(opened)
        asked: str = span or Lately.SHIFT
        if from_ is not None or to is not None:
            between = chosen(opened, from_, to)
            asked = f"{to_iso(between.from_us)}..{to_iso(between.to_us)}"
        found = [_report(opened, each, asked) for each in ([line] if line else opened.lines())]
    page = document(found, lang, round(time.time() * SECOND_US), as_file())
    with open_to_write(out, "--out") as file:
        file.write(page.encode())
    typer.echo(f"{out.resolve()}: {', '.join(one.name.en for one in found)}. Open it in a browser and print it")


def _report(store: Store, line: str, span: str) -> ShiftReport:
    try:
        ask = resolve(store, Query(line=line, span=span), ())
    except Refused as refused:
        raise UsageError(". ".join(said_in(Language.EN, trouble_of(store.path, refused)))) from refused
    return shift_report(store, ask.line, ask.span)
