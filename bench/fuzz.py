"""Whatever bytes come off the wire: no crash, no growth, everything counted.

    python bench/fuzz.py                       1,000,000 messages
    python bench/fuzz.py --messages 50000 --seed 7

Messages of every kind of the default plant, in order and out of it, most of them mutated: bytes flipped, cut, doubled,
spliced or random, fields and words replaced, topics bent. Every thousand are committed to a store, as a live collector
does; at the end its file must be whole.
"""

import argparse
import random
import resource
import sys
import tempfile
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

from answers.store import Store
from collector.intake import Intake
from collector.journal import Journal
from contract.codec import KIND_OF, PAYLOAD_LIMIT_BYTES, encode
from contract.events import CommandAnswered, CommandGiven
from contract.instants import HOUR_US
from contract.topics import EVERYTHING, Kind, topic_of
from simulator.engine import Factory
from simulator.plant_file import load_plant

DRAIN_EVERY = 1000
#: Machines whose messages are taken: those with most kinds. Every one is the root of many that the fuzz makes up.
TALKERS = 6
#: Kinds with fewer messages than this are said so often.
RARE = 300
#: Machines and lines that the fuzz may make up; a collector follows a bounded number, and only that may grow.
_NAMES = [f"m{number}" for number in range(8)]
_NUMBERS = [
    b"0",
    b"-1",
    b"1",
    b"1e400",
    b"9007199254740993",
    b"18446744073709551616",
    b"null",
    b"NaN",
    b'""',
    b"[]",
    b"{}",
]
#: Where Linux keeps files in memory: what is measured here is not the disk.
_MEMORY = Path("/dev/shm")
_TEXTS = [b"", b" ", b"a b", b"'; DROP TABLE units; --", b"\\u0000", b"\\ud800", "Bảng".encode(), b"loaded", b"x" * 64]
Message = tuple[str, bytes]


class Fuzzed(NamedTuple):
    """What became of the messages. Sizes in MB: allocated after the first half, at the end; and the process's peak."""

    messages: int
    events: int
    quarantined: int
    half_mb: float
    end_mb: float
    peak_mb: float


def good_messages() -> list[Message]:
    """Half an hour of the default plant, and answers to commands, which nobody gave there; what is rare, again."""
    plant = load_plant("phone")
    factory = Factory(plant, 1, plant.default_start_us, keep_truth=False)
    said = factory.run_until(plant.default_start_us + HOUR_US // 2)
    kinds = {path: {type(event) for by, event in said if by == path} for path, _ in said}
    talkers = sorted(kinds, key=lambda path: len(kinds[path]))[-TALKERS:]
    said = [each for each in said if each[0] in talkers or each[0].count("/") == 3]
    every = [*said, *((path, answer(path, event.ts)) for path, event in said[::100])]
    often = Counter(type(event) for _, event in every)
    every += [each for each in every for _ in range(RARE // often[type(each[1])])]
    return [(topic_of(path, KIND_OF[type(event)]), encode(event)) for path, event in every]


def answer(path: str, ts_us: int) -> CommandAnswered:
    command = CommandGiven(f"{path[-3:]}{ts_us % 1000}", "break", "a teacher", "jam", 600.0)
    return CommandAnswered(ts_us, 0, 1, command, accepted=True, detail="broken")


def messages(dice: random.Random, good: list[Message]) -> Iterator[Message]:
    """Without end."""
    for number in count():
        topic, payload = good[number % len(good)] if dice.random() < 0.5 else dice.choice(good)
        if dice.random() < 0.2:
            topic = bent_topic(dice, topic)
        makers = (flipped, cut, doubled, spliced, renumbered, reworded, noise, as_array)
        yield topic, dice.choice(makers)(dice, payload) if dice.random() < 0.6 else payload


def bent_topic(dice: random.Random, topic: str) -> str:
    parts = topic.split("/")
    match dice.randrange(5):
        case 0:
            parts[dice.randrange(len(parts))] = dice.choice(["", "+", "#", "\x00", "é" * 70, *_NAMES])
        case 1:
            parts[-1] = dice.choice(list(Kind)).value
        case 2:
            del parts[dice.randrange(len(parts))]
        case 3:
            parts[-2] = dice.choice(_NAMES)
        case _:
            return EVERYTHING[: dice.randrange(len(EVERYTHING))] + chr(dice.randrange(32, 0x2FF))
    return "/".join(parts)


def flipped(dice: random.Random, payload: bytes) -> bytes:
    data = bytearray(payload)
    for _ in range(dice.randrange(1, 4)):
        data[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(data)


def cut(dice: random.Random, payload: bytes) -> bytes:
    start = dice.randrange(len(payload))
    return payload[start:] if dice.random() < 0.3 else payload[:start]


def doubled(dice: random.Random, payload: bytes) -> bytes:
    start = dice.randrange(len(payload))
    return payload[:start] + payload[start:] * dice.randrange(2, 4)


def spliced(dice: random.Random, payload: bytes) -> bytes:
    start, end = sorted(dice.randrange(len(payload)) for _ in range(2))
    return payload[:start] + dice.randbytes(dice.randrange(8)) + payload[end:]


def renumbered(dice: random.Random, payload: bytes) -> bytes:
    fields = payload.split(b",")
    index = dice.randrange(len(fields))
    number = (
        dice.choice(_NUMBERS) if dice.random() < 0.5 else b"%d" % dice.randrange(-(2**40), 2 ** dice.randrange(1, 70))
    )
    fields[index] = fields[index].split(b":")[0] + b":" + number
    return b",".join(fields)


def reworded(dice: random.Random, payload: bytes) -> bytes:
    """Another text in the place of one: valid JSON, whatever it says."""
    texts = payload.split(b'"')
    index = dice.randrange(len(texts))
    texts[index] = dice.choice(_TEXTS)
    return b'"'.join(texts)


def noise(dice: random.Random, _payload: bytes) -> bytes:
    if dice.random() < 0.001:
        return b" " * (PAYLOAD_LIMIT_BYTES + 1)
    return dice.randbytes(dice.randrange(200))


def as_array(dice: random.Random, payload: bytes) -> bytes:
    return b"[" + b",".join([payload, flipped(dice, payload)][: dice.randrange(3)]) + b"]" * dice.randrange(3)


def fuzz(many: int, seed: int, folder: Path) -> Fuzzed:
    """Feed ``many`` messages; every one must be taken or counted. Anything that raises is a bug."""
    dice, journal = random.Random(seed), Journal.open(folder / "fuzz.db")
    source, intake = messages(dice, good_messages()), Intake()
    refused, half_mb, health = 0, 0.0, dict[str, int]()
    tracemalloc.start()
    for number in range(1, many + 1):
        topic, payload = next(source)
        # A wall clock keeps one absurd time from becoming everybody's.
        intake.feed(topic, payload, dice.random() < 0.1, 1_767_575_000_000_000 if number % 2 else None)
        if number % DRAIN_EVERY == 0 or number == many:
            refused += commit(intake, journal, health)
        if number == many // 2:
            half_mb = tracemalloc.get_traced_memory()[0] / 1e6
    end_mb = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert sum(health.values()) == refused, f"{sum(health.values())} counted, {refused} kept"
    journal.close()
    with Store.open(folder / "fuzz.db") as store:
        assert not store.problems(), store.problems()
    return Fuzzed(many, intake.events, refused, half_mb, end_mb, peak_mb)


def commit(intake: Intake, journal: Journal, health: dict[str, int]) -> int:
    """Drain into the store; how many were refused. ``health`` keeps what each path is told to have had refused."""
    changes = intake.drain()
    journal.commit(changes)
    health |= {one.path: one.rows.health[-1] for one in changes.machines}
    health |= {one.path: one.health[-1] for one in changes.lines}
    return len(changes.quarantine)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        done = fuzz(asked.messages, asked.seed, Path(folder))
    print(f"fuzz: {done.messages:,} messages (seed {asked.seed}) in {time.perf_counter() - began:.0f} s: none raised")
    print(f"  events {done.events:,}, refused and counted {done.quarantined:,}")
    print(f"  memory held {done.half_mb:.1f} MB half-way, {done.end_mb:.1f} MB at the end; peak {done.peak_mb:.0f} MB")
    sys.exit(has_grown(done))


def has_grown(done: Fuzzed) -> bool:
    """Whether the second half left more behind than the first could explain."""
    return done.end_mb > 1.1 * done.half_mb + 1


if __name__ == "__main__":
    main()
