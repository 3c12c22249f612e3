"""The kinds of mess a network and its devices make, how often each happens, and how a person asks for them.

What a perfect collector can still prove under each kind (:attr:`KindInfo.proof`):

    equal     its store is the truth to the microsecond: nothing was withheld that sequence, boot, totals or patience
              would not bring back
    covered   what it claims is true, and what it cannot know it shows as unknown time; production never above truth
    close     the machine itself said wrong times: every state and part is there, its edges off by what the clock was

The kinds of ``equal`` stay equal together. What a line says (calendar, order) is doubled at most: no machine's time
can be judged before its calendar is there.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from contract.errors import UsageError

MESSAGE, INCIDENT, SHARE, SECONDS = "of messages", "per machine and hour", "of machines", "s"


class KindInfo(msgspec.Struct, frozen=True):
    """What a kind does, its ``default`` rate and the ``most`` it may be, both in ``unit``; see above for ``proof``."""

    does: str
    default: float
    unit: str
    most: float
    proof: Literal["equal", "covered", "close"]


def _message(does: str, default: float, proof: Literal["equal", "covered", "close"]) -> KindInfo:
    return KindInfo(does, default, MESSAGE, 1.0, proof)


def _incident(does: str, default: float, proof: Literal["equal", "covered", "close"]) -> KindInfo:
    return KindInfo(does, default, INCIDENT, 60.0, proof)


KINDS: dict[str, KindInfo] = {
    "duplicates": _message("a message comes again, or a whole batch does, soon or minutes later", 0.05, "equal"),
    "reorder": _message("a message is overtaken by others, up to two minutes of event time", 0.1, "equal"),
    "late": _incident("half a minute to two of a machine's messages come 1 to 10 minutes late", 1.0, "covered"),
    "lost": _message("a message vanishes", 0.01, "covered"),
    "offline": _incident(
        "a machine's link is lost for 2 to 60 minutes; what it says then comes after it", 0.3, "equal"
    ),
    "reboot": _incident(
        "a controller is off for 5 to 90 s and starts again, its sequence and totals from 0", 0.3, "covered"
    ),
    "rollover16": KindInfo("counters roll over at 65536, soon after the start", 0.5, SHARE, 1.0, "equal"),
    "rollover32": KindInfo("counters roll over at 4294967296, soon after the start", 0.5, SHARE, 1.0, "equal"),
    "stale_retained": _incident("an old state is delivered as retained, as on subscribing", 2.0, "equal"),
    "skew": KindInfo("a machine's clock is off, at most by this much, and drifts", 2.0, SECONDS, 60.0, "close"),
    "clock_back": _incident(
        "a machine's clock is set back 1 to 120 s, and right again 5 to 20 minutes later", 0.3, "close"
    ),
    "stuck": _incident(
        "what a machine says does not get out for 1 to 15 minutes, only its heartbeats do", 0.5, "covered"
    ),
    "ghost_will": _incident("a last will of an unknown machine, or of a living one by mistake", 0.5, "equal"),
    "malformed": _message("a message that is none is sent beside the good one", 0.01, "equal"),
}

_FORM = "write it like all, or duplicates,lost=0.02,offline=off"


class MessSettings(msgspec.Struct, frozen=True):
    """Rates by kind, in the unit of the kind; a kind that is not there does not happen."""

    rates: Mapping[str, float]


def parse_mess(text: str) -> MessSettings:
    """``all`` or ``duplicates,lost=0.02`` → settings; what is said later counts. Raises :class:`UsageError`."""
    rates: dict[str, float] = {}
    for wish in filter(None, (part.strip() for part in text.split(","))):
        kind, has_rate, rate = wish.partition("=")
        for each in KINDS if kind == "all" else (kind,):
            rates[each] = _parse_rate(each, rate) if has_rate else check_rate(each)
    if not rates:
        raise UsageError(f"no kind of mess is named: {_FORM}; kinds: {', '.join(KINDS)}")
    return MessSettings(rates)


def check_rate(kind: str, rate: float | None = None) -> float:
    """``rate`` (default: that of the kind), if it is one that ``kind`` may have. Raises :class:`UsageError`."""
    info = KINDS.get(kind)
    if info is None:
        raise UsageError(f"{kind!r} is not a kind of mess: {_FORM}; kinds: {', '.join(KINDS)}")
    value = info.default if rate is None else rate
    if not 0 <= value <= info.most:
        raise UsageError(f"{kind}={value:g} is not a rate: it goes from 0 (off) to {info.most:g} {info.unit}")
    return value


def _parse_rate(kind: str, text: str) -> float:
    words: dict[str, float | None] = {"off": 0.0, "on": None}
    try:
        rate = words[text] if text in words else float(text)
    except ValueError as error:
        raise UsageError(f"{kind}={text} is not a rate: {_FORM}") from error
    return check_rate(kind, rate)
