"""The words everyone shares: states, events, topics, rows and formulas. Imports nothing of ours, does no I/O."""
