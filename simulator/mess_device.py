"""What a real controller does to what its machine says: a clock of its own, power-ons, counters that roll over. Pure.

    truth ─→ clock (skew, clock_back) ─→ boot, seq, totals, energy (reboot, rollover) ─→ what is said

The machine itself is not touched: while its controller is off it goes on, only nobody says so.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from contract.events import (
    AlarmChanged,
    CommandAnswered,
    HeartBeaten,
    LinkChanged,
    MachineDescribed,
    MaterialChanged,
    PartsCounted,
    StateChanged,
    UnitProcessed,
    ValuesMeasured,
)
from contract.instants import DAY_US, SECOND_US
from simulator.mess_dice import Dice

#: Most a clock of ``skew`` 1 s drifts, parts per million.
_DRIFT_PPM = 25
#: A machine whose counters are about to roll over has been on for this long.
_ON_FOR_US = 30 * DAY_US

Said = (
    StateChanged | PartsCounted | HeartBeaten | MachineDescribed
    | UnitProcessed | ValuesMeasured | MaterialChanged | AlarmChanged
)  # fmt: skip
_Totals = tuple[int, int, int, int]
_Energy = tuple[int, int]


class Clock:
    """The clock of one machine. ``set_back_us`` is how far it is set back now; ``rates`` are looked at live."""

    __slots__ = ("_drift", "_origin_us", "_rates", "_skew", "set_back_us")

    def __init__(self, rates: Mapping[str, float], dice: Dice, start_us: int) -> None:
        self._rates, self._origin_us = rates, start_us
        self._skew, self._drift = dice.between(-1, 1), dice.between(-_DRIFT_PPM, _DRIFT_PPM)
        self.set_back_us = 0

    def read(self, now_us: int) -> int:
        """What it shows when it is truly ``now_us`` (µs since the epoch)."""
        bound_s = self._rates.get("skew", 0)
        if not bound_s:
            return now_us - self.set_back_us
        off_us = bound_s * (self._skew * SECOND_US + self._drift * (now_us - self._origin_us) / 1e6)
        return now_us + int(off_us) - self.set_back_us


class Device:
    """The controller of the machine at ``path``, on since ``start_us`` unless a rollover needs it to be on for longer.

    ``boot`` and ``last`` are what it says its power-on is, and its last (ts, seq).
    """

    __slots__ = (
        "_base", "_beats_first", "_energy", "_energy_base", "_info", "_modulus", "_off_until_us", "_seq_shift",
        "_since_us", "_state", "_totals", "_true_seq", "boot", "clock", "last",
    )  # fmt: skip

    def __init__(self, path: str, seed: int, start_us: int, rates: Mapping[str, float]) -> None:
        self.clock = Clock(rates, Dice(seed, path, "skew"), start_us)
        self._base: _Totals = (0, 0, 0, 0)  # taken off the true totals
        self._totals: _Totals = (0, 0, 0, 0)  # the true ones
        self._energy_base: _Energy = (0, 0)  # the same for its meter, which does not roll over
        self._energy: _Energy = (0, 0)
        self._true_seq = self._seq_shift = 0
        self._info: MachineDescribed | None = None
        self._state: StateChanged | None = None
        self._since_us = 0
        self._off_until_us = 0
        self._modulus = _modulus(rates, Dice(seed, path, "rollover"))
        self._beats_first = bool(self._modulus)
        if self._modulus:
            self._near_the_edge(Dice(seed, path, "rollover/start"))
        self.boot = self.clock.read(start_us - (_ON_FOR_US if self._modulus else 0)) // SECOND_US
        self.last = (self.clock.read(start_us), 0)

    def say(self, event: Said) -> list[Said]:
        """What it says when ``event`` truly happens; nothing while it is off."""
        self._remember(event)
        if event.ts < self._off_until_us:
            return []
        said = [self._in_its_words(event)]
        if self._beats_first and isinstance(event, StateChanged):
            self._beats_first = False
            said.append(self._first_beat(event))
        self.last = (said[-1].ts, said[-1].seq)
        return said

    def switch_off(self, until_us: int) -> bool:
        """Power is lost until ``until_us``; false where the machine has not said yet what there is to say again."""
        if self._info is None or self._state is None:
            return False
        self._off_until_us = until_us
        return True

    def switch_on(self, now_us: int) -> list[Said]:
        """Start again: a later boot, what it is, its state since now; totals and sequence from 0."""
        assert self._info is not None
        assert self._state is not None
        self.boot = max(self.boot + 1, self.clock.read(now_us) // SECOND_US)
        self._base, self._seq_shift = self._totals, self._true_seq
        self._energy_base = self._energy
        self._since_us, self._beats_first = self.clock.read(now_us), False
        ts = self._since_us
        self._seq_shift -= 2
        self.last = (ts, 2)
        return [
            replace(self._info, ts=ts, seq=1, boot=self.boot, counter_modulus=self._modulus or None),
            replace(self._state, ts=ts, seq=2, boot=self.boot, since=ts),
        ]

    def answer(self, event: CommandAnswered) -> CommandAnswered:
        """The answer to a command in its words; whoever asked hears it though the machine itself says nothing now."""
        return replace(event, ts=self.clock.read(event.ts), seq=self.last[1], boot=self.boot)

    def link(self, *, online: bool) -> LinkChanged:
        """Its last will, or that it is there."""
        return LinkChanged(*self.last, self.boot, online)

    def _near_the_edge(self, dice: Dice) -> None:
        left, rejects = int(dice.between(2, 20)), int(dice.between(0, 5))
        total = self._modulus - left
        self._base = (-total, rejects - total, -rejects, 0)
        self._seq_shift = -3 * total

    def _remember(self, event: Said) -> None:
        self._true_seq = event.seq
        if isinstance(event, MachineDescribed):
            self._info = event
        elif isinstance(event, StateChanged):
            self._state, self._since_us = event, self.clock.read(event.since)
        elif isinstance(event, PartsCounted | HeartBeaten):
            self._totals = (event.total, event.good, event.scrap, event.rework)
            if isinstance(event, HeartBeaten):
                self._energy = (event.energy_j, event.idle_energy_j)

    def _in_its_words(self, event: Said) -> Said:
        head = {"ts": self.clock.read(event.ts), "seq": event.seq - self._seq_shift, "boot": self.boot}
        if isinstance(event, StateChanged):
            return replace(event, **head, since=self._since_us)
        if isinstance(event, UnitProcessed):
            return replace(event, **head, began=self.clock.read(event.began))
        if isinstance(event, MachineDescribed):
            return replace(event, **head, counter_modulus=self._modulus or None)
        if not isinstance(event, PartsCounted | HeartBeaten):
            return replace(event, **head)
        total, good, scrap, rework = self._shown(self._totals)
        if isinstance(event, PartsCounted):
            return replace(event, **head, total=total, good=good, scrap=scrap, rework=rework)
        used_j, idle_j = (true - base for true, base in zip(self._energy, self._energy_base, strict=True))
        return replace(
            event, **head, total=total, good=good, scrap=scrap, rework=rework,
            since=self._since_us, energy_j=used_j, idle_energy_j=idle_j,
        )  # fmt: skip

    def _shown(self, totals: _Totals) -> _Totals:
        shown = [true - base for true, base in zip(totals, self._base, strict=True)]
        if self._modulus:
            shown = [count % self._modulus for count in shown]
        return shown[0], shown[1], shown[2], shown[3]

    def _first_beat(self, event: StateChanged) -> HeartBeaten:
        """Where its totals stand before the first part: who hears it for the first time has nothing to subtract."""
        total, good, scrap, rework = self._shown(self._totals)
        self._seq_shift -= 1
        ideal_us = 0 if self._info is None else self._info.ideal_us
        return HeartBeaten(
            self.clock.read(event.ts), event.seq - self._seq_shift, self.boot,
            event.state, event.mode, event.reason, self._since_us,
            total, good, scrap, rework, "", "", ideal_us,
        )  # fmt: skip


def _modulus(rates: Mapping[str, float], dice: Dice) -> int:
    """Where its counters roll over, 0 for never."""
    lot, share16 = dice.between(0, 1), rates.get("rollover16", 0)
    if lot < share16:
        return 1 << 16
    return 1 << 32 if lot < share16 + rates.get("rollover32", 0) else 0
