"""The distribution of a machine's cycle times, and the tables behind its timeline and the marks on it."""

from importlib import import_module
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers.commands import Note
from answers.store import Store
from contract.events import CommandGiven, Words
from dashboards.board.api import answer
from dashboards.board.pages import Query
from dashboards.board.pages.machine import spread
from dashboards.board.timeline import marks_sheet


@given(st.lists(st.floats(0.01, 5000), min_size=1, max_size=200), st.floats(0, 100))
def test_every_part_is_in_one_bar_of_the_distribution(took_s, ideal_s):
    bins = spread(took_s, ideal_s)
    assert sum(one.parts for one in bins) == len(took_s)
    assert all(one.to_s == pytest.approx(after.from_s) for one, after in pairwise(bins))
    assert bins[0].from_s <= min(took_s)
    assert bins[-1].to_s >= max(took_s) - 1e-6
    for one in bins[:-1]:
        within = sum(one.from_s - 1e-6 <= each < one.to_s + 1e-6 for each in took_s)
        surely = sum(one.from_s + 1e-6 <= each < one.to_s - 1e-6 for each in took_s)
        assert surely <= one.parts <= within


def test_the_table_of_the_timeline_is_the_machines_time(store):
    page = import_module("dashboards.board.pages.machine").PAGE
    found = answer(store, page, Query(machine="printer"))
    [heads, row] = page.sheets["times"](found.data)
    with Store.open(store) as opened:
        sums = opened.sums(found.from_us, found.to_us, found.line)[found.machine]
    told = dict(zip(heads, row, strict=True))
    assert told.pop("station") == "printer"
    assert told == {category: pytest.approx(getattr(sums, f"{category}_us") / 1e6, abs=1) for category in told}


def test_the_table_of_the_marks_has_each_with_its_words_and_its_answer():
    told = Words(en="look", vi="nhìn")
    notes = [
        Note(ts_us=1, path="a/b/c/d/printer", asked=CommandGiven("1", "break", code="clog", duration_s=60.0)),
        Note(
            ts_us=2, path="a/b/c/d", asked=CommandGiven("2", "note", by="desk", text=told), accepted=False, why="mode"
        ),
    ]
    heads, *rows = marks_sheet(notes)
    for note, row in zip(notes, rows, strict=True):
        cells = dict(zip(heads, row, strict=True))
        assert (cells["ts_us"], cells["path"], cells["why"]) == (note.ts_us, note.path, note.why)
        assert cells["accepted"] is note.accepted
        assert (cells["verb"], cells["code"], cells["by"]) == (note.asked.verb, note.asked.code, note.asked.by)
        assert cells["duration_s"] == note.asked.duration_s
        assert (cells["text_en"], cells["text_vi"]) == ((told.en, told.vi) if note.asked.text else ("", ""))
