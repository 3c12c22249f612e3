"""A production line as physics: machines, buffers, stops and repairs, saying what real machines would say."""
