"""Stories: those that come with the program play where they should; a mistake in one is named with its place."""

import pytest

from app.demo import stories_of
from app.desk import lines_of_park, shift_edge
from app.serve import qr_code
from app.story import StoryError, check_cast, command_of, load_story, parse_story, path_of, story_names
from contract.instants import HOUR_US
from simulator.plant_file import load_park, load_plant

HEAD = 'title = { en = "A", vi = "B" }\nabout = { en = "C", vi = "D" }\n'


def story(*steps):
    return HEAD + "".join(f"[[steps]]\n{step}\n" for step in steps)


@pytest.mark.parametrize("name", story_names())
@pytest.mark.parametrize("plant", ["phone", "smt"])
def test_what_is_shipped_is_a_scene_of_three_minutes_with_both_languages(name, plant):
    found, lines = load_story(name), lines_of_park(load_park(plant))
    if (name, plant) == ("reel", "smt"):
        with pytest.raises(StoryError, match="nothing to starve"):
            check_cast(found, lines)
        return
    check_cast(found, lines)
    assert 150 <= found.steps[-1].at_s <= 180
    assert all(step.caption is None or bool(step.caption.en) == bool(step.caption.vi) for step in found.steps)
    captions = [step.caption.en for step in found.steps if step.caption]
    assert captions[-1] == ""
    for step in found.steps:
        if step.machine:
            assert path_of(step, lines).endswith(f"/{step.machine}")
            assert command_of(step).verb == step.do


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title =", "not TOML"),
        (HEAD, "steps"),
        ("steps = []\n" + HEAD, "no steps"),
        (story("at_s = 1"), "says nothing"),
        (story('at_s = -1\ndo = "speed"'), "at_s"),
        (story('at_s = 9999\ndo = "speed"'), "at_s"),
        (story('at_s = nan\ndo = "speed"\nvalue = 1'), "at_s"),
        (story('at_s = 1\ndo = "brake"\nmachine = "printer"'), "did you mean 'break'"),
        (story('at_s = 1\ndo = "break"\nduration_s = 5'), "say which"),
        (story('at_s = 1\ndo = "break"\nmachine = "printer"'), "wants duration_s"),
        (story('at_s = 1\ndo = "repair"\nmachine = "printer"\nvalue = 3'), "takes no value"),
        (story('at_s = 1\ndo = "speed"'), "wants a value"),
        (story('at_s = 1\ndo = "speed"\nvalue = 601'), "wants a value"),
        (story('at_s = 1\ndo = "mess_on"\nkind = "flood"'), "is no mess"),
        (story('at_s = 1\ndo = "speed"\nvalue = 2\nkind = "lost"'), "kind is for"),
        (story('at_s = 1\nmachne = "printer"'), "did you mean 'machine'"),
        (story('at_s = 1\ncaption = { en = "a", vi = "" }'), "in one language"),
        (story('at_s = 1\ncaption = { en = "a" }'), "vi"),
        (story(f'at_s = 1\ncaption = {{ en = "{"x" * 201}", vi = "b" }}'), "length <= 200"),
        (story('at_s = 5\ncaption = { en = "", vi = "" }', 'at_s = 4\ndo = "speed"\nvalue = 1'), "order of time"),
        (story(*['at_s = 1\ndo = "speed"\nvalue = 1'] * 201), "more than 200"),
    ],
)
def test_a_mistake_is_named_with_its_place(text, message):
    with pytest.raises(StoryError, match=message) as caught:
        parse_story(text, "mine.toml")
    assert str(caught.value).startswith("mine.toml")


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ('do = "repair"\nmachine = "no_such"', "no machine 'no_such'"),
        ('do = "break"\nmachine = "printer"\nduration_s = 5\ncode = "hiccup"', "it has .*stencil_clogged"),
        ('do = "break_line"\nline = "nowhere"\nduration_s = 5', "no line 'nowhere'"),
        ('do = "order"\norder = "X"\nproduct = "car"\nquantity = 5', "no product 'car'"),
    ],
)
def test_a_story_for_another_plant_is_refused(step, message):
    with pytest.raises(StoryError, match=message):
        check_cast(parse_story(story(f"at_s = 1\n{step}"), "mine.toml"), lines_of_park(load_park("smt")))


def test_a_file_that_is_not_there_or_no_text_is_said(tmp_path):
    with pytest.raises(StoryError, match="use one of bottleneck, counter, reel, stencil"):
        load_story("no_such")
    with pytest.raises(StoryError, match="cannot be read"):
        load_story(str(tmp_path / "none.toml"))
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(StoryError, match="UTF-8"):
        load_story(str(tmp_path / "bad.toml"))


def test_the_story_that_was_asked_for_comes_first(tmp_path):
    park = load_park("phone")
    assert [one.name for one in stories_of("reel", park)][:1] == ["reel"]
    assert len(stories_of("reel", park)) == len(stories_of(None, park)) == len(story_names())
    with pytest.raises(StoryError):
        stories_of("stencil", load_park("steel"))


def test_a_jump_leads_to_the_end_of_the_shift_or_the_next_beginning():
    plant = load_plant("phone")
    begin_us = plant.default_start_us
    first = shift_edge(plant, begin_us)
    assert begin_us < first <= begin_us + 12 * HOUR_US
    assert first < shift_edge(plant, first) <= first + 24 * HOUR_US


def test_a_qr_code_is_drawn_in_blocks():
    drawn = qr_code("http://192.168.1.7:8000/")
    lines = [line for line in drawn.splitlines() if line]
    assert len(lines) > 10
