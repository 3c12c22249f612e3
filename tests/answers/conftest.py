"""The stores of known_store and panel_store, as files and opened to read; made once, copied for each test."""

import shutil
import sqlite3

import known_store
import panel_store
import pytest

from answers.store import Store


def made(file, fill):
    connection = sqlite3.connect(file)
    fill(connection)
    connection.close()
    return file


@pytest.fixture(scope="session")
def templates(tmp_path_factory):
    """Both files, not to be written to."""
    folder = tmp_path_factory.mktemp("stores")
    return made(folder / "mes.db", known_store.fill), made(folder / "panels.db", panel_store.fill)


@pytest.fixture
def path(templates, tmp_path):
    """The file of known_store."""
    return shutil.copy(templates[0], tmp_path / "mes.db")


@pytest.fixture
def store(path):
    """The store of known_store, opened to read."""
    with Store.open(path) as opened:
        yield opened


@pytest.fixture
def panel_path(templates, tmp_path):
    """The file of panel_store."""
    return shutil.copy(templates[1], tmp_path / "panels.db")


@pytest.fixture
def panels(panel_path):
    """The store of panel_store, opened to read."""
    with Store.open(panel_path) as opened:
        yield opened
