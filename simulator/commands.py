"""Where commands come in: each is checked, done once, and answered. Pure.

    CommandGiven ─→ known verb? ─→ the fields it wants, and no others? ─→ legal now? ─→ done ─→ what it did
                        └──────────────────┴──────────────────────────────┴─→ refused: why, and how to mend it

What the verbs do is in :mod:`simulator.command_verbs`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from contract.events import CommandGiven
from contract.topics import address
from simulator.command_verbs import LINE_VERBS, MACHINE_VERBS, CommandedLine, CommandedMachine, Verb
from simulator.refusal import Refusal

#: Answers remembered, so that a command that comes twice is done once. Beyond it the oldest are forgotten.
REMEMBERED = 1000
_DETAIL_LIMIT = 200
_FIELDS = ("code", "duration_s", "value", "mode", "order", "product", "quantity", "due", "text")
_NO_ID = "the command has no id: give each one of its own, so that its answer is known by it"


class Answer(NamedTuple):
    """What became of a command; what it did, or why not, also as a code of :data:`simulator.refusal.WHYS`."""

    accepted: bool
    detail: str
    why: str = ""


class Desk:
    """Where the commands for ``machines`` and ``lines`` (by path) come in. The same id again is answered, not done."""

    def __init__(self, machines: Mapping[str, CommandedMachine], lines: Mapping[str, CommandedLine]) -> None:
        self._machines, self._lines = machines, lines
        self._answered: dict[tuple[str, str], tuple[CommandGiven, Answer]] = {}

    def take(self, path: str, given: CommandGiven, now: int) -> Answer:
        """Do what is asked of ``path`` at ``now`` (µs), or refuse."""
        before = self._answered.get((path, given.id))
        if before is not None:
            same = before[0] == given
            other = Answer(False, f"id {given.id!r} was another command: give each its own", "same_id")
            return before[1] if same else other
        answer = self._answer(path, given, now)
        if given.id:
            self._answered[path, given.id] = given, answer
        if len(self._answered) > REMEMBERED:
            del self._answered[next(iter(self._answered))]
        return answer

    def _answer(self, path: str, given: CommandGiven, now: int) -> Answer:
        machine, line = self._machines.get(path), self._lines.get(path)
        if not given.id:
            return Answer(False, _NO_ID, "no_id")
        if machine is None and line is None:
            return Answer(False, unknown(path, [*self._lines, *self._machines]), "path")
        verbs: Mapping[str, Verb[Any]] = LINE_VERBS if machine is None else MACHINE_VERBS
        try:
            return Answer(True, clipped(_carry_out(verbs, line if machine is None else machine, given, now)))
        except Refusal as refusal:
            return Answer(False, clipped(str(refusal)), refusal.why)


def unknown(path: str, paths: Iterable[str]) -> str:
    """That there is nothing at ``path``, and what there is on its line among ``paths``."""
    where = address(path)
    there = [address(each).machine for each in paths if each.startswith(f"{where.line_path}/")]
    if not there:
        return f"there is no line {where.line!r} here"
    return clipped(f"there is no machine {where.machine!r} on line {where.line}: there are {', '.join(there)}")


def clipped(text: str) -> str:
    """``text``, as much of it as an answer may hold."""
    return text if len(text) <= _DETAIL_LIMIT else f"{text[: _DETAIL_LIMIT - 1]}…"


def _carry_out(verbs: Mapping[str, Verb[Any]], target: object, given: CommandGiven, now: int) -> str:
    verb = verbs.get(given.verb)
    if verb is None:
        raise Refusal("verb", _unknown_verb(given.verb, verbs))
    for field in _FIELDS:
        is_given = getattr(given, field) not in ("", None)
        if field in verb.needs and not is_given:
            raise Refusal("fields", f"{given.verb} wants {' and '.join(verb.needs)}: {field} is missing")
        if is_given and field not in (*verb.needs, *verb.takes):
            raise Refusal("fields", f"{given.verb} takes no {field}: leave it out")
    return verb.do(target, given, now)


def _unknown_verb(verb: str, verbs: Mapping[str, Verb[Any]]) -> str:
    if verb in LINE_VERBS:
        return f"{verb} is for a line: send it to the line's own path"
    if verb in MACHINE_VERBS:
        return f"{verb} is for a machine: send it to the machine's own path"
    return f"there is no verb {verb!r}: there are {', '.join(verbs)}"
