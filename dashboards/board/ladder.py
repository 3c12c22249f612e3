"""The way from all time down to good parts, as Explain shows it: each step, whose fault it is, and who is behind it."""

from collections.abc import Sequence

from msgspec import Struct

from answers.opened import Opened
from answers.store import Interval, short
from contract.states import Category
from dashboards.board.pages import Definition

DEFINITIONS: tuple[Definition, ...] = ("tpm", "iso", "nee", "ooe", "teep")
#: Whose fault each step is in each definition: a letter of the product of factors; "" where it is no loss.
_STOPS = ("breakdown", "setup", "waiting", "minor_stop", "starved", "blocked")
_OUTPUT = {"speed": "P", "in_process": "P", "defects": "Q", "startup": "Q"}
_TPM = {**dict.fromkeys(_STOPS[:3], "A"), **dict.fromkeys(_STOPS[3:], "P"), **_OUTPUT}
_ISO = {**dict.fromkeys(_STOPS, "A"), **_OUTPUT, "speed": "E", "in_process": "E"}
BLAME: dict[Definition, dict[str, str]] = {
    "tpm": _TPM,
    "iso": _ISO,
    "nee": _ISO | {"setup": ""},
    "ooe": _TPM | {"planned": "L"},
    "teep": _TPM | {"planned": "L"},
}
#: From all time down to good parts: what is cut away, and between the cuts what is left (``=``).
_ORDER = ("=span", "unknown", "planned", "=ppt", *_STOPS, "=execute", "speed", "in_process", "=made", "defects",
          "startup", "=good")  # fmt: skip
#: What can be opened.
STEPS = frozenset(kind.lstrip("=") for kind in _ORDER)


class Behind(Struct, frozen=True):
    """Time of a step that one machine spent for one reason, in so many intervals; or all that one line has in it."""

    machine: str
    reason: str
    us: int
    intervals: int


class Row(Struct, frozen=True):
    """A step: ``us`` are cut away, or left where ``is_left``; ``blame`` is the factor that has it."""

    kind: str
    us: int
    is_left: bool
    blame: str
    reasons: list[Behind]


class Piece(Struct, frozen=True):
    """One interval behind the opened step, clipped to the span."""

    machine: str
    from_us: int
    to_us: int
    state: str
    reason: str


class Factor(Struct, frozen=True):
    """``value`` = ``above`` ÷ ``below``; in µs, or in parts where ``in_parts``."""

    key: str
    above: int
    below: int
    in_parts: bool
    value: float | None


def rows(opened: Opened, lines: Sequence[Opened], definition: Definition) -> list[Row]:
    """Every step of ``opened``, with its reasons; with the share of each of ``lines`` where it is those together."""
    behind = _by_line(lines) if lines else _reasons(opened)
    blame, times = BLAME[definition], _times(opened)
    return [
        Row(kind.lstrip("="), times[kind], kind[0] == "=", blame.get(kind, ""), behind.get(kind.lstrip("="), []))
        for kind in _ORDER
    ]


def _times(opened: Opened) -> dict[str, int]:
    """Each row of the way down, µs; every left is the one before it without what is cut away between."""
    sums, lost = opened.sums, opened.losses
    cuts = {step: getattr(lost, f"{step}_us") for step in (*_STOPS, *_OUTPUT)}
    left = {
        "=span": opened.span_us,
        "=ppt": lost.ppt_us,
        "=execute": sums.execute_us,
        "=made": opened.made_us,
        "=good": lost.good_ideal_us,
    }
    return {**cuts, **left, "unknown": opened.unknown_us, "planned": sums.planned_us}


def _by_line(lines: Sequence[Opened]) -> dict[str, list[Behind]]:
    """Step → what each line has in it, in the order of the lines."""
    steps: dict[str, list[Behind]] = {}
    for line in lines:
        for kind, us in _times(line).items():
            if us:
                steps.setdefault(kind.lstrip("="), []).append(Behind(line.path, "", us, 1))
    return steps


def _reasons(opened: Opened) -> dict[str, list[Behind]]:
    """Step → who spent its time on what, the most first."""
    found: dict[tuple[str, str, str], list[int]] = {}
    for one in opened.intervals:
        found.setdefault((one.category.value, short(one.machine), one.reason), []).append(one.end_us - one.start_us)
    for gap in opened.gaps:
        found.setdefault(("unknown", short(gap.machine), ""), []).append(gap.to_us - gap.from_us)
    steps: dict[str, list[Behind]] = {}
    for (step, machine, reason), times in found.items():
        steps.setdefault(step, []).append(Behind(machine, reason, sum(times), len(times)))
    return {step: sorted(behind, key=lambda one: -one.us) for step, behind in steps.items()}


def pieces(opened: Opened, step: str) -> list[Piece]:
    """The intervals behind ``step``, oldest first."""
    if step == Category.UNKNOWN:
        return [Piece(short(gap.machine), gap.from_us, gap.to_us, "", "") for gap in opened.gaps]
    return [_piece(one) for one in opened.intervals if one.category == step]


def _piece(one: Interval) -> Piece:
    return Piece(short(one.machine), one.start_us, one.end_us, one.state, one.reason)


def factors(opened: Opened, definition: Definition, *, is_line: bool) -> list[Factor]:
    """The ratios whose product the definition is, in its order; see ``contract.kpi`` for their sources."""
    sums, lost, kpis, made_us = opened.sums, opened.losses, opened.kpis, opened.made_us
    run_us = lost.ppt_us - lost.breakdown_us - lost.setup_us - lost.waiting_us
    resting_us = sums.planned_us if definition == "teep" else opened.in_shift_planned_us
    quality = Factor("quality", lost.good_ideal_us, made_us, in_parts=False, value=kpis.quality)
    tpm = [
        Factor("availability", run_us, lost.ppt_us, in_parts=False, value=kpis.availability),
        Factor("performance", made_us, run_us, in_parts=False, value=kpis.performance),
        quality,
    ]
    if definition == "tpm":
        return tpm
    if definition in ("ooe", "teep"):
        whole_us = lost.ppt_us + resting_us
        loading = lost.ppt_us / whole_us if whole_us else None
        return [Factor("loading", lost.ppt_us, whole_us, in_parts=False, value=loading), *tpm]
    counted = Factor("quality", sums.good, sums.total, in_parts=True, value=kpis.iso_quality)
    effective = Factor("effectiveness", made_us, sums.execute_us, in_parts=False, value=kpis.iso_effectiveness)
    busy_us = sums.execute_us + sums.setup_us
    busy = Factor("busy", busy_us, lost.ppt_us, in_parts=False, value=busy_us / lost.ppt_us if lost.ppt_us else None)
    up = Factor("availability", sums.execute_us, lost.ppt_us, in_parts=False, value=kpis.iso_availability)
    return [busy if definition == "nee" else up, effective, quality if is_line else counted]
