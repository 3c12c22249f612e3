"""Logs for programs: with ``mes --log-format json`` every line on standard error is one JSON object."""

import io
import logging
import sys
from enum import StrEnum

import msgspec
from rich.markup import escape

from app.progress import console
from contract.instants import to_iso

#: What is told to people is not broken into lines of a terminal's width.
_ENDLESS = 10_000


class LogFormat(StrEnum):
    """How the program tells what it does."""

    TEXT = "text"
    JSON = "json"


class JsonFormatter(logging.Formatter):
    """One record → one line: ``time`` (ISO 8601, UTC), ``level``, ``logger``, ``message``, and ``error`` if any."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its line feed."""
        when = to_iso(int(record.created * 1000) * 1000)
        told = {"time": when, "level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return msgspec.json.encode(told).decode()


class _Told(io.StringIO):
    """What is told to people, as log records."""

    def write(self, text: str) -> int:
        """Log every line that says something."""
        for line in filter(None, map(str.strip, text.splitlines())):
            logging.getLogger("mes").info(line)
        return len(text)


def configure(how: LogFormat) -> None:
    """Text is how it is anyway; JSON replaces it for the rest of the process."""
    if how is LogFormat.JSON:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonFormatter())
        logging.basicConfig(level=logging.INFO, handlers=[handler])
        console.file = _Told()
        console.width = _ENDLESS


def chosen() -> LogFormat:
    """How the program tells what it does, for another process of it."""
    return LogFormat.JSON if isinstance(console.file, _Told) else LogFormat.TEXT


def fail(message: str) -> None:
    """Tell a person, or a program, why it ends here."""
    if chosen() is LogFormat.JSON:
        logging.getLogger("mes").error(message)
    else:
        console.print(f"[bold red]mes:[/] {escape(message)}", soft_wrap=True)
