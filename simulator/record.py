"""A run written to files: the events exactly as they would have gone over the wire, and the truth beside them."""

from collections.abc import Callable
from typing import BinaryIO

from contract.codec import KIND_OF, encode_line, encode_wire
from contract.instants import HOUR_US
from contract.topics import topic_of
from contract.truth import encode_record
from simulator.agenda import Emission
from simulator.command_log import Commands
from simulator.engine import Factory
from simulator.mess import Mess, Wire

#: History is made and written this much at a time: memory stays small and progress is seen.
SLICE_US = HOUR_US // 2


def encode_emissions(emissions: list[Emission], topics: dict[tuple[str, type], str]) -> bytes:
    """Lines of an event file. ``topics`` remembers the topics already built."""
    return b"".join(lines_of(emissions, topics))


def lines_of(emissions: list[Emission], topics: dict[tuple[str, type], str]) -> list[bytes]:
    """As :func:`encode_emissions`, each emission a line."""
    lines = []
    for path, event in emissions:
        key = (path, type(event))
        topic = topics.get(key)
        if topic is None:
            topic = topics[key] = topic_of(path, KIND_OF[type(event)])
        lines.append(encode_line(topic, event))
    return lines


def encode_wires(wires: list[Wire]) -> bytes:
    """Lines of an event file: what a mess made of emissions."""
    return b"".join(
        encode_wire(wire.topic, wire.payload, is_json=wire.events > 0, is_retained=wire.is_kept) for wire in wires
    )


def record(  # noqa: PLR0913 - two files, and three things that may be left out
    factory: Factory,
    until_us: int,
    events_out: BinaryIO,
    truth_out: BinaryIO | None = None,
    progress: Callable[[float], None] | None = None,
    *,
    mess: Mess | None = None,
    commands: Commands | None = None,
    goes_on: bool = False,
    is_stopped: Callable[[], bool] = lambda: False,
) -> int:
    """Run ``factory`` to ``until_us`` (µs since the epoch) and write what it says; returns the number of lines.

    ``truth_out`` gets the account of the whole run (the factory must keep it); ``progress`` hears the share done, 0 to
    1. With a ``mess`` the events are in order of arrival, and all arrive in the end. ``commands`` are given on the way.
    Where it is only stopped and ``goes_on``, no last words are said: what follows joins on to the byte. ``is_stopped``
    is asked after each half hour of event time, and may end the run early.
    ``OSError`` from the files is the caller's.
    """
    commands = commands or Commands()
    start_us, count, topics = factory.now_us, 0, dict[tuple[str, type], str]()
    is_over = factory.now_us >= until_us
    while not is_over:
        emissions = commands.run_until(factory, min(until_us, factory.now_us + SLICE_US))
        is_over = factory.now_us == until_us or is_stopped()
        if is_over and not goes_on:
            emissions += factory.finish()
        if mess is None:
            events_out.write(encode_emissions(emissions, topics))
            count += len(emissions)
        else:
            wires = mess.pass_on(emissions, factory.now_us) + (mess.flush() if is_over else [])
            events_out.write(encode_wires(wires))
            count += len(wires)
        if progress is not None:
            progress((factory.now_us - start_us) / (until_us - start_us))
    if truth_out is not None:
        truth_out.writelines(encode_record(line) for line in factory.truth_records())
    return count
