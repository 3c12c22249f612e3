"""PackML's state model as one table: which command leads from which state where (ISA-TR88.00.02, as OPC 30050 has it).

                 Reset              Start               (state complete)
    Stopped ─→ Resetting ─→ Idle ─→ Starting ─→ Execute ─→ Completing ─→ Complete ─→ Resetting (by Reset)
       ↑                                       Hold │ ↑ Unhold
       │                                    Holding ─→ Held ─→ Unholding ─→ Execute     an internal cause
       │                                    Suspending ─→ Suspended ─→ Unsuspending ─→ Execute     an external one
       ├── Stopping ←─ Stop, from every state but those of stopping and aborting
       └── Clearing ←─ Clear ─ Aborted ←─ Aborting ←─ Abort, from every state but these two

A *wait* state lasts until a command. An *acting* state does something and goes on by itself when that is done ("state
complete"): :data:`COMPLETES` says where to. Execute is acting too: the run may complete, or never. Hold is heard in
every state in which the machine has started and is neither held nor completing.

In the plants here the other acting states take no time: a command runs through them to where the machine then stays
(:func:`arrive`). The plant's own events (starved, blocked, a failure, a break) change the state without a command.
"""

from enum import StrEnum

from contract.states import Mode, State


class Command(StrEnum):
    """PackML's commands, as verbs on the wire."""

    RESET = "reset"
    START = "start"
    STOP = "stop"
    HOLD = "hold"
    UNHOLD = "unhold"
    SUSPEND = "suspend"
    UNSUSPEND = "unsuspend"
    ABORT = "abort"
    CLEAR = "clear"
    COMPLETE = "complete"


#: Acting state → where it goes by itself.
COMPLETES: dict[State, State] = {
    State.RESETTING: State.IDLE,
    State.STARTING: State.EXECUTE,
    State.EXECUTE: State.COMPLETING,
    State.COMPLETING: State.COMPLETE,
    State.HOLDING: State.HELD,
    State.UNHOLDING: State.EXECUTE,
    State.SUSPENDING: State.SUSPENDED,
    State.UNSUSPENDING: State.EXECUTE,
    State.STOPPING: State.STOPPED,
    State.ABORTING: State.ABORTED,
    State.CLEARING: State.STOPPED,
}
#: The states that last until a command.
WAIT_STATES = frozenset(State) - COMPLETES.keys()

_ABORTED = frozenset({State.ABORTING, State.ABORTED})
_STOPPED = frozenset({State.STOPPING, State.STOPPED, State.CLEARING})
_HEARS_HOLD = (
    State.STARTING, State.EXECUTE, State.UNHOLDING, State.SUSPENDING, State.SUSPENDED, State.UNSUSPENDING,
)  # fmt: skip

#: (state, command) → the state entered.
TRANSITIONS: dict[tuple[State, Command], State] = {
    **{(state, Command.ABORT): State.ABORTING for state in State if state not in _ABORTED},
    **{(state, Command.STOP): State.STOPPING for state in State if state not in _ABORTED | _STOPPED},
    **{(state, Command.HOLD): State.HOLDING for state in _HEARS_HOLD},
    (State.ABORTED, Command.CLEAR): State.CLEARING,
    (State.STOPPED, Command.RESET): State.RESETTING,
    (State.COMPLETE, Command.RESET): State.RESETTING,
    (State.IDLE, Command.START): State.STARTING,
    (State.HELD, Command.UNHOLD): State.UNHOLDING,
    (State.EXECUTE, Command.SUSPEND): State.SUSPENDING,
    (State.SUSPENDED, Command.UNSUSPEND): State.UNSUSPENDING,
    (State.EXECUTE, Command.COMPLETE): State.COMPLETING,
}

_ALWAYS = frozenset(
    {
        State.ABORTING, State.ABORTED, State.CLEARING, State.STOPPING, State.STOPPED, State.RESETTING, State.IDLE,
        State.STARTING, State.EXECUTE,
    }
)  # fmt: skip
_HOLDING = frozenset({State.HOLDING, State.HELD, State.UNHOLDING})
#: Which states commands reach in a mode. The standard leaves that to the machine's builder, and its own examples are
#: these: production has all, maintenance neither suspends nor completes, by hand nothing is held either.
MODE_STATES: dict[Mode, frozenset[State]] = {
    Mode.PRODUCTION: frozenset(State),
    Mode.MAINTENANCE: _ALWAYS | _HOLDING,
    Mode.MANUAL: _ALWAYS,
}
#: The states in which the mode may be changed: the machine stands, and nothing is under way.
MODE_CHANGES = frozenset({State.STOPPED, State.IDLE, State.ABORTED})


def allowed(state: State, mode: Mode = Mode.PRODUCTION) -> tuple[Command, ...]:
    """The commands that are legal in ``state``, in the order of the standard."""
    return tuple(each for each in Command if TRANSITIONS.get((state, each)) in MODE_STATES[mode])


def next_state(state: State, command: Command, mode: Mode = Mode.PRODUCTION) -> State | None:
    """The state that ``command`` leads to from ``state``; ``None`` where it is illegal (see :func:`refusal`)."""
    entered = TRANSITIONS.get((state, command))
    return entered if entered in MODE_STATES[mode] else None


def arrive(state: State, command: Command, mode: Mode = Mode.PRODUCTION) -> State | None:
    """Where ``command`` leads when acting takes no time: a wait state, or Execute. ``None`` where it is illegal."""
    entered = next_state(state, command, mode)
    while entered is not None and entered is not State.EXECUTE and entered in COMPLETES:
        entered = COMPLETES[entered]
    return entered


def refusal(state: State, command: Command, mode: Mode = Mode.PRODUCTION) -> str:
    """Why ``command`` is illegal in ``state``, and what is legal there."""
    legal = ", ".join(allowed(state, mode)) or "nothing"
    entered = TRANSITIONS.get((state, command))
    if entered is not None and entered not in MODE_STATES[mode]:
        return f"mode {mode} has no {entered}: {command} is for mode {Mode.PRODUCTION}; legal in {state} now: {legal}"
    return f"{command} is illegal in {state}; legal there: {legal}"


def mode_refusal(state: State) -> str | None:
    """Why the mode may not be changed in ``state``; ``None`` where it may."""
    if state in MODE_CHANGES:
        return None
    where = ", ".join(each for each in State if each in MODE_CHANGES)
    return f"the mode cannot be changed in {state}, only in {where}: stop the machine first"
