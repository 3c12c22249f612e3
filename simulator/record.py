"""A run written to files: the events exactly as they would have gone over the wire, and the truth beside them."""

from collections.abc import Callable
from typing import BinaryIO

from contract.codec import KIND_OF, encode_line
from contract.instants import HOUR_US
from contract.topics import topic_of
from contract.truth import encode_record
from simulator.agenda import Emission
from simulator.engine import Factory

#: History is made and written this much at a time: memory stays small and progress is seen.
_SLICE_US = HOUR_US // 2


def encode_emissions(emissions: list[Emission], topics: dict[tuple[str, type], str]) -> bytes:
    """Lines of an event file. ``topics`` remembers the topics already built."""
    lines = []
    for path, event in emissions:
        key = (path, type(event))
        topic = topics.get(key)
        if topic is None:
            topic = topics[key] = topic_of(path, KIND_OF[type(event)])
        lines.append(encode_line(topic, event))
    return b"".join(lines)


def record(
    factory: Factory,
    until_us: int,
    events_out: BinaryIO,
    truth_out: BinaryIO | None = None,
    progress: Callable[[float], None] | None = None,
) -> int:
    """Run ``factory`` to ``until_us`` (µs since the epoch) and write what it says; returns the number of events.

    ``truth_out`` gets the account of the whole run (the factory must keep it); ``progress`` hears the share done, 0 to
    1. ``OSError`` from the files is the caller's.
    """
    start_us, count, topics = factory.now_us, 0, dict[tuple[str, type], str]()
    while factory.now_us < until_us:
        emissions = factory.run_until(min(until_us, factory.now_us + _SLICE_US))
        if factory.now_us == until_us:
            emissions += factory.finish()
        events_out.write(encode_emissions(emissions, topics))
        count += len(emissions)
        if progress is not None:
            progress((factory.now_us - start_us) / (until_us - start_us))
    if truth_out is not None:
        truth_out.writelines(encode_record(line) for line in factory.truth_records())
    return count
