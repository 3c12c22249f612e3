"""A store with a believable line, and its board."""

import pytest
from made_up_line import NOW_US, make_store
from served_board import serving
from simulated import simulate


@pytest.fixture
def store(tmp_path):
    return make_store(tmp_path / "mes.db", NOW_US)


@pytest.fixture
def board(store):
    with serving(store) as address:
        yield address


@pytest.fixture(scope="session")
def plant(tmp_path_factory):
    """Three hours of a plant of two lines, for tests that only look."""
    return simulate(tmp_path_factory.mktemp("phone"), "phone", 1, 3)


@pytest.fixture(scope="session")
def served(plant):
    """Its board."""
    with serving(plant) as address:
        yield address
