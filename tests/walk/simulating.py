"""`mes` beside a test: processes that run until Ctrl-C, and end with code 0 and no traceback."""

import signal
import subprocess
import sys
from contextlib import contextmanager

MES = [sys.executable, "-m", "app"]


def mes(*args, cwd, code=0):
    """Everything a command prints, with single spaces; it must end with ``code`` and without a traceback."""
    done = subprocess.run([*MES, *map(str, args)], cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == code, (args, done.stdout, done.stderr)
    return " ".join((done.stdout + done.stderr).split())


@contextmanager
def beside(*args, cwd):
    """A command in a session of its own while inside; whoever ends it asks :func:`ended`."""
    command = [*MES, *map(str, args)]
    process = subprocess.Popen(command, cwd=cwd, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def ended(process, code=0):
    """What it still said; it must end by itself, with ``code`` and without a traceback."""
    said = " ".join(process.communicate(timeout=60)[1].split())
    assert "Traceback" not in said, said
    assert process.returncode == code, said
    return said


@contextmanager
def collector(url, folder, store):
    """What is published at ``url`` while inside is in ``store`` afterwards."""
    with beside("collect", "--broker", url, "--store", store, cwd=folder) as process:
        assert "collecting" in process.stderr.readline()
        yield
        process.send_signal(signal.SIGINT)
        ended(process)
