"""Files that a person named: what is wrong with one is said clearly, also when the disk fills up on the way."""

import errno
import io
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from contract.errors import UsageError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class _Named(io.FileIO):
    """A new file, written without a buffer, that knows which option named it."""

    def __init__(self, path: Path, option: str) -> None:
        super().__init__(path, "wb")
        self._path, self._option = path, option

    def write(self, data: "ReadableBuffer", /) -> int:
        """As the base does; raises :class:`UsageError` where that fails, but for a reader of a pipe that went away."""
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _unwritable(self._path, self._option, error) from error


def open_to_write(path: Path, option: str) -> BinaryIO:
    """A new file at ``path``; raises :class:`UsageError` naming the option it came from, now and at every write."""
    try:
        return io.BufferedWriter(_Named(path, option))
    except OSError as error:
        raise _unwritable(path, option, error) from error


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
        if _is_device(path):
            raise UsageError(f"{option} {path} is no file: name one in a folder of yours")
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
            new = Path(folder) / path.name
            with new.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
    except OSError as error:
        raise _unwritable(path, option, error) from error


def require_apart(named: dict[str, Path | None]) -> None:
    """Raise :class:`UsageError` where two options (name → file to write, if any) would write over each other."""
    owners: dict[Path, str] = {}
    for option, path in named.items():
        if path is not None and not _is_device(path):
            other = owners.setdefault(path.resolve(), option)
            if other != option:
                raise UsageError(f"{other} and {option} both name {path}: give each a file of its own")


def _is_device(path: Path) -> bool:
    return path.is_char_device() or path.is_fifo()


def _unwritable(path: Path, option: str, error: OSError) -> UsageError:
    mend = "make room on that disk" if error.errno == errno.ENOSPC else "name a file in a folder of yours"
    return UsageError(f"{option} {path} cannot be written ({error.strerror}): {mend}")
