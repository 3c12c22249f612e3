"""A machine that says what a test wants, and an account that keeps what the ledger answers."""

from msgspec import structs

from collector.ledger import LATENESS_US, REASONS, Ledger, thaw
from collector.planned import Planned
from contract.events import CalendarPublished, HeartBeaten, MachineDescribed, PartsCounted, StateChanged, Window, Words
from contract.series import SUM_COLUMNS
from contract.states import Mode, State

T0 = 1_767_571_200_000_000
BOOT = T0 // 1_000_000
S = 1_000_000
PATH = "acme/site/area/line/m1"
LINE = "acme/site/area/line"


def us(at_s):
    return T0 + round(at_s * S)


class Voice:
    """Builds the events of one machine; times in seconds after T0, the sequence by itself."""

    def __init__(self, boot=BOOT, seq=1):
        self.boot, self.seq = boot, seq
        self.said = (State.EXECUTE, "", T0)
        self.totals = {"total": 0, "good": 0, "scrap": 0, "rework": 0}

    def _next(self, at_s):
        place = {"ts": us(at_s), "seq": self.seq, "boot": self.boot}
        self.seq += 1
        return place

    def lose(self, count=1):
        self.seq += count

    def state(self, at_s, state, reason="", since_s=None, mode=Mode.PRODUCTION):
        self.said = (state, reason, us(at_s if since_s is None else since_s))
        return StateChanged(**self._next(at_s), state=state, mode=mode, reason=reason, since=self.said[2])

    def run(self, at_s, **more):
        return self.state(at_s, State.EXECUTE, **more)

    def jam(self, at_s, **more):
        return self.state(at_s, State.HELD, "jam", **more)

    def starve(self, at_s, **more):
        return self.state(at_s, State.SUSPENDED, "starved", **more)

    def setup(self, at_s, **more):
        return self.state(at_s, State.STOPPED, "changeover", **more)

    def _made(self, good, scrap, rework):
        self.totals["good"] += good
        self.totals["scrap"] += scrap
        self.totals["rework"] += rework
        self.totals["total"] += good + scrap + rework
        return {**self.totals, "product": "P", "order": "O"}

    def made(self, at_s, good=1, scrap=0, rework=0, ideal_us=S):
        return PartsCounted(**self._next(at_s), **self._made(good, scrap, rework), ideal_us=ideal_us)

    def beat(self, at_s, good=0, scrap=0, ideal_us=S):
        state, reason, since = self.said
        return HeartBeaten(
            **self._next(at_s), state=state, mode=Mode.PRODUCTION, reason=reason, since=since,
            **self._made(good, scrap, 0), ideal_us=ideal_us,
        )  # fmt: skip

    def info(self, at_s, minor_stop_s=120, modulus=None):
        return MachineDescribed(
            **self._next(at_s), name=Words("M", "M"), role="r", position=1, upstream=[], downstream=[], ideal_us=S,
            servers=1, buffer_capacity=None, minor_stop_us=minor_stop_s * S, reasons={}, counter_modulus=modulus,
        )  # fmt: skip


def calendar(at_s, shifts, breaks=(), valid=(0, 10_000), seq=1):
    word = Words("x", "x")
    windows = [Window(us(a), us(b), "shift", word) for a, b in shifts]
    windows += [Window(us(a), us(b), "break", word) for a, b in breaks]
    return CalendarPublished(us(at_s), seq, BOOT, "Asia/Ho_Chi_Minh", us(valid[0]), us(valid[1]), windows)


def planned_by(*calendars):
    planned = Planned()
    for each in calendars:
        planned.learn(each)
    return planned


class Account:
    """What the store would hold of one machine after everything drained so far."""

    def __init__(self):
        self.minutes, self.intervals = {}, {}
        self.current = self.health = None

    def take(self, rows):
        self.minutes |= {minute: tuple(sums) for minute, *sums in rows.minutes}
        self.intervals |= {interval[0]: interval for interval in rows.intervals}
        self.current, self.health = rows.current, rows.health

    def rows(self):
        return self.minutes, self.intervals, self.current

    def times(self):
        """Category → seconds, by the intervals."""
        found = {}
        for start, end, category, *_ in self.intervals.values():
            found[category] = found.get(category, 0) + (end - start) / S
        return found

    def sums(self):
        """Column → sum over the minutes, zeros left out."""
        columns = list(zip(*self.minutes.values(), strict=True)) or [()] * len(SUM_COLUMNS)
        return {name: sum(column) for name, column in zip(SUM_COLUMNS, columns, strict=True) if any(column)}

    def spans(self):
        """(start s, end s, category) in order."""
        return [((a - T0) / S, (b - T0) / S, category) for a, b, category, *_ in sorted(self.intervals.values())]


def fold(events, planned=None, drain_each=False, restart_at=(), lateness_us=LATENESS_US):
    """Events → (account, refused as (seq, reason)); drained and restarted where asked."""
    ledger, account, refused = Ledger(), Account(), []
    planned = planned or Planned()
    for index, event in enumerate(events):
        ledger.apply(event, planned, lateness_us)
        refused += [(bad.seq, reason) for bad, reason, _ in ledger.refused]
        assert all(reason in REASONS for _, reason in refused)
        ledger.refused.clear()
        if drain_each or index in restart_at:
            account.take(ledger.rows())
        if index in restart_at:
            ledger = thaw(ledger.freeze())
    ledger.close(planned)
    account.take(ledger.rows())
    return account, refused


def with_time(event, **fields):
    return structs.replace(event, **{key: us(value) for key, value in fields.items()})
