"""The proof: every machine's time and counts in the store against the simulator's account of what truly happened.

``equal``: minute by minute the same. ``covered``: some time is unknown, but in just that time for which the store has
evidence every category has truly taken as long, and at no moment were more parts claimed than had been made. A part
whose own message was lost counts in the minute whose totals prove it.
"""

from collections.abc import Iterable

import msgspec

from answers.covered import stretches, true_good_ideal_us, true_times
from answers.span import Span
from answers.store import Store
from contract.errors import BadPayload, UsageError
from contract.instants import MINUTE_US, floor_minute
from contract.kpi import Sums, add_up, ratio
from contract.states import BOOKED, Category
from contract.truth import TruthInterval, TruthOutput, TruthSpan, decode_record

COUNTS = ("total", "good", "scrap", "rework", "ideal_us", "good_ideal_us")
#: OEE of covered time may differ from the truth of that time by so much, where at least so much time is covered.
OEE_TOLERANCE, OEE_LEAST_US = 0.001, 30 * MINUTE_US
_NOTHING = Sums()
_Minutes = dict[int, Sums]


class MachineScore(msgspec.Struct, frozen=True):
    """One machine: ``equal``, ``covered`` (what differs is shown as unknown time) or ``different``, and by how much.

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

    @property
    def oee_error(self) -> float:
        """How far the OEE of covered time is from the truth of that time; 0 where too little is covered to tell."""
        if self.oee is None or self.true_oee is None or self.ppt_us < OEE_LEAST_US:
            return 0.0
        return abs(self.oee - self.true_oee)


class Score(msgspec.Struct, frozen=True):
    """All machines of a truth account."""

    plant: str
    seed: int
    span: Span
    machines: list[MachineScore]

    @property
    def passed(self) -> bool:
        """Whether every difference is covered by unknown time, and the OEE of the covered time is the true one."""
        return all(one.verdict != "different" and one.oee_error <= OEE_TOLERANCE for one in self.machines)


class _Truth(msgspec.Struct):
    span: TruthSpan
    intervals: dict[str, list[TruthInterval]]
    outputs: dict[str, dict[int, TruthOutput]]


def score(store: Store, lines: Iterable[bytes]) -> Score:
    """Compare ``store`` with the truth file ``lines``. Raises :class:`UsageError` if that is not a truth file."""
    truth = _read(lines)
    known = set(store.machines())
    with store.moment():
        machines = [_score_machine(store, truth, path, path in known) for path in truth.span.machines]
    return Score(truth.span.plant, truth.span.seed, Span(truth.span.start, truth.span.end), machines)


def _read(lines: Iterable[bytes]) -> _Truth:
    truth: _Truth | None = None
    for number, line in enumerate(lines, start=1):
        try:
            record = decode_record(line)
        except BadPayload as error:
            raise UsageError(f"line {number} of the truth file: {error.detail}. Is it the file of --truth?") from error
        if isinstance(record, TruthSpan):
            truth = _Truth(record, {path: [] for path in record.machines}, {path: {} for path in record.machines})
        elif truth is None:
            raise UsageError("the truth file does not begin with its span: is it the file of --truth?")
        elif isinstance(record, TruthInterval):
            truth.intervals[record.machine].append(record)
        else:
            truth.outputs[record.machine][record.minute] = record
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
    outputs, found = truth.outputs[path], _Minutes()
    for minute in times.keys() | outputs.keys():
        fields = {f"{category}_us": us for category, us in times.get(minute, {}).items()}
        output = outputs.get(minute)
        if output is not None:
            fields |= {name: getattr(output, name) for name in COUNTS}
        found[minute] = Sums(**fields)
    return found


def _score_machine(store: Store, truth: _Truth, path: str, known: bool) -> MachineScore:
    start, end = floor_minute(truth.span.start), truth.span.end
    true = _true_minutes(truth, path)
    stored = dict(store.minutes(path, start, end)) if known else {}
    first, what = None, ""
    for minute in sorted(true.keys() | stored.keys()):
        what = _difference(true.get(minute, _NOTHING), stored.get(minute, _NOTHING))
        if what:
            first = minute
            break
    true_sum, stored_sum = add_up(true.values()), add_up(stored.values())
    covered = _covered_truth(store, truth, path) if known else _NOTHING
    is_covered = not _runs_ahead(true, stored) and _is_covered(true_sum, covered, stored_sum)
    verdict = "equal" if first is None else "covered" if is_covered else "different"
    return MachineScore(
        machine=path,
        verdict=verdict,
        unknown_us=true_sum.booked_us - stored_sum.booked_us,
        truth=true_sum,
        store=stored_sum,
        first_difference_us=first,
        difference=what,
        ppt_us=stored_sum.ppt_us,
        oee=ratio(stored_sum.good_ideal_us, stored_sum.ppt_us),
        true_oee=ratio(covered.good_ideal_us, covered.ppt_us),
    )


def _covered_truth(store: Store, truth: _Truth, path: str) -> Sums:
    """What truly happened in the time the store has evidence for; of the counts only ``good_ideal_us``."""
    span = truth.span
    known = stretches((one.start_us, one.end_us) for one in store.intervals(path, span.start, span.end))
    times = {f"{category}_us": us for category, us in true_times(truth.intervals[path], known).items()}
    return Sums(**times, good_ideal_us=true_good_ideal_us(truth.outputs[path].values(), known))


def _difference(true: Sums, stored: Sums) -> str:
    """The first column in which two minutes differ, in words; empty if in none."""
    for name in (*(f"{category}_us" for category in BOOKED), *COUNTS):
        expected, got = getattr(true, name), getattr(stored, name)
        if expected != got:
            return f"{name}: truth {expected}, store {got}"
    return ""


def _is_covered(true: Sums, covered: Sums, stored: Sums) -> bool:
    """Whether the store is right in the time it claims to know; knowing all, it must have counted all, if not at once.

    A stop of which a part is unknown may be minor in the store and a breakdown in truth, so faults are added up first.
    """
    if stored.booked_us == true.booked_us and any(getattr(stored, name) != getattr(true, name) for name in COUNTS):
        return False
    names = [f"{category}_us" for category in BOOKED if category not in (Category.BREAKDOWN, Category.MINOR_STOP)]
    same_faults = stored.breakdown_us + stored.minor_stop_us == covered.breakdown_us + covered.minor_stop_us
    return same_faults and all(getattr(stored, name) == getattr(covered, name) for name in names)


def _runs_ahead(true: _Minutes, stored: _Minutes) -> bool:
    """Whether the store had at the end of any minute counted more than had truly been made by then."""
    for name in COUNTS:
        ahead = 0
        for minute in sorted(true.keys() | stored.keys()):
            ahead += getattr(stored.get(minute, _NOTHING), name) - getattr(true.get(minute, _NOTHING), name)
            if ahead > 0:
                return True
    return False
