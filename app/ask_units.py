"""The verbs that ask about units and how good they are: quality, trace, recall."""

from enum import StrEnum
from typing import Annotated

import typer

from answers.explain import find_machine
from answers.quality import quality as line_quality
from answers.quality import share_chart, value_chart
from answers.span import Span, chosen, hours, shifts, zone
from answers.store import Store
from answers.trace import recall as recall_lot
from answers.trace import trace as trace_unit
from app import options
from app.output import console, print_json
from app.quality_tables import quality_tables, share_table, value_tables
from app.trace_tables import recall_tables, trace_tables
from contract.errors import UsageError
from contract.topics import address


class Every(StrEnum):
    """What one point of a p-chart stands for."""

    HOUR = "hour"
    SHIFT = "shift"


def quality(
    store: options.Store,
    machine: Annotated[str, typer.Option("--machine", help="A chart of this machine, e.g. aoi.")] = "",
    value: Annotated[str, typer.Option("--value", help="Of this process value of it, e.g. solder_volume.")] = "",
    every: Annotated[Every, typer.Option(help="What one point of the chart of a machine stands for.")] = Every.HOUR,
    from_: options.From = None,
    to: options.To = None,
    json: options.Json = False,
) -> None:
    """FPY, RTY, DPMO and the defect Pareto; of a machine its p-chart, of a value its limits, broken rules and Cpk.

    Example: `mes quality --store mes.db --machine printer --value solder_volume`
    """
    if value and not machine:
        raise UsageError("--value is a value of a machine: say which with --machine")
    with Store.open(store) as opened, opened.moment():
        span = chosen(opened, from_, to)
        if machine:
            _chart(opened, find_machine(opened, machine), value, every, span, json)
            return
        found = [(opened.tz(line), line_quality(opened, line, span)) for line in opened.lines()]
    if json:
        print_json([one for _, one in found])
    else:
        for tz, one in found:
            for part in quality_tables(one, tz):
                console().print(part)


def _chart(opened: Store, path: str, value: str, every: Every, span: Span, json: bool) -> None:
    line = address(path).line_path
    tz = opened.tz(line)
    if value:
        chart = value_chart(opened, path, line, value, span)
        if json:
            print_json(chart)
        else:
            for part in value_tables(chart, tz):
                console().print(part)
        return
    spans = hours(span, tz) if every is Every.HOUR else [part for part, _ in shifts(opened, line, span)]
    shares = share_chart(opened, path, line, spans)
    if json:
        print_json(shares)
    else:
        console().print(share_table(shares, tz))


def trace(
    store: options.Store,
    serial: Annotated[str, typer.Argument(metavar="SERIAL", help="A unit, as its machines call it.")],
    json: options.Json = False,
) -> None:
    """Trace a unit: its path, times, machines, results, defects, lots, measurements, what it was made of and became.

    Example: `mes trace WO-P0001-00042 --store mes.db`
    """
    with Store.open(store) as opened:
        found = trace_unit(opened, serial)
        tz = zone(opened)
    if json:
        print_json(found)
    else:
        for part in trace_tables(found, tz):
            console().print(part)


def recall(
    store: options.Store,
    lot: Annotated[str, typer.Argument(metavar="LOT", help="A lot of material, as its feeder calls it.")],
    json: options.Json = False,
) -> None:
    """Recall a lot: where it was loaded, all units it went into, and all units made of those.

    Example: `mes recall smt-a.placer_2.f12.0005 --store mes.db`
    """
    with Store.open(store) as opened:
        found = recall_lot(opened, lot)
        tz = zone(opened)
    if json:
        print_json(found)
    else:
        for part in recall_tables(found, tz):
            console().print(part)
