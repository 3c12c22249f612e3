"""How fast events become rows: the pure fold, and a replay into a store, against merely decoding the same bytes.

    python bench/replay.py [hours]

One core; the events are those of the shipped SMT line, made first and not measured.
"""

import gc
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from collector.intake import Intake
from collector.journal import Journal
from collector.ledger import Ledger
from collector.planned import Planned
from collector.reorder import Said
from collector.replay import replay
from contract.codec import KIND_OF, decode, decode_line, encode_line
from contract.instants import HOUR_US
from contract.topics import Kind, topic_of
from simulator.agenda import Emission
from simulator.engine import Factory
from simulator.plant_file import load_plant

#: A machine's rows are taken from the pure fold as often as a live collector of a busy line would.
DRAIN_EVERY = 1000


def emissions_of(hours: float) -> list[Emission]:
    """What the shipped SMT line says in that time, in order."""
    plant = load_plant("smt")
    start_us = plant.default_start_us
    factory = Factory(plant, seed=1, start_us=start_us, keep_truth=False)
    return factory.run_until(start_us + round(hours * HOUR_US))


def timed(work: Callable[[], object]) -> float:
    """CPU seconds that ``work`` takes: neither what else the machine does is counted nor waiting for the disk."""
    gc.collect()
    start_s = time.process_time()
    work()
    return time.process_time() - start_s


def decode_all(lines: list[bytes], kinds: dict[str, Kind]) -> None:
    """The floor: read every line and every payload, and forget them."""
    for line in lines:
        found = decode_line(line)
        decode(kinds[found.topic], found.payload)


def fold_all(emissions: list[Emission]) -> None:
    """Ledgers alone."""
    ledgers, planned = {path: Ledger() for path, _ in emissions}, Planned()
    for path, event in emissions:
        if isinstance(event, Said):
            ledgers[path].apply(event, planned)
            if event.seq % DRAIN_EVERY == 0:
                ledgers[path].rows()


def replay_all(lines: list[bytes], store: Path) -> None:
    """The whole way: lines → decode → ledger → store."""
    journal = Journal.open(store)
    replay(lines, Intake(saved=journal.load()), journal, lambda _: None)
    journal.close()


def main() -> None:
    hours = float(sys.argv[1]) if len(sys.argv) > 1 else 60
    emissions = emissions_of(hours)
    kinds = {topic_of(path, KIND_OF[type(event)]): KIND_OF[type(event)] for path, event in emissions}
    lines = [encode_line(topic_of(path, KIND_OF[type(event)]), event) for path, event in emissions]
    with tempfile.TemporaryDirectory() as folder:
        stages = {
            "decode only": timed(lambda: decode_all(lines, kinds)),
            "pure fold": timed(lambda: fold_all(emissions)),
            "replay to store": timed(lambda: replay_all(lines, Path(folder) / "mes.db")),
        }
    print(f"{len(emissions):,} events of {hours:g} h")
    print(f"{'stage':<18}{'events/s':>12}{'of decode only':>18}")
    for name, seconds in stages.items():
        print(f"{name:<18}{len(emissions) / seconds:>12,.0f}{stages['decode only'] / seconds:>17.2f}x")


if __name__ == "__main__":
    main()
