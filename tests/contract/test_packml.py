"""PackML's diagram, line by line: what it draws is legal, what it does not draw is refused, and everything arrives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import packml
from contract.packml import Command
from contract.states import Mode, State

# Read off the diagram of OPC 30050 (the OPC UA form of ISA-TR88.00.02): every line that a command draws.
DRAWN = """
    Stopped reset Resetting        Complete reset Resetting       Idle start Starting
    Starting hold Holding          Execute hold Holding           Unholding hold Holding
    Suspending hold Holding        Suspended hold Holding         Unsuspending hold Holding
    Held unhold Unholding          Execute suspend Suspending     Suspended unsuspend Unsuspending
    Execute complete Completing    Aborted clear Clearing
    Idle stop Stopping             Starting stop Stopping         Execute stop Stopping
    Completing stop Stopping       Complete stop Stopping         Resetting stop Stopping
    Holding stop Stopping          Held stop Stopping             Unholding stop Stopping
    Suspending stop Stopping       Suspended stop Stopping        Unsuspending stop Stopping
    Idle abort Aborting            Starting abort Aborting        Execute abort Aborting
    Completing abort Aborting      Complete abort Aborting        Resetting abort Aborting
    Holding abort Aborting         Held abort Aborting            Unholding abort Aborting
    Suspending abort Aborting      Suspended abort Aborting       Unsuspending abort Aborting
    Stopping abort Aborting        Stopped abort Aborting         Clearing abort Aborting
"""
DIAGRAM = DRAWN.split()
LEGAL = {
    (State(state), Command(command)): State(entered)
    for state, command, entered in zip(DIAGRAM[::3], DIAGRAM[1::3], DIAGRAM[2::3], strict=True)
}
PAIRS = [(state, command) for state in State for command in Command]


def test_every_line_of_the_diagram_is_drawn_once():
    assert len(DIAGRAM) == 3 * len(LEGAL)
    assert packml.TRANSITIONS == LEGAL


@pytest.mark.parametrize(("state", "command"), PAIRS)
def test_a_command_is_legal_or_refused_with_what_is(state, command):
    entered = packml.next_state(state, command)
    assert entered == LEGAL.get((state, command))
    assert (command in packml.allowed(state)) == (entered is not None)
    text = packml.refusal(state, command)
    if entered is None:
        assert text.startswith(f"{command} is illegal in {state}; legal there: ")
        assert all(legal in text.split(":")[1] for legal in packml.allowed(state))


@pytest.mark.parametrize("state", State)
def test_acting_ends_by_itself_in_a_wait_state(state):
    seen = [state]
    while (after := packml.COMPLETES.get(seen[-1])) is not None:
        assert after not in seen, "a circle"
        seen.append(after)
    assert seen[-1] in packml.WAIT_STATES


def test_the_wait_states_are_the_six_of_the_standard():
    names = {"Stopped", "Idle", "Suspended", "Held", "Complete", "Aborted"}
    assert {str(state) for state in packml.WAIT_STATES} == names


@given(st.sampled_from(Mode), st.lists(st.sampled_from(Command)))
def test_no_sequence_of_commands_leaves_the_table(mode, commands):
    state = State.STOPPED
    for command in commands:
        arrived = packml.arrive(state, command, mode)
        assert (arrived is None) == (command not in packml.allowed(state, mode))
        if arrived is not None:
            assert arrived in packml.WAIT_STATES | {State.EXECUTE}
            assert arrived in packml.MODE_STATES[mode]
            state = arrived


@pytest.mark.parametrize("mode", Mode)
def test_a_mode_never_leaves_the_machine_without_a_way_on(mode):
    states = packml.MODE_STATES[mode]
    assert states >= packml.MODE_CHANGES
    assert all(packml.COMPLETES.get(state, state) in states for state in states if state is not State.EXECUTE)
    assert all(packml.allowed(state, mode) for state in states & packml.WAIT_STATES)


def test_what_a_mode_does_not_have_is_said():
    assert packml.refusal(State.EXECUTE, Command.HOLD, Mode.MANUAL) == (
        "mode Manual has no Holding: hold is for mode Production; legal in Execute now: stop, abort"
    )
    assert "suspend" not in packml.allowed(State.EXECUTE, Mode.MAINTENANCE)
    assert packml.arrive(State.EXECUTE, Command.HOLD, Mode.MAINTENANCE) is State.HELD


@pytest.mark.parametrize("state", State)
def test_the_mode_changes_where_nothing_is_under_way(state):
    refused = packml.mode_refusal(state)
    assert (refused is None) == (state in {State.STOPPED, State.IDLE, State.ABORTED})
    if refused is not None:
        assert refused == (
            f"the mode cannot be changed in {state}, only in Stopped, Idle, Aborted: stop the machine first"
        )
