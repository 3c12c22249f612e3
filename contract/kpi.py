"""Sums -> KPIs: pure arithmetic on whole microseconds and counts; every definition with its source.

A KPI over any span, machine, shift or line is a ratio of sums; ratios are never averaged, never capped, and absent
(``None``) where the denominator is 0: "not known" is not 0. TPM after Nakajima, *Introduction to TPM* (1988); ISO
after ISO 22400-2:2014 with the abbreviations used there.
"""

from collections.abc import Iterable
from fractions import Fraction

import msgspec


class Sums(msgspec.Struct, frozen=True):
    """What happened over a span: one field for each column of ``series.SUM_COLUMNS``; times in µs."""

    execute_us: int = 0
    setup_us: int = 0
    breakdown_us: int = 0
    minor_stop_us: int = 0
    starved_us: int = 0
    blocked_us: int = 0
    waiting_us: int = 0
    planned_us: int = 0
    total: int = 0
    good: int = 0
    scrap: int = 0
    rework: int = 0
    ideal_us: int = 0
    good_ideal_us: int = 0
    startup_ideal_us: int = 0
    breakdowns: int = 0
    minor_stops: int = 0
    energy_j: int = 0
    idle_energy_j: int = 0

    @property
    def booked_us(self) -> int:
        """All time for which there is evidence."""
        return self.planned_us + self.ppt_us

    @property
    def ppt_us(self) -> int:
        """Planned production time: all known time that was not planned to stand (ISO: PBT)."""
        return (
            self.execute_us + self.setup_us + self.breakdown_us + self.minor_stop_us
            + self.starved_us + self.blocked_us + self.waiting_us
        )  # fmt: skip

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*(a + b for a, b in zip(_values(self), _values(other), strict=True)))


def _values(sums: Sums) -> tuple[int, ...]:
    return msgspec.structs.astuple(sums)


def add_up(parts: Iterable[Sums]) -> Sums:
    """Sum of sums; the empty one is all 0."""
    columns = zip(*(_values(part) for part in parts), strict=True)
    return Sums(*(sum(column) for column in columns))


class Losses(msgspec.Struct, frozen=True):
    """From planned production time down to good parts, µs: ``good_ideal_us`` plus every loss is ``ppt_us``, exactly.

    The six big losses of TPM, with what is often hidden in them kept apart: ``waiting`` (organisational, part of setup
    & adjustment in A) and ``starved``/``blocked`` (part of idling & minor stops in P). ``speed`` is negative for a
    machine that ran faster than its ideal cycle: then the ideal cycle time is wrong, and it is shown as such.
    ``in_process`` is 0 for a machine; for a line it is what passed the constraint and has not come out yet (negative
    when older parts came out), and what passed it once more after a repair. Where an order makes another station the
    constraint, what lies between the two then is counted at both or at neither; the way back takes that away again.
    """

    ppt_us: int
    breakdown_us: int
    setup_us: int
    waiting_us: int
    minor_stop_us: int
    starved_us: int
    blocked_us: int
    speed_us: int
    defects_us: int
    startup_us: int
    good_ideal_us: int
    in_process_us: int = 0


def losses(sums: Sums) -> Losses:
    """Planned production time split into good time and the losses. Source: TPM's six big losses (Nakajima 1988)."""
    rejects_us = sums.ideal_us - sums.good_ideal_us
    return Losses(
        ppt_us=sums.ppt_us,
        breakdown_us=sums.breakdown_us,
        setup_us=sums.setup_us,
        waiting_us=sums.waiting_us,
        minor_stop_us=sums.minor_stop_us,
        starved_us=sums.starved_us,
        blocked_us=sums.blocked_us,
        speed_us=sums.execute_us - sums.ideal_us,
        defects_us=rejects_us - sums.startup_ideal_us,
        startup_us=sums.startup_ideal_us,
        good_ideal_us=sums.good_ideal_us,
    )


class Kpis(msgspec.Struct, frozen=True):
    """KPIs of one machine (or of a line, see :func:`line_kpis`); ratios as plain floats, times in seconds.

    ``availability · performance · quality = oee`` (TPM) and ``iso_availability · iso_effectiveness · iso_quality =
    oee`` wherever all three exist and one product ran; only the blame moves between them.
    """

    oee: float | None
    availability: float | None
    performance: float | None
    quality: float | None
    iso_availability: float | None
    iso_effectiveness: float | None
    iso_quality: float | None
    ooe: float | None
    teep: float | None
    nee: float | None
    utilisation_efficiency: float | None
    technical_efficiency: float | None
    allocation_efficiency: float | None
    setup_ratio: float | None
    scrap_ratio: float | None
    rework_ratio: float | None
    mtbf_s: float | None
    mttr_s: float | None
    throughput_per_h: float | None
    coverage: float | None


def ratio(numerator: int, denominator: int) -> float | None:
    """``numerator / denominator`` rounded once, or ``None`` where there is nothing to divide by."""
    return None if denominator == 0 else float(Fraction(numerator, denominator))


def kpis(sums: Sums, span_us: int, in_shift_planned_us: int) -> Kpis:
    """KPIs of a machine over ``span_us`` µs of calendar time, of which ``sums`` has evidence.

    ``in_shift_planned_us`` is the planned downtime inside shifts (breaks, no order, planned maintenance): what OOE
    counts and OEE does not. Sources: OEE = valuable operating time / planned production time (Nakajima 1988; ISO
    22400-2 OEE index); A = (PPT − breakdown − setup − waiting)/PPT; P = ideal/run time; Q = good_ideal/ideal; ISO A =
    APT/PBT, E = PRI·PQ/APT, Q = GQ/PQ; NEE = AUPT/PBT·E·Q; MTBF = operating time / breakdowns, MTTR = breakdown time /
    breakdowns (ISO 22400-2: mean operating time between failures, mean time to restoration).
    """
    ppt, run = sums.ppt_us, sums.ppt_us - sums.breakdown_us - sums.setup_us - sums.waiting_us
    busy = sums.execute_us + sums.setup_us  # AUPT
    blocked = sums.starved_us + sums.blocked_us  # ADOT
    down = sums.breakdown_us + sums.minor_stop_us + sums.waiting_us  # ADET
    unknown = span_us - sums.booked_us
    effectiveness = ratio(sums.ideal_us, sums.execute_us)
    iso_quality = ratio(sums.good, sums.total)
    nee_share = ratio(busy, ppt)
    return Kpis(
        oee=ratio(sums.good_ideal_us, ppt),
        availability=ratio(run, ppt),
        performance=ratio(sums.ideal_us, run) if sums.total else None,
        quality=ratio(sums.good_ideal_us, sums.ideal_us),
        iso_availability=ratio(sums.execute_us, ppt),
        iso_effectiveness=effectiveness if sums.total else None,
        iso_quality=iso_quality,
        ooe=ratio(sums.good_ideal_us, ppt + in_shift_planned_us),
        teep=ratio(sums.good_ideal_us, sums.booked_us),
        nee=None if None in (nee_share, effectiveness, iso_quality) else nee_share * effectiveness * iso_quality,  # type: ignore[operator]
        utilisation_efficiency=ratio(sums.execute_us, busy + blocked),
        technical_efficiency=ratio(sums.execute_us, sums.execute_us + down),
        allocation_efficiency=ratio(busy + blocked, ppt),
        setup_ratio=ratio(sums.setup_us, busy),
        scrap_ratio=ratio(sums.scrap, sums.total),
        rework_ratio=ratio(sums.rework, sums.total),
        mtbf_s=_seconds(ratio(sums.execute_us, sums.breakdowns)),
        mttr_s=_seconds(ratio(sums.breakdown_us, sums.breakdowns)),
        throughput_per_h=_per_hour(ratio(sums.good, ppt)),
        coverage=ratio(span_us - sums.planned_us - unknown, span_us - sums.planned_us),
    )


def _seconds(value_us: float | None) -> float | None:
    return None if value_us is None else value_us / 1e6


def _per_hour(per_us: float | None) -> float | None:
    return None if per_us is None else per_us * 3.6e9


class LineSums(msgspec.Struct, frozen=True):
    """What a line's KPIs are made of over a span, counted in parts that leave the line.

    ``constraint``: sums of the station whose time is the basis, minute by minute. ``exit_good``: good parts that left;
    ``exit_covered``: those of them whose time is covered by evidence (only they are OEE), ``exit_ideal_us``: their
    ideal time, product by product, at the constraint of each. ``scrap_ideal_us``: the same of parts rejected after the
    constraint. Energy is of all machines of the line.
    """

    constraint: Sums
    exit_good: int
    exit_covered: int
    exit_ideal_us: int
    scrap_ideal_us: int = 0
    energy_j: int = 0
    idle_energy_j: int = 0


def line_losses(line: LineSums) -> Losses:
    """The constraint's planned production time down to the good parts that left the line; exact as :func:`losses` is.

    A minute lost at the constraint is a minute lost by the line; a part rejected after it costs the constraint its
    ideal time.
    """
    own = losses(line.constraint)
    return msgspec.structs.replace(
        own,
        defects_us=own.defects_us + line.scrap_ideal_us,
        in_process_us=own.good_ideal_us - line.scrap_ideal_us - line.exit_ideal_us,
        good_ideal_us=line.exit_ideal_us,
    )


def line_kpis(line: LineSums, span_us: int, in_shift_planned_us: int) -> Kpis:
    """A line's KPIs: OEE = Σ products (covered good parts at the exit × ideal time at their constraint) ÷ PPT.

    Availability is the constraint's; P and Q split the rest so that A·P·Q = OEE. Never the mean or the least of its
    machines.
    """
    return rolled_kpis(line.constraint, line_losses(line), line.exit_good, span_us, in_shift_planned_us)


def rolled_kpis(constraint: Sums, lost: Losses, exit_good: int, span_us: int, in_shift_planned_us: int) -> Kpis:
    """KPIs of one line or of several together (an area, a site): every argument is then the sum over its lines.

    So each line weighs as much as its planned production time; the mean of the lines' ratios would not.
    """
    own = kpis(constraint, span_us, in_shift_planned_us)
    made_us = lost.good_ideal_us + lost.defects_us + lost.startup_us
    run_us = lost.ppt_us - lost.breakdown_us - lost.setup_us - lost.waiting_us
    effectiveness = ratio(made_us, constraint.execute_us) if made_us else None
    quality = ratio(lost.good_ideal_us, made_us)
    busy = ratio(constraint.execute_us + constraint.setup_us, lost.ppt_us)
    return msgspec.structs.replace(
        own,
        oee=ratio(lost.good_ideal_us, lost.ppt_us),
        performance=ratio(made_us, run_us) if made_us else None,
        quality=quality,
        iso_effectiveness=effectiveness,
        iso_quality=quality,
        nee=None if None in (busy, effectiveness, quality) else busy * effectiveness * quality,  # type: ignore[operator]
        ooe=ratio(lost.good_ideal_us, lost.ppt_us + in_shift_planned_us),
        teep=ratio(lost.good_ideal_us, constraint.booked_us),
        throughput_per_h=_per_hour(ratio(exit_good, lost.ppt_us)),
    )


def add_losses(parts: Iterable[Losses]) -> Losses:
    """Losses of several lines together; what was exact stays exact. The sum of none is all 0."""
    width = len(Losses.__struct_fields__)
    columns = zip(*((0,) * width, *map(msgspec.structs.astuple, parts)), strict=True)
    return Losses(*(sum(column) for column in columns))


def rolled_throughput_yield(stations: Iterable[tuple[int, int]]) -> float | None:
    """RTY = Π first-pass yields of stations, each given as (passed the first time, went through the first time).

    A station of which no unit was told is left out; ``None`` where all were. FPY after ISO 22400-2:2014 (first pass
    yield = good parts of the first run ÷ parts inspected); RTY after Six Sigma (Harry and Schroeder 2000).
    """
    product = Fraction(1)
    seen = False
    for passed, first in stations:
        if first:
            product *= Fraction(passed, first)
            seen = True
    return float(product) if seen else None


def dpmo(defects: int, parts: int, opportunities: int) -> float | None:
    """Defects per million opportunities = defects ÷ (parts × opportunities of one) × 10⁶. Source: IPC-7912."""
    return ratio(defects * 1_000_000, parts * opportunities)


class Energy(msgspec.Struct, frozen=True):
    """Electrical energy over a span in kWh; ``idle_kwh`` is the part of it used outside Execute: a loss.

    ``kwh_per_good`` is absent without good parts (endless, not 0) and without energy: nobody has measured any then.
    """

    kwh: float
    idle_kwh: float
    idle_share: float | None
    kwh_per_good: float | None


_KWH_J = 3_600_000


def energy(energy_j: int, idle_energy_j: int, good: int) -> Energy:
    """Whole joules and good parts → :class:`Energy`.

    After ISO 22400-2:2014, comprehensive energy consumption, there per part produced; here per good part, so that what
    scrap took is not hidden.
    """
    return Energy(
        kwh=energy_j / _KWH_J,
        idle_kwh=idle_energy_j / _KWH_J,
        idle_share=ratio(idle_energy_j, energy_j),
        kwh_per_good=ratio(energy_j, good * _KWH_J) if energy_j else None,
    )
