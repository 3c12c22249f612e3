"""A store with a believable line, and its board."""

import pytest
from made_up_line import NOW_US, make_store
from served_board import serving


@pytest.fixture
def store(tmp_path):
    return make_store(tmp_path / "mes.db", NOW_US)


@pytest.fixture
def board(store):
    with serving(store) as address:
        yield address
