"""The documents "make your own plant": every key of a plant file stands in their tables, every command runs."""

import re
import shlex

import msgspec
import pytest
from test_commands import DOCS, mes

from simulator import plant, plant_file, station_spec
from simulator.sampling import Distribution

TITLES = {
    "`plant.toml`": plant.Plant,
    "`park.toml`": next(spec for spec in station_spec.Spec.__subclasses__() if spec.__module__ == plant_file.__name__),
    "`[[shifts]]`": plant.Shift,
    "`breaks`": plant.Pause,
    "`[[crews]]`": plant.Crew,
    "`[[lines]]`": plant.LineSpec,
    "`[[lines.products]]`": plant.Product,
    "`[[lines.orders]]`": plant.Order,
    "`[lines.demand]`": plant.Demand,
    "`[[lines.changeovers]]`": plant.Changeover,
    "`[[lines.stations]]`": station_spec.Station,
    "`micro_stops`": station_spec.StopMode,
    "`maintenance`": station_spec.Maintenance,
    "`wear`": station_spec.Wear,
    "`absences`": station_spec.Absence,
    "`warm_up`": station_spec.WarmUp,
    "`power_w`": station_spec.Power,
    "`conveyor`": station_spec.Conveyor,
    "`batch`": station_spec.Batch,
    "`defects`": station_spec.Defect,
    "`inspects`": station_spec.Inspection,
    "`rework`": station_spec.Rework,
    "`values`": station_spec.Value,
    "`materials`": station_spec.Material,
}
LANGUAGES = pytest.mark.parametrize("name", ["own-plant.md", "own-plant.vi.md"])


def sections(name):
    """Title (its first word) → rows of its table, each a list of cells."""
    parts = re.split(r"^### ", (DOCS / name).read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {
        part.split()[0]: [
            [cell.strip() for cell in row.split("|")[1:-1]] for row in part.splitlines() if row.startswith("| `")
        ]
        for part in parts
    }


def blocks(name):
    """Indented blocks, in order."""
    text = (DOCS / name).read_text("utf-8")
    return [
        re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
    ]


@LANGUAGES
def test_every_key_is_in_the_tables_and_nothing_else(name):
    found = sections(name)
    specs = {spec for spec in station_spec.Spec.__subclasses__() if spec.__module__ != "simulator.orders_file"}
    assert specs == set(TITLES.values())
    assert list(found) == [*TITLES, "`kind`"]
    for title, spec in TITLES.items():
        fields = msgspec.structs.fields(spec)
        assert sorted(row[0].strip("`") for row in found[title]) == sorted(field.name for field in fields), title
        for row in found[title]:
            field = next(field for field in fields if field.name == row[0].strip("`"))
            assert (row[2] == "–") == field.required, (title, row)


@LANGUAGES
def test_every_distribution_is_in_the_table_with_its_parameters(name):
    rows = {row[0].strip("`"): set(re.findall(r"`(\w+)`", row[1])) for row in sections(name)["`kind`"]}
    kinds = {
        kind.__struct_config__.tag: {field.name for field in msgspec.structs.fields(kind)}
        for kind in Distribution.__args__
    }
    assert rows == kinds


def test_both_languages_show_the_same():
    assert blocks("own-plant.md") == blocks("own-plant.vi.md")


def test_what_the_document_shows_is_what_comes(tmp_path):
    """Every command but the demo, in order, with the files it says to save; what one prints stands below it."""
    shown = blocks("own-plant.md")
    for block, after in zip(shown, [*shown[1:], ""], strict=True):
        if block.startswith("id,product"):
            (tmp_path / "orders.csv").write_text(block, "utf-8")
        elif block.startswith("id = "):
            (tmp_path / "my-park.toml").write_text(block, "utf-8")
        for command in re.findall(r"^mes (?!demo)(.*)$", block, flags=re.MULTILINE):
            said, _ = mes(*shlex.split(command), cwd=tmp_path)
            if command.startswith(("new", "check")):
                assert said == after
    assert "(plants: 2, lines: 2, machines: 14)" in mes("check", "my-park.toml", cwd=tmp_path)[0]
    file = tmp_path / "tan-chi-workshop.toml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("buffer = 5", "bufer = 5", 1), "utf-8")
    assert (
        mes("check", file.name, cwd=tmp_path, code=2)[1] == next(block for block in shown if "bufer" in block).strip()
    )
    slow = text.replace("cycle_s = 15", "cycle_s = 25", 1)
    assert slow != text
    file.write_text(slow, "utf-8")
    assert "good" in mes("check", file.name, cwd=tmp_path)[0]
