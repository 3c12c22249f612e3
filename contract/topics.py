"""The topic tree: the only place that builds or parses a topic or a path.

    mes/v1/{enterprise}/{site}/{area}/{line}/{machine}/{kind}     what a machine says
    mes/v1/{enterprise}/{site}/{area}/{line}/{kind}               what a line says
    …/cmd and …/cmd/reply                                         a wish for one of them, and its answer
    mes/control/mess                                              a wish for a running simulator

after ISA-95's equipment hierarchy. A *path* is the part between version and kind; it names a machine or a line
everywhere in the store too.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from contract.errors import BadPayload

ROOT = "mes"
VERSION = "v1"
PREFIX = f"{ROOT}/{VERSION}/"
#: What a collector subscribes to: everything of this version.
EVERYTHING = f"{PREFIX}#"
#: Outside the telemetry: what a running simulator is asked to make a mess of.
MESS = f"{ROOT}/control/mess"

_SEGMENT_LIMIT = 64
_FORBIDDEN = frozenset("+#") | {chr(code) for code in (*range(32), 127)}


class Kind(StrEnum):
    """The last segment of a topic."""

    STATE = "state"
    COUNT = "count"
    INFO = "info"
    HEARTBEAT = "heartbeat"
    LINK = "link"
    LINE = "line"
    CALENDAR = "calendar"
    ORDER = "order"
    PROGRESS = "progress"
    BOOK = "book"
    UNIT = "unit"
    VALUE = "value"
    MATERIAL = "material"
    ALARM = "alarm"
    COMMAND = "cmd"
    REPLY = "cmd/reply"


_COMMAND_KINDS = frozenset({Kind.COMMAND, Kind.REPLY})
MACHINE_KINDS = _COMMAND_KINDS | {
    Kind.STATE, Kind.COUNT, Kind.INFO, Kind.HEARTBEAT, Kind.LINK, Kind.UNIT, Kind.VALUE, Kind.MATERIAL, Kind.ALARM,
}  # fmt: skip
LINE_KINDS = _COMMAND_KINDS | {Kind.LINE, Kind.CALENDAR, Kind.ORDER, Kind.PROGRESS, Kind.BOOK, Kind.LINK}
#: Kept by the broker for whoever subscribes later.
RETAINED = frozenset({Kind.STATE, Kind.INFO, Kind.LINK, Kind.LINE, Kind.CALENDAR, Kind.ORDER, Kind.PROGRESS, Kind.BOOK})
_KINDS = {str(kind): kind for kind in Kind}
_REPLY_END = f"/{Kind.REPLY}"


class Address(NamedTuple):
    """Where something stands in the plant; ``machine`` is empty for a line."""

    enterprise: str
    site: str
    area: str
    line: str
    machine: str = ""

    @property
    def path(self) -> str:
        """``enterprise/site/area/line[/machine]``."""
        return "/".join(self if self.machine else self[:4])

    @property
    def line_path(self) -> str:
        """The path of the line it belongs to (its own, for a line)."""
        return "/".join(self[:4])


class Topic(NamedTuple):
    """A parsed topic."""

    path: str
    kind: Kind
    is_machine: bool


def address(path: str) -> Address:
    """Path → its parts. ``path`` must be one that :func:`parse` or :class:`Address` made."""
    return Address(*path.split("/"))


def with_lines(paths: Iterable[str]) -> list[str]:
    """``paths`` of machines after those of their lines: whoever can say something, or be told to do something."""
    machines = list(paths)
    return [*dict.fromkeys(address(path).line_path for path in machines), *machines]


def within(path: str, depth: int) -> str:
    """The first ``depth`` levels of a path: 2 name the site it is in, 3 the area."""
    return "/".join(path.split("/")[:depth])


def topic_of(path: str, kind: Kind) -> str:
    """Path and kind → topic."""
    return f"{PREFIX}{path}/{kind}"


def parse(topic: str) -> Topic:
    """Topic → path and kind. Raises :class:`BadPayload` (``bad_topic``, ``unknown_kind``) saying what is wrong."""
    segments = topic.split("/")
    if topic.endswith(_REPLY_END):
        segments[-2:] = [Kind.REPLY]
    if len(segments) not in (7, 8) or segments[0] != ROOT:
        raise BadPayload("bad_topic", f"{topic[:200]!r} is not {PREFIX}enterprise/site/area/line[/machine]/kind")
    if segments[1] != VERSION:
        raise BadPayload("bad_topic", f"version {segments[1][:20]!r}: this program speaks {VERSION}")
    for segment in segments[2:-1]:
        if not segment or len(segment) > _SEGMENT_LIMIT or not _FORBIDDEN.isdisjoint(segment):
            raise BadPayload("bad_topic", f"segment {segment[:80]!r} is empty, too long or has a forbidden character")
    is_machine = len(segments) == 8
    kind = _KINDS.get(segments[-1])
    if kind is None or kind not in (MACHINE_KINDS if is_machine else LINE_KINDS):
        owner = "machine" if is_machine else "line"
        raise BadPayload("unknown_kind", f"{segments[-1][:40]!r} is not a kind of a {owner}")
    return Topic("/".join(segments[2:-1]), kind, is_machine)
