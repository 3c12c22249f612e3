"""Files that a person named: a full disk, a reader who goes away, two options that name one file."""

import os
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.files import open_to_write, write_whole
from contract.errors import UsageError

FULL = Path("/dev/full")
resource = pytest.importorskip("resource", reason="Windows has no limits of this kind, nor a disk that is always full")
pytestmark = pytest.mark.skipif(not FULL.exists(), reason="only Linux has a disk that is always full")


@contextmanager
def no_room_beyond(size):
    """Files of this process grow up to ``size`` bytes and no further."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [1, 1 << 20], ids=["when it is closed", "while it is written"])
def test_a_disk_that_fills_up_names_the_option_and_the_mend(size):
    with pytest.raises(UsageError, match=r"--out /dev/full .*: make room"), open_to_write(FULL, "--out") as file:
        file.write(bytes(size))


@pytest.mark.parametrize(
    "args",
    [
        ("--out", FULL),
        ("--out", "e.jsonl", "--truth", FULL),
        ("--out", "e.jsonl", "--checkpoint", FULL),
        ("--out", "e.jsonl", "--truth", "./e.jsonl"),
        ("--out", "e.jsonl", "--command-log", "e.jsonl"),
    ],
    ids=lambda args: " ".join(map(str, args)),
)
def test_a_run_that_cannot_be_written_ends_with_the_option_that_is_wrong(args, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["simulate", "--plant", "smt", "--for", "2m", *map(str, args)])
    assert isinstance(done.exception, UsageError)
    assert args[-2] in str(done.exception)
    assert FULL.is_char_device()


def test_a_reader_who_goes_away_is_no_mistake():
    reader, writer = os.pipe()
    os.close(reader)
    with pytest.raises(BrokenPipeError), open_to_write(Path(f"/dev/fd/{writer}"), "--out") as file:
        file.write(bytes(1 << 20))
    os.close(writer)


def test_what_cannot_be_written_whole_leaves_what_was_there_and_nothing_beside_it(tmp_path):
    path = tmp_path / "kept"
    write_whole(path, b"before", "--checkpoint")
    with no_room_beyond(1000), pytest.raises(UsageError, match=r"--checkpoint .* cannot be written"):
        write_whole(path, bytes(2000), "--checkpoint")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
