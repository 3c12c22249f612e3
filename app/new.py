"""``mes new plant``: a plant file to begin with, commented in both languages."""

import re
import unicodedata
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from contract.errors import UsageError

_LONGEST = 60


class What(StrEnum):
    """What can be begun."""

    PLANT = "plant"


def new(
    what: Annotated[What, typer.Argument(metavar="plant", help="What to begin.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="What you call it, e.g. 'Tan Chi workshop'.")],
    path: Annotated[
        Path | None, typer.Option("--path", metavar="FILE", help="Where to write it. Else: NAME.toml, here.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a plant file of your own to begin with: a small line with comments in English and Vietnamese.

    Example: `mes new plant "Tan Chi workshop"`
    """
    text = starter(name)
    file = Path(f"{plant_id(name)}.toml") if path is None else path
    if file.suffix != ".toml":
        raise UsageError(f"--path {file}: a plant file ends in .toml: write {file.with_suffix('.toml')}")
    try:
        with file.open("w" if force else "x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError as error:
        raise UsageError(f"{file} is there already: choose another --path, or --force to write over it") from error
    except OSError as error:
        raise UsageError(f"{file} cannot be written ({error.strerror}): name a file in a folder of yours") from error
    shown = f'"{file}"' if " " in str(file) else file
    typer.echo(f"the {what} is in {file}: open it in an editor. Then:\n  mes check {shown}\n  mes demo --plant {shown}")


def starter(name: str) -> str:
    """The text of a plant file for a plant of that name."""
    if not 0 < len(name) <= _LONGEST or not name.isprintable() or re.search(r'["\\{}]', name):
        raise UsageError(
            f"{name!r} cannot be a name: use 1 to {_LONGEST} characters, without quotes, '\\', '{{' and '}}'"
        )
    made = plant_id(name)
    template = (files("app") / "starter.toml").read_text("utf-8")
    return template.format(name=name, id=made, order=made[:19].strip("-_").upper())


def plant_id(name: str) -> str:
    """``Xưởng Tân Chi`` → ``xuong-tan-chi``, which can stand in a topic; :class:`UsageError` if nothing is left."""
    plain = unicodedata.normalize("NFKD", name.lower().replace("đ", "d"))
    found = re.sub(r"[^a-z0-9_]+", "-", "".join(sign for sign in plain if not unicodedata.combining(sign))).strip("-_")
    if not found:
        raise UsageError(f"{name!r} has no letter a topic could be made of: use some of a to z or 0 to 9")
    return found
