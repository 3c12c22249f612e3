"""The words in which a plant file is told its mistakes: where, what, and how to mend it (:class:`PlantError`)."""

import math
import re
from collections.abc import Iterable
from difflib import get_close_matches

import msgspec

from contract.errors import PlantError
from contract.states import REASONS
from simulator.sampling import Distribution

#: No number of a plant file is larger: a million minutes are two years, and every time still fits into 64 bits of µs.
LARGEST = 1_000_000
_MOST_VARIED = 10  # a cv above this draws single times that outlast the plant
# A segment of a topic; lower case because file systems and InfluxDB users type it.
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
# What an ERP numbers: products, orders, materials. No spaces: codes are stored with a space between them.
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def require(holds: bool, where: str, mend: str) -> None:
    """Raise :class:`PlantError` (``where: mend``) unless it holds."""
    if not holds:
        raise PlantError(f"{where}: {mend}")


def require_id(where: str, value: str) -> None:
    """It can be a part of a topic."""
    good = _ID.fullmatch(value) is not None
    require(good, where, f"{value!r}: use lower-case letters, digits, '-' and '_', at most 64, starting with no sign")


def require_code(where: str, value: str) -> None:
    """It can be a code of a stop, a defect, a value or a slot."""
    good = _CODE.fullmatch(value) is not None
    require(good, where, f"{value!r}: use lower-case letters, digits and '_', at most 64, starting with a letter")


def require_reason(where: str, value: str) -> None:
    """It can be the reason of a machine's own stop."""
    require_code(where, value)
    require(value not in REASONS, where, f"{value!r} already means something else: choose another")


def require_number(where: str, value: str, longest: int = 64) -> None:
    """It can be the number under which an ERP knows a product, an order or a material."""
    good = _NUMBER.fullmatch(value) is not None and len(value) <= longest
    require(good, where, f"{value!r}: use letters, digits, '.', '-' and '_', at most {longest}, starting with no sign")


def require_distinct(where: str, ids: Iterable[str]) -> None:
    """None is there twice."""
    seen: set[str] = set()
    for one in ids:
        require(one not in seen, where, f"{one!r} is there twice: give each its own")
        seen.add(one)


def require_known(where: str, value: str, what: str, known: Iterable[str]) -> None:
    """``value`` is the id of one of the things of that kind; if not, the nearest is proposed."""
    there = list(known)
    if value in there:
        return
    near = get_close_matches(value, there, n=1)
    mend = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(there)}" if there else "there is none"
    raise PlantError(f"{where}: there is no {what} {value!r}: {mend}")


def require_share(where: str, value: float) -> None:
    """It is a probability."""
    require(0 <= value <= 1, where, f"{value:g} is a probability: 0 to 1")


def require_count(where: str, value: int, most: int = LARGEST) -> None:
    """It is a whole number of things, at least one."""
    require(1 <= value <= most, where, f"{value} must be from 1 to {most}")


def require_above_0(where: str, value: float, least: float = 0.0) -> None:
    """It is a time or an amount that can be."""
    require(0 < value <= LARGEST, where, f"{value:g} must be greater than 0 and at most {LARGEST}")
    require(value >= least, where, f"{value:g} must be at least {least:g}")


def require_possible(where: str, distribution: Distribution | None, least: float = 0.0) -> None:
    """Its draws can be, and the middle of them is not below ``least`` (in its own unit)."""
    if distribution is None:
        return
    mistake = distribution.mistake()
    require(mistake is None, where, mistake or "")
    given = {name: value for name, value in msgspec.structs.asdict(distribution).items() if value is not None}
    for name, value in given.items():
        largest = _MOST_VARIED if name == "cv" else LARGEST
        require(value <= largest, where, f"{name} = {value:g}: it must be at most {largest}")
    middle = max(given.get(name, 0) for name in ("value", "mean", "median", "mode", "high"))
    require(middle >= least, where, f"{middle:g} is too little: it must be at least {least:.3g}")


def require_finite(document: object, where: str = "") -> None:
    """No number anywhere in a file's tables is ``inf`` or ``nan``."""
    if isinstance(document, dict):
        for key, value in document.items():
            require_finite(value, f"{where}.{key}" if where else key)
    elif isinstance(document, list):
        for index, value in enumerate(document):
            require_finite(value, f"{where}[{index}]")
    elif isinstance(document, float):
        require(math.isfinite(document), where, f"{document} is no number that can be worked with: write one")
