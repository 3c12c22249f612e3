"""A line's or a machine's energy opened: machine by machine and hour by hour, running and standing still, in joules.

``code`` says which number is asked about: one of :data:`FIGURES`.
"""

from typing import Literal, get_args

from msgspec import Struct

from answers.energy import MachineEnergy, line_energies
from answers.plant import stations
from answers.store import Store, short
from contract.events import Words
from contract.kpi import add_up
from dashboards.board.pages import Ask, Page, Sheet, plain, rows_of
from dashboards.board.pages.energy import slices
from dashboards.board.pages.explain import asked_machine

Figure = Literal["used", "lost", "share", "per_good", "power"]
#: The numbers that can be opened: all energy, that used outside Execute, its share, that of a good part, mean power.
FIGURES: tuple[Figure, ...] = get_args(Figure)


class Used(Struct, frozen=True):
    """A machine's whole joules, of which ``idle_j`` outside Execute."""

    machine: str
    used_j: int
    idle_j: int


class Slice(Struct, frozen=True):
    """The same over [from_us, to_us), all machines that are asked for together."""

    from_us: int
    to_us: int
    used_j: int
    idle_j: int


class EnergyOpened(Struct, frozen=True):
    """``machines`` and ``slices`` each add up to ``used_j`` and ``idle_j``, exactly.

    ``machine`` is the one asked for, empty for the line, which has no mean power: ``known_us``, the time there is
    evidence for, is of one machine only (of several: the sum of theirs).
    """

    figure: Figure
    machine: str
    name: Words
    names: dict[str, Words]
    used_j: int
    idle_j: int
    good: int
    known_us: int
    machines: list[Used]
    slices: list[Slice]


def read(store: Store, ask: Ask) -> EnergyOpened:
    """Everything the page shows."""
    own = stations(store, ask.line)
    machine = asked_machine(own, ask.query.machine)
    [line] = line_energies(store, [ask.line], ask.span)
    machines = [one for one in line.machines if machine is None or one.machine == machine.path]
    named = store.named(ask.line)
    return EnergyOpened(
        figure=next((one for one in FIGURES if one == ask.query.code and (machine or one != "power")), "used"),
        machine=machine.id if machine else "",
        name=machine.name if machine else named.name if named else plain(short(ask.line)),
        names={one.id: one.name for one in own},
        used_j=sum(one.used_j for one in machines),
        idle_j=sum(one.idle_j for one in machines),
        good=machines[0].good if machine else line.good,
        known_us=sum(one.known_us for one in machines),
        machines=[Used(short(one.machine), one.used_j, one.idle_j) for one in sorted(machines, key=_most)],
        slices=_slices(store, ask, {one.machine for one in machines}),
    )


def _most(one: MachineEnergy) -> int:
    return -one.used_j


def _slices(store: Store, ask: Ask, paths: set[str]) -> list[Slice]:
    found = []
    for span in slices(ask):
        booked = store.sums(span.from_us, span.to_us, ask.line)
        sums = add_up(own for path, own in booked.items() if path in paths)
        found.append(Slice(span.from_us, span.to_us, sums.energy_j, sums.idle_energy_j))
    return found


def _machines_sheet(found: EnergyOpened) -> Sheet:
    return rows_of(Used.__struct_fields__, found.machines)


def _slices_sheet(found: EnergyOpened) -> Sheet:
    return rows_of(Slice.__struct_fields__, found.slices)


PAGE = Page(
    name="explain_energy",
    path="/explain/energy",
    module="explain_energy.js",
    read=read,
    sheets={"machines": _machines_sheet, "hours": _slices_sheet},
    styles=("board.css", "charts.css", "pages.css"),
    within="explain",
)
