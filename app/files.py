"""Files that a person named: opened with a clear word about what is wrong when they cannot be."""

import os
import tempfile
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


def write_whole(path: Path, data: bytes, option: str) -> None:
    """Put ``data`` at ``path``, all or nothing: whoever reads it meanwhile, or after a crash, has the old one whole.

    Raises :class:`UsageError` naming the option it came from.
    """
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as new:
            new.write(data)
            new.flush()
            os.fsync(new.fileno())
        os.replace(new.name, path)  # noqa: PTH105 - the same as Path.replace
    except OSError as error:
        raise UsageError(
            f"{option} {path} cannot be written ({error.strerror}): name a file in a folder of yours"
        ) from error
