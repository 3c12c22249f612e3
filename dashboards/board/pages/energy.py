"""The page of a line's energy: what each machine used, how much of it while nothing was made, and when."""

from msgspec import Struct

from answers.energy import line_energies
from answers.plant import stations
from answers.span import Span, hours
from answers.store import Store, short
from contract.events import Words
from contract.instants import DAY_US
from contract.kpi import Energy, add_up
from contract.kpi import energy as energy_of
from dashboards.board.pages import Ask, Page, Sheet

#: More than so many hours are shown four at a time, and so on.
_BARS_SHOWN = 60


class Used(Struct, frozen=True):
    """A machine's energy; ``mean_w`` its mean power."""

    machine: str
    energy: Energy
    mean_w: float | None


class Bar(Struct, frozen=True):
    """The line's energy over [from_us, to_us)."""

    from_us: int
    to_us: int
    kwh: float
    idle_kwh: float


class EnergyPage(Struct, frozen=True):
    """``machines`` with the greatest use first. ``idle_parts``: how many good parts the idle energy would have made."""

    names: dict[str, Words]
    good: int
    energy: Energy
    idle_parts: int | None
    machines: list[Used]
    bars: list[Bar]


def read(store: Store, ask: Ask) -> EnergyPage:
    """Everything the page shows."""
    [found] = line_energies(store, [ask.line], ask.span)
    machines = [Used(short(one.machine), one.energy, one.mean_w) for one in found.machines]
    each, whole = found.energy.kwh_per_good, found.energy
    return EnergyPage(
        names={one.id: one.name for one in stations(store, ask.line)},
        good=found.good,
        energy=whole,
        idle_parts=round(whole.idle_kwh / each) if each else None,
        machines=sorted(machines, key=lambda one: -one.energy.kwh),
        bars=[_bar(store, ask.line, span) for span in slices(ask)],
    )


def slices(ask: Ask) -> list[Span]:
    """What tiles the span: whole hours of the plant's clock, several together where there would be too many."""
    found = hours(ask.span, ask.tz)
    step = max(1, -(-(ask.span.to_us - ask.span.from_us) // DAY_US)) if len(found) > _BARS_SHOWN else 1
    return [Span(found[n].from_us, found[min(n + step, len(found)) - 1].to_us) for n in range(0, len(found), step)]


def _bar(store: Store, line: str, span: Span) -> Bar:
    sums = add_up(store.sums(span.from_us, span.to_us, line).values())
    used = energy_of(sums.energy_j, sums.idle_energy_j, 0)
    return Bar(span.from_us, span.to_us, used.kwh, used.idle_kwh)


def _machines_sheet(found: EnergyPage) -> Sheet:
    heads = ["machine", "kwh", "idle_kwh", "idle_share", "kwh_per_good", "mean_w"]
    rows = [
        [one.machine, one.energy.kwh, one.energy.idle_kwh, one.energy.idle_share, one.energy.kwh_per_good, one.mean_w]
        for one in found.machines
    ]
    return [heads, *rows]


def _hours_sheet(found: EnergyPage) -> Sheet:
    return [
        ["from_us", "to_us", "kwh", "idle_kwh"],
        *([one.from_us, one.to_us, one.kwh, one.idle_kwh] for one in found.bars),
    ]


PAGE = Page(
    name="energy",
    path="/energy",
    module="energy_page.js",
    read=read,
    sheets={"machines": _machines_sheet, "hours": _hours_sheet},
    styles=("board.css", "charts.css", "pages.css"),
    place=70,
)
