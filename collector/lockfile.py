"""One collector a store: an operating system lock on a file beside it, gone with the process that held it."""

import sys
from pathlib import Path
from typing import IO

if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class LockFile:
    """Holds ``path`` locked until :meth:`release`. Raises ``BlockingIOError`` when somebody else holds it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")
        try:
            _lock(self._file)
        except OSError as error:  # Windows has another class for it
            self._file.close()
            raise BlockingIOError(f"{path} is locked") from error

    def release(self) -> None:
        """Let others have it. The file stays: removing it would let two hold 'the' lock."""
        self._file.close()
