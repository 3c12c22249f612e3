"""Statistical process control: control charts, the eight Nelson rules, capability. Pure arithmetic on plain numbers.

A limit comes from the process itself (what it does when left alone), a specification from whoever uses the part: a
chart says whether the process is stable, a capability index whether a stable one is good enough. What cannot be told
(too few points, no variation, no limit on that side) is ``None``, never 0.

Sources: NIST/SEMATECH, *e-Handbook of Statistical Methods*, 6.3.2.2 (individuals), 6.3.3.2 (proportions), 6.1.6
(capability); L. S. Nelson, *The Shewhart Control Chart: Tests for Special Causes*, Journal of Quality Technology 16
(4), 1984, 237–239.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import fsum, sqrt

import msgspec

#: Expected range of two draws from a standard normal distribution: turns a mean moving range into a sigma.
D2 = 1.128


class Individuals(msgspec.Struct, frozen=True):
    """An individuals chart: ``centre`` ± 3 ``sigma``, from the mean moving range ``mean_range`` of neighbours."""

    centre: float
    mean_range: float
    sigma: float
    lower: float
    upper: float


def individuals(values: Sequence[float]) -> Individuals | None:
    """Values in order of time → centre (mean) and limits at ± 3·MR̄/d2, d2 = 1.128; ``None`` for fewer than two.

    Source: NIST/SEMATECH 6.3.2.2.
    """
    if len(values) < 2:
        return None
    centre = fsum(values) / len(values)
    mean_range = fsum(abs(b - a) for a, b in pairwise(values)) / (len(values) - 1)
    sigma = mean_range / D2
    return Individuals(centre, mean_range, sigma, centre - 3 * sigma, centre + 3 * sigma)


class Proportion(msgspec.Struct, frozen=True):
    """One point of a p-chart: ``share`` of ``n`` were defective; its own limits, as they depend on its own ``n``.

    ``share``, ``lower`` and ``upper`` are ``None`` where nothing was made.
    """

    n: int
    defective: int
    share: float | None
    lower: float | None
    upper: float | None

    @property
    def is_out(self) -> bool:
        """Whether it lies outside its limits."""
        return (
            self.share is not None
            and self.lower is not None
            and self.upper is not None
            and not self.lower <= self.share <= self.upper
        )


class Proportions(msgspec.Struct, frozen=True):
    """A p-chart: the mean share of defectives and one point a sample."""

    centre: float | None
    points: list[Proportion]


def proportions(samples: Sequence[tuple[int, int]]) -> Proportions:
    """Samples as (n, defective) → p-chart: p̄ = Σ defective ÷ Σ n, limits p̄ ± 3·√(p̄(1 − p̄)/n), within 0 and 1.

    Source: NIST/SEMATECH 6.3.3.2, with limits for each sample's own size.
    """
    made = sum(n for n, _ in samples)
    if made == 0:
        return Proportions(None, [Proportion(n, defective, None, None, None) for n, defective in samples])
    centre = sum(defective for _, defective in samples) / made
    return Proportions(centre, [_proportion(n, defective, centre) for n, defective in samples])


def _proportion(n: int, defective: int, centre: float) -> Proportion:
    if n == 0:
        return Proportion(n, defective, None, None, None)
    reach = 3 * sqrt(centre * (1 - centre) / n)
    return Proportion(n, defective, defective / n, max(0.0, centre - reach), min(1.0, centre + reach))


#: What each Nelson rule says of the last point of the run that breaks it.
NELSON: dict[int, str] = {
    1: "beyond 3 sigma",
    2: "nine in a row on one side of the centre",
    3: "six in a row rising, or falling",
    4: "fourteen in a row up and down by turns",
    5: "two of three beyond 2 sigma on one side",
    6: "four of five beyond 1 sigma on one side",
    7: "fifteen in a row within 1 sigma",
    8: "eight in a row beyond 1 sigma, on either side",
}


def nelson(values: Sequence[float], centre: float, sigma: float) -> dict[int, list[int]]:
    """Rule (1 to 8) → indices of the points at which it is broken; a rule that is kept is absent.

    A run of a rule ends at the point named: the one at which an operator would have seen it. A point exactly on the
    centre is on neither side, one exactly on a line of sigmas is not beyond it. Without variation (``sigma`` 0) only
    the rules that need none are judged. Source: Nelson 1984.
    """
    offsets = [value - centre for value in values]
    zones = [_zone(offset, sigma) for offset in offsets]
    steps = [0, *(_sign(b - a) for a, b in pairwise(values))]
    # The number of sigmas is signed: +2 is between 2 and 3 sigma above the centre. A step leads to its point.
    found = {
        2: _runs([_sign(offset) for offset in offsets], 9, _same),
        3: _runs(steps, 5, _same),
        4: _runs(steps, 13, _in_turns),
    }
    if sigma > 0:
        found[1] = [index for index, zone in enumerate(zones) if abs(zone) >= 3]
        found[5] = _most(zones, 3, 2, beyond=2)
        found[6] = _most(zones, 5, 4, beyond=1)
        found[7] = _runs([int(zone == 0) for zone in zones], 15, _same)
        found[8] = _runs([int(zone != 0) for zone in zones], 8, _same)
    return {rule: at for rule, at in sorted(found.items()) if at}


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _zone(offset: float, sigma: float) -> int:
    """How many whole sigmas ``offset`` is beyond (0 to 3), with its sign; exactly on a line is not beyond it."""
    return _sign(offset) * sum(abs(offset) > reach * sigma for reach in (1, 2, 3))


def _same(before: int, now: int) -> bool:
    return before == now


def _in_turns(before: int, now: int) -> bool:
    return before == -now


def _runs(marks: Sequence[int], length: int, goes_on: Callable[[int, int], bool]) -> list[int]:
    """Where at least ``length`` marks in a row, none of them 0, each go on from the one before."""
    found, run = [], 0
    for index, mark in enumerate(marks):
        run = 0 if mark == 0 else run + 1 if run and goes_on(marks[index - 1], mark) else 1
        if run >= length:
            found.append(index)
    return found


def _most(zones: Sequence[int], window: int, least: int, *, beyond: int) -> list[int]:
    """Where ``least`` of the last ``window`` points, the newest too, are ``beyond`` so many sigmas on one side."""
    found = []
    for index, zone in enumerate(zones):
        side = _sign(zone)
        recent = zones[max(0, index - window + 1) : index + 1]
        if abs(zone) >= beyond and sum(side * other >= beyond for other in recent) >= least:
            found.append(index)
    return found


class Capability(msgspec.Struct, frozen=True):
    """Whether a process can keep its specification.

    Cp and Cpk by the short-term sigma of the chart (what it could do), Pp and Ppk by the standard deviation of all
    values (what it did). Cp and Pp want both limits.
    """

    cp: float | None
    cpk: float | None
    pp: float | None
    ppk: float | None


def capability(values: Sequence[float], lsl: float | None, usl: float | None) -> Capability:
    """Values in order of time and specification limits → indices; each is ``None`` where it has no meaning.

    Cp = (USL − LSL)/6σ, Cpk = min(USL − x̄, x̄ − LSL)/3σ with σ = MR̄/1.128; Pp and Ppk the same with the sample
    standard deviation. Source: NIST/SEMATECH 6.1.6; Pp and Ppk after AIAG, *Statistical Process Control*, 2nd ed. 2005.
    """
    chart = individuals(values)
    if chart is None:
        return Capability(None, None, None, None)
    spread = sqrt(fsum((value - chart.centre) ** 2 for value in values) / (len(values) - 1))
    cp, cpk = _indices(chart.centre, chart.sigma, lsl, usl)
    pp, ppk = _indices(chart.centre, spread, lsl, usl)
    return Capability(cp, cpk, pp, ppk)


def _indices(centre: float, sigma: float, lsl: float | None, usl: float | None) -> tuple[float | None, float | None]:
    """(Cp, Cpk) or (Pp, Ppk), by which sigma it is."""
    if sigma <= 0:
        return None, None
    both = None if lsl is None or usl is None else (usl - lsl) / (6 * sigma)
    sides = [room / (3 * sigma) for room in _rooms(centre, lsl, usl)]
    return both, min(sides, default=None)


def _rooms(centre: float, lsl: float | None, usl: float | None) -> list[float]:
    """From the centre to each limit there is."""
    below = [] if lsl is None else [centre - lsl]
    above = [] if usl is None else [usl - centre]
    return below + above
