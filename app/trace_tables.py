"""A unit's history and a lot's recall as text for a terminal."""

from collections import Counter
from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from answers.store import short
from answers.trace import Recall, Step, Trace
from app.tables import long_time, plain_table
from contract.instants import to_local

_UNITS_SHOWN, _RELATIVES_SHOWN = 40, 12
_DASH = "–"
_STYLES = {"pass": "green", "rework": "yellow", "scrap": "red"}


def trace_tables(found: Trace, tz: str) -> Iterator[Table | Text]:
    """The unit itself, then what it was made of, then what was made of it; at most so many of either."""
    yield from _unit(found, found.unit, tz)
    for relatives in (list(_above(found)), list(_below(found))):
        for title, one in relatives[:_RELATIVES_SHOWN]:
            yield from _unit(one, title, tz)
        if len(relatives) > _RELATIVES_SHOWN:
            yield Text(f"and {len(relatives) - _RELATIVES_SHOWN} more units: --json has them all", style="bold")


def _above(found: Trace) -> Iterator[tuple[str, Trace]]:
    for parent in found.parents:
        yield f"{found.unit} was made of {parent.unit}", parent
        yield from _above(parent)


def _below(found: Trace) -> Iterator[tuple[str, Trace]]:
    for child in found.children:
        yield f"of {found.unit} was made {child.unit}", child
        yield from _below(child)


def _unit(found: Trace, title: str, tz: str) -> Iterator[Table | Text]:
    if not found.steps:
        yield Text(f"{title}: its own steps are not kept", style="bold")
        return
    last = found.steps[-1]
    table = plain_table("from", "to", "", "machine", "try", "result", "found", "lots", title=title)
    table.title = f"{title}: {last.product}, order {last.order or _DASH}"
    for step in found.steps:
        times = (
            to_local(step.began_us, tz),
            to_local(step.ended_us, tz)[11:],
            long_time(step.ended_us - step.began_us),
        )
        result = Text(step.result, style=_STYLES[step.result])
        lots = Text(", ".join(step.lots))
        table.add_row(*times, Text(short(step.machine)), str(step.attempt), result, Text(_found(step)), lots)
    yield table
    if found.values:
        measured = (f"{short(one.machine)} {one.code} {one.value:g}" for one in found.values)
        yield Text(f"measured: {', '.join(measured)}\n")


def _found(step: Step) -> str:
    return ", ".join([*step.defects, *(["false call"] if step.false_call else [])])


def recall_tables(found: Recall, tz: str) -> Iterator[Table | Text]:
    """Where the lot was loaded, how many units hold it and where they are, and the first of them."""
    feeders = plain_table(
        "machine", "feeder", "material", "pieces", "loaded", "empty", "left", title=f"lot {found.lot}"
    )
    for one in found.feeders:
        times = (to_local(us, tz) if us is not None else _DASH for us in (one.loaded_us, one.empty_us))
        names = (Text(short(one.machine)), Text(one.slot), Text(one.material))
        feeders.add_row(*names, str(one.quantity), *times, str(one.remaining))
    yield feeders
    fates = Counter(one.fate for one in found.units)
    parts = ", ".join(f"{count} {fate}" for fate, count in fates.most_common())
    yield Text(f"it went into {len(found.units)} units{': ' if parts else ''}{parts}", style="bold")
    if found.units:
        yield _units(found, tz)


def _units(found: Recall, tz: str) -> Table:
    table = plain_table("unit", "by way of", "product", "order", "last at", "when", "now", title="")
    for one in found.units[:_UNITS_SHOWN]:
        when = to_local(one.ended_us, tz) if one.machine else _DASH
        at = short(one.machine) if one.machine else _DASH
        table.add_row(
            Text(one.unit), Text(one.via or "itself"), Text(one.product), Text(one.order), Text(at), when, one.fate
        )
    if len(found.units) > _UNITS_SHOWN:
        table.caption = f"the first {_UNITS_SHOWN}; --json has all {len(found.units)}"
    return table
