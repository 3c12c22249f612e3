"""The store of known_store, as a file and opened to read."""

import sqlite3

import pytest
from known_store import fill

from answers.store import Store


@pytest.fixture
def path(tmp_path):
    """The file of the store above."""
    file = tmp_path / "mes.db"
    connection = sqlite3.connect(file)
    fill(connection)
    connection.close()
    return file


@pytest.fixture
def store(path):
    """The store above, opened to read."""
    with Store.open(path) as opened:
        yield opened
