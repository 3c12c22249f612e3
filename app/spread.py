"""A run over several processes: each has some of the lines that share nothing; the parent puts together what they say.

    to a file   parent ── slice, slice, end ─▶ worker: thaw a share ─ run ─ encode
                  file ◀─ merge by time ◀───── of each engine: times and lines
    live        parent ── go … stop ─────────▶ worker: thaw a share ─ connections and ear of its own ─▶ broker
                       ◀─ connected, how far, done

The merge keeps the order of one process: by time, at one instant by the number of the engine; so the file is the same
to the byte. Slices go out a few ahead and the same to all, so every share stands at the same instant when the run ends.
"""

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from operator import itemgetter
from typing import Annotated, Any, BinaryIO, NamedTuple

import msgspec
import typer

from app import logs
from app.progress import console, progress
from app.spread_worker import (
    Broadcast,
    Connected,
    Done,
    End,
    Failed,
    Go,
    Said,
    Share,
    Slice,
    publish_share,
    record_share,
)
from app.stopping import stop_asked
from contract.broker_url import BrokerUrl
from contract.errors import BrokerError, MesError, UsageError
from contract.truth import TruthSpan, encode_record
from simulator.agenda import NEVER
from simulator.checkpoint import freeze, thaw
from simulator.command_log import Commands
from simulator.engine import Factory
from simulator.pacing import wall_us
from simulator.record import SLICE_US

Processes = Annotated[
    int, typer.Option("--processes", min=1, max=64, help="Spread lines that share nothing over so many processes.")
]
#: Slices that a process may be ahead of the file.
_AHEAD = 3
#: How long a process may take to say goodbye to the broker before it is ended, s.
_GOODBYE_S = 12.0
#: How often the parent of a live run looks whether it should stop, s.
_LOOK_S = 0.2


class Asked(msgspec.Struct, frozen=True):
    """Which options were given beside ``--processes``."""

    is_live: bool
    mess: bool
    command_log: bool
    truth: bool
    checkpoint: bool


def usable(processes: int, factory: Factory, asked: Asked) -> int:
    """How many processes ``factory`` can be spread over; raises :class:`UsageError` for options that cannot be."""
    if processes == 1:
        return 1
    if asked.mess:
        raise UsageError("a mess has one luck for all machines, in one process: leave --mess or --processes out")
    for name in ("command_log", "truth", "checkpoint"):
        if asked.is_live and getattr(asked, name):
            option = f"--{name.replace('_', '-')}"
            raise UsageError(
                f"processes that publish live end a moment apart, and each hears its own commands, so {option} would "
                f"not be one account of all: leave {option} or --processes out, or write to --out FILE"
            )
    apart = len(factory.engines)
    if processes > apart:
        groups = "group of lines that shares" if apart == 1 else "groups of lines that share"
        console.print(f"{factory.park.id} has {apart} {groups} nothing with others: --processes {apart} is used")
    return min(processes, apart)


def shares(factory: Factory, count: int) -> list[Share]:
    """``factory`` in ``count`` parts of about as many machines, frozen."""
    engines, parts = factory.engines, [list[int]() for _ in range(count)]
    for number in sorted(range(len(engines)), key=lambda number: -len(engines[number].machines)):
        min(parts, key=lambda part: sum(len(engines[other].machines) for other in part)).append(number)
    return [
        Share(tuple(numbers), freeze(factory.part(engines[number] for number in numbers)))
        for numbers in map(sorted, parts)
    ]


class _Worker(NamedTuple):
    process: multiprocessing.process.BaseProcess
    pipe: Connection
    numbers: tuple[int, ...]

    def tell(self, order: object) -> None:
        """Say something to it; if it has ended meanwhile, its last words are still to be heard."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self.pipe.send(order)

    def take(self) -> Any:  # noqa: ANN401 - what each of them says is in spread_worker
        """What it says next."""
        try:
            return self.pipe.recv()
        except (EOFError, ConnectionResetError) as error:
            self.process.join(1)
            raise MesError(
                f"a process of --processes died (exit code {self.process.exitcode}), so the run ends here, unfinished:"
                " run it again; if memory was short, with fewer --processes"
            ) from error


@contextmanager
def _workers(parts: list[Share], work: Callable[..., None], *arguments: object) -> Iterator[list[_Worker]]:
    """A process for each part, while inside; left with an error, they are let go and end by themselves."""
    workers: list[_Worker] = []
    try:
        for part in parts:
            workers.append(_started(part, work, *arguments))  # noqa: PERF401 - one that fails must find the others
        yield workers
    except KeyboardInterrupt:
        for worker in workers:
            worker.process.terminate()
        raise
    finally:
        for worker in workers:
            worker.pipe.close()
        for worker in workers:
            worker.process.join(_GOODBYE_S)
            worker.process.terminate()
            worker.process.join()


def _started(part: Share, work: Callable[..., None], *arguments: object) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs, logs.chosen(), part, *arguments), daemon=True)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # inherited: Ctrl-C may come while it still imports
    try:
        process.start()
    finally:
        signal.signal(signal.SIGINT, before)
    theirs.close()  # so that its end is the end of the pipe
    return _Worker(process, ours, part.numbers)


# ---------------------------------------------------------------------- to a file


def record_spread(  # noqa: PLR0913, PLR0917 - as simulator.record, and over how many processes
    factory: Factory,
    until_us: int,
    events_out: BinaryIO,
    truth_out: BinaryIO | None,
    say: Callable[[float], None],
    count: int,
    *,
    commands: Commands,
    goes_on: bool,
    is_stopped: Callable[[], bool],
) -> int:
    """As :func:`simulator.record.record`, to the byte."""
    with _workers(shares(factory, count), record_share) as workers:
        lines, start_us, now_us = 0, factory.now_us, factory.now_us
        for piece in _answered(workers, _slices(commands, start_us, until_us, is_stopped)):
            lines += _merge(workers, events_out)
            now_us = piece.until_us
            say((now_us - start_us) / (until_us - start_us))
        for worker in workers:
            worker.tell(End(not goes_on, truth_out is not None, goes_on))
        if not goes_on:
            lines += _merge(workers, events_out)
        if truth_out is not None:
            span = TruthSpan(factory.park.id, factory.seed, factory.start_us, now_us, factory.paths)
            truth_out.write(encode_record(span))
            for _, worker in _by_engine(workers):
                truth_out.writelines(worker.take())
        if goes_on:
            _take_back(factory, workers)
    return lines


def _slices(commands: Commands, start_us: int, until_us: int, is_stopped: Callable[[], bool]) -> Iterator[Slice]:
    """The run in half hours, as one process makes it; ends early when it is stopped."""
    now_us = start_us
    while now_us < until_us and not (now_us > start_us and is_stopped()):
        now_us = min(until_us, now_us + SLICE_US)
        yield Slice(now_us, tuple(commands.due(now_us)))


def _answered(workers: list[_Worker], slices: Iterable[Slice]) -> Iterator[Slice]:
    """Each slice when its answers are to be taken; a few more are under way meanwhile, so nobody waits for the file."""
    ahead = deque[Slice]()
    for piece in slices:
        for worker in workers:
            worker.tell(piece)
        ahead.append(piece)
        if len(ahead) > _AHEAD:
            yield ahead.popleft()
    yield from ahead


def _merge(workers: list[_Worker], events_out: BinaryIO) -> int:
    """Write one answer of all; returns the number of lines."""
    count = 0
    for chunk in zip(*(worker.take() for worker in workers), strict=True):
        said: list[Said] = sorted(one for part in chunk for one in part)
        timed = [line for one in said for line in zip(one.times_us, one.lines, strict=True)]
        timed.sort(key=itemgetter(0))
        events_out.writelines(line for _, line in timed)
        count += len(timed)
    return count


def _by_engine(workers: list[_Worker]) -> list[tuple[int, _Worker]]:
    return sorted(((number, worker) for worker in workers for number in worker.numbers), key=itemgetter(0))


def _take_back(factory: Factory, workers: list[_Worker]) -> None:
    """Put every engine, as it is now, back into ``factory``."""
    engines = {
        number: engine
        for worker in workers
        for number, engine in zip(worker.numbers, thaw(worker.take(), "a share of lines").engines, strict=True)
    }
    factory.adopt(engines[number] for number in sorted(engines))


# ---------------------------------------------------------------------- live


def publish_spread(  # noqa: PLR0913, PLR0917 - each is a different thing, and all are needed
    factory: Factory, count: int, until_us: int, broker: BrokerUrl, speed: float, commands: Commands
) -> None:
    """As :func:`app.live.publish_until`, from ``count`` processes, until Ctrl-C; raises :class:`BrokerError`."""
    broadcast = Broadcast(broker, speed, until_us, tuple(commands.due(NEVER - 1)))
    whole_us = until_us - factory.now_us
    with stop_asked() as is_stopped, _workers(shares(factory, count), publish_share, broadcast) as workers:
        if not _begin(workers, is_stopped):
            return
        console.print(f"publishing {len(factory.paths)} machines to {broker} from {count} processes")
        if whole_us > 0:
            with progress("simulating") as say:
                _follow(workers, is_stopped, say)
        else:
            _follow(workers, is_stopped, lambda _: None)


def _begin(workers: list[_Worker], is_stopped: Callable[[], bool]) -> bool:
    """Wait until all are connected and let them go together; false: stopped before."""
    for worker in workers:
        while not wait([worker.pipe], _LOOK_S):
            if is_stopped():
                return False
        said = worker.take()
        if isinstance(said, Failed):
            raise BrokerError(said.why)
        assert isinstance(said, Connected)
    now_us = wall_us()
    for worker in workers:
        worker.tell(Go(now_us))
    return True


def _follow(workers: list[_Worker], is_stopped: Callable[[], bool], say: Callable[[float], None]) -> None:
    """Until all are done, or the first has failed; tells them once when it should stop."""
    running, far, told = list(workers), dict.fromkeys((worker.numbers for worker in workers), 0.0), False
    while running:
        heard = wait([worker.pipe for worker in running], _LOOK_S)
        for worker in [worker for worker in running if worker.pipe in heard]:
            said = worker.take()
            if isinstance(said, Failed):
                raise BrokerError(said.why)
            if isinstance(said, Done):
                running.remove(worker)
            else:
                far[worker.numbers] = said
                say(min(far.values()))
        if is_stopped() and not told:
            told = True
            for worker in running:
                worker.tell(None)
