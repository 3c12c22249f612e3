"""A story and the plant it is played on: who is there, who takes which part, and how fast time must go there.

    [cast]
    slow = ["reflow", "labeller"]        # the first of these machines that the plant has

Steps name a part where they would name a machine, captions as ``{slow}``, or ``{slow.slot}`` for what it works up. With
``beat_s``, the seconds a part takes on the line that a story was written for, a line that is n times as slow is played
n times as fast, and what lasts in it n times as long.
"""

import contextlib
import re

from msgspec.structs import replace

from app.story import Step, Story, StoryError, require
from contract.events import Words
from contract.instants import SECOND_US
from contract.topics import address
from dashboards.board.desk import FASTEST, Choice, DeskLine, DeskMachine
from simulator.command_verbs import LINE_VERBS, MACHINE_VERBS
from simulator.plant import LineSpec, Park, Plant

_PLACE = re.compile(r"\{(\w+)(\.slot)?\}")
_LONGEST_S = 86_400.0
_LABEL = 200
_Found = tuple[DeskLine, DeskMachine]


def cast(story: Story, lines: list[DeskLine]) -> Story:
    """``story`` for the plant of ``lines``, each step with its line and machine, each caption with their names.

    Raises :class:`StoryError` unless there is every line, machine, fault, slot and product in it.
    """
    parts = {part: _first(story, part, lines) for part in story.cast}
    steps = [
        _on_stage(step, parts, lines, f"{story.name}, step {number} (at_s = {step.at_s:g})")
        for number, step in enumerate(story.steps, start=1)
    ]
    stage = next((line for line, _ in parts.values()), None) or _scene(steps, lines)
    title = story.title if stage is None or len(lines) == 1 else _both(story.title, stage.name)
    slower = 1.0 if stage is None or story.beat_s is None else max(1.0, stage.beat_s / story.beat_s)
    return replace(
        story,
        title=title,
        about=_spoken(story.about, parts, story.name),
        steps=[_in_time(step, slower) for step in steps],
        stage="" if stage is None else stage.path,
    )


def _both(title: Words, name: Words) -> Words:
    return Words(f"{title.en} · {name.en}"[:_LABEL], f"{title.vi} · {name.vi}"[:_LABEL])


def _first(story: Story, part: str, lines: list[DeskLine]) -> _Found:
    for wanted in story.cast[part]:
        for line in lines:
            for machine in line.machines:
                if address(machine.path).machine == wanted:
                    return line, machine
    names = ", ".join(story.cast[part])
    raise StoryError(
        f"{story.name}: this plant has none of {names} for the part {part!r}: play it with a --plant that has"
    )


def _scene(steps: list[Step], lines: list[DeskLine]) -> DeskLine | None:
    """The line of the first step that is for one."""
    of = next((step for step in steps if step.line), None)
    return None if of is None else next(line for line in lines if line.path == of.line)


def _on_stage(step: Step, parts: dict[str, _Found], lines: list[DeskLine], where: str) -> Step:
    caption = None if step.caption is None else _spoken(step.caption, parts, where)
    if step.do in MACHINE_VERBS:
        line, machine = parts.get(step.machine) or _machine(step, lines, where)
        choices = {"break": machine.faults, "starve": machine.slots}.get(step.do)
        if choices is not None:
            _require_code(step, machine, choices, where)
        return replace(step, caption=caption, line=line.path, machine=machine.path)
    if step.do in LINE_VERBS:
        line = _line(step, lines, where)
        made = [one.id for one in line.products]
        require(not step.product or step.product in made, where, f"no product {step.product!r} here")
        return replace(step, caption=caption, line=line.path)
    return replace(step, caption=caption)


def _spoken(said: Words, parts: dict[str, _Found], where: str) -> Words:
    """``said`` with the names of the parts in it."""

    def named(place: re.Match[str]) -> Words:
        require(place[1] in parts, where, f"the caption names {place[0]}, which the [cast] has not")
        machine = parts[place[1]][1]
        mend = "works up no material on this plant: play it with a --plant where it does"
        require(not place[2] or machine.slots, where, f"{address(machine.path).machine} {mend}")
        return machine.slots[0].name if place[2] else machine.name

    en, vi = _PLACE.sub(lambda place: named(place).en, said.en), _PLACE.sub(lambda place: named(place).vi, said.vi)
    require(max(len(en), len(vi)) <= _LABEL, where, f"with the names in it the caption is longer than {_LABEL}")
    return Words(en, vi)


def _in_time(step: Step, slower: float) -> Step:
    if slower == 1.0:
        return step
    if step.do == "speed" and step.value is not None:
        return replace(step, value=min(FASTEST, float(round(step.value * slower))))
    if step.duration_s is not None:
        return replace(step, duration_s=min(_LONGEST_S, float(round(step.duration_s * slower))))
    return step


def _require_code(step: Step, machine: DeskMachine, choices: list[Choice], where: str) -> None:
    name, there = address(machine.path).machine, [one.id for one in choices]
    require(there, where, f"{name} has nothing to {step.do}: play it with a --plant whose {name} has")
    require(not step.code or step.code in there, where, f"{name} has no {step.code!r}: it has {', '.join(there)}")


def _line(step: Step, lines: list[DeskLine], where: str) -> DeskLine:
    found = [line for line in lines if step.line in ("", address(line.path).line)]
    there = ", ".join(address(line.path).line for line in lines)
    require(found, where, f"this plant has no line {step.line!r}: it has {there}")
    return found[0]


def _machine(step: Step, lines: list[DeskLine], where: str) -> _Found:
    wanted = [line for line in lines if step.line in ("", address(line.path).line)]
    found = [(line, one) for line in wanted for one in line.machines if address(one.path).machine == step.machine]
    require(found, where, f"this plant has no machine {step.machine!r}: play it with a --plant that has")
    return found[0]


def castable(stories: list[Story], lines: list[DeskLine]) -> dict[str, Story]:
    """Those of ``stories`` that can be played on the plant of ``lines``, cast, by name."""
    found = {}
    for story in stories:
        with contextlib.suppress(StoryError):
            found[story.name] = cast(story, lines)
    return found


def lines_of_park(park: Park) -> list[DeskLine]:
    """The lines of ``park`` and what can be done to them."""
    return [_line_of(plant, line) for plant in park.plants for line in plant.lines]


def _line_of(plant: Plant, line: LineSpec) -> DeskLine:
    machines = [
        DeskMachine(
            plant.address(line, station.id).path,
            station.name,
            [Choice(mode.code, mode.name) for mode in (*station.failures, *station.micro_stops)],
            [Choice(material.slot, material.name) for material in station.materials],
        )
        for station in line.stations
    ]
    products = [Choice(product.id, product.name) for product in line.products]
    beat_s = line.exit_ideal_us(line.products[0]) / SECOND_US
    return DeskLine(plant.address(line).path, line.name, products, machines, beat_s)
