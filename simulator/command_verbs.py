"""What may be asked of a machine or a line, verb by verb: is it legal now, and then it is done. Pure.

The first ten verbs are PackML's and follow its table (:mod:`contract.packml`); acting states take no time here. A state
that a command brought about lasts until a command ends it; one that the plant brought about (a fault, a break, no
order) is not for commands to end. Nothing here draws a random number, so a command leaves everybody's luck as it was.
"""

from collections.abc import Callable
from functools import partial
from typing import Generic, NamedTuple, Protocol, TypeVar

from contract import packml
from contract.errors import PlantError
from contract.events import CommandGiven
from contract.instants import SECOND_US
from contract.packml import Command
from contract.states import Mode, State
from simulator.condition import Condition
from simulator.line_check import check_order
from simulator.plant import LineSpec, Order
from simulator.refusal import Refusal
from simulator.station_spec import Station

_SPEEDS = (0.1, 10.0)


class CommandedMachine(Protocol):
    """What commands need of a machine. ``now`` is in µs; ``fault`` is the code of an own stop going on, or empty."""

    @property
    def mode(self) -> Mode: ...  # noqa: D102
    @property
    def forced(self) -> State | None: ...  # noqa: D102
    @property
    def spec(self) -> Station: ...  # noqa: D102
    @property
    def condition(self) -> Condition: ...  # noqa: D102
    @property
    def fault(self) -> str: ...  # noqa: D102
    def force(self, state: State, now: int) -> None: ...  # noqa: D102
    def unforce(self, now: int) -> None: ...  # noqa: D102
    def set_mode(self, mode: Mode, now: int) -> None: ...  # noqa: D102
    def inject(self, code: str, lasts_us: int, now: int) -> None: ...  # noqa: D102
    def repair_now(self, now: int) -> None: ...  # noqa: D102
    def set_scrap(self, probability: float | None, now: int, /) -> None: ...  # noqa: D102
    def set_speed(self, factor: float, now: int, /) -> None: ...  # noqa: D102
    def starve(self, slot: str, until_us: int, now: int) -> None: ...  # noqa: D102
    def maintain(self, code: str, now: int) -> None: ...  # noqa: D102


class CommandedLine(Protocol):
    """What commands need of a line."""

    @property
    def spec(self) -> LineSpec: ...  # noqa: D102
    def has_order(self, order: str) -> bool: ...  # noqa: D102
    def add_order(  # noqa: D102, PLR0913
        self, order: str, product: str, quantity: int, due_us: int | None, now: int, *, first: bool
    ) -> None: ...
    def call_break(self, duration_us: int, now: int) -> None: ...  # noqa: D102


T = TypeVar("T")


class Verb(NamedTuple, Generic[T]):
    """``do(machine or line, command, now)`` says what it did, or raises :class:`Refusal`; the fields it wants."""

    do: Callable[[T, CommandGiven, int], str]
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


# ---------------------------------------------------------------------- machines: PackML's commands and the mode


def _state_of(machine: CommandedMachine) -> State:
    return machine.condition.state if machine.forced is None else machine.forced


def _drive(command: Command, machine: CommandedMachine, _given: CommandGiven, now: int) -> str:
    state = _state_of(machine)
    arrived = packml.arrive(state, command, machine.mode)
    if arrived is None:
        raise Refusal("illegal", packml.refusal(state, command, machine.mode))
    if machine.forced is None and command in _ENDS:
        raise Refusal("not_commanded", _not_commanded(machine, command))
    if arrived is State.EXECUTE:
        machine.unforce(now)
        return "goes on"
    machine.force(arrived, now)
    return f"{arrived} until the next command: {', '.join(packml.allowed(arrived, machine.mode))}"


#: The commands that end what another one began.
_ENDS = frozenset({Command.RESET, Command.START, Command.UNHOLD, Command.UNSUSPEND, Command.CLEAR})


def _not_commanded(machine: CommandedMachine, command: Command) -> str:
    state, reason, _ = machine.condition
    mend = "repair ends it" if machine.fault else "it ends by itself"
    return f"{command}: the machine is {state} for {reason}, not by a command: {mend}"


def _set_mode(machine: CommandedMachine, given: CommandGiven, now: int) -> str:
    assert given.mode is not None
    if machine.forced is None and machine.condition.mode is Mode.MAINTENANCE:
        raise Refusal("maintained", "the machine is being maintained: its mode is its own again when that is over")
    refused = packml.mode_refusal(_state_of(machine))
    if refused is not None:
        raise Refusal("mode", refused)
    machine.set_mode(given.mode, now)
    return f"mode {given.mode}"


# ---------------------------------------------------------------------- machines: what befalls them


def _break(machine: CommandedMachine, given: CommandGiven, now: int) -> str:
    assert given.duration_s is not None
    code = _one_of("fault", given.code, [mode.code for mode in (*machine.spec.failures, *machine.spec.micro_stops)])
    _require_free(machine)
    if machine.fault:
        raise Refusal("already_stopped", f"already stopped by {machine.fault}: repair it first")
    machine.inject(code, _us(given.duration_s), now)
    return f"{code} for {given.duration_s:g} s"


def _repair(machine: CommandedMachine, _given: CommandGiven, now: int) -> str:
    fault = machine.fault
    if not fault:
        raise Refusal("no_fault", f"nothing to repair: the machine is {_state_of(machine)} and has no fault")
    machine.repair_now(now)
    return f"{fault} is repaired"


def _set_scrap(machine: CommandedMachine, given: CommandGiven, now: int) -> str:
    if given.value is not None and given.value > 1:
        raise Refusal("value", f"value {given.value:g} is no probability: 0 to 1, or none for the machine's own")
    machine.set_scrap(given.value, now)
    return "scraps as it always did" if given.value is None else f"scraps each part with probability {given.value:g}"


def _set_speed(machine: CommandedMachine, given: CommandGiven, now: int) -> str:
    factor = 1.0 if given.value is None else given.value
    if not _SPEEDS[0] <= factor <= _SPEEDS[1]:
        raise Refusal(
            "value", f"value {factor:g} is no speed: {_SPEEDS[0]:g} to {_SPEEDS[1]:g}, 1 is normal; to stop: stop"
        )
    machine.set_speed(factor, now)
    return f"works at {factor:g} times its speed, from the next part on"


def _starve(machine: CommandedMachine, given: CommandGiven, now: int) -> str:
    assert given.duration_s is not None
    slot = _one_of("slot", given.code, [material.slot for material in machine.spec.materials])
    machine.starve(slot, now + _us(given.duration_s), now)
    return f"{slot} is empty, and nothing comes for {given.duration_s:g} s"


def _maintain(machine: CommandedMachine, given: CommandGiven, now: int) -> str:
    code = _one_of("maintenance", given.code, [each.code for each in machine.spec.maintenance])
    _require_free(machine)
    if machine.condition.mode is Mode.MAINTENANCE:
        raise Refusal("maintained", "the machine is being maintained already")
    machine.maintain(code, now)
    return f"{code} as soon as the part in hand is done"


def _require_free(machine: CommandedMachine) -> None:
    if machine.forced is not None:
        legal = ", ".join(packml.allowed(machine.forced, machine.mode))
        raise Refusal("forced", f"the machine is {machine.forced} by a command: let it go on first; legal now: {legal}")


def _one_of(what: str, code: str, codes: list[str]) -> str:
    if not codes:
        raise Refusal("none_there", f"the machine has no {what}")
    if code and code not in codes:
        raise Refusal("no_such", f"the machine has no {what} {code!r}: it has {', '.join(codes)}")
    return code or codes[0]


def _us(duration_s: float) -> int:
    return max(1, round(duration_s * SECOND_US))


# ---------------------------------------------------------------------- lines


def _order(line: CommandedLine, given: CommandGiven, now: int, *, first: bool) -> str:
    assert given.quantity is not None
    products = [product.id for product in line.spec.products]
    if given.product not in products:
        raise Refusal("product", f"the line does not make {given.product!r}: it makes {', '.join(products)}")
    try:
        check_order("order", Order(given.order, given.product, given.quantity), line.spec.products)
    except PlantError as error:
        raise Refusal("order", str(error)) from error
    if line.has_order(given.order):
        raise Refusal("same_order", f"there is an order {given.order!r} already: give this one an id of its own")
    line.add_order(given.order, given.product, given.quantity, given.due, now, first=first)
    return f"{given.order}: {given.quantity} of {given.product}, {'begun now' if first else 'last in the book'}"


def _break_line(line: CommandedLine, given: CommandGiven, now: int) -> str:
    assert given.duration_s is not None
    line.call_break(_us(given.duration_s), now)
    return f"break for {given.duration_s:g} s"


def _note(_line: CommandedLine, given: CommandGiven, _now: int) -> str:
    """Nothing happens: what somebody did or said stands in the record of commands, and so on every chart."""
    text = "" if given.text is None else given.text.en.strip() or given.text.vi.strip()
    if not given.code and not text:
        raise Refusal("fields", "note wants code or text: say what was done, or what is to be read")
    value = "" if given.value is None else f"{given.value:g}"
    return " ".join(filter(None, (given.code, value, text)))


_ORDER_NEEDS = ("order", "product", "quantity")
MACHINE_VERBS: dict[str, Verb[CommandedMachine]] = {
    **{str(command): Verb(partial(_drive, command)) for command in Command},
    "break": Verb(_break, ("duration_s",), ("code",)),
    "repair": Verb(_repair),
    "set_scrap": Verb(_set_scrap, takes=("value",)),
    "set_speed": Verb(_set_speed, takes=("value",)),
    "starve": Verb(_starve, ("duration_s",), ("code",)),
    "maintain": Verb(_maintain, takes=("code",)),
    "mode": Verb(_set_mode, ("mode",)),
}
LINE_VERBS: dict[str, Verb[CommandedLine]] = {
    "order": Verb(partial(_order, first=True), _ORDER_NEEDS, ("due",)),
    "add_order": Verb(partial(_order, first=False), _ORDER_NEEDS, ("due",)),
    "break_line": Verb(_break_line, ("duration_s",)),
    "note": Verb(_note, takes=("code", "value", "text")),
}
