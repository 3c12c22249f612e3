"""A station's last hours as short text: one code a minute, so that eight hours of a line are a few kilobytes.

A code names the categories in a minute with their whole seconds, ``e52s8`` being 52 s of execute and 8 s of starved;
a category that fills the minute stands alone (``e``), a minute without evidence is empty. A lane joins its minutes
with commas, ``code*n`` standing for n equal ones: ``e*30,e52s8,,,p*15``.
"""

from itertools import groupby

from contract.instants import MINUTE_US
from contract.kpi import Sums
from contract.states import BOOKED, Category

#: How far back the timeline shows.
HOURS = 8
MINUTES = HOURS * 60

LETTERS: dict[Category, str] = {
    Category.EXECUTE: "e",
    Category.SETUP: "u",
    Category.BREAKDOWN: "b",
    Category.MINOR_STOP: "m",
    Category.STARVED: "s",
    Category.BLOCKED: "k",
    Category.WAITING: "w",
    Category.PLANNED: "p",
}
_COLUMNS = tuple((LETTERS[category], f"{category}_us") for category in BOOKED)


def minute_code(sums: Sums) -> str:
    """The code of one minute. Seconds are rounded so that together they are never more than the minute."""
    code, booked_us, booked_s = "", 0, 0
    for letter, column in _COLUMNS:
        booked_us += getattr(sums, column)
        seconds = round(booked_us / 1e6) - booked_s
        booked_s += seconds
        if seconds == 60:
            return letter
        if seconds:
            code += f"{letter}{seconds}"
    return code


def lane(codes: dict[int, str], from_us: int) -> str:
    """Codes by minute (µs) → the text of the :data:`MINUTES` from ``from_us`` on."""
    minutes = (codes.get(from_us + place * MINUTE_US, "") for place in range(MINUTES))
    runs = ((code, len(list(same))) for code, same in groupby(minutes))
    return ",".join(f"{code}*{count}" if count > 1 else code for code, count in runs)


def changed(before: dict[int, str], after: dict[int, str]) -> dict[int, str]:
    """Minutes (µs) of ``after`` that ``before`` did not have, or had otherwise."""
    return {minute: code for minute, code in after.items() if before.get(minute) != code}
