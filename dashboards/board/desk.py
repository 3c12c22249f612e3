"""The instructor's desk as the board sees it: what can be asked for, within which limits, and what it shows. Pure.

browser ─→ parse_action() ─→ Desk.do() ─→ Outcome        whoever runs the plant is behind Desk; the board has none
everybody's wall ←─ Notice ←─ Desk.announce_to()
"""

from collections.abc import Callable
from typing import Annotated, Protocol

import msgspec
from msgspec import Meta, Struct

from answers.commands import Note
from contract.errors import UsageError
from contract.events import Words

#: The largest body of a request, bytes.
BODY_LIMIT = 4096
#: The fastest that time goes at the desk, times real time.
FASTEST = 600.0
#: Why the desk itself refuses; a plant's own reasons are ``simulator.refusal.WHYS``. Each has a word ``why.<why>``.
WHYS = ("asked", "not_ours", "unheard", "session", "pace", "pin", "path", "silent", "no_shifts", "no_story", "influx",
        "busy", "failed")  # fmt: skip

_Id = Annotated[str, Meta(max_length=64)]
_Path = Annotated[str, Meta(max_length=300)]


class Command(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="command"):
    """A verb of ``docs/commands`` for the machine or line at ``path``; the fields are those of the contract."""

    path: _Path
    verb: _Id
    code: _Id = ""
    duration_s: Annotated[float, Meta(gt=0, le=86_400)] | None = None
    value: Annotated[float, Meta(ge=0, le=1000)] | None = None
    order: _Id = ""
    product: _Id = ""
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None


class Mess(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="mess"):
    """A kind of mess at its own rate, or off."""

    kind: _Id
    on: bool


class Speed(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="speed"):
    """Plant time ÷ wall time; 0 is a pause."""

    value: Annotated[float, Meta(ge=0, le=FASTEST)]


class Jump(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="jump"):
    """As fast as it goes to the end of the shift, or to the next beginning of one."""


class Reset(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="reset"):
    """Everything anew: the same plant, another store, this seed."""

    seed: Annotated[int, Meta(ge=0, le=999_999)]


class Play(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="story"):
    """Play a story from its beginning; without a name, end the one that plays."""

    name: _Id = ""


class Say(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="say"):
    """Say something to everybody; nothing but blanks takes back what was said."""

    text: Words


Action = Command | Mess | Speed | Jump | Reset | Play | Say
_decoder = msgspec.json.Decoder(Action)


class Unable(UsageError):
    """What cannot be done at this desk; ``why`` is one of :data:`WHYS`."""

    def __init__(self, why: str, detail: str) -> None:
        super().__init__(detail)
        self.why = why


def parse_action(body: bytes) -> Action:
    """The body of a request → what is asked for. Raises :class:`Unable` for what cannot be meant."""
    try:
        action: Action = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unable("asked", str(error)) from error
    return action


class Choice(Struct, frozen=True):
    """Something to choose: a fault, a slot, a product."""

    id: str
    name: Words


class DeskMachine(Struct, frozen=True):
    """A machine, what can break it and what it can run out of."""

    path: str
    name: Words
    faults: list[Choice]
    slots: list[Choice]


class DeskLine(Struct, frozen=True):
    """A line, what it makes, and its machines; ``beat_s`` is the ideal time per part of its constraint."""

    path: str
    name: Words
    products: list[Choice]
    machines: list[DeskMachine]
    beat_s: float


class DeskMess(Struct, frozen=True):
    """A kind of mess; ``rate`` 0 is off, in the unit of the kind."""

    kind: str
    rate: float


class DeskStory(Struct, frozen=True):
    """A story that can be played here."""

    name: str
    title: Words
    about: Words


class Deed(Struct, frozen=True):
    """Something that was done at the desk, as a command to ``who``: none for what was done to all of the plant."""

    note: Note
    who: Words | None = None


class Outcome(Struct, frozen=True, omit_defaults=True):
    """Whether it was done; ``detail`` says why not, ``why`` as a word ``why.<why>``. ``did``: what is shown of it."""

    accepted: bool
    detail: str = ""
    why: str = ""
    did: Deed | None = None


class DeskState(Struct, frozen=True):
    """All that the desk shows. ``speed`` as :class:`Speed`, none for as fast as it goes.

    ``story``: what plays, and its ``caption`` now; ``busy``: everything is being made anew; ``no_reset``: why that
    cannot be done here, as a word ``why.<why>``.
    """

    now_us: int
    tz: str
    speed: float | None
    jumps: bool
    busy: bool
    no_reset: str
    seed: int
    lines: list[DeskLine]
    mess: list[DeskMess]
    stories: list[DeskStory]
    story: str
    caption: Words | None
    done: list[Deed]


class Notice(Struct, frozen=True):
    """What every page shows beside its charts: a story's ``caption``, what was ``said``, time that does not go 1×.

    ``stage`` is the path of the line where the story plays, ``did`` the last deed, for a minute.
    """

    title: Words | None = None
    caption: Words | None = None
    stage: str = ""
    said: Words | None = None
    speed: float | None = 1.0
    jumps: bool = False
    did: Deed | None = None


class Desk(Protocol):
    """What can be done to the plant that the board shows. Whatever is done is a command, kept as all commands are."""

    def state(self) -> DeskState:
        """How it is now."""

    async def do(self, action: Action) -> Outcome:
        """Do it, or say why not."""

    def announce_to(self, tell: Callable[[Notice], None]) -> None:
        """Call ``tell`` with what every wall is to show, now and at every change, instead of whom it told before."""
