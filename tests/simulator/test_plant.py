import re

import msgspec
import pytest

from contract.errors import PlantError
from simulator.plant import Station
from simulator.plant_file import load_plant, parse_plant, plant_names

BASE = """
id = "p"
name = { en = "p", vi = "p" }
enterprise = "e"
site = "s"
area = "a"
tz = "Asia/Ho_Chi_Minh"
[[shifts]]
name = { en = "1", vi = "1" }
start = 06:00:00
end = 14:00:00
breaks = [{ start = 09:00:00, end = 09:10:00, name = { en = "b", vi = "b" } }]
[[lines]]
id = "l"
name = { en = "l", vi = "l" }
[lines.order]
id = "o"
product = "x"
name = { en = "x", vi = "x" }
quantity = 10
[[lines.stations]]
id = "one"
role = "r"
name = { en = "1", vi = "1" }
cycle_s = 10
[[lines.stations]]
id = "two"
role = "r"
name = { en = "2", vi = "2" }
cycle_s = 12.5
buffer = 3
[[lines.stations.failures]]
code = "jam"
name = { en = "j", vi = "k" }
every_min = { kind = "exponential", mean = 60 }
lasts_s = { kind = "lognormal", mean = 60, cv = 0.5 }
"""
NIGHT = """[[shifts]]
name = { en = "2", vi = "2" }
start = 22:00:00
end = 06:30:00
[[lines]]"""

# what a person writes, what it replaces, what the error must say
MISTAKES = [
    ("cycle_s = 10", "cycle_s = 0", r"lines\[0\]\.stations\[0\]\.cycle_s: 0 must be greater than 0"),
    ("cycle_s = 10", "cycle_s = -3", r"stations\[0\]\.cycle_s: -3 must be greater"),
    ("cycle_s = 10", 'cycle_s = "ten"', r"stations\[0\]\.cycle_s: this must be a number, not text in quotes"),
    ("cycle_s = 10", "cycles_s = 10", r"stations\[0\]: there is no key 'cycles_s': did you mean 'cycle_s'\?"),
    ("buffer = 3", "buffer = -1", r"stations\[1\]\.buffer: -1 must be 0 or more"),
    ("buffer = 3", "bufer = 3", r"stations\[1\]: there is no key 'bufer': did you mean 'buffer'\?"),
    ("buffer = 3", "zzzz = 3", r"there is no key 'zzzz': remove it"),
    ("buffer = 3", "servers = 0", r"stations\[1\]\.servers: 0 must be from 1"),
    ("buffer = 3", "scrap = 1.5", r"stations\[1\]\.scrap: 1.5 is a probability: 0 to 1"),
    ("buffer = 3", "speed_loss = -1", r"stations\[1\]\.speed_loss: must be above -1"),
    (
        "buffer = 3",
        'downstream = "tree"',
        r"stations\[1\]\.downstream: there is no station 'tree'.*use one of one, two",
    ),
    ("buffer = 3", 'downstream = "on"', r"did you mean 'one'\?"),
    ("buffer = 3", 'downstream = "one"', r"downstream: parts would go round for ever"),
    ("buffer = 3", "conveyor = { transit_s = 9, places = 0 }", r"conveyor\.places: must be at least 1"),
    (
        "buffer = 3",
        "conveyor = { transit_s = 9, places = 3 }\nservers = 2",
        r"\.servers: a conveyor moves at one speed",
    ),
    ("buffer = 3", 'spread = { kind = "triangular", low = 2, mode = 1, high = 3 }', r"stations\[1\]\.spread: needs 0"),
    (
        'kind = "exponential"',
        'kind = "gauss"',
        r"every_min\.kind: there is no distribution 'gauss': use one of constant, erl",
    ),
    ('kind = "exponential"', 'kin = "exponential"', r"every_min: a key is missing, add `kind`"),
    ("mean = 60 }", "mean = 0 }", r"failures\[0\]\.every_min: mean = 0: it must be greater than 0"),
    ('code = "jam"', 'code = "Big Jam"', r"failures\[0\]\.code: 'Big Jam': use lower-case"),
    ('code = "jam"', 'code = "starved"', r"failures\[0\]\.code: 'starved' already means"),
    ('id = "two"', 'id = "one"', r"lines\[0\]\.stations: 'one' is there twice"),
    ('id = "two"', 'id = "t+o"', r"stations\[1\]\.id: 't\+o': use lower-case letters"),
    ('site = "s"', 'site = "a/b"', r"site: 'a/b': use lower-case letters"),
    ('tz = "Asia/Ho_Chi_Minh"', 'tz = "Asia/Hanoi"', r"tz: 'Asia/Hanoi' is not a time zone"),
    ('tz = "Asia/Ho_Chi_Minh"', 'tz = "../etc"', r"tz: '\.\./etc' is not a time zone"),
    ("quantity = 10", "quantity = 0", r"order\.quantity: must be at least 1"),
    ("[[lines]]", NIGHT, r"shifts\[0\]: overlaps shifts\[1\]|shifts\[1\]: overlaps"),
    ("start = 09:00:00", "start = 05:00:00", r"shifts\[0\]\.breaks\[0\]: the break is not inside its shift"),
    ("start = 06:00:00", 'start = "early"', r"shifts\[0\]\.start: .*write it like 06:00:00"),
    ("start = 06:00:00", 'start = "06:00:00+07:00"', r"shifts\[0\]: times are on the clock of the plant's tz"),
    ('name = { en = "l", vi = "l" }', "target_oee = 0", r"lines\[0\]: a key is missing, add `name`"),
    (
        'name = { en = "l", vi = "l" }',
        'name = { en = "l", vi = "l" }\ntarget_oee = 0',
        r"lines\[0\]\.target_oee: 0 must",
    ),
    ('id = "p"', "id = ", r"bad\.toml: this is not TOML: .*line 2"),
]


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES, ids=[mistake[1][:30] for mistake in MISTAKES])
def test_a_mistake_says_where_and_how_to_mend_it(old, new, message):
    assert old in BASE
    with pytest.raises(PlantError) as error:
        parse_plant(BASE.replace(old, new, 1), "bad.toml")
    assert str(error.value).startswith("bad.toml: ")
    assert re.search(message, str(error.value)), str(error.value)


def test_a_plant_with_two_lines_of_one_id_is_refused():
    text = BASE + BASE[BASE.index("[[lines]]") :]
    with pytest.raises(PlantError, match="lines: 'l' is there twice"):
        parse_plant(text, "x.toml")


def test_the_base_plant_is_good_and_reads_as_written():
    plant = parse_plant(BASE, "good.toml")
    one, two = plant.lines[0].stations
    assert (one.ideal_us, two.ideal_us, two.buffer) == (10_000_000, 12_500_000, 3)
    assert plant.lines[0].constraint is two
    assert [plant.lines[0].downstream_of(index) for index in range(2)] == [1, None]


def test_an_unknown_plant_lists_those_there_are():
    with pytest.raises(PlantError, match=r"no plant 'smd': use one of .*smt.*\.toml"):
        load_plant("smd")


def test_a_missing_or_unreadable_file_is_said(tmp_path):
    with pytest.raises(PlantError, match="cannot be read"):
        load_plant(str(tmp_path / "none.toml"))
    (tmp_path / "latin.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(PlantError, match="cannot be read"):
        load_plant(str(tmp_path / "latin.toml"))


def test_a_plant_file_is_read_by_path(tmp_path):
    (tmp_path / "mine.toml").write_text(BASE, encoding="utf-8")
    assert load_plant(str(tmp_path / "mine.toml")).id == "p"


def test_default_start_is_a_monday_six_in_the_morning_there():
    assert load_plant("smt").default_start_us == 1_767_567_600_000_000


@pytest.mark.parametrize("name", plant_names())
def test_shipped_plants_load_and_name_everything_in_both_languages(name):
    plant = load_plant(name)
    assert plant.id == name
    for line in plant.lines:
        for words in [line.name, *(named.name for station in line.stations for named in _named(station))]:
            assert words.en
            assert words.vi


def _named(station: Station):
    return [station, *station.micro_stops, *station.failures]


def test_the_smt_line_is_the_ten_stations_people_know():
    line = load_plant("smt").lines[0]
    ids = [station.id for station in line.stations]
    expected = ["loader", "printer", "spi", "placer_1", "placer_2", "reflow", "aoi", "fct", "router", "packing"]
    assert ids == expected
    assert line.constraint.id == "placer_2"
    assert msgspec.structs.asdict(line.stations[7])["servers"] == 2
