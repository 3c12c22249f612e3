"""These tests borrow the made-up line of the board's tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "dashboards"))
