"""A store is read wherever its reader may read it, and where not, the mend is said: nobody is shown a traceback."""

import os
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from known_store import LINE

from answers.store import Store
from contract.errors import NoStore, StoreError

pytestmark = pytest.mark.skipif(not hasattr(os, "seteuid"), reason="Windows keeps users apart in another way")

_NOBODY = 65_534


@contextmanager
def as_nobody():
    """A user who owns nothing here; without root's rights we are one to a folder that is closed to its owner too."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.fixture
def shown(path):
    """The store of known_store in a folder that others may only look into."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "mes.db"
        store.write_bytes(Path(path).read_bytes())
        store.chmod(0o444)
        Path(folder).chmod(0o555)
        yield store
        Path(folder).chmod(0o755)


def test_a_store_at_rest_is_read_in_a_folder_that_may_only_be_read(shown):
    with as_nobody(), Store.open(shown) as store:
        assert store.lines() == [LINE]
    assert [file.name for file in shown.parent.iterdir()] == ["mes.db"]


def test_what_is_written_meanwhile_is_seen_in_a_folder_that_may_only_be_read(shown):
    shown.parent.chmod(0o755)
    shown.chmod(0o644)
    with closing(sqlite3.connect(shown)) as writer:
        with writer:
            writer.execute("UPDATE current_state SET total = 4321")
        shown.parent.chmod(0o555)
        with as_nobody():
            store = Store.open(shown)
            before = _totals(store)
        with store:
            with writer:
                writer.execute("UPDATE current_state SET total = 4322")
            with as_nobody():
                assert (before, _totals(store)) == ({4321}, {4322})


def _totals(store):
    return {machine.total for machine in store.current(LINE).values()}


@pytest.mark.parametrize("closed", [".", "mes.db"])
def test_a_store_that_is_kept_from_this_user_says_so(shown, closed):
    (shown.parent / closed).chmod(0o000)
    with as_nobody(), pytest.raises(StoreError, match=r"mes\.db cannot be opened .* let this user read it") as raised:
        Store.open(shown)
    assert not isinstance(raised.value, NoStore)


def test_a_folder_is_no_store(tmp_path):
    with pytest.raises(NoStore, match="is a directory: give the name of a file"):
        Store.open(tmp_path)
