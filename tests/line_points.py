"""Points as a reader of line protocol sees them, and a store's spool turned into points as the sender does it."""

import re
from contextlib import ExitStack, closing

from answers.points import batch
from answers.store import Store
from collector.spool_queue import SpoolQueue
from contract.points import MEASUREMENTS

KEYS, ROWS = 700, 900
# A character, or an escaped one; in quotes, anything but a quote.
_PLAIN, _QUOTED = r"(?:\\.|[^\\, =])+", r'"(?:\\.|[^"\\])*"'
_HEAD = re.compile(rf"(?P<name>{_PLAIN})(?P<tags>(?:,{_PLAIN}={_PLAIN})*) ")
_PAIR = re.compile(rf"(?P<key>{_PLAIN})=(?P<value>{_QUOTED}|{_PLAIN})")
_READ = {
    "float": float,
    "int": lambda text: int(text.removesuffix("i")) if text.endswith("i") else None,
    "str": lambda text: re.sub(r"\\(.)", r"\1", text[1:-1]) if text[0] == text[-1] == '"' else None,
    "bool": {"true": True, "false": False}.get,
}


def parsed(line):
    """A line → (measurement, tags, instant), fields; every type is what the contract says, or it is a mistake."""
    text = line.decode()
    head = _HEAD.match(text)
    measurement = MEASUREMENTS[head["name"]]
    tags = {one["key"]: re.sub(r"\\(.)", r"\1", one["value"]) for one in _PAIR.finditer(head["tags"])}
    assert set(tags) <= set(measurement.tags), text
    body, _, at = text[head.end() :].rpartition(" ")
    fields = {one["key"]: _READ[measurement.fields[one["key"]]](one["value"]) for one in _PAIR.finditer(body)}
    assert fields, text
    assert None not in fields.values(), text
    assert all(value == value for value in fields.values()), text  # noqa: PLR0124 - what is not itself is no number
    return (measurement.name, tuple(sorted(tags.items())), int(at)), fields


class Outlet:
    """The spool of the store at ``path``; ``points`` are what a database would hold by now."""

    def __init__(self, path):
        self.points = {}
        self._stack = ExitStack()
        self._queue = self._stack.enter_context(closing(SpoolQueue(path)))
        self.store = self._stack.enter_context(Store.open(path))

    def drain(self, write=None):
        """Send all that waits; ``write(suffix, lines)`` gets each batch too."""
        while entries := self._queue.take(KEYS, ROWS):
            for suffix, lines in batch(self.store, entries).items():
                self.points.update(map(parsed, lines))
                if write is not None and lines:
                    write(suffix, lines)
            self._queue.done(entries)

    def of(self, measurement):
        """(tags, instant, fields) of all points of one measurement."""
        return [(dict(tags), at, fields) for (name, tags, at), fields in self.points.items() if name == measurement]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stack.close()
