"""Stories: timed scripts (TOML) that play a scene on a running plant, with captions in both languages.

    at_s = 20                                       # seconds on the wall since the story began
    caption = { en = "…", vi = "…" }                # stays until the next caption; "" takes it away
    do = "break"; machine = "printer"; duration_s = 900; code = "stencil_clogged"

``do`` is a verb of ``docs/commands`` for a machine (``machine``) or a line (none), or ``mess_on``, ``mess_off``
(``kind``), or ``speed`` (``value``). What a story switched is switched back when it ends. Who plays in it on which
plant is in :mod:`app.cast`.
"""

import uuid
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from contract.errors import MesError, PlantError
from contract.events import CommandGiven, Words
from dashboards.board.desk import FASTEST
from simulator.command_verbs import LINE_VERBS, MACHINE_VERBS
from simulator.mess_kinds import KINDS
from simulator.plant_file import document_of

_ENDING = ".toml"
#: The longest scene (s) and the most steps.
LONGEST_S, STEPS_LIMIT = 1800.0, 200
_OTHERS = ("speed", "mess_on", "mess_off")
_FIELDS = ("code", "duration_s", "value", "order", "product", "quantity")
_Text = Annotated[str, Meta(max_length=64)]


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said and done ``at_s`` seconds after the beginning."""

    at_s: Annotated[float, Meta(ge=0, le=LONGEST_S)]
    caption: Words | None = None
    do: _Text = ""
    line: _Text = ""
    machine: _Text = ""
    kind: _Text = ""
    code: _Text = ""
    duration_s: Annotated[float, Meta(gt=0, le=86_400)] | None = None
    value: Annotated[float, Meta(ge=0, le=1000)] | None = None
    order: _Text = ""
    product: _Text = ""
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None


class Story(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A scene: what it is called and about, and its steps in order of time; see :mod:`app.cast`.

    ``stage`` is the path of the line where it plays, once it is cast.
    """

    title: Words
    about: Words
    steps: list[Step]
    cast: dict[_Text, list[_Text]] = {}
    beat_s: Annotated[float, Meta(gt=0, le=86_400)] | None = None
    name: str = ""
    stage: str = ""


class StoryError(MesError):
    """A story that cannot be played: names the step and the mend."""


def story_names() -> list[str]:
    """Names of the stories that are shipped."""
    return sorted(each.name.removesuffix(_ENDING) for each in _shipped().iterdir() if each.name.endswith(_ENDING))


def load_story(name_or_path: str) -> Story:
    """A shipped story by name, or a story file by path. Raises :class:`StoryError`."""
    if not name_or_path.endswith(_ENDING):
        if name_or_path not in story_names():
            known = ", ".join(story_names())
            raise StoryError(f"there is no story {name_or_path!r}: use one of {known}, or the path of a .toml file")
        text = (_shipped() / f"{name_or_path}{_ENDING}").read_text("utf-8")
        return parse_story(text, f"{name_or_path}{_ENDING}")
    try:
        text = Path(name_or_path).read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StoryError(f"{name_or_path}: cannot be read: it is not UTF-8 text: save it as UTF-8") from error
    except OSError as error:
        raise StoryError(f"{name_or_path}: cannot be read: {error.strerror}: check its name") from error
    return parse_story(text, name_or_path)


def _shipped() -> Any:  # noqa: ANN401 - importlib's Traversable moved between Python versions
    return files("app") / "stories"


def parse_story(text: str, source: str) -> Story:
    """TOML → story, as far as it can be judged without a plant. Raises :class:`StoryError`."""
    try:
        story = msgspec.convert(document_of(text, source), Story)
    except PlantError as error:
        raise StoryError(str(error)) from error
    except msgspec.ValidationError as error:
        raise StoryError(f"{source}: {error}{_nearest(str(error))}") from error
    require(story.steps, source, "there are no steps: add [[steps]] with at_s, caption or do")
    require(len(story.steps) <= STEPS_LIMIT, source, f"more than {STEPS_LIMIT} steps: make two stories of it")
    for words in (story.title, story.about):
        require(words.en.strip() and words.vi.strip(), source, "title and about are wanted in en and vi")
    before_s = 0.0
    for number, step in enumerate(story.steps, start=1):
        where = f"{source}, step {number} (at_s = {step.at_s:g})"
        require(step.at_s >= before_s, where, "is earlier than the step before: put them in order of time")
        _check_step(step, where)
        before_s = step.at_s
    return msgspec.structs.replace(story, name=Path(source).stem, stage="")


def _nearest(message: str) -> str:
    """The key that was meant, where one is not known."""
    if "unknown field" not in message:
        return ""
    known = [field.name for kind in (Story, Step, Words) for field in msgspec.structs.fields(kind)]
    near = get_close_matches(message.split("`")[1], known, n=1)
    return f": did you mean {near[0]!r}?" if near else ": remove it"


def _check_step(step: Step, where: str) -> None:
    require(step.do or step.caption is not None, where, "says nothing and does nothing: add a caption or do")
    if step.caption is not None:
        both = step.caption.en, step.caption.vi
        require(bool(both[0].strip()) == bool(both[1].strip()), where, "the caption is in one language: en and vi")
    _check_deed(step, where)


def _check_deed(step: Step, where: str) -> None:
    verbs = [*MACHINE_VERBS, *LINE_VERBS, *_OTHERS]
    if step.do and step.do not in verbs:
        near = get_close_matches(step.do, verbs, n=1)
        mend = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(verbs)}"
        raise StoryError(f"{where}: there is no {step.do!r}: {mend}")
    require(not step.kind or step.do in {"mess_on", "mess_off"}, where, "kind is for mess_on and mess_off only")
    if step.do in {"mess_on", "mess_off"}:
        require(step.kind in KINDS, where, f"kind = {step.kind!r} is no mess: use one of {', '.join(KINDS)}")
    if step.do == "speed":
        right = step.value is not None and step.value <= FASTEST
        require(right, where, f"speed wants a value from 0 (a pause) to {FASTEST:g}")
    if step.do in MACHINE_VERBS:
        require(step.machine, where, f"{step.do} is for a machine: say which (machine = …)")
    verb: Any = MACHINE_VERBS.get(step.do) or LINE_VERBS.get(step.do)
    if verb is not None:
        for field in _FIELDS:
            given = getattr(step, field) not in ("", None)
            require(given or field not in verb.needs, where, f"{step.do} wants {' and '.join(verb.needs)}")
            require(not given or field in (*verb.needs, *verb.takes), where, f"{step.do} takes no {field}: remove it")


def require(holds: object, where: str, mend: str) -> None:
    """Raise :class:`StoryError` with the place and the mend unless it ``holds``."""
    if not holds:
        raise StoryError(f"{where}: {mend}")


def command_of(step: Step) -> CommandGiven:
    """The command of a step that has one, with an id of its own."""
    fields = {field: getattr(step, field) for field in _FIELDS}
    return CommandGiven(uuid.uuid4().hex, step.do, "story", **fields)
