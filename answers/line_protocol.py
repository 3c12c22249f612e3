"""Points as InfluxDB's line protocol: names from ``contract.points``, types fixed, whatever stands in a name escaped.

``measurement,tag=value field=1.0,count=2i,text="…",flag=true 1767571200000000`` - one point a line, instants in µs. A
tag without a value is left out, which InfluxDB reads as empty. Line protocol cannot hold a backslash in a tag before
what is escaped there, nor a line feed: the first becomes a slash, control characters spaces.
"""

from collections.abc import Hashable, Iterable

from contract.points import MACHINE_TAGS, MEASUREMENTS

_CONTROL = dict.fromkeys((*range(32), 127), " ")
_TAG = str.maketrans(dict.fromkeys(_CONTROL, r"\ ") | {ord(mark): f"\\{mark}" for mark in ", ="} | {ord("\\"): "/"})
_TEXT = str.maketrans(_CONTROL | {ord('"'): r"\"", ord("\\"): r"\\"})
#: How a value of that type is written, for the operator ``%``.
_FORMAT = {"float": "%r", "int": "%di", "str": '"%s"', "bool": "%s"}


def tags(names: Iterable[str], values: Iterable[str]) -> str:
    """Tags as they follow a measurement, each with its comma before; a value may be missing at the end."""
    pairs = zip(names, values, strict=False)
    return "".join(f",{name}={value.translate(_TAG)}" for name, value in pairs if value)


def path_tags(path: str) -> str:
    """The tags of a line or machine."""
    return tags(MACHINE_TAGS, path.split("/"))


def text(value: str) -> str:
    """What may stand between the quotes of a field of type ``str``."""
    return value.translate(_TEXT)


def flag(value: bool) -> str:
    """A field of type ``bool``."""
    return "true" if value else "false"


def form(measurement: str, its_tags: str, fields: str) -> str:
    """A whole point as a template for ``%``: ``fields`` as :func:`template` made them."""
    return f"{measurement}{its_tags}".replace("%", "%%") + fields


def template(measurement: str, *fields: str) -> str:
    """Fields and instant as a template for ``%``: ``fields`` in that order, where none is named all there are.

    A field of type ``str`` wants :func:`text`, one of type ``bool`` :func:`flag`.
    """
    types = MEASUREMENTS[measurement].fields
    written = (f"{name}={_FORMAT[types[name]]}" for name in fields or types)
    return f" {','.join(written)} %d"


class Instants:
    """Of points that one series has at one instant, the second and later stand a microsecond later each."""

    def __init__(self) -> None:
        self._taken: set[tuple[Hashable, int]] = set()

    def free(self, series: Hashable, at_us: int) -> int:
        """The first instant from ``at_us`` on at which ``series`` has no point yet; it is taken now."""
        while (series, at_us) in self._taken:
            at_us += 1
        self._taken.add((series, at_us))
        return at_us
