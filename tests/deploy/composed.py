"""The deployment's files, and what Compose's own parser (compose-go, built here by Go) makes of them."""

import functools
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest
from servers import require

ROOT = Path(__file__).parent.parent.parent
COMPOSE = ROOT / "docker-compose.yml"
OVERLAYS = sorted((ROOT / "deploy").glob("*.yml"))
AS_ROOT = hasattr(os, "getuid") and os.getuid() == 0
_PARSER = Path(__file__).parent / "compose"
_FOLDER = tempfile.TemporaryDirectory(prefix="compose-go-")  # gone with this process


@functools.cache
def _parser():
    go = require("go", "golang, 1.21 or later")
    told = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=True).stdout
    if (found := tuple(map(int, re.findall(r"\d+", told)[:2]))) < (1, 21):
        pytest.skip(f"Go {found[0]}.{found[1]} is too old for Compose's parser: 1.21 fetches what it needs")
    binary = Path(_FOLDER.name) / "compose"
    subprocess.run([go, "build", "-o", binary, "."], cwd=_PARSER, check=True, timeout=280)
    return binary


def parse(*files, **environment):
    """(what would start, "") or (None, why it is refused), of the project of ``files``."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [_parser(), *map(str, files)], cwd=ROOT, env=kept | environment, capture_output=True, text=True, check=False
    )
    return (json.loads(done.stdout), "") if done.returncode == 0 else (None, done.stderr)


def services(*files, **environment):
    """Service → its settings, of a project that is in order."""
    project, refusal = parse(COMPOSE, *files, **environment)
    assert project is not None, refusal
    return project["services"]
