"""Energy: what each machine used, how much of it outside Execute, and how much a good part took."""

import msgspec

from answers.report import LineReport, line_reports
from answers.span import Span
from answers.store import Store
from contract.kpi import Energy


class MachineEnergy(msgspec.Struct, frozen=True):
    """A machine's energy; ``mean_w`` is its mean power over the time there is evidence for, absent without any.

    ``used_j`` and ``idle_j`` are the whole joules that ``energy`` is made of, ``good`` its good parts, ``known_us`` the
    time there is evidence for.
    """

    machine: str
    energy: Energy
    mean_w: float | None
    used_j: int
    idle_j: int
    good: int
    known_us: int


class LineEnergy(msgspec.Struct, frozen=True):
    """A line's energy over a span: all its machines, per good part that left the line (``good``)."""

    line: str
    span: Span
    good: int
    energy: Energy
    machines: list[MachineEnergy]


def line_energies(store: Store, lines: list[str], span: Span) -> list[LineEnergy]:
    """Energy of each line over ``span``."""
    return [_line_energy(report) for report in line_reports(store, lines, span)]


def _line_energy(report: LineReport) -> LineEnergy:
    machines = [
        MachineEnergy(
            one.path,
            one.energy,
            one.sums.energy_j / (one.sums.booked_us / 1e6) if one.sums.booked_us else None,
            one.sums.energy_j,
            one.sums.idle_energy_j,
            one.sums.good,
            one.sums.booked_us,
        )
        for one in report.machines
    ]
    return LineEnergy(report.path, report.span, report.sums.exit_good, report.energy, machines)
