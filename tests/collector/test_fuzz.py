"""Any bytes on any topic: no crash, no growth, all counted. `bench/fuzz.py` takes a million."""

import pytest

from bench.fuzz import fuzz, has_grown


@pytest.mark.parametrize("seed", [1, 2])
def test_fifty_thousand_broken_messages(seed, tmp_path):
    done = fuzz(25_000, seed, tmp_path)
    assert done.events > 20_000
    assert 0 < done.quarantined < done.events
    assert not has_grown(done), done
