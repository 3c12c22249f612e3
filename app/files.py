"""Files that a person named: opened with a clear word about what is wrong when they cannot be."""

from pathlib import Path
from typing import BinaryIO

from contract.errors import UsageError


def open_to_write(path: Path, option: str) -> BinaryIO:
    """A new file at ``path``; raises :class:`UsageError` naming the option it came from."""
    try:
        return path.open("wb")
    except OSError as error:
        raise UsageError(
            f"{option} {path} cannot be written ({error.strerror}): name a file in a folder of yours"
        ) from error


def open_to_read(path: Path, what: str) -> BinaryIO:
    """The file at ``path``; raises :class:`UsageError` saying ``what`` it should have been."""
    try:
        return path.open("rb")
    except OSError as error:
        raise UsageError(f"{what} {path} cannot be read ({error.strerror}): check its name") from error
