"""Stories: those that come with the program play where they should; a mistake in one is named with its place."""

import pytest

from app.cast import cast, castable, lines_of_park
from app.demo import stories_of
from app.playtime import Stopwatch, lasts_us, quiet_from, shift_edge
from app.serve import qr_code
from app.story import StoryError, command_of, load_story, parse_story, story_names
from contract.events import Words
from contract.instants import HOUR_US, SECOND_US
from dashboards.board.desk import Choice, DeskLine, DeskMachine
from simulator.plant_file import load_park, load_plant, plant_names
from simulator.shifts import windows

HEAD = 'title = { en = "A", vi = "B" }\nabout = { en = "C", vi = "D" }\n'


def story(*steps):
    return HEAD + "".join(f"[[steps]]\n{step}\n" for step in steps)


#: Where a story cannot be played, and what it then says.
MISSING = {
    **{("stencil", plant): "no machine 'printer'" for plant in plant_names() if plant not in {"phone", "smt", "park"}},
    ("reel", "smt"): "placer_2 works up no material on this plant",
}


@pytest.mark.parametrize("name", story_names())
@pytest.mark.parametrize("plant", plant_names())
def test_what_is_shipped_is_a_scene_of_three_minutes_in_both_languages_or_says_what_the_plant_lacks(name, plant):
    park, found = load_park(plant), load_story(name)
    lines = lines_of_park(park)
    if (name, plant) in MISSING:
        with pytest.raises(StoryError, match=MISSING[name, plant]) as caught:
            stories_of(name, park)
        assert "play it with a --plant" in str(caught.value)
        assert name not in castable([found], lines)
        return
    played = cast(found, lines)
    assert 150 <= played.steps[-1].at_s <= 180
    assert all(step.caption is None or bool(step.caption.en) == bool(step.caption.vi) for step in played.steps)
    captions = [text for step in played.steps if step.caption for text in (step.caption.en, step.caption.vi)]
    assert captions[-2:] == ["", ""]
    assert not any("{" in text for text in captions)
    machines = {machine.path: machine for line in lines for machine in line.machines}
    for step in played.steps:
        if step.machine:
            assert step.machine.startswith(f"{played.stage}/")
            assert step.machine in machines
            assert command_of(step).verb == step.do


@pytest.mark.parametrize("plant", plant_names())
def test_the_hidden_bottleneck_is_a_machine_under_which_the_band_can_stand(plant):
    park = load_park(plant)
    [slowed] = {step.machine for step in cast(load_story("bottleneck"), lines_of_park(park)).steps if step.machine}
    [station] = [
        station
        for found in park.plants
        for line in found.lines
        for station in line.stations
        if slowed == f"{found.enterprise}/{found.site}/{found.area}/{line.id}/{station.id}"
    ]
    assert (station.servers, station.conveyor, station.batch, station.returns_to) == (1, None, None, None)


def test_a_story_that_is_held_goes_on_where_it_stood():
    now = [100.0]
    watch = Stopwatch(lambda: now[0])
    for seconds, held in [(5, True), (60, True), (60, False), (3, False), (2, True)]:
        now[0] += seconds
        watch.hold(held=held)
    now[0] += 1000
    assert watch.seconds == 5 + 3 + 2


def line_of(beat_s, *machines, name="L"):
    slots = [Choice("s1", Words("Caps", "Nắp"))]
    made = [DeskMachine(f"e/s/a/{name}/{one}", Words(f"The {one}", f"Máy {one}"), [], slots) for one in machines]
    return DeskLine(f"e/s/a/{name}", Words(f"Line {name}", f"Dây chuyền {name}"), [], made, beat_s)


def test_parts_go_to_the_first_machine_there_is_and_slow_lines_are_played_fast():
    head = HEAD + 'beat_s = 20\n[cast]\nslow = ["oven", "mill"]\n'
    steps = (
        'at_s = 0\ndo = "speed"\nvalue = 10\ncaption = { en = "{slow} eats {slow.slot}", vi = "{slow} ăn" }',
        'at_s = 1\ndo = "starve"\nmachine = "slow"\nduration_s = 30',
    )
    found = parse_story(story(*steps).replace(HEAD, head), "mine.toml")
    played = cast(found, [line_of(20.0, "saw", name="a"), line_of(60.0, "mill", name="b")])
    assert (played.stage, played.title.vi) == ("e/s/a/b", "B · Dây chuyền b")
    assert played.steps[0].caption == Words("The mill eats Caps", "Máy mill ăn")
    assert (played.steps[0].value, played.steps[1].duration_s) == (30.0, 90.0)
    assert played.steps[1].machine == "e/s/a/b/mill"
    quick = cast(found, [line_of(5.0, "mill", "oven")])
    assert (quick.steps[0].value, quick.steps[1].duration_s, quick.title.en) == (10.0, 30.0, "A")
    assert quick.steps[1].machine == "e/s/a/L/oven"
    with pytest.raises(StoryError, match="none of oven, mill for the part 'slow'"):
        cast(found, [line_of(5.0, "saw")])
    with pytest.raises(StoryError, match=r"the caption names \{fast\}"):
        cast(parse_story(story('at_s = 0\ncaption = { en = "{fast}", vi = "{fast}" }'), "mine.toml"), [])


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
        cast(parse_story(story(f"at_s = 1\n{step}"), "mine.toml"), lines_of_park(load_park("smt")))


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


def test_a_story_waits_for_a_time_without_a_break():
    plant = load_plant("phone")
    begin_us = plant.default_start_us
    long_us = lasts_us(load_story("bottleneck"), 1.0)
    assert long_us == 1750 * SECOND_US
    stops = [one for one in windows(plant, begin_us, begin_us + 24 * HOUR_US) if one.kind == "break"]
    assert stops
    for now_us in range(begin_us, begin_us + 24 * HOUR_US, HOUR_US // 4):
        at_us = quiet_from(plant, now_us, long_us)
        assert at_us >= now_us
        assert not [one for one in stops if one.start < at_us + long_us and at_us < one.end]
        edges = {one.end if one.kind == "break" else one.start for one in windows(plant, now_us, at_us + 1)}
        assert at_us in {now_us} | edges


def test_a_qr_code_is_drawn_in_blocks():
    drawn = qr_code("http://192.168.1.7:8000/")
    lines = [line for line in drawn.splitlines() if line]
    assert len(lines) > 10
