"""What a machine is doing, in the words of the wire, and what that takes in power."""

from collections.abc import Callable
from typing import Final, NamedTuple

from contract.packml import WAIT_STATES
from contract.states import Mode, State
from simulator.station_spec import Power


class Condition(NamedTuple):
    """State and reason; ``mode`` says Maintenance where the condition itself is maintenance.

    Made by :func:`condition_of` only, so that equal ones are one: they are compared by ``is``, after a checkpoint too.
    """

    state: State
    reason: str
    mode: Mode

    def __reduce__(self) -> tuple[Callable[..., "Condition"], tuple[State, str, Mode]]:
        return condition_of, (self.state, self.reason, self.mode)


_known: dict[tuple[State, str, Mode], Condition] = {}


def condition_of(state: State, reason: str, mode: Mode = Mode.PRODUCTION) -> Condition:
    """The condition of that state and reason."""
    return _known.setdefault((state, reason, mode), Condition(state, reason, mode))


EXECUTE: Final = condition_of(State.EXECUTE, "")
STARVED: Final = condition_of(State.SUSPENDED, "starved")
BLOCKED: Final = condition_of(State.SUSPENDED, "blocked")
NO_MATERIAL: Final = condition_of(State.SUSPENDED, "no_material")
NO_OPERATOR: Final = condition_of(State.SUSPENDED, "no_operator")
NO_ORDER: Final = condition_of(State.IDLE, "no_order")
BREAK: Final = condition_of(State.IDLE, "break")
NO_SHIFT: Final = condition_of(State.STOPPED, "no_shift")
WARM_UP: Final = condition_of(State.STARTING, "warm_up")
CHANGEOVER: Final = condition_of(State.RESETTING, "changeover")
FIRST_ARTICLE: Final = condition_of(State.RESETTING, "first_article")
REVIEW: Final = condition_of(State.HELD, "false_call_review")
MAINTENANCE: Final = condition_of(State.STOPPED, "planned_maintenance", Mode.MAINTENANCE)
MAINTENANCE_WAITS: Final = condition_of(State.STOPPED, "waiting_maintenance", Mode.MAINTENANCE)
OFF: Final = {"break": BREAK, "no_shift": NO_SHIFT}
#: What a command can force a machine into.
COMMANDED: Final = {state: condition_of(state, "commanded") for state in WAIT_STATES}

_READY = frozenset({State.SUSPENDED, State.IDLE})


def watts(power: Power, shown: Condition) -> int:
    """The power it takes in a condition."""
    if shown.state in (State.EXECUTE, State.STARTING):
        return power.execute
    if shown is NO_SHIFT:
        return power.off
    return power.idle if shown.state in _READY else power.stopped


class Meter:
    """An electricity meter: running totals in µJ (watts × µs), so that they stay exact."""

    __slots__ = ("_idle_uj", "_is_idle", "_power", "_since", "_total_uj", "_watts")

    def __init__(self, power: Power, start_us: int) -> None:
        self._power, self._since = power, start_us
        self._watts, self._is_idle = 0, True
        self._total_uj = self._idle_uj = 0

    def turn(self, now: int, entered: Condition) -> None:
        """From ``now`` (µs) on the machine is in ``entered``."""
        self._run(now)
        self._watts, self._is_idle = watts(self._power, entered), entered.state is not State.EXECUTE

    def read(self, now: int) -> tuple[int, int]:
        """Whole joules up to ``now``: all, and those outside Execute."""
        self._run(now)
        return self._total_uj // 1_000_000, self._idle_uj // 1_000_000

    def _run(self, now: int) -> None:
        used = self._watts * (now - self._since)
        self._since = now
        self._total_uj += used
        if self._is_idle:
            self._idle_uj += used
