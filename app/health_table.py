"""Data health as tables for a terminal."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from answers.health import MachineHealth, PlantHealth
from answers.store import Health, short
from app.tables import long_time, percent, plain_table, span_text
from contract.instants import SECOND_US, to_local

_COUNTS = (
    ("lost", "lost"),
    ("late", "late"),
    ("duplicates", "twice"),
    ("reordered", "out of order"),
    ("quarantined", "refused"),
)
_NOBODY = "unknown senders"
_STRANGERS_SHOWN = 5


def health_report(found: PlantHealth, tz: str) -> list[Table | Group]:
    """Machines with their counts, then the newest refusals."""
    table = plain_table("machine", title=f"data health, {span_text(found.span, tz)}")
    for head in ("known", "no data", "newest", "behind", "clock off", *(word for _, word in _COUNTS)):
        table.add_column(head, justify="right", no_wrap=True)
    for machine in found.machines:
        table.add_row(Text(short(machine.path)), *_state(machine, tz), *_counts(machine.counts))
    for other in found.others:
        name = Text(short(other.path) if other.path else _NOBODY, style="italic")
        table.add_row(name, "", "", "", "", "", *_counts(other))
    if found.strangers:
        names = ", ".join(short(path) for path in found.strangers[:_STRANGERS_SHOWN])
        table.caption = f"{len(found.strangers)} never said what they are or do: {names}"
    return [table, _refusals(found)]


def _state(machine: MachineHealth, tz: str) -> tuple[str, str, str, Text, str]:
    newest = to_local(machine.heard_us, tz)[5:] if machine.heard_us else "–"
    behind = Text(long_time(machine.lag_us), style="bold red" if machine.silent else "")
    skew = "–" if machine.skew_us is None else f"{machine.skew_us / SECOND_US:+.1f} s"
    return percent(machine.coverage), long_time(machine.unknown_us), newest, behind, skew


def _counts(counts: Health) -> list[str]:
    return [str(getattr(counts, field)) for field, _ in _COUNTS]


def _refusals(found: PlantHealth) -> Group:
    if not found.reasons:
        return Group(Text("nothing was refused"))
    summary = ", ".join(f"{reason} {count}" for reason, count in found.reasons.items())
    newest = [Text(f"  {one.reason}: {one.detail} ({one.topic or 'no topic'})") for one in found.newest]
    return Group(Text(f"kept in quarantine: {summary}; the newest:"), *newest)
