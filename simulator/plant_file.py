"""Plant files: TOML in, a plant out, every mistake named with its place and its mend."""

import tomllib
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from contract.errors import PlantError
from simulator.plant import Plant
from simulator.plant_check import check_plant
from simulator.sampling import Distribution
from simulator.station_spec import Spec


def plant_names() -> list[str]:
    """Names of the plants that are shipped."""
    return sorted(entry.name.removesuffix(".toml") for entry in _shipped().iterdir() if entry.name.endswith(".toml"))


def load_plant(name_or_path: str) -> Plant:
    """A shipped plant by name, or a plant file by path. Raises :class:`PlantError`."""
    if not name_or_path.endswith(".toml"):
        if name_or_path not in plant_names():
            known = ", ".join(plant_names())
            raise PlantError(f"there is no plant {name_or_path!r}: use one of {known}, or the path of a .toml file")
        return parse_plant((_shipped() / f"{name_or_path}.toml").read_text("utf-8"), f"{name_or_path}.toml")
    try:
        text = Path(name_or_path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PlantError(f"{name_or_path}: cannot be read: {error}") from error
    return parse_plant(text, name_or_path)


def parse_plant(text: str, source: str) -> Plant:
    """TOML → plant. Raises :class:`PlantError` saying what is wrong, where in ``source``, and how to mend it."""
    try:
        plant = msgspec.convert(tomllib.loads(text), Plant)
        check_plant(plant)
    except tomllib.TOMLDecodeError as error:
        raise PlantError(f"{source}: this is not TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise PlantError(f"{source}: {_explain(str(error))}") from error
    except PlantError as error:
        raise PlantError(f"{source}: {error}") from error
    return plant


def _shipped() -> Any:  # noqa: ANN401 - importlib's Traversable moved between Python versions
    return files("simulator") / "plants"


# msgspec's words → ours
_PLAIN = {
    "`float`": "a number",
    "`int`": "a whole number",
    "`str`": "text in quotes",
    "`array`": "a list in [ ]",
    "`object`": "a table with keys",
    "`null`": "nothing",
    "Expected ": "this must be ",
    ", got ": ", not ",
    "Invalid RFC3339 encoded time": "this is not a time: write it like 06:00:00",
    "Object missing required field ": "a key is missing, add ",
}


def _explain(message: str) -> str:
    """Msgspec's ``what - at `$.key``` turned into ``key: what``, with the mend."""
    what, _, where = message.partition(" - at ")
    path = where.strip("`").removeprefix("$").removeprefix(".") or "top level"
    if "unknown field" in what:
        wrong = what.split("`")[1]
        near = get_close_matches(wrong, _known_keys(), n=1)
        return f"{path}: there is no key {wrong!r}: " + (f"did you mean {near[0]!r}?" if near else "remove it")
    if path.endswith(".kind"):
        kinds = ", ".join(sorted(spec.__struct_config__.tag for spec in Distribution.__args__))
        return f"{path}: there is no distribution {what.removeprefix('Invalid value ')}: use one of {kinds}"
    for theirs, ours in _PLAIN.items():
        what = what.replace(theirs, ours)
    return f"{path}: {what}"


def _known_keys() -> list[str]:
    specs = [*Spec.__subclasses__(), *Distribution.__args__]
    return sorted({field.name for spec in specs for field in msgspec.structs.fields(spec)})
