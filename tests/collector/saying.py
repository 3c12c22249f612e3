"""A machine that says what a test wants, and an account that keeps what the ledger answers."""

from msgspec import structs

from collector.ledger import LATENESS_US, REASONS, Ledger, thaw
from collector.planned import Planned
from contract.events import (
    AlarmChanged,
    CalendarPublished,
    HeartBeaten,
    MachineDescribed,
    MaterialChanged,
    PartsCounted,
    StateChanged,
    UnitProcessed,
    ValuesMeasured,
    Window,
    Words,
)
from contract.series import MADE_COLUMNS, SUM_COLUMNS
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
        self.order, self.product = "O", "P"
        self.energy = {"energy_j": 0, "idle_energy_j": 0}

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
        return {**self.totals, "product": self.product, "order": self.order}

    def made(self, at_s, good=1, scrap=0, rework=0, ideal_us=S):
        return PartsCounted(**self._next(at_s), **self._made(good, scrap, rework), ideal_us=ideal_us)

    def beat(self, at_s, good=0, scrap=0, *, ideal_us=S, used_j=0, idle_j=0):
        state, reason, since = self.said
        self.energy["energy_j"] += used_j + idle_j
        self.energy["idle_energy_j"] += idle_j
        return HeartBeaten(
            **self._next(at_s), state=state, mode=Mode.PRODUCTION, reason=reason, since=since,
            **self._made(good, scrap, 0), ideal_us=ideal_us, **self.energy,
        )  # fmt: skip

    def unit(self, at_s, unit="U", result="pass", attempt=1, **more):
        place, began = self._next(at_s), more.pop("began", us(at_s - 1))
        return UnitProcessed(**place, unit=unit, product=self.product, order=self.order, began=began, attempt=attempt,
                             result=result, **more)  # fmt: skip

    def value(self, at_s, unit="", **values):
        return ValuesMeasured(**self._next(at_s), unit=unit, product=self.product, values=values or {"torque": 1.5})

    def material(self, at_s, what="loaded", slot="F1", lot="L1", remaining=100):
        return MaterialChanged(**self._next(at_s), slot=slot, material="R100", lot=lot, what=what, quantity=100,
                               remaining=remaining)  # fmt: skip

    def alarm(self, at_s, is_active=True, code="low_stock", subject="F1"):
        return AlarmChanged(**self._next(at_s), code=code, subject=subject, is_active=is_active)

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
        self.minutes, self.intervals, self.made, self.defects, self.told = {}, {}, {}, {}, []
        self.current = self.health = None

    def take(self, rows):
        self.minutes |= {minute: tuple(sums) for minute, *sums in rows.minutes}
        self.intervals |= {interval[0]: interval for interval in rows.intervals}
        self.current, self.health = rows.current, rows.health
        self.made |= {row[:3]: row[3:] for row in rows.made}
        self.defects |= {row[:3]: row[3] for row in rows.defects}
        self.told += rows.told

    def rows(self):
        return self.minutes, self.intervals, self.current, self.made, self.defects, self.told

    def made_of(self, order):
        """Column → sum over the minutes of one order, zeros left out."""
        rows = [row for (_, name, _), row in self.made.items() if name == order]
        columns = list(zip(*rows, strict=True)) or [()] * len(MADE_COLUMNS)
        return {name: sum(column) for name, column in zip(MADE_COLUMNS, columns, strict=True) if any(column)}

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
