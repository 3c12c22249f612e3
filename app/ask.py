"""The verbs that ask: kpi, explain, score, plants, check."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console

from answers.bottleneck import Bottlenecks, Share, bottlenecks
from answers.explain import explain as explain_machine
from answers.explain import find_machine
from answers.report import LineReport, MachineReport, line_reports
from answers.score import score as score_store
from answers.span import Span, chosen, hours, shifts
from answers.store import Store, short
from app import options, tables
from contract.errors import UsageError
from contract.instants import to_iso, to_local
from contract.kpi import Kpis, ratio
from contract.topics import address
from simulator.plant import load_plant, plant_names

_INTERVALS_SHOWN = 8
_PIPED_WIDTH, _WIDE = 160, 110
#: What one row of an answer is about: name, planned production time (µs), good parts, KPIs, and all of it for --json.
_Row = tuple[str, int, int, Kpis, dict[str, Any]]


class By(StrEnum):
    """What one row of ``mes kpi`` stands for."""

    MACHINE = "machine"
    LINE = "line"
    HOUR = "hour"
    SHIFT = "shift"


def _print_json(value: object) -> None:
    """JSON for programs: not wrapped, not coloured."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def _console() -> Console:
    """Standard output; piped, there is no terminal to fit into, and a table that is cut off there helps nobody."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_PIPED_WIDTH)


def kpi(
    store: options.Store,
    from_: options.From = None,
    to: options.To = None,
    by: Annotated[By, typer.Option(help="What one row stands for.")] = By.LINE,
    json: options.Json = False,
) -> None:
    """OEE with A, P and Q, MTBF, MTTR, OOE, TEEP and coverage, over any span.

    Example: `mes kpi --store mes.db --by machine --from 2026-01-05T06:00:00+07:00 --to 2026-01-05T14:00:00+07:00`
    """
    with Store.open(store) as opened:
        span = chosen(opened, from_, to)
        rows = _ROWS[by](opened, span)
        tz = opened.tz(opened.lines()[0])
    if json:
        _print_json([row[-1] for row in rows])
    else:
        console = _console()
        title = f"{tables.span_text(span, tz)}, by {by}"
        console.print(tables.kpi_table(title, [row[:-1] for row in rows], wide=console.width >= _WIDE))


def _line_row(name: str, report: LineReport) -> _Row:
    whole = {
        "line": report.path,
        "name": name,
        "from": to_iso(report.span.from_us),
        "to": to_iso(report.span.to_us),
        "constraint": report.constraint,
        "kpis": report.kpis,
        "losses": report.losses,
        "sums": report.sums,
        "mistakes": {"mean_oee": report.mean_oee, "min_oee": report.min_oee},
        "rty": report.rty,
    }
    return name, report.losses.ppt_us, report.sums.exit_good, report.kpis, whole


def _by_line(store: Store, span: Span) -> list[_Row]:
    return [_line_row(short(report.path), report) for report in line_reports(store, store.lines(), span)]


def _by_machine(store: Store, span: Span) -> list[_Row]:
    return [
        _machine_row(machine, span, found)
        for report in line_reports(store, store.lines(), span)
        for found in [bottlenecks(store, report.path, span)]
        for machine in report.machines
    ]


def _machine_row(machine: MachineReport, span: Span, found: Bottlenecks) -> _Row:
    share = found.machines.get(machine.path, Share())
    whole: dict[str, Any] = {"machine": machine.path, "from": to_iso(span.from_us), "to": to_iso(span.to_us)}
    whole |= msgspec.to_builtins(machine)
    whole["bottleneck"] = {
        "sole_us": share.sole_us,
        "shifting_us": share.shifting_us,
        "sole": ratio(share.sole_us, found.span_us),
        "shifting": ratio(share.shifting_us, found.span_us),
    }
    return short(machine.path), machine.losses.ppt_us, machine.sums.good, machine.kpis, whole


def _by_spans(store: Store, parts: Callable[[str], list[Span]]) -> list[_Row]:
    several = len(store.lines()) > 1
    return [
        _line_row(f"{short(line)} {part.label}" if several else part.label, line_reports(store, [line], part)[0])
        for line in store.lines()
        for part in parts(line)
    ]


def _by_hour(store: Store, span: Span) -> list[_Row]:
    return _by_spans(store, lambda line: hours(span, store.tz(line)))


def _by_shift(store: Store, span: Span) -> list[_Row]:
    def line_shifts(line: str) -> list[Span]:
        return [
            msgspec.structs.replace(part, label=f"{to_local(window.start_us, store.tz(line))[:10]} {window.name.en}")
            for part, window in shifts(store, line, span)
        ]

    return _by_spans(store, line_shifts)


_ROWS = {By.LINE: _by_line, By.MACHINE: _by_machine, By.HOUR: _by_hour, By.SHIFT: _by_shift}


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
        _print_json(answer)
    else:
        console = _console()
        for part in tables.explanation(answer, _INTERVALS_SHOWN, tz):
            console.print(part)


def score(
    store: options.Store,
    truth: Annotated[Path, typer.Option("--truth", help="The truth file of the run.", show_default=False)],
    json: options.Json = False,
) -> None:
    """Prove the store: every machine's time and counts against what truly happened. Exit 0 only if nothing is invented.

    Example: `mes score --store mes.db --truth truth.jsonl`
    """
    try:
        lines = truth.open("rb")
    except OSError as error:
        raise UsageError(f"the truth file {truth} cannot be read: {error.strerror}") from error
    with lines, Store.open(store) as opened:
        result = score_store(opened, lines)
    if json:
        _print_json({"passed": result.passed, **msgspec.to_builtins(result)})
    else:
        console = _console()
        console.print(tables.score_table(result))
        console.print("store = truth" if result.passed else "[red]store ≠ truth[/]")
    if not result.passed:
        raise typer.Exit(1)


def plants(json: options.Json = False) -> None:
    """List the plants that come with the program.

    Example: `mes plants`
    """
    found = [load_plant(name) for name in plant_names()]
    if json:
        _print_json([{"id": plant.id, "name": plant.name, "lines": len(plant.lines)} for plant in found])
    else:
        for plant in found:
            machines = sum(len(line.stations) for line in plant.lines)
            typer.echo(
                f"{plant.id:<10}{plant.name.en} · {plant.name.vi} · lines: {len(plant.lines)}, machines: {machines}"
            )


def check(plant: Annotated[str, typer.Argument(metavar="PLANT.TOML", help="A plant file.")]) -> None:
    """Check a plant file; every mistake is named with its place and the mend.

    Example: `mes check my-plant.toml`
    """
    checked = load_plant(plant)
    machines = sum(len(line.stations) for line in checked.lines)
    typer.echo(f"{plant}: {checked.name.en}: good. Lines: {len(checked.lines)}, machines: {machines}")
