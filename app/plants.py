"""The verbs about plants: plants, check."""

from typing import Annotated

import msgspec
import typer

from app import options
from app.output import print_json
from contract.events import Words
from simulator.plant import Park
from simulator.plant_file import load_park, shipped_names


class Listed(msgspec.Struct, frozen=True):
    """A plant or park in a line."""

    id: str
    name: Words
    about: Words
    plants: int
    lines: int
    machines: int

    @classmethod
    def of(cls, park: Park) -> "Listed":
        """What there is in it."""
        lines = [line for plant in park.plants for line in plant.lines]
        machines = sum(len(line.stations) for line in lines)
        return cls(park.id, park.name, park.about, len(park.plants), len(lines), machines)

    @property
    def size(self) -> str:
        """How large it is, for people."""
        plants = f"plants: {self.plants}, " if self.plants != 1 else ""
        return f"{plants}lines: {self.lines}, machines: {self.machines}"


def plants(json: options.Json = False) -> None:
    """List the plants and parks that come with the program.

    Example: `mes plants`
    """
    found = [Listed.of(load_park(name)) for name in shipped_names()]
    if json:
        print_json(found)
        return
    width = max(len(one.id) for one in found)
    for one in found:
        typer.echo(f"{one.id:<{width}}  {one.name.en} · {one.name.vi} ({one.size}): {one.about.en}")


def check(plant: Annotated[str, typer.Argument(metavar="PLANT.TOML", help="A plant or park file.")]) -> None:
    """Check a plant or park file; every mistake is named with its place and the mend.

    Example: `mes check my-plant.toml`
    """
    checked = Listed.of(load_park(plant))
    typer.echo(f"{plant}: {checked.name.en}: good ({checked.size})")
