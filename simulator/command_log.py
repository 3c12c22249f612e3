"""Commands on their way into a factory: those of a script at their times, live ones now, each written down. Pure.

    a log of an earlier run ─→ Commands ─→ factory ─→ emissions
    live, from the broker   ──────┘└─→ log: one JSON object a line, to be played again

A command is given when everything of its instant has happened, and what it leads to at once is said before anything
else is done: so a run that plays the log is, to the byte, the run in which they were given live.
"""

from collections import deque
from collections.abc import Iterable
from typing import BinaryIO, NamedTuple, Protocol

import msgspec

from contract.errors import UsageError
from contract.events import CommandGiven
from contract.instants import parse_instant, to_iso
from contract.topics import with_lines
from simulator.agenda import NEVER, Emission
from simulator.commands import unknown

#: Live commands that may wait for the simulation. Whoever floods it is refused, not obeyed later.
WAITING_LIMIT = 100
#: Of our own marks, which many lines get at once, more may wait.
MARKS_LIMIT = 2000
_FORM = '{"at": "2026-01-05T08:30:00+07:00", "path": "…", "command": {"id": "1", "verb": "hold"}}'


class Commandable(Protocol):
    """What commands need of a factory."""

    @property
    def now_us(self) -> int: ...  # noqa: D102
    def run_until(self, until_us: int) -> list[Emission]: ...  # noqa: D102
    def command(self, path: str, given: CommandGiven) -> None: ...  # noqa: D102


class TimedCommand(NamedTuple):
    """A command for ``path`` at ``at_us`` (µs since the epoch)."""

    at_us: int
    path: str
    command: CommandGiven


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    at: str
    path: str
    command: CommandGiven


_decoder = msgspec.json.Decoder(_Line)


def encode_command(timed: TimedCommand) -> bytes:
    """One line of a command log, with its line feed."""
    return msgspec.json.encode(_Line(to_iso(timed.at_us), timed.path, timed.command)) + b"\n"


def read_script(lines: Iterable[bytes], name: str) -> list[TimedCommand]:
    """A command log → its commands. Raises :class:`UsageError` with the line and the mend."""
    script: list[TimedCommand] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            timed = _read_line(line)
        except UsageError as error:
            raise UsageError(f"{name}, line {number}: {error}") from error
        if script and timed.at_us < script[-1].at_us:
            raise UsageError(f"{name}, line {number}: is earlier than the line before: put them in order of time")
        script.append(timed)
    return script


def _read_line(line: bytes) -> TimedCommand:
    try:
        parsed = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{error}; write it like {_FORM}") from error
    return TimedCommand(parse_instant(parsed.at), parsed.path, parsed.command)


def check_script(
    script: Iterable[TimedCommand], paths: Iterable[str], start_us: int, until_us: int | None = None
) -> None:
    """Raise :class:`UsageError` for the first command that a run of ``paths`` (its machines') cannot be given.

    The run is from ``start_us`` to ``until_us`` (none: without end).
    """
    known = with_lines(paths)
    for at_us, path, command in script:
        what = f"the command {command.id!r} ({command.verb}) at {to_iso(at_us)}"
        if at_us < start_us:
            raise UsageError(f"{what} is before the run begins ({to_iso(start_us)}): say an earlier --start")
        if until_us is not None and at_us > until_us:
            raise UsageError(f"{what} is after the run ends ({to_iso(until_us)}): say a longer --for")
        if path not in known:
            there = unknown(path, known) if path.count("/") in (3, 4) else f"{path!r} is not the path of a machine"
            raise UsageError(f"{what}: {there}")


class Commands:
    """Plays ``script`` and takes live commands; ``log`` gets every command given (``OSError`` is the caller's)."""

    def __init__(self, script: Iterable[TimedCommand] = (), log: BinaryIO | None = None) -> None:
        self._script, self._log = deque(script), log
        self._heard: deque[tuple[str, CommandGiven]] = deque()

    @property
    def next_us(self) -> int:
        """When the next command of the script is due, µs; ``NEVER`` if there is none."""
        return self._script[0].at_us if self._script else NEVER

    @property
    def has_heard(self) -> bool:
        """Live commands are waiting."""
        return bool(self._heard)

    def hear(self, path: str, given: CommandGiven, limit: int = WAITING_LIMIT) -> bool:
        """A live command, to be given as soon as time moves; false when ``limit`` are waiting."""
        if len(self._heard) >= limit:
            return False
        self._heard.append((path, given))
        return True

    def due(self, until_us: int) -> list[TimedCommand]:
        """Take those of the script up to ``until_us``, written down, for somebody else to give at their times."""
        taken = []
        while self.next_us <= until_us:
            taken.append(self._script.popleft())
            self._note(taken[-1])
        return taken

    def run_until(self, factory: Commandable, until_us: int) -> list[Emission]:
        """``factory.run_until(until_us)``, with what is due given on the way and what was heard at the end."""
        said: list[Emission] = []
        while self.next_us <= until_us:
            at_us, path, given = self._script.popleft()
            said += factory.run_until(at_us)
            said += self._give(factory, path, given)
        said += factory.run_until(until_us)
        while self._heard:
            said += self._give(factory, *self._heard.popleft())
        return said

    def _give(self, factory: Commandable, path: str, given: CommandGiven) -> list[Emission]:
        factory.command(path, given)
        self._note(TimedCommand(factory.now_us, path, given))
        return factory.run_until(factory.now_us)

    def _note(self, timed: TimedCommand) -> None:
        if self._log is not None:
            self._log.write(encode_command(timed))
            self._log.flush()
