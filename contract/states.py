"""What a machine can be doing, and which time category that is: one table.

States and modes are PackML's (ISA-TR88.00.02); *Suspended* has an external cause (starved, blocked), *Held* and
*Aborted* an internal one. A stop's ``reason`` is a short code. The reserved codes below mean the same in every plant;
any other code is a fault of the machine's own, which its ``info`` names in both languages.

The category of a second follows from (state, mode, reason) by :func:`classify`, except for two things that only
the flow of time can tell and that the ledger therefore decides: whether a fault is a *minor stop* or a *breakdown*
(its whole length against the machine's limit), and whether a second that is not ``execute`` lies outside the planned
time of the calendar (then it is ``planned``).
"""

from enum import Enum, StrEnum


class State(StrEnum):
    """PackML state names as they stand on the wire."""

    CLEARING = "Clearing"
    STOPPED = "Stopped"
    STARTING = "Starting"
    IDLE = "Idle"
    SUSPENDED = "Suspended"
    EXECUTE = "Execute"
    STOPPING = "Stopping"
    ABORTING = "Aborting"
    ABORTED = "Aborted"
    HOLDING = "Holding"
    HELD = "Held"
    UNHOLDING = "Unholding"
    SUSPENDING = "Suspending"
    UNSUSPENDING = "Unsuspending"
    RESETTING = "Resetting"
    COMPLETING = "Completing"
    COMPLETE = "Complete"


# PackTags numbers (StateCurrent), for readers that want the number.
PACKTAGS: dict[State, int] = {state: number for number, state in enumerate(State, start=1)}


class Mode(StrEnum):
    """PackML unit modes."""

    PRODUCTION = "Production"
    MAINTENANCE = "Maintenance"
    MANUAL = "Manual"


class Category(StrEnum):
    """Where a second goes. Every second of every machine is in exactly one; ``unknown`` is what no row claims."""

    EXECUTE = "execute"
    SETUP = "setup"
    BREAKDOWN = "breakdown"
    MINOR_STOP = "minor_stop"
    STARVED = "starved"
    BLOCKED = "blocked"
    WAITING = "waiting"
    PLANNED = "planned"
    UNKNOWN = "unknown"


#: The categories that evidence can prove, in the order in which rows carry them. ``unknown`` is the rest of the span.
BOOKED = tuple(category for category in Category if category is not Category.UNKNOWN)


class Cause(Enum):
    """What :func:`classify` can tell without knowing how long it lasts. ``FAULT`` becomes minor stop or breakdown."""

    EXECUTE = Category.EXECUTE
    SETUP = Category.SETUP
    FAULT = "fault"
    STARVED = Category.STARVED
    BLOCKED = Category.BLOCKED
    WAITING = Category.WAITING
    PLANNED = Category.PLANNED


#: Reserved reason codes → cause, and the SEMI E10 / IPC-CFX number closest to them.
REASONS: dict[str, tuple[Cause, int]] = {
    "starved": (Cause.STARVED, 2202),
    "blocked": (Cause.BLOCKED, 2201),
    "changeover": (Cause.SETUP, 4500),
    "adjustment": (Cause.SETUP, 4500),
    "first_article": (Cause.SETUP, 4500),
    "warm_up": (Cause.SETUP, 4500),
    "no_operator": (Cause.WAITING, 2100),
    "no_material": (Cause.WAITING, 2200),
    "waiting_maintenance": (Cause.WAITING, 5300),
    "waiting_quality": (Cause.WAITING, 2000),
    "commanded": (Cause.WAITING, 2000),
    "break": (Cause.PLANNED, 6000),
    "no_shift": (Cause.PLANNED, 6000),
    "no_order": (Cause.PLANNED, 6000),
    "planned_maintenance": (Cause.PLANNED, 4300),
}

# A state without a reserved reason. Held and Aborted are the machine's own fault; on the way to or from Execute it is
# part of getting ready; Suspended, Stopped and Idle without a word are somebody else's: organisational waiting.
_BY_STATE: dict[State, Cause] = {
    State.EXECUTE: Cause.EXECUTE,
    State.COMPLETING: Cause.EXECUTE,
    State.HOLDING: Cause.FAULT,
    State.HELD: Cause.FAULT,
    State.UNHOLDING: Cause.FAULT,
    State.ABORTING: Cause.FAULT,
    State.ABORTED: Cause.FAULT,
    State.CLEARING: Cause.FAULT,
    State.STARTING: Cause.SETUP,
    State.RESETTING: Cause.SETUP,
    State.SUSPENDED: Cause.WAITING,
    State.SUSPENDING: Cause.WAITING,
    State.UNSUSPENDING: Cause.WAITING,
    State.STOPPED: Cause.WAITING,
    State.STOPPING: Cause.WAITING,
    State.IDLE: Cause.WAITING,
    State.COMPLETE: Cause.WAITING,
}


def classify(state: State, mode: Mode, reason: str) -> Cause:
    """What (state, mode, reason) means for time. Execute outside production mode is adjustment, hence setup."""
    if state is State.EXECUTE:
        return Cause.EXECUTE if mode is Mode.PRODUCTION else Cause.SETUP
    reserved = REASONS.get(reason)
    return reserved[0] if reserved is not None else _BY_STATE[state]
