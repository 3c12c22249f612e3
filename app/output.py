"""How an answer reaches standard output: JSON for programs, tables for people."""

import msgspec
import typer
from rich.console import Console

_PIPED_WIDTH = 180


def print_json(value: object) -> None:
    """JSON for programs: not wrapped, not coloured."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def console() -> Console:
    """Standard output; piped, there is no terminal to fit into, and a table that is cut off there helps nobody."""
    out = Console(highlight=False)
    return out if out.is_terminal else Console(highlight=False, width=_PIPED_WIDTH)
