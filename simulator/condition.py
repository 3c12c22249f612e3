"""What a machine is doing, in the words of the wire, and what that takes in power."""

from typing import Final, NamedTuple

from contract.packml import WAIT_STATES
from contract.states import Mode, State
from simulator.station_spec import Power


class Condition(NamedTuple):
    """State and reason; ``mode`` says Maintenance where the condition itself is maintenance."""

    state: State
    reason: str
    mode: Mode = Mode.PRODUCTION


EXECUTE: Final = Condition(State.EXECUTE, "")
STARVED: Final = Condition(State.SUSPENDED, "starved")
BLOCKED: Final = Condition(State.SUSPENDED, "blocked")
NO_MATERIAL: Final = Condition(State.SUSPENDED, "no_material")
NO_OPERATOR: Final = Condition(State.SUSPENDED, "no_operator")
NO_ORDER: Final = Condition(State.IDLE, "no_order")
BREAK: Final = Condition(State.IDLE, "break")
NO_SHIFT: Final = Condition(State.STOPPED, "no_shift")
WARM_UP: Final = Condition(State.STARTING, "warm_up")
CHANGEOVER: Final = Condition(State.RESETTING, "changeover")
FIRST_ARTICLE: Final = Condition(State.RESETTING, "first_article")
REVIEW: Final = Condition(State.HELD, "false_call_review")
MAINTENANCE: Final = Condition(State.STOPPED, "planned_maintenance", Mode.MAINTENANCE)
MAINTENANCE_WAITS: Final = Condition(State.STOPPED, "waiting_maintenance", Mode.MAINTENANCE)
OFF: Final = {"break": BREAK, "no_shift": NO_SHIFT}
#: What a command can force a machine into.
COMMANDED: Final = {state: Condition(state, "commanded") for state in WAIT_STATES}

_READY = frozenset({State.SUSPENDED, State.IDLE})


def watts(power: Power, condition: Condition) -> int:
    """The power it takes in a condition."""
    if condition.state in (State.EXECUTE, State.STARTING):
        return power.execute
    if condition is NO_SHIFT:
        return power.off
    return power.idle if condition.state in _READY else power.stopped


class Meter:
    """An electricity meter: running totals in µJ (watts × µs), so that they stay exact."""

    __slots__ = ("_idle_uj", "_is_idle", "_power", "_since", "_total_uj", "_watts")

    def __init__(self, power: Power, start_us: int) -> None:
        self._power, self._since = power, start_us
        self._watts, self._is_idle = 0, True
        self._total_uj = self._idle_uj = 0

    def turn(self, now: int, condition: Condition) -> None:
        """From ``now`` (µs) on the machine is in ``condition``."""
        self._run(now)
        self._watts, self._is_idle = watts(self._power, condition), condition.state is not State.EXECUTE

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
