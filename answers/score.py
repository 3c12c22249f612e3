"""The proof: every machine's time and counts in the store against the simulator's account of what truly happened."""

from collections.abc import Iterable

import msgspec

from answers.span import Span
from answers.store import Store
from contract.errors import BadPayload, UsageError
from contract.instants import MINUTE_US, floor_minute
from contract.kpi import Sums, add_up
from contract.states import BOOKED, Category
from contract.truth import TruthInterval, TruthOutput, TruthSpan, decode_record

COUNTS = ("total", "good", "scrap", "rework", "ideal_us", "good_ideal_us")
_NOTHING = Sums()
_Minutes = dict[int, Sums]


class MachineScore(msgspec.Struct, frozen=True):
    """One machine: ``equal``, ``covered`` (what differs is shown as unknown time) or ``different``, and by how much."""

    machine: str
    verdict: str
    unknown_us: int
    truth: Sums
    store: Sums
    first_difference_us: int | None
    difference: str


class Score(msgspec.Struct, frozen=True):
    """All machines of a truth account. ``passed``: none is ``different``."""

    plant: str
    seed: int
    span: Span
    machines: list[MachineScore]

    @property
    def passed(self) -> bool:
        """Whether every difference is covered by unknown time."""
        return all(score.verdict != "different" for score in self.machines)


class _Truth(msgspec.Struct):
    span: TruthSpan
    times: dict[str, dict[int, dict[Category, int]]]
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
            truth = _Truth(record, {path: {} for path in record.machines}, {path: {} for path in record.machines})
        elif truth is None:
            raise UsageError("the truth file does not begin with its span: is it the file of --truth?")
        elif isinstance(record, TruthInterval):
            _spread(truth.times[record.machine], record)
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
    times, outputs = truth.times[path], truth.outputs[path]
    found: _Minutes = {}
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
    unknown = true_sum.booked_us - stored_sum.booked_us
    verdict = "equal" if first is None else "covered" if _is_covered(true_sum, stored_sum) else "different"
    return MachineScore(path, verdict, unknown, true_sum, stored_sum, first, what)


def _difference(true: Sums, stored: Sums) -> str:
    """The first column in which two minutes differ, in words; empty if in none."""
    for name in (*(f"{category}_us" for category in BOOKED), *COUNTS):
        expected, got = getattr(true, name), getattr(stored, name)
        if expected != got:
            return f"{name}: truth {expected}, store {got}"
    return ""


def _is_covered(true: Sums, stored: Sums) -> bool:
    """Whether the store only lacks what it does not claim to know: no category and no count above the truth.

    A stop of which a part is unknown may be minor in the store and a breakdown in truth, so faults are added up first.
    """
    if stored.booked_us >= true.booked_us:
        return False
    names = [f"{category}_us" for category in BOOKED if category not in (Category.BREAKDOWN, Category.MINOR_STOP)]
    fault = stored.breakdown_us + stored.minor_stop_us <= true.breakdown_us + true.minor_stop_us
    return fault and all(getattr(stored, name) <= getattr(true, name) for name in (*names, *COUNTS))
