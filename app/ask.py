"""The verbs that ask a store: kpi, explain, score, health."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from answers.explain import explain as explain_machine
from answers.explain import find_machine
from answers.health import health as plant_health
from answers.score import score as score_store
from answers.span import chosen, zone
from answers.store import Store
from app import options, tables
from app.files import open_to_read
from app.health_table import health_report
from app.kpi_rows import ROWS, By, causes
from app.kpi_table import Definition, cause_table, kpi_table
from app.output import console, print_json
from contract.topics import address

_INTERVALS_SHOWN = 8
_REFUSED_SHOWN = 10
_WIDE = 130


def kpi(
    store: options.Store,
    from_: options.From = None,
    to: options.To = None,
    by: Annotated[By, typer.Option(help="What one row stands for.")] = By.LINE,
    definition: Annotated[Definition, typer.Option(help="Whose KPIs the table shows.")] = Definition.TPM,
    json: options.Json = False,
) -> None:
    """OEE with A, P and Q, MTBF, MTTR, OOE, TEEP and coverage over any span; or what the stops cost, by reason.

    Example: `mes kpi --store mes.db --by machine --from 2026-01-05T06:00:00+07:00 --to 2026-01-05T14:00:00+07:00`
    """
    with Store.open(store) as opened:
        span = chosen(opened, from_, to)
        title = f"{tables.span_text(span, zone(opened))}, by {by}"
        if by is By.REASON:
            found = causes(opened, span)
            answer: list[Any] = list(found)
            table = cause_table(title, found)
        else:
            rows = ROWS[by](opened, span)
            answer = [row.whole for row in rows]
            table = kpi_table(title, rows, definition, wide=console().width >= _WIDE)
    if json:
        print_json(answer)
    else:
        console().print(table)


def explain(
    store: options.Store,
    machine: Annotated[str, typer.Option("--machine", help="Path or last part of it, e.g. printer.")],
    from_: options.From = None,
    to: options.To = None,
    json: options.Json = False,
) -> None:
    """Explain this number: planned time down to good parts, with the intervals and counts behind every loss.

    Example: `mes explain --store mes.db --machine printer`
    """
    with Store.open(store) as opened:
        path = find_machine(opened, machine)
        answer = explain_machine(opened, path, chosen(opened, from_, to))
        tz = opened.tz(address(path).line_path)
    if json:
        print_json(answer)
    else:
        for part in tables.explanation(answer, _INTERVALS_SHOWN, tz):
            console().print(part)


def score(
    store: options.Store,
    truth: Annotated[Path, typer.Option("--truth", help="The truth file of the run.", show_default=False)],
    json: options.Json = False,
) -> None:
    """Prove the store: every machine's time and counts against what truly happened. Exit 0 only if nothing is invented.

    Example: `mes score --store mes.db --truth truth.jsonl`
    """
    with open_to_read(truth, "the truth file") as lines, Store.open(store) as opened:
        result = score_store(opened, lines)
    if json:
        print_json({"passed": result.passed, **msgspec.to_builtins(result)})
    else:
        console().print(tables.score_table(result))
        if result.orders:
            console().print(tables.order_score_table(result))
        console().print("store = truth" if result.passed else "[red]store ≠ truth[/]")
    if not result.passed:
        raise typer.Exit(1)


def health(
    store: options.Store,
    from_: options.From = None,
    to: options.To = None,
    json: options.Json = False,
) -> None:
    """Data health: how complete each machine's data are, and what was lost, late, doubled, out of order or refused.

    Example: `mes health --store mes.db`
    """
    with Store.open(store) as opened:
        found = plant_health(opened, chosen(opened, from_, to), _REFUSED_SHOWN)
        tz = zone(opened)
    if json:
        print_json(found)
    else:
        for part in health_report(found, tz):
            console().print(part)
