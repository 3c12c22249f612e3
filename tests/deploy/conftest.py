"""A folder that other users may pass through: pytest's own are closed to all but who runs it."""

import shutil
import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def ground():
    folder = Path(tempfile.mkdtemp(prefix="mes-deploy-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)
