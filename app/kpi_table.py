"""KPIs as a table for a terminal: which columns each definition has, and the downtime Pareto."""

from collections.abc import Sequence
from enum import StrEnum

from rich.table import Table
from rich.text import Text

from answers.store import short
from app.kpi_rows import MISTAKE, Cause, Row
from app.tables import long_time, plain_table, seconds


class Definition(StrEnum):
    """Whose definition the table follows; ``--json`` has them all."""

    TPM = "tpm"
    ISO = "iso"
    NEE = "nee"
    OOE = "ooe"
    TEEP = "teep"


_APQ = (("A %", "availability"), ("P %", "performance"), ("Q %", "quality"))
_EFFECT = (("E %", "iso_effectiveness"), ("Q %", "iso_quality"))
_OEE = ("OEE %", "oee")
#: Definition → head of a column and the field of :class:`contract.kpi.Kpis` in it.
COLUMNS: dict[Definition, tuple[tuple[str, str], ...]] = {
    Definition.TPM: (_OEE, *_APQ),
    Definition.ISO: (_OEE, ("A %", "iso_availability"), *_EFFECT),
    Definition.NEE: (("NEE %", "nee"), *_EFFECT, _OEE),
    Definition.OOE: (("OOE %", "ooe"), _OEE, *_APQ),
    Definition.TEEP: (("TEEP %", "teep"), ("OOE %", "ooe"), _OEE, *_APQ),
}
#: What only a wide terminal has room for.
WIDE_COLUMNS: dict[Definition, tuple[tuple[str, str], ...]] = {
    Definition.TPM: (("OOE %", "ooe"), ("TEEP %", "teep")),
    Definition.ISO: (
        ("UE %", "utilisation_efficiency"),
        ("TE %", "technical_efficiency"),
        ("AE %", "allocation_efficiency"),
        ("setup %", "setup_ratio"),
        ("scrap %", "scrap_ratio"),
    ),
    Definition.NEE: (),
    Definition.OOE: (),
    Definition.TEEP: (),
}


def kpi_table(title: str, rows: Sequence[Row], definition: Definition, *, wide: bool) -> Table:
    """The rows by ``definition``; less common ratios and MTBF only where there is room."""
    fields = COLUMNS[definition] + (WIDE_COLUMNS[definition] if wide else ())
    extras = [head for head in rows[0].extra if head[0] != MISTAKE] if rows and wide else []
    table = plain_table(title=title)
    table.add_column("", no_wrap=True)
    heads = [head for head, _ in fields]
    for head in ("planned", "good", *heads, *extras, *(("MTBF",) if wide else ()), "MTTR", "known %"):
        table.add_column(head, justify="right", no_wrap=True)
    for row in rows:
        ratios = [_points(getattr(row.kpis, field)) for _, field in fields]
        more = [_points(row.extra[head]) for head in extras]
        times = [seconds(row.kpis.mtbf_s)] if wide else []
        cells = (long_time(row.planned_us), str(row.good), *ratios, *more, *times, seconds(row.kpis.mttr_s))
        table.add_row(Text(row.name), *cells, _points(row.kpis.coverage))
    table.caption = "\n".join(filter(None, map(_mistakes, rows))) or None
    return table


def _mistakes(row: Row) -> str:
    """What a line's OEE is not, for a reader who had it otherwise."""
    wrong = [f"{head} {_points(value)} %" for head, value in row.extra.items() if head[0] == MISTAKE]
    if not wrong:
        return ""
    return f"{row.name}: {', '.join(wrong)} of its machines' OEE: two common mistakes, not the OEE of a line"


def cause_table(title: str, causes: Sequence[Cause]) -> Table:
    """The downtime Pareto: what stopped which machine, how often, how long, and the part of all downtime so far."""
    table = plain_table("machine", "reason", "", title=title)
    for head in ("stops", "time", "share %", "together %"):
        table.add_column(head, justify="right", no_wrap=True)
    for cause in causes:
        reason = cause.reason_name.en if cause.reason_name else cause.reason
        what = (Text(short(cause.machine)), Text(reason), cause.category.replace("_", " "))
        shares = (_points(cause.share), _points(cause.cumulative))
        table.add_row(*what, str(cause.stops), long_time(cause.lost_us), *shares)
    table.caption = "starved and blocked are what these causes did to the neighbours, and not in it"
    return table


def _points(value: float | None) -> str:
    return "–" if value is None else f"{value * 100:.1f}"
