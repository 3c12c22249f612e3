"""Answers as text: tables for a terminal and the staircase, planned time cut down step by step to good parts."""

from rich import box
from rich.table import Table
from rich.text import Text

from answers.explain import Explanation
from answers.score import MachineScore, Score
from answers.span import Span
from answers.store import Interval, short
from contract.instants import HOUR_US, MINUTE_US, SECOND_US, to_iso, to_local
from contract.kpi import Losses
from contract.states import Category

_WIDTH = 60
#: The steps of the staircase, in the order in which time is lost.
STEPS = (
    ("breakdown_us", "breakdowns"),
    ("setup_us", "setup"),
    ("waiting_us", "waiting"),
    ("minor_stop_us", "minor stops"),
    ("starved_us", "starved"),
    ("blocked_us", "blocked"),
    ("speed_us", "slow cycles"),
    ("startup_us", "start-up rejects"),
    ("defects_us", "defects"),
    ("in_process_us", "still in process"),
)


def percent(value: float | None) -> str:
    """A ratio as a person reads it; a dash where it is not known."""
    return "–" if value is None else f"{value * 100:.1f} %"


def long_time(value_us: int) -> str:
    """``7 h 30``, ``38 min``, ``12.5 s``; with its sign."""
    sign, us = ("−", -value_us) if value_us < 0 else ("", value_us)
    if us >= HOUR_US:
        minutes = round(us / MINUTE_US)
        return f"{sign}{minutes // 60} h {minutes % 60:02d}"
    if us >= 10 * MINUTE_US:
        return f"{sign}{us / MINUTE_US:.0f} min"
    if us >= MINUTE_US:
        return f"{sign}{us / MINUTE_US:.1f} min"
    return f"{sign}{us / SECOND_US:.1f} s"


def seconds(value_s: float | None) -> str:
    """A mean time in seconds as a person reads it."""
    return "–" if value_s is None else long_time(round(value_s * SECOND_US))


def plain_table(*columns: str, title: str) -> Table:
    """The frame of every table here."""
    return Table(
        *columns,
        title=title,
        title_style="bold",
        title_justify="left",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )


def staircase(losses: Losses, oee: float | None) -> Text:
    """Planned production time at the top, each loss cut away as a step, good time at the bottom."""
    text = Text()
    left = losses.ppt_us
    _step(text, "planned production", losses.ppt_us, (left, left), losses.ppt_us)
    for field, word in STEPS:
        lost = getattr(losses, field)
        if lost:
            _step(text, f"− {word}", lost, (left, left - lost), losses.ppt_us)
            left -= lost
    _step(text, "= good", losses.good_ideal_us, (left, left), losses.ppt_us)
    text.append(f"OEE {percent(oee)}\n", style="bold")
    return text


def _step(text: Text, word: str, value_us: int, from_to_us: tuple[int, int], whole_us: int) -> None:
    """One step: what is left after it as a full bar, what it cut away hatched."""
    before, after = (min(_WIDTH, max(0, round(_WIDTH * us / whole_us))) if whole_us else 0 for us in from_to_us)
    text.append(f"{word:<20}{long_time(value_us):>10}  ")
    text.append("█" * after, style="green" if word.startswith("=") else "bright_black")
    text.append("▒" * (before - after), style="red")
    text.append("\n")


def explanation(answer: Explanation, most: int, tz: str) -> list[Text | Table]:
    """An explanation as text: the time, the staircase, the factors, the ``most`` longest intervals behind each loss."""
    head = Text(f"{answer.machine}\n{span_text(answer.span, tz)}: {long_time(answer.span_us)}", style="bold")
    head.append(f" = planned production {long_time(answer.losses.ppt_us)}", style="not bold")
    head.append(f" + planned stops {long_time(answer.planned_us)}", style="not bold")
    head.append(f" + no data {long_time(answer.unknown_us)}\n", style="not bold")
    counts = Text(_factors(answer))
    return [head, staircase(answer.losses, answer.kpis.oee), counts, *_evidence_tables(answer, most, tz)]


def _factors(answer: Explanation) -> str:
    kpis, sums = answer.kpis, answer.sums
    iso = (percent(kpis.iso_availability), percent(kpis.iso_effectiveness), percent(kpis.iso_quality))
    return (
        f"TPM  A {percent(kpis.availability)} × P {percent(kpis.performance)} × Q {percent(kpis.quality)}\n"
        f"ISO  A {iso[0]} × E {iso[1]} × Q {iso[2]}\n"
        f"{sums.total} parts: {sums.good} good, {sums.scrap} scrap, {sums.rework} rework; ideal time "
        f"{long_time(sums.ideal_us)}, of the good ones {long_time(sums.good_ideal_us)}; executing "
        f"{long_time(sums.execute_us)}\n"
    )


def _evidence_tables(answer: Explanation, most: int, tz: str) -> list[Table]:
    tables = []
    for category, intervals in answer.intervals.items():
        if category is Category.EXECUTE:
            continue
        total = sum(interval.end_us - interval.start_us for interval in intervals)
        title = f"{category.value.replace('_', ' ')}: {long_time(total)} in {len(intervals)} intervals"
        tables.append(_interval_table(title, intervals, most, tz))
    return tables


def _interval_table(title: str, intervals: list[Interval], most: int, tz: str) -> Table:
    longest = sorted(intervals, key=lambda interval: interval.start_us - interval.end_us)[:most]
    caption = f"the {most} longest; --json has all {len(intervals)}" if len(intervals) > most else None
    table = plain_table("from", "to", "", "state", "reason", title=title)
    table.caption = caption
    for interval in longest:
        duration = long_time(interval.end_us - interval.start_us)
        when = (to_local(interval.start_us, tz), to_local(interval.end_us, tz)[11:])
        table.add_row(*when, duration, Text(interval.state), Text(interval.reason))
    return table


def span_text(span: Span, tz: str) -> str:
    """A span as people in ``tz`` read it."""
    return f"{to_local(span.from_us, tz)} – {to_local(span.to_us, tz)} {tz}"


def score_table(score: Score) -> Table:
    """Machine by machine: equal, covered by unknown time, or different and where first."""
    title = f"{score.plant}, seed {score.seed}, {span_text(score.span, 'UTC')}"
    columns = ("machine", "verdict", "unknown", "good: truth", "store", "units: truth", "store", "first difference")
    table = plain_table(*columns, title=title)
    for machine in score.machines:
        style = {"equal": "green", "covered": "yellow"}.get(machine.verdict, "red")
        counts = (machine.truth.good, machine.store.good, machine.true_units, machine.stored_units)
        verdict = Text(machine.verdict, style=style)
        told = (str(count) for count in counts)
        table.add_row(short(machine.machine), verdict, long_time(machine.unknown_us), *told, _first(machine))
    return table


def order_score_table(score: Score) -> Table:
    """Order by order: equal, covered by what the store shows it missed, or different and how."""
    table = plain_table("line", "order", "verdict", "first difference", title="Orders")
    for order in score.orders:
        style = {"equal": "green", "covered": "yellow"}.get(order.verdict, "red")
        table.add_row(short(order.line), Text(order.order), Text(order.verdict, style=style), order.difference)
    return table


def _first(machine: MachineScore) -> str:
    when = "" if machine.first_difference_us is None else f"{to_iso(machine.first_difference_us)} "
    return f"{when}{machine.difference}"
