"""Commands that were given to the plant, and what became of them: notes to hang on a chart of the same time."""

from typing import Literal

import msgspec

from answers.span import Span
from answers.store import Store, decoded
from contract.events import CommandAnswered, CommandGiven, LineDescribed, MachineDescribed, Words
from contract.topics import Kind


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """``path`` was ``asked`` for something at ``ts_us`` (the plant's time); ``detail``: what it did, or why not.

    ``why`` it was refused, as a code; ``code_name``: what the machine calls the fault or slot that was asked for, or
    the line the product.
    """

    ts_us: int
    path: str
    asked: CommandGiven
    accepted: bool = True
    detail: str = ""
    why: str = ""
    code_name: Words | None = None


def commands(store: Store, line: str, span: Span, most: int = -1) -> list[Note]:
    """Commands to ``line`` and its machines over ``span``, oldest first; of too many the ``most`` newest."""
    rows = store.rows(
        "SELECT path, payload FROM commands WHERE (path = ?1 OR path > ?1 || '/' AND path < ?1 || '0')"
        " AND ts_us >= ?2 AND ts_us < ?3 ORDER BY ts_us DESC, rowid DESC LIMIT ?4",
        line,
        span.from_us,
        span.to_us,
        most,
    )
    infos = store.described(line) if rows else {}
    named = store.named(line) if rows else None
    answers = [(path, decoded(CommandAnswered, Kind.REPLY, payload)) for path, payload in rows]
    return [note_of(path, answer, _name(answer.command, infos.get(path), named)) for path, answer in reversed(answers)]


def sentence(answer: CommandAnswered, info: MachineDescribed | None) -> Words:
    """A command in one line, for a mark on a chart, after the name of the machine that ``info`` describes.

    Without ``info`` it is to a line. What is a note's own text is said in its words; a verb and what
    nobody has named stands as its code.
    """
    return Words(en=_sentence(answer, info, "en"), vi=_sentence(answer, info, "vi"))


def _sentence(answer: CommandAnswered, info: MachineDescribed | None, language: Literal["en", "vi"]) -> str:
    asked = answer.command
    named = code_name(asked.code, info)
    parts = [
        "" if asked.verb == "note" else asked.verb,
        getattr(named, language) if named else asked.code,
        asked.mode or "",
        asked.order,
        "" if asked.value is None else f"{asked.value:g}",
        f"{asked.duration_s:g} s" if asked.duration_s else "",
        getattr(asked.text, language) if asked.text else "",
        "" if answer.accepted else f"– {answer.detail}",
    ]
    return (f"{getattr(info.name, language)}: " if info else "") + " ".join(filter(None, parts))


def code_name(code: str, info: MachineDescribed | None) -> Words | None:
    """What the machine that ``info`` describes calls one of its faults or slots."""
    known = {} if info is None else info.reasons | {each: slot.name for each, slot in info.slots.items()}
    return known.get(code)


def note_of(path: str, answer: CommandAnswered, code_name: Words | None) -> Note:
    """What became of a command to ``path``; ``code_name`` as in :class:`Note`."""
    return Note(
        ts_us=answer.ts,
        path=path,
        asked=answer.command,
        accepted=answer.accepted,
        detail=answer.detail,
        why=answer.why,
        code_name=code_name,
    )


def _name(asked: CommandGiven, info: MachineDescribed | None, line: LineDescribed | None) -> Words | None:
    product = line.products.get(asked.product) if line else None
    return product.name if product else code_name(asked.code, info)
