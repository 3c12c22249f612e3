"""The ``mes`` command: the one place that knows every room and puts them together."""
