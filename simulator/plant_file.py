"""Plant files: TOML in, a plant or a park out, every mistake named with its place and its mend."""

import re
import tomllib
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path, PurePath
from typing import Any, TypeVar

import msgspec

from contract.errors import PlantError
from contract.events import Words
from simulator.mistakes import require, require_finite
from simulator.plant import Park, Plant
from simulator.plant_check import check_park, check_plant
from simulator.sampling import Distribution
from simulator.station_spec import Spec

_T = TypeVar("_T")
_ENDING = ".toml"


class _ParkFile(Spec, frozen=True):
    """A park file: ``plants`` are names of shipped plants, or paths of plant files seen from the folder it is in."""

    id: str
    name: Words
    plants: tuple[str, ...]
    about: Words = Words("", "")


def plant_names() -> list[str]:
    """Names of the plants that are shipped, parks left out."""
    return [name for name in shipped_names() if not _is_park(document_of(_shipped_text(name), name))]


def shipped_names() -> list[str]:
    """Names of everything that is shipped: plants and parks."""
    return sorted(entry.name.removesuffix(_ENDING) for entry in _shipped().iterdir() if entry.name.endswith(_ENDING))


def load_plant(name_or_path: str) -> Plant:
    """A shipped plant by name, or a plant file by path. Raises :class:`PlantError`, also for a park."""
    return parse_plant(_text(name_or_path), _source(name_or_path))


def load_park(name_or_path: str) -> Park:
    """A shipped park or plant by name, or a file of one by path; a plant is a park of one. Raises as the others."""
    text, source = _text(name_or_path), _source(name_or_path)
    document = document_of(text, source)
    if not _is_park(document):
        return park_of(_plant(document, source))
    file = converted(document, _ParkFile, source)
    folder = PurePath(name_or_path).parent if name_or_path.endswith(_ENDING) else None
    plants = tuple(_member(file, index, folder, source) for index in range(len(file.plants)))
    park = Park(file.id, file.name, plants, file.about)
    try:
        check_park(park)
    except PlantError as error:
        raise PlantError(f"{source}: {error}") from error
    return park


def park_of(plant: Plant) -> Park:
    """A park of this plant alone."""
    return Park(plant.id, plant.name, (plant,), plant.about)


def parse_plant(text: str, source: str) -> Plant:
    """TOML → plant. Raises :class:`PlantError` saying what is wrong, where in ``source``, and how to mend it."""
    document = document_of(text, source)
    alone = "this is a park of several plants, and one plant is wanted here: name one of them"
    require(not _is_park(document), f"{source}: plants", alone)
    return _plant(document, source)


def _member(file: _ParkFile, index: int, folder: PurePath | None, source: str) -> Plant:
    """The plant that a park file names."""
    named = file.plants[index]
    where = f"{source}: plants[{index}]"
    if folder is not None and named.endswith(_ENDING):
        named = str(folder / named)
    try:
        document = document_of(_text(named), _source(named))
    except PlantError as error:
        raise PlantError(f"{where}: {error}") from error
    require(not _is_park(document), where, f"{named} is a park itself: name the plants in it instead")
    try:
        return _plant(document, _source(named))
    except PlantError as error:
        raise PlantError(f"{where}: {error}") from error


def _text(name_or_path: str) -> str:
    if not name_or_path.endswith(_ENDING):
        if name_or_path not in shipped_names():
            known = ", ".join(shipped_names())
            raise PlantError(f"there is no plant {name_or_path!r}: use one of {known}, or the path of a .toml file")
        return _shipped_text(name_or_path)
    try:
        return Path(name_or_path).read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PlantError(f"{name_or_path}: cannot be read: it is not UTF-8 text: save it as UTF-8") from error
    except OSError as error:
        raise PlantError(f"{name_or_path}: cannot be read: {error.strerror}: check its name") from error


def _source(name_or_path: str) -> str:
    return name_or_path if name_or_path.endswith(_ENDING) else f"{name_or_path}{_ENDING}"


def _shipped() -> Any:  # noqa: ANN401 - importlib's Traversable moved between Python versions
    return files("simulator") / "plants"


def _shipped_text(name: str) -> str:
    text: str = (_shipped() / f"{name}{_ENDING}").read_text("utf-8")
    return text


def document_of(text: str, source: str) -> dict[str, Any]:
    """TOML → its tables. Raises :class:`PlantError`."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise PlantError(f"{source}: this is not TOML: {error}") from error


def _is_park(document: dict[str, Any]) -> bool:
    return "plants" in document and "lines" not in document


def _plant(document: dict[str, Any], source: str) -> Plant:
    plant = converted(document, Plant, source)
    try:
        check_plant(plant)
    except PlantError as error:
        raise PlantError(f"{source}: {error}{_at(str(error), document)}") from error
    return plant


def converted(document: dict[str, Any], kind: type[_T], source: str) -> _T:
    """Tables → what they describe. Raises :class:`PlantError` saying what is wrong, where, and how to mend it."""
    try:
        require_finite(document)
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        message = _explain(str(error))
        raise PlantError(f"{source}: {message}{_at(message, document)}") from error
    except PlantError as error:
        raise PlantError(f"{source}: {error}{_at(str(error), document)}") from error


def _at(message: str, document: Any) -> str:  # noqa: ANN401 - any TOML
    """The ids on the way to the place a message begins with, for people who do not count tables from 0."""
    names, here = [], document
    for key, number in re.findall(r"(\w+)(?:\[(\d+)\])?\.?", message.partition(":")[0]):
        here = here.get(key) if isinstance(here, dict) else None
        if number and isinstance(here, list) and int(number) < len(here):
            here = here[int(number)]
            names += [str(here[word]) for word in ("id", "code", "slot") if isinstance(here, dict) and word in here][:1]
    return f" (at {' → '.join(names)})" if names else ""


# msgspec's words → ours
_TYPES = {
    "float": "a number",
    "int": "a whole number",
    "str": "text in quotes",
    "array": "a list in [ ]",
    "object": "a table with keys",
    "bool": "true or false",
    "datetime": "a time with a date",
    "time": "a time of day",
    "null": "nothing",
}
_PLAIN = {
    "Expected ": "this must be ",
    ", got ": ", not ",
    " or nothing": "",
    "Invalid RFC3339 encoded time": "this is not a time: write it like 06:00:00",
    "Invalid RFC3339 encoded datetime": "this is not a time: write it like 2026-01-09T16:00:00+07:00",
    "Object missing required field ": "a key is missing, add ",
}


def _explain(message: str) -> str:
    """Msgspec's ``what - at `$.key``` turned into ``key: what``, with the mend."""
    what, _, where = message.partition(" - at ")
    path = where.strip("`").removeprefix("$").removeprefix(".") or "top level"
    if "unknown field" in what:
        wrong = what.split("`")[1]
        return f"{path}: there is no key {wrong!r}: {_mend_of_key(wrong, _known_keys())}"
    if path.endswith(".kind"):
        kinds = ", ".join(sorted(spec.__struct_config__.tag for spec in Distribution.__args__))
        return f"{path}: there is no distribution {what.removeprefix('Invalid value ')}: use one of {kinds}"
    what = re.sub(r"`([a-z |]+)`", _in_words, what)
    for theirs, ours in _PLAIN.items():
        what = what.replace(theirs, ours)
    return f"{path}: {what}"


def _mend_of_key(wrong: str, known: list[str]) -> str:
    if wrong in known:
        return "it is one of another table, and stands in that of the last [head] above it: move it"
    near = get_close_matches(wrong, known, n=1)
    return f"did you mean {near[0]!r}?" if near else "remove it"


def _in_words(types: re.Match[str]) -> str:
    """Types as msgspec writes them (``int | null``); anything else, such as a key, stays as it is."""
    names = types[1].split(" | ")
    return " or ".join(_TYPES[name] for name in names) if all(name in _TYPES for name in names) else types[0]


def _known_keys() -> list[str]:
    specs = [*Spec.__subclasses__(), Words, *Distribution.__args__]
    return sorted({field.name for spec in specs for field in msgspec.structs.fields(spec)})
