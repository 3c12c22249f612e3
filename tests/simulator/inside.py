"""Where every unit of a line is right now: asked of the machines, whatever their kind."""

from simulator.agenda import NEVER
from simulator.conveyor import ConveyorMachine
from simulator.loads import Furnace, Join


def units_inside(engine, line=None):
    """Every unit between its release and its way out, each as often as it is found."""
    for machine in engine.machines if line is None else line.machines:
        yield from machine.inbox
        if machine.ready is not None:
            yield machine.ready
        yield from (unit for unit, _, _ in machine.finished)
        if isinstance(machine, Join):
            yield from (unit for port in list(machine.ports.values())[1:] for unit in port.inbox)
        yield from _in_work(machine)


def _in_work(machine):
    if isinstance(machine, ConveyorMachine):
        return [unit for _, unit in machine.belt]
    busy = [
        slot for slot, at in enumerate(zip(machine.due, machine.left, strict=True)) if at != (NEVER, NEVER)
    ]  # fmt: skip
    if isinstance(machine, Furnace):
        return [unit for slot in busy for unit in machine.loads[slot]]
    return [machine.units[slot] for slot in busy]
