"""A store opened behind everybody's back, to forge it or to look at it."""

import sqlite3
from contextlib import closing, contextmanager


@contextmanager
def database(path):
    """A connection to the SQLite file at ``path``: committed at the end, and closed."""
    with closing(sqlite3.connect(path)) as connection, connection:
        yield connection
