"""Commands that were given to the plant, and what became of them: notes to hang on a chart of the same time."""

import msgspec

from answers.span import Span
from answers.store import Store, decoded
from contract.events import CommandAnswered
from contract.topics import Kind


class Note(msgspec.Struct, frozen=True):
    """Somebody asked ``path`` for ``verb`` at ``ts_us`` (the plant's time); ``detail``: what it did, or why not."""

    ts_us: int
    path: str
    verb: str
    by: str
    accepted: bool
    detail: str


def commands(store: Store, line: str, span: Span) -> list[Note]:
    """Commands to ``line`` and its machines over ``span``, oldest first."""
    rows = store.rows(
        "SELECT path, payload FROM commands WHERE (path = ?1 OR substr(path, 1, length(?1) + 1) = ?1 || '/')"
        " AND ts_us >= ?2 AND ts_us < ?3 ORDER BY ts_us",
        line,
        span.from_us,
        span.to_us,
    )
    return [_note(path, decoded(CommandAnswered, Kind.REPLY, payload)) for path, payload in rows]


def _note(path: str, answer: CommandAnswered) -> Note:
    asked = answer.command
    return Note(answer.ts, path, asked.verb, asked.by, answer.accepted, answer.detail)
