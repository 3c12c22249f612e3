"""What a page of the board is, what can be asked of it in its address, and which pages there are.

To add one: a module here with ``PAGE = Page(…)``, a module in ``static`` that exports ``page(root)``, and the words
``<name>.title`` and whatever it says. The frame (``shell.html``, ``shell.js``, ``api.py``) does everything else.
Where that module also exports ``stand(data, line)``, what ``read`` gave is kept up to date with how the stations stand.
"""

import pkgutil
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from answers.span import Span
from answers.store import Store
from contract.errors import MesError
from contract.events import Words

Name = Annotated[str, Meta(max_length=300)]
Definition = Literal["tpm", "iso", "nee", "ooe", "teep"]
Basis = Literal["constraint", "mean", "min"]
Picker = Literal["line", "machine", "span"]
#: One table as a spreadsheet takes it: the first row is the heading.
Sheet = list[list[Any]]
_SOME = 12
#: Where msgspec says which parameter it means.
_PARAMETER = re.compile(r"`\$\.(\w+)`")


class Query(Struct, frozen=True):
    """What an address asks for, as text; everything can be left out, and what no page knows is ignored.

    ``line`` and ``machine``: a path or its end. ``span``: ``hour`` (the last 60 minutes), ``shift``, ``last-shift``
    (the last one that is over), ``today``, ``7d`` or ``from..to`` in ISO 8601, in the plant's own time where no offset
    is given. The others belong to single pages.
    """

    line: Name = ""
    machine: Name = ""
    span: Name = "shift"
    definition: Definition = "tpm"
    basis: Basis = "constraint"
    unit: Name = ""
    lot: Name = ""
    order: Name = ""
    of: Name = ""
    code: Name = ""


class Ask(Struct, frozen=True):
    """A :class:`Query` of which everything is known to exist: paths, and the span in which ``now_us`` often lies.

    ``machine`` is empty on pages that show no single one, ``line`` for a store without lines.
    """

    query: Query
    line: str
    machine: str
    span: Span
    now_us: int
    tz: str


class Refused(MesError):
    """Nothing can be shown: ``reason`` is one of ``troubles.TROUBLES``, ``places`` fill those of its words."""

    def __init__(self, reason: str, **places: str) -> None:
        super().__init__(reason, places)
        self.reason, self.places = reason, places


class Page(Struct, frozen=True):
    """One page: its ``name``, its ``path``, its JavaScript ``module`` and what it shows.

    ``read`` answers from the store alone; raising :class:`Refused` or any ``MesError`` shows why not. ``pickers``: what
    a reader chooses in the header. ``sheets``: what can be downloaded of what ``read`` gave, the first by default.
    ``styles`` come after those of the frame; ``place`` orders the navigation. ``within``: the page that stands in the
    navigation for this one, which opens what others show; empty for one that stands there itself.
    """

    name: str
    path: str
    module: str
    read: Callable[[Store, Ask], Any]
    sheets: Mapping[str, Callable[[Any], Sheet]] = {}
    pickers: tuple[Picker, ...] = ("line", "span")
    styles: tuple[str, ...] = ()
    place: int = 50
    within: str = ""


def query_of(params: Mapping[str, str]) -> Query:
    """The parameters of an address → what they ask for; :class:`Refused` for what cannot be meant."""
    try:
        return msgspec.convert(dict(params), Query)
    except msgspec.ValidationError as error:
        place = _PARAMETER.search(str(error))
        raise Refused("query", asked=place[1] if place else "?") from error


def pages() -> tuple[Page, ...]:
    """Every page of this package, in the order of the navigation."""
    modules = (import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return tuple(sorted((module.PAGE for module in modules), key=lambda page: (page.place, page.name)))


def some(names: Sequence[str]) -> str:
    """The first of ``names``, to be shown as what there is."""
    return ", ".join([*names[:_SOME], *(["…"] if len(names) > _SOME else [])]) or "–"


def rows_of(fields: Iterable[str], found: Iterable[object]) -> Sheet:
    """A table of ``fields`` of what was found, under their names."""
    heads = list(fields)
    return [[*heads], *([getattr(one, head) for head in heads] for one in found)]


def plain(text: str) -> Words:
    """A name that is the same in every language."""
    return Words(en=text, vi=text)
