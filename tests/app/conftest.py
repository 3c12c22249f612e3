"""These tests borrow the made-up line of the board's tests and the lines known by heart of the answers'."""

import sys
from pathlib import Path

for folder in ("dashboards", "answers"):
    sys.path.insert(0, str(Path(__file__).parent.parent / folder))
