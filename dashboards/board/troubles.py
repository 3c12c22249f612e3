"""Why there is nothing to show: a reason that every language has words for, and what belongs in their places.

MesError ─→ trouble_of() ─→ Trouble ─┬→ JSON ─→ trouble.js
                 │                   └→ said_in(language) ─→ the report, a CSV, a terminal
                 └→ the server's log, which alone has the whole path and the library's own words

Who looks may be anybody with a phone: of a path they see the file's name, and no sentence of a library.
"""

import logging
import sqlite3
import time
from functools import lru_cache
from pathlib import Path

import msgspec

from answers.store import Store
from contract.errors import Contradiction, MesError, NoStore, OtherVersion, UsageError
from dashboards.board.pages import Refused
from dashboards.words import catalogue

#: What was asked for is not there: then waiting does not help.
LASTING = frozenset(
    {
        "query", "line", "machine", "several_lines", "several_machines", "span", "table", "order", "value", "asked",
    }
)  # fmt: skip
#: What is wrong with the store, or with the board, may be over soon.
PASSING = frozenset(
    {
        "empty", "missing", "unreadable", "older", "newer", "locked", "contradiction", "busy", "fault", "no_shift",
        "truth_missing", "truth_unreadable",
    }
)  # fmt: skip
#: Every reason there is; each has the words ``trouble.<reason>`` and ``trouble.<reason>.hint``.
TROUBLES = LASTING | PASSING
_LOG = logging.getLogger("mes.board")
#: However many look, the same trouble is logged once in this time, s.
_LOGGED_EVERY_S = 600
_LOGGED_APART = 32


class Trouble(msgspec.Struct, frozen=True):
    """Why there is nothing to show: ``reason`` is of :data:`TROUBLES`, ``places`` fill those of its words.

    ``detail`` is what no language foresaw, in English; empty for whatever is known.
    """

    reason: str
    places: dict[str, str] = {}
    lasting: bool = False
    detail: str = ""


BUSY = Trouble("busy")
FAULT = Trouble("fault")


def trouble_of(path: Path, error: MesError) -> Trouble:
    """Why the store at ``path`` cannot be shown, or not what was asked of it."""
    if isinstance(error, Refused):
        places = {name: _printable(text) for name, text in error.places.items()}
        return Trouble(error.reason, places, error.reason in LASTING)
    log(str(error))
    if isinstance(error, UsageError):
        return Trouble("asked", lasting=True, detail=str(error).replace(str(path), path.name))
    return Trouble(_reason(error), {"file": _printable(path.name)})


def _reason(error: MesError) -> str:
    if isinstance(error, NoStore):
        return "missing"
    if isinstance(error, OtherVersion):
        return "older" if error.is_older else "newer"
    if isinstance(error, Contradiction):
        return "contradiction"
    locked = isinstance(error.__cause__, sqlite3.OperationalError) and "locked" in str(error.__cause__)
    return "locked" if locked else "unreadable"


def _printable(text: str) -> str:
    """``text`` without what would turn round or hide the words around it."""
    return "".join(letter for letter in text if letter.isprintable())


def said_in(language: str, trouble: Trouble) -> tuple[str, str]:
    """What is wrong and what to do about it, in words of ``language``."""
    words, key = catalogue(language), f"trouble.{trouble.reason}"
    return words[key], words[f"{key}.hint"].format(**trouble.places)


def trouble_with(path: Path) -> Trouble | None:
    """Why the store at ``path`` cannot be shown; ``None`` where it can, be it empty."""
    try:
        with Store.open(path) as store:
            store.lines()
    except MesError as error:
        return trouble_of(path, error)
    return None


def log(message: str) -> None:
    """Tell whoever runs the board, now and then for as long as it lasts."""
    _log(message, time.monotonic() // _LOGGED_EVERY_S)


@lru_cache(_LOGGED_APART)
def _log(message: str, _: float) -> None:
    _LOG.warning("%s", message)
