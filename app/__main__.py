"""The ``mes`` program: what happens to errors, and to Ctrl-C from the first moment on.

A user's mistake (:class:`contract.errors.MesError`) is one clear message and exit code 2; a negative answer
(``mes score`` finds a difference, ``mes doctor`` something wrong) is exit code 1; a bug of ours is a traceback.
"""

import io
import os
import sys

from contract.errors import MesError


def main() -> None:
    """Entry point of the ``mes`` command. What it says is UTF-8, also in a pipe of Windows or of a bare container."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    try:
        _run()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output went away (`mes kpi | head`): nothing is left to say, and no one to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _run() -> None:
    # Loading it all takes a while, in which somebody may think better of it.
    from app.cli import app  # noqa: PLC0415
    from app.logs import fail  # noqa: PLC0415

    try:
        app()
    except MesError as error:
        fail(str(error))
        sys.exit(2)


if __name__ == "__main__":
    main()
