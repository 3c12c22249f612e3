from pathlib import Path

import msgspec
import pytest
from plant_text import PLANT

from contract.errors import PlantError
from contract.events import Words
from simulator.plant_file import load_park, load_plant, parse_plant, plant_names, shipped_names

SMT = Path(__file__).parent.parent.parent / "simulator" / "plants" / "smt.toml"
PARK = 'id = "k"\nname = { en = "k", vi = "k" }\nplants = ["smt", "sub/mine.toml"]\n'


def test_the_plant_of_the_tests_is_good_and_reads_as_written():
    line = parse_plant(PLANT, "good.toml").lines[0]
    by_id = {station.id: index for index, station in enumerate(line.stations)}
    after = {one: line.downstream_of(index) for one, index in by_id.items()}
    assert {one: None if index is None else line.stations[index].id for one, index in after.items()} == {
        "one": "before",
        "lids": "two",
        "before": "two",
        "two": "oven",
        "oven": "kiln",
        "kiln": "check",
        "check": "saw",
        "bench": "oven",
        "saw": None,
    }
    assert [line.exit_parts(by_id[one]) for one in ("one", "lids", "two", "saw")] == [4, 2, 4, 1]
    assert [line.stations[by_id[one]].ideal_us for one in ("two", "kiln", "check", "saw")] == [
        12_500_000, 7_500_000, 2_500_000, 2_000_000,
    ]  # fmt: skip
    assert line.ideal_us(by_id["two"], line.product("red")) == 11_000_000
    assert line.constraint.id == "lids"  # 10 s a lid, two lids for a part that is cut in four: 5 s


def test_an_unknown_plant_lists_those_there_are():
    with pytest.raises(PlantError, match=r"no plant 'smd': use one of .*park.*smt.*\.toml"):
        load_plant("smd")


def test_a_missing_or_unreadable_file_is_said(tmp_path):
    with pytest.raises(PlantError, match="cannot be read"):
        load_plant(str(tmp_path / "none.toml"))
    (tmp_path / "latin.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(PlantError, match="cannot be read"):
        load_plant(str(tmp_path / "latin.toml"))


def test_a_plant_file_is_read_by_path(tmp_path):
    (tmp_path / "mine.toml").write_text(PLANT, encoding="utf-8")
    assert load_plant(str(tmp_path / "mine.toml")).id == "p"


def test_default_start_is_a_monday_six_in_the_morning_there():
    assert load_plant("smt").default_start_us == 1_767_567_600_000_000


@pytest.mark.parametrize("name", plant_names())
def test_shipped_plants_load_and_name_everything_in_both_languages(name):
    plant = load_plant(name)
    assert plant.id == name
    named = list(names(plant))
    assert len(named) > 10
    for words in named:
        assert words.en
        assert words.vi


def names(thing):
    """Every name in a plant, whatever has it."""
    if isinstance(thing, Words):
        yield thing
    elif isinstance(thing, msgspec.Struct):
        for field in msgspec.structs.fields(thing):
            yield from names(getattr(thing, field.name))
    elif isinstance(thing, tuple):
        for one in thing:
            yield from names(one)


@pytest.mark.parametrize("name", shipped_names())
def test_what_is_shipped_says_in_a_line_what_it_is(name):
    about = load_park(name).about
    for text in (about.en, about.vi):
        assert text
        assert "\n" not in text


def test_the_smt_line_is_the_ten_stations_people_know():
    line = load_plant("smt").lines[0]
    ids = [station.id for station in line.stations]
    expected = ["loader", "printer", "spi", "placer_1", "placer_2", "reflow", "aoi", "fct", "router", "packing"]
    assert ids == expected
    assert line.constraint.id == "placer_2"
    assert msgspec.structs.asdict(line.stations[7])["servers"] == 2


def test_a_plant_is_a_park_of_one():
    park = load_park("smt")
    assert park.plants == (load_plant("smt"),)
    assert (park.id, park.default_start_us) == ("smt", 1_767_567_600_000_000)


def test_a_park_names_shipped_plants_and_files_beside_it(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "mine.toml").write_text(PLANT, encoding="utf-8")
    (tmp_path / "k.toml").write_text(PARK, encoding="utf-8")
    assert [plant.id for plant in load_park(str(tmp_path / "k.toml")).plants] == ["smt", "p"]
    with pytest.raises(PlantError, match="park of several plants, and one plant is wanted"):
        load_plant(str(tmp_path / "k.toml"))


@pytest.mark.parametrize(
    ("plants", "message"),
    [
        ("[]", r"plants: name at least one plant"),
        ('["smd"]', r"plants\[0\]: there is no plant 'smd': use one of"),
        ('["smt", "none.toml"]', r"plants\[1\]: .*none\.toml: cannot be read"),
        ('["smt", "mine.toml"]', r"plants\[1\]: .*mine\.toml: lines\[0\]\.stations\[0\]\.cycle_s: 0 must be .*one\)"),
        ('["smt", "smt"]', r"plants: 'smt' is there twice"),
        (
            '["smt", "twin.toml"]',
            r"plants: 'smt' and 'twin' both have a line que-vo-electronics/que-vo/smt/smt-1: give",
        ),
        ('["smt", "k.toml"]', r"plants\[1\]: .*k\.toml is a park itself: name the plants in it"),
        ('["p.toml", "q.toml"]', r"plants: q: l\.orders: order 'O-1' is there twice: give each its own"),
        ('["smt", 3]', r"plants\[1\]: this must be text in quotes, not a whole number"),
        ('["smt"]\nplant = 1', r"top level: there is no key 'plant': did you mean 'plants'"),
    ],
)
def test_a_mistake_in_a_park_is_named(tmp_path, plants, message):
    smt = SMT.read_text("utf-8")
    files = {
        "k.toml": PARK.replace('["smt", "sub/mine.toml"]', plants),
        "mine.toml": PLANT.replace("cycle_s = 10", "cycle_s = 0", 1),
        "twin.toml": smt.replace('id = "smt"', 'id = "twin"').replace("WO-2601", "T-1"),
        "p.toml": PLANT,
        "q.toml": PLANT.replace('id = "p"', 'id = "q"').replace('site = "s"', 'site = "z"'),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(PlantError, match=message) as error:
        load_park(str(tmp_path / "k.toml"))
    assert str(error.value).startswith(f"{tmp_path / 'k.toml'}: ")
