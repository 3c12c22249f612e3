"""From a line's file to machines that hand units to each other."""

from simulator.conveyor import ConveyorMachine
from simulator.line import Line, World
from simulator.loads import Furnace, Join, Split
from simulator.machine import Machine
from simulator.plant import LineSpec
from simulator.station import BaseMachine, Target, WayBack
from simulator.station_spec import Station
from simulator.telling import Place


def build_line(world: World, line: Line, first: int) -> list[BaseMachine]:
    """The machines of ``line``, connected; the first of them is the ``first``-th of its engine.

    They are made from the exit on: at one instant those nearer to the exit act first.
    """
    spec, machines = line.spec, list[BaseMachine]()
    for index in reversed(range(len(spec.stations))):
        path = world.plant.address(spec, spec.stations[index].id).path
        truth = None if line.truth is None else line.truth.machines[path]
        place = Place(line, index, first + index, path, world.seed, line.boot, world.agenda, world.crews, truth)
        machines.append(_kind(spec.stations[index])(place))
    machines.reverse()
    for index, machine in enumerate(machines):
        _connect(line, machines, index, machine)
    line.machines = machines
    return machines


def _kind(station: Station) -> type[Machine] | type[ConveyorMachine]:
    if station.conveyor is not None:
        return ConveyorMachine
    if station.batch is not None:
        return Furnace
    if station.assembles:
        return Join
    return Split if station.splits > 1 else Machine


def _connect(line: Line, machines: list[BaseMachine], index: int, machine: BaseMachine) -> None:
    behind = line.spec.downstream_of(index)
    ahead = None if behind is None else _entrance(machines[behind], machine)
    rework, repair = machine.spec.rework, None
    if rework is not None:
        bench = machines[line.spec.index(rework.to)]
        bench.feeders.append(machine)
        bench.source = False
        repair = bench
        machine.loop = _loop(line.spec, bench.number, index)
    machine.connect(ahead, repair)


def _loop(line: LineSpec, bench: int, inspection: int) -> frozenset[int]:
    """Numbers of the stations that a unit passes again once it was rejected, the bench that repairs it too."""
    found, after = {bench, inspection}, line.downstream_of(bench)
    while after is not None and after not in found:
        found.add(after)
        after = line.downstream_of(after)
    return frozenset(found)


def _entrance(behind: BaseMachine, machine: BaseMachine) -> Target:
    behind.source = False
    if machine.spec.returns_to is not None:
        return WayBack(behind)
    if isinstance(behind, Join):
        port = behind.ports[machine.spec.id]
        port.feeders.append(machine)
        return port
    behind.feeders.append(machine)
    return behind
