"""How fast events become rows: pure fold, and replay into a store, against merely decoding the same bytes.

    python bench/replay.py [events]

One core. The mix is that of a line: 60 % state changes, 30 % counts, 10 % heartbeats, ten machines.
"""

import gc
import random
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
from contract.events import HeartBeaten, PartsCounted, StateChanged
from contract.instants import MINUTE_US, SECOND_US, floor_minute
from contract.states import Mode, State
from contract.topics import topic_of

MACHINES = [f"demo/bac-ninh/smt/line-1/station-{number}" for number in range(1, 11)]
START_US = 1_767_571_200 * SECOND_US


def shift_of(path: str, count: int, seed: int) -> list[tuple[str, Said]]:
    """``count`` events of one machine in their order."""
    draw = random.Random(f"{seed}/{path}")
    ts, since, total, good, state, reason = START_US, START_US, 0, 0, State.EXECUTE, ""
    events: list[tuple[str, Said]] = []
    boot = START_US // SECOND_US
    for seq in range(1, count + 1):
        minute = floor_minute(ts) + MINUTE_US
        ts += draw.randint(SECOND_US, 11 * SECOND_US)
        if ts >= minute:
            ts = minute
            said: Said = HeartBeaten(
                ts,
                seq,
                boot,
                state,
                Mode.PRODUCTION,
                reason,
                since,
                total,
                good,
                total - good,
                0,
                "P1",
                "O1",
                5_000_000,
            )
        elif draw.random() < 0.33:
            total += 1
            good += draw.random() > 0.01
            said = PartsCounted(ts, seq, boot, total, good, total - good, 0, "P1", "O1", 5_000_000, 3, 4)
        else:
            state, reason = draw.choice(((State.EXECUTE, ""), (State.SUSPENDED, "starved"), (State.HELD, "jam")))
            since = ts
            said = StateChanged(ts, seq, boot, state, Mode.PRODUCTION, reason, since)
        events.append((path, said))
    return events


def plant(count: int, seed: int = 1) -> list[tuple[str, Said]]:
    """About ``count`` events of ten machines, in the order of their times."""
    mixed = [pair for path in MACHINES for pair in shift_of(path, count // len(MACHINES), seed)]
    return sorted(mixed, key=lambda pair: pair[1].ts)


def timed(work: Callable[[], object]) -> float:
    """Seconds that ``work`` takes."""
    gc.collect()
    start_s = time.perf_counter()
    work()
    return time.perf_counter() - start_s


def decode_all(lines: list[bytes]) -> None:
    """The floor: read every line and every payload, and forget them."""
    kinds = {topic_of(path, kind): kind for path in MACHINES for kind in KIND_OF.values()}
    for line in lines:
        topic, payload = decode_line(line)
        decode(kinds[topic], payload)


def fold_all(events: list[tuple[str, Said]]) -> None:
    """Ledgers alone, drained once a thousand events of a machine."""
    ledgers, planned = {path: Ledger() for path in MACHINES}, Planned()
    for path, event in events:
        ledgers[path].apply(event, planned)
        if event.seq % 1000 == 0:
            ledgers[path].rows()


def replay_all(lines: list[bytes], store: Path) -> None:
    """The whole way: lines → decode → ledger → store."""
    journal = Journal.open(store)
    replay(lines, Intake(saved=journal.load()), journal, lambda _: None)
    journal.close()


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    events = plant(count)
    lines = [encode_line(topic_of(path, KIND_OF[type(event)]), event) for path, event in events]
    with tempfile.TemporaryDirectory() as folder:
        stages = {
            "decode only": timed(lambda: decode_all(lines)),
            "pure fold": timed(lambda: fold_all(events)),
            "replay to store": timed(lambda: replay_all(lines, Path(folder) / "mes.db")),
        }
    print(f"{'stage':<18}{'events/s':>12}{'of decode only':>18}")
    for name, seconds in stages.items():
        print(f"{name:<18}{len(events) / seconds:>12,.0f}{stages['decode only'] / seconds:>17.2f}x")


if __name__ == "__main__":
    main()
