"""``mes new plant``: what it writes is a plant that runs, with every switch on or off."""

import re

import pytest

from app.new import new, plant_id, starter
from contract.errors import UsageError
from contract.instants import HOUR_US
from contract.truth import TruthOutput
from simulator.engine import Factory
from simulator.plant_file import load_plant, parse_plant


def all_on(text):
    """Every key that is switched off, switched on."""
    return re.sub(r"^#(?=[\[a-z])", "", text, flags=re.MULTILINE)


def ran(plant, hours=8):
    factory = Factory(plant, 1, plant.default_start_us)
    factory.run_until(plant.default_start_us + hours * HOUR_US)
    return [record for record in factory.truth_records() if isinstance(record, TruthOutput)]


@pytest.mark.parametrize("name", ["Tan Chi workshop", "Xưởng Đồ gỗ Từ Sơn", "7", "a" * 60, "máy's"])
def test_the_starter_loads_runs_and_makes_parts(name):
    plant = parse_plant(starter(name), "starter.toml")
    assert (plant.id, plant.name.en, plant.name.vi) == (plant_id(name), name, name)
    line = plant.lines[0]
    assert [station.id for station in line.stations] == ["cutting", "assembly", "inspection", "packing"]
    assert line.constraint.id == "assembly"
    packed = sum(output.good for output in ran(plant) if output.machine.endswith("/packing"))
    assert 500 < packed < 7.5 * 3600 / 20


def test_every_switch_in_it_can_be_switched_on():
    plain, text = starter("Mine"), all_on(starter("Mine"))
    assert text.count("\n#") < plain.count("\n#") - 20
    plant = parse_plant(text, "on.toml")
    line = plant.lines[0]
    assert {product.id for product in line.products} == {"product-a", "product-b"}
    assert line.stations[2].rework is not None
    made = ran(plant)
    assert any(output.product == "product-b" for output in made)
    assert any(output.machine.endswith("/repair") and output.good for output in made)
    assert any(output.rework for output in made if output.machine.endswith("/inspection"))


def test_each_comment_is_in_both_languages():
    vietnamese = re.compile(r"[ạảãàáâậầấẩẫăắằặẳẵóòọõỏôộổỗồốơờớợởỡéèẻẹẽêếềệểễúùụủũưựữửừứíìịỉĩýỳỷỵỹđ]", re.IGNORECASE)
    comments = [line.partition("# ")[2] for line in starter("Mine").splitlines() if "# " in line]
    blocks = re.split(r"\n(?!# )", "\n".join(line for line in starter("Mine").splitlines()))
    assert len(comments) > 25
    for block in blocks:
        said = " ".join(part for part in re.findall(r"# (.*)", block))
        assert not said.strip("- ") or vietnamese.search(said), block


def test_a_file_is_written_with_what_to_do_next_and_never_over_another(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    new("plant", "Tân Chi", None, False)
    assert load_plant("tan-chi.toml").name.vi == "Tân Chi"
    said = capsys.readouterr().out
    assert "mes check tan-chi.toml" in said
    assert "mes demo --plant tan-chi.toml" in said
    (tmp_path / "tan-chi.toml").write_text("mine", "utf-8")
    with pytest.raises(UsageError, match=r"tan-chi\.toml is there already: choose another --path, or --force"):
        new("plant", "Tân Chi", None, False)
    assert (tmp_path / "tan-chi.toml").read_text("utf-8") == "mine"
    new("plant", "Tân Chi", tmp_path / "tan-chi.toml", True)
    assert load_plant("tan-chi.toml").id == "tan-chi"


@pytest.mark.parametrize(
    ("name", "path", "message"),
    [
        ("", None, "cannot be a name: use 1 to 60 characters"),
        ("a" * 61, None, "cannot be a name"),
        ('a"b', None, "without quotes"),
        ("a\nb", None, "cannot be a name"),
        ("{a}", None, "cannot be a name"),
        ("工场", None, "has no letter a topic could be made of"),
        ("a", "a.txt", r"a plant file ends in \.toml: write .*a\.toml"),
        ("a", "no/such/a.toml", r"cannot be written \(.*\): name a file in a folder of yours"),
    ],
)
def test_a_mistake_is_named_with_its_mend(tmp_path, name, path, message):
    with pytest.raises(UsageError, match=message):
        new("plant", name, None if path is None else tmp_path / path, False)
    assert not list(tmp_path.iterdir())
