"""A station's last hours as short text: one code a minute, so that eight hours of a line are a few kilobytes.

A code names the categories in a minute with their whole seconds, ``e52s8`` being 52 s of execute and 8 s of starved;
a category that fills the minute stands alone (``e``), a minute without evidence is empty. A lane joins its minutes
with commas, ``code*n`` standing for n equal ones: ``e*30,e52s8,,,p*15``.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

import msgspec

from answers.commands import Note
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
_PART = re.compile(r"([a-z])(\d*)")
_COLUMNS = tuple((LETTERS[category], f"{category}_us") for category in BOOKED)


def minute_code(sums: Sums, minutes: int = 1) -> str:
    """The code of one minute, or of several together in sixtieths; rounded so that they are never more than 60."""
    code, booked_us, booked_s = "", 0, 0
    for letter, column in _COLUMNS:
        booked_us += getattr(sums, column)
        seconds = round(booked_us / minutes / 1e6) - booked_s
        booked_s += seconds
        if seconds == 60:
            return letter
        if seconds:
            code += f"{letter}{seconds}"
    return code


class Lanes(msgspec.Struct, frozen=True):
    """Station id → lane over ``count`` steps of ``step_us`` from ``from_us`` on: whole minutes, the sixtieth as ``1``.

    So a code means the same for a step as for a minute: parts of sixty.
    """

    from_us: int
    step_us: int
    count: int
    lanes: dict[str, str]


def lanes_over(minutes: Mapping[str, Iterable[tuple[int, Sums]]], from_us: int, to_us: int) -> Lanes:
    """Station id → (minute µs, sums) over [from_us, to_us), on minutes → its lanes, at most :data:`MINUTES` steps."""
    asked = (to_us - from_us) // MINUTE_US
    step = -(-asked // MINUTES)
    count = -(-asked // step)
    step_us = step * MINUTE_US
    texts = {}
    for station, found in minutes.items():
        steps: dict[int, Sums] = {}
        for minute_us, sums in found:
            start_us = minute_us - (minute_us - from_us) % step_us
            steps[start_us] = steps[start_us] + sums if start_us in steps else sums
        codes = {start_us: minute_code(sums, step) for start_us, sums in steps.items()}
        texts[station] = lane(codes, from_us, step_us, count)
    return Lanes(from_us, step_us, count, texts)


def time_sheet(found: Lanes) -> list[list[str | float]]:
    """What the lanes show as a table: each station's time in each category, s."""
    rows: list[list[str | float]] = [["station", *BOOKED]]
    for station, text in found.lanes.items():
        sixtieths: Counter[str] = Counter()
        for run in text.split(","):
            code, _, count = run.partition("*")
            for letter, share in _PART.findall(code):
                sixtieths[letter] += int(share or 60) * int(count or 1)
        rows.append([station, *(sixtieths[LETTERS[category]] * found.step_us / 60e6 for category in BOOKED)])
    return rows


def marks_sheet(notes: Iterable[Note]) -> list[list[Any]]:
    """The marks over the lanes as a table: what was asked of whom, by whom, and what became of it."""
    wanted = ("verb", "code", "mode", "product", "order", "quantity", "value", "duration_s", "by")
    heads = ["ts_us", "path", *wanted, "text_en", "text_vi", "accepted", "why", "detail"]
    return [heads, *(_mark(note, wanted) for note in notes)]


def _mark(note: Note, wanted: Iterable[str]) -> list[Any]:
    said = note.asked.text
    asked = [getattr(note.asked, name) for name in wanted]
    text = [said.en, said.vi] if said else ["", ""]
    return [note.ts_us, note.path, *asked, *text, note.accepted, note.why, note.detail]


def lane(codes: dict[int, str], from_us: int, step_us: int = MINUTE_US, count: int = MINUTES) -> str:
    """Codes by the start (µs) of their minute or step → the text of ``count`` of them from ``from_us`` on."""
    minutes = (codes.get(from_us + place * step_us, "") for place in range(count))
    runs = ((code, len(list(same))) for code, same in groupby(minutes))
    return ",".join(f"{code}*{count}" if count > 1 else code for code, count in runs)


def changed(before: dict[int, str], after: dict[int, str]) -> dict[int, str]:
    """Minutes (µs) of ``after`` that ``before`` did not have, or had otherwise."""
    return {minute: code for minute, code in after.items() if before.get(minute) != code}
