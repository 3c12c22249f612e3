"""The proof: all that the store says of machines and orders against the simulator's account of what truly happened.

Time, counts and energy are compared here, minute by minute; orders apart, units and progress in ``score_told``.

``equal``: minute by minute the same. ``covered``: some time is unknown, but in just that time for which the store has
evidence every category has truly taken as long, and at no moment were more parts claimed than had been made. A part
whose own message was lost counts in the minute whose totals prove it.
"""

from collections import Counter
from collections.abc import Iterable

import msgspec

from answers.covered import Stretches, stretches, true_good_ideal_us, true_times
from answers.score_told import (
    COVERED,
    DIFFERENT,
    EQUAL,
    MachineTruth,
    OrderScore,
    Told,
    judge_order,
    judge_told,
    worst,
)
from answers.span import Span
from answers.store import Store
from contract.errors import BadPayload, UsageError
from contract.instants import MINUTE_US, floor_minute
from contract.kpi import Sums, add_up, ratio
from contract.series import ENERGY_COLUMNS
from contract.states import BOOKED, Category
from contract.truth import (
    TruthEnergy,
    TruthInterval,
    TruthOrder,
    TruthOutput,
    TruthRecord,
    TruthSpan,
    TruthUnit,
    decode_record,
)

COUNTS = ("total", "good", "scrap", "rework", "ideal_us", "good_ideal_us")
#: OEE of covered time may differ from the truth of that time by so much, where at least so much time is covered.
OEE_TOLERANCE, OEE_LEAST_US = 0.001, 30 * MINUTE_US
_NOTHING = Sums()
_Minutes = dict[int, Sums]


class MachineScore(msgspec.Struct, frozen=True):
    """One machine: ``equal``, ``covered`` (what differs is known to be missing) or ``different``, and by how much.

    ``oee`` is the store's, of its covered planned production time ``ppt_us``; ``true_oee`` the truth's of that time.
    """

    machine: str
    verdict: str
    unknown_us: int
    truth: Sums
    store: Sums
    first_difference_us: int | None
    difference: str
    ppt_us: int
    oee: float | None
    true_oee: float | None
    true_units: int = 0
    stored_units: int = 0

    @property
    def oee_error(self) -> float:
        """How far the OEE of covered time is from the truth of that time; 0 where too little is covered to tell."""
        if self.oee is None or self.true_oee is None or self.ppt_us < OEE_LEAST_US:
            return 0.0
        return abs(self.oee - self.true_oee)


class Score(msgspec.Struct, frozen=True):
    """All machines and orders of a truth account."""

    plant: str
    seed: int
    span: Span
    machines: list[MachineScore]
    orders: list[OrderScore] = []

    @property
    def passed(self) -> bool:
        """Whether every difference is one that the store shows, and the OEE of the covered time is the true one."""
        machines = all(one.verdict != DIFFERENT and one.oee_error <= OEE_TOLERANCE for one in self.machines)
        return machines and all(one.verdict != DIFFERENT for one in self.orders)


class _Truth(msgspec.Struct):
    span: TruthSpan
    intervals: dict[str, list[TruthInterval]]
    outputs: dict[str, list[TruthOutput]]
    energy: dict[str, list[TruthEnergy]]
    units: dict[str, list[TruthUnit]]
    orders: list[TruthOrder] = []

    @classmethod
    def of(cls, span: TruthSpan) -> "_Truth":
        paths = span.machines
        return cls(
            span,
            intervals={path: [] for path in paths},
            outputs={path: [] for path in paths},
            energy={path: [] for path in paths},
            units={path: [] for path in paths},
        )

    def take(self, record: TruthRecord) -> None:
        match record:
            case TruthInterval():
                self.intervals[record.machine].append(record)
            case TruthOutput():
                self.outputs[record.machine].append(record)
            case TruthEnergy():
                self.energy[record.machine].append(record)
            case TruthUnit():
                self.units[record.machine].append(record)
            case TruthOrder():
                self.orders.append(record)
            case TruthSpan():
                raise UsageError("the truth file has a second span: is it two files put together?")


def score(store: Store, lines: Iterable[bytes]) -> Score:
    """Compare ``store`` with the truth file ``lines``. Raises :class:`UsageError` if that is not a truth file."""
    truth = _read(lines)
    known = set(store.machines())
    with store.moment():
        # Of whose messages some never came, came too late or could not be taken.
        missed = {each.path for each in store.health() if each.lost or each.late or each.quarantined}
        machines = [_score_machine(store, truth, path, path in known, path in missed) for path in truth.span.machines]
        orders = [judge_order(store, order) for order in truth.orders]
    return Score(truth.span.plant, truth.span.seed, Span(truth.span.start, truth.span.end), machines, orders)


def _read(lines: Iterable[bytes]) -> _Truth:
    truth: _Truth | None = None
    for number, line in enumerate(lines, start=1):
        try:
            record = decode_record(line)
        except BadPayload as error:
            mend = "is it the file of --truth, and of this version? Otherwise make it again"
            raise UsageError(f"line {number} of the truth file: {error.detail}: {mend}") from error
        if truth is not None:
            truth.take(record)
        elif isinstance(record, TruthSpan):
            truth = _Truth.of(record)
        else:
            raise UsageError("the truth file does not begin with its span: is it the file of --truth?")
    if truth is None:
        raise UsageError("the truth file is empty: make one with `mes simulate --truth`")
    return truth


def _spread(minutes: dict[int, dict[Category, int]], interval: TruthInterval) -> None:
    """Cut an interval at the minutes and add each piece to its minute."""
    start = interval.start
    while start < interval.end:
        minute = floor_minute(start)
        end = min(interval.end, minute + MINUTE_US)
        times = minutes.setdefault(minute, {})
        times[interval.category] = times.get(interval.category, 0) + end - start
        start = end


def _true_minutes(truth: _Truth, path: str) -> _Minutes:
    times: dict[int, dict[Category, int]] = {}
    for interval in truth.intervals[path]:
        _spread(times, interval)
    fields: dict[int, Counter[str]] = {}
    for minute, taken in times.items():
        fields[minute] = Counter({f"{category}_us": us for category, us in taken.items()})
    for output in truth.outputs[path]:
        fields.setdefault(output.minute, Counter()).update({name: getattr(output, name) for name in COUNTS})
    before = (0, 0)
    for meter in truth.energy[path]:
        shown = (meter.energy_j, meter.idle_energy_j)
        used = {name: now - then for name, now, then in zip(ENERGY_COLUMNS, shown, before, strict=True)}
        fields.setdefault(meter.minute, Counter()).update(used)
        before = shown
    return {minute: Sums(**counts) for minute, counts in fields.items()}


def _score_machine(store: Store, truth: _Truth, path: str, known: bool, missed: bool) -> MachineScore:
    start, end = floor_minute(truth.span.start), truth.span.end
    true = _true_minutes(truth, path)
    stored = dict(store.minutes(path, start, end)) if known else {}
    first, what = _first_difference(true, stored)
    true_sum, stored_sum = add_up(true.values()), add_up(stored.values())
    evidence = _evidence(store, truth, path) if known else []
    covered = _covered_truth(truth, path, evidence)
    missed = missed or true_sum.booked_us > stored_sum.booked_us or _joined(truth.energy[path], true_sum, stored_sum)
    is_covered = not _runs_ahead(true, stored) and _is_covered(true_sum, covered, stored_sum, missed=missed)
    verdict = EQUAL if first is None else COVERED if is_covered else DIFFERENT
    told = _judge_told(store, truth, path, evidence, missed)
    return MachineScore(
        machine=path,
        verdict=worst((verdict, told.verdict)),
        unknown_us=true_sum.booked_us - stored_sum.booked_us,
        truth=true_sum,
        store=stored_sum,
        first_difference_us=first,
        difference=what or told.difference,
        ppt_us=stored_sum.ppt_us,
        oee=ratio(stored_sum.good_ideal_us, stored_sum.ppt_us),
        true_oee=ratio(covered.good_ideal_us, covered.ppt_us),
        true_units=told.true_units,
        stored_units=told.stored_units,
    )


def _joined(meter: list[TruthEnergy], true: Sums, stored: Sums) -> bool:
    """Whether what is missing is just what was used before some heartbeat: the first one heard, a baseline."""
    missing = (true.energy_j - stored.energy_j, true.idle_energy_j - stored.idle_energy_j)
    return any(missing) and missing in {(shown.energy_j, shown.idle_energy_j) for shown in meter}


def _first_difference(true: _Minutes, stored: _Minutes) -> tuple[int | None, str]:
    for minute in sorted(true.keys() | stored.keys()):
        what = _difference(true.get(minute, _NOTHING), stored.get(minute, _NOTHING))
        if what:
            return minute, what
    return None, ""


def _judge_told(store: Store, truth: _Truth, path: str, evidence: Stretches, missed: bool) -> Told:
    account = MachineTruth(truth.span.start, truth.span.end, truth.outputs[path], truth.units[path])
    return judge_told(store, path, account, evidence, missed=missed)


def _evidence(store: Store, truth: _Truth, path: str) -> Stretches:
    intervals = store.intervals(path, truth.span.start, truth.span.end)
    return stretches((one.start_us, one.end_us) for one in intervals)


def _covered_truth(truth: _Truth, path: str, evidence: Stretches) -> Sums:
    """What truly happened in the time the store has evidence for; of the counts only ``good_ideal_us``."""
    times = {f"{category}_us": us for category, us in true_times(truth.intervals[path], evidence).items()}
    return Sums(**times, good_ideal_us=true_good_ideal_us(truth.outputs[path], evidence))


def _difference(true: Sums, stored: Sums) -> str:
    """The first column in which two minutes differ, in words; empty if in none."""
    for name in (*(f"{category}_us" for category in BOOKED), *COUNTS, *ENERGY_COLUMNS):
        expected, got = getattr(true, name), getattr(stored, name)
        if expected != got:
            return f"{name}: truth {expected}, store {got}"
    return ""


def _is_covered(true: Sums, covered: Sums, stored: Sums, *, missed: bool) -> bool:
    """Whether the store is right in the time it claims to know; knowing all, it must have counted all, if not at once.

    Energy that is not in it must have been ``missed``.

    A stop of which a part is unknown may be minor in the store and a breakdown in truth, so faults are added up first.
    """
    if stored.booked_us == true.booked_us and any(getattr(stored, name) != getattr(true, name) for name in COUNTS):
        return False
    if not missed and any(getattr(stored, name) != getattr(true, name) for name in ENERGY_COLUMNS):
        return False
    names = [f"{category}_us" for category in BOOKED if category not in (Category.BREAKDOWN, Category.MINOR_STOP)]
    same_faults = stored.breakdown_us + stored.minor_stop_us == covered.breakdown_us + covered.minor_stop_us
    return same_faults and all(getattr(stored, name) == getattr(covered, name) for name in names)


def _runs_ahead(true: _Minutes, stored: _Minutes) -> bool:
    """Whether the store had at the end of any minute counted more than had truly been made by then."""
    for name in (*COUNTS, *ENERGY_COLUMNS):
        ahead = 0
        for minute in sorted(true.keys() | stored.keys()):
            ahead += getattr(stored.get(minute, _NOTHING), name) - getattr(true.get(minute, _NOTHING), name)
            if ahead > 0:
                return True
    return False
