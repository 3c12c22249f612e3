"""The instructor's desk of a running demo: what is asked for at the page ``/desk`` is done to the plant, and told.

commands        ─→ MQTT, as `mes command` gives them
mess            ─→ Ear.switch  ┐
speed and jumps ─→ Pace        │ and each is marked: a command `note` to every line, answered, stored, shown
stories, words  ─→ Notice      │ on every chart and written to --command-log as all commands are
reset           ─→ whoever runs the demo, which makes another world
"""

import asyncio
import contextlib
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from answers.commands import Note, note_of
from app.cast import cast, castable, lines_of_park
from app.playtime import Stopwatch, lasts_us, quiet_from, shift_edge
from app.progress import console
from app.story import Step, Story, StoryError, command_of
from contract.broker_url import BrokerUrl
from contract.errors import BrokerError, MesError
from contract.events import CommandGiven, Words
from contract.instants import HOUR_US
from dashboards.board.desk import (
    Action,
    Command,
    Deed,
    DeskLine,
    DeskMess,
    DeskState,
    DeskStory,
    Jump,
    Notice,
    Outcome,
    Play,
    Reset,
    Say,
    Speed,
    Unable,
)
from simulator import mess as core
from simulator.control import Ear, ask
from simulator.engine import Factory
from simulator.mess_kinds import KINDS, check_rate
from simulator.pacing import Pace
from simulator.publish import BasePublisher

#: How long every page shows what was done and what was said at the desk, and how often it looks whether that is over.
_SHOWN_S, _SAID_S, _LOOK_S = 60.0, 45.0, 0.25
_KEPT_DEEDS = 30
#: How far a story jumps at most to play without a break or changeover, and how far at a time.
_FAR_US, _STEP_US = 4 * HOUR_US, HOUR_US // 2
#: How long the last caption of a story stays, s.
_LAST_WORD_S = 6.0
_BY, _BY_STORY = "desk", "story"


class Life(msgspec.Struct, frozen=True):
    """The plant that the desk commands until it is reset. ``renew`` makes another, unless ``no_reset`` says why not."""

    factory: Factory
    mess: core.Mess
    pace: Pace
    publisher: BasePublisher[core.Wire]
    broker: BrokerUrl
    ear: Ear
    renew: Callable[[int], None]
    no_reset: str = ""


class PlantDesk:
    """See :class:`dashboards.board.desk.Desk`. Outlives the plants: each is its own for the time of :meth:`at`."""

    def __init__(self, stories: list[Story]) -> None:
        self._stories = stories
        self._tell: Callable[[Notice], None] = lambda _: None
        self._told = Notice()
        self._deeds: deque[Deed] = deque(maxlen=_KEPT_DEEDS)
        self._shown: tuple[Deed | None, float] = (None, 0.0)
        self._said: tuple[Words | None, float] = (None, 0.0)
        self._life: Life | None = None
        self._lines: list[DeskLine] = []
        self._cast: dict[str, Story] = {}
        self._scene: tuple[Story, Words | None] | None = None
        self._playing: asyncio.Task[None] | None = None
        self._watch = Stopwatch(time.monotonic)
        self.busy = False

    @contextmanager
    def at(self, life: Life) -> Iterator[None]:
        """Command the plant of ``life`` while inside."""
        self._life, self._lines, self.busy = life, lines_of_park(life.factory.park), False
        self._cast = castable(self._stories, self._lines)
        try:
            yield
        finally:
            if self._playing is not None:
                self._playing.cancel()
            self._life, self._scene, self._said = None, None, (None, 0.0)

    @property
    def first_story(self) -> str:
        """The name of the story that was asked for, or else of any."""
        return self._stories[0].name

    async def follow(self, over: asyncio.Event) -> None:
        """Keep what the pages show up to date, until ``over``."""
        while not over.is_set():
            self._announce()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), _LOOK_S)

    # ------------------------------------------------------------------ what the board asks

    def state(self) -> DeskState:
        """See :class:`dashboards.board.desk.Desk`."""
        life = self._require_life()
        rates = life.mess.rates
        return DeskState(
            now_us=life.factory.now_us,
            tz=life.factory.park.plants[0].tz,
            speed=life.pace.speed,
            jumps=life.pace.jumps,
            busy=self.busy,
            no_reset=life.no_reset,
            seed=life.factory.seed,
            lines=self._lines,
            mess=[DeskMess(kind, rates.get(kind, 0.0)) for kind in KINDS],
            stories=[DeskStory(one.name, one.title, one.about) for one in self._cast.values()],
            story="" if self._scene is None else self._scene[0].name,
            caption=None if self._scene is None else self._scene[1],
            done=[*reversed(self._deeds)],
        )

    def announce_to(self, tell: Callable[[Notice], None]) -> None:
        """See :class:`dashboards.board.desk.Desk`."""
        self._tell = tell
        tell(self._told)

    async def do(self, action: Action) -> Outcome:  # noqa: PLR0911 - one for each
        """See :class:`dashboards.board.desk.Desk`; raises :class:`Unable` for what this plant has not."""
        life = self._require_life()
        if isinstance(action, Command):
            fields = msgspec.structs.asdict(action)
            path = fields.pop("path")
            return await self._command(life, path, CommandGiven(uuid.uuid4().hex, by=_BY, **fields))
        if isinstance(action, Speed):
            self._watch.hold(held=action.value == 0)  # a class that stops to talk misses nothing of a story
            return self._set_speed(life, action.value)
        if isinstance(action, Jump):
            return self._jump(life)
        if isinstance(action, Reset):
            return self._reset(life, action.seed)
        if isinstance(action, Play):
            return await self._play(life, action.name)
        if isinstance(action, Say):
            return self._say(life, action.text)
        return self._switch(life, action.kind, on=action.on)

    # ------------------------------------------------------------------ doing it

    async def _command(self, life: Life, path: str, given: CommandGiven) -> Outcome:
        known = {line.path: line for line in self._lines}
        machines = {machine.path: machine for line in self._lines for machine in line.machines}
        who = known.get(path) or machines.get(path)
        if who is None:
            raise Unable("path", f"there is no line or machine {path!r} here")
        try:
            answer = await ask(life.broker, path, given)
        except BrokerError as error:
            note = Note(
                ts_us=life.factory.now_us, path=path, asked=given, accepted=False, detail=str(error), why="silent"
            )
            return self._did(note, who.name)
        choices = known[path].products if path in known else [*machines[path].faults, *machines[path].slots]
        named = next((one.name for one in choices if one.id == (given.product or given.code)), None)
        return self._did(note_of(path, answer, named), who.name)

    def _switch(self, life: Life, kind: str, *, on: bool, by: str = _BY) -> Outcome:
        rate = check_rate(kind) if on else 0.0
        life.ear.switch({kind: rate}, by)
        return self._note(life, f"mess.{kind}", rate, by=by)

    def _set_speed(self, life: Life, speed: float | None, by: str = _BY) -> Outcome:
        life.publisher.batch(speed != 1)
        life.pace.set(speed)
        code = "pause" if speed == 0 else "speed"
        life.ear.mark(code, speed or None, by=by)
        return self._note(life, code, speed or None, by=by)

    def _jump(self, life: Life) -> Outcome:
        to_us = shift_edge(life.factory.park.plants[0], life.factory.now_us)
        if to_us is None:
            return Outcome(accepted=False, detail="this plant has no shifts: it works day and night", why="no_shifts")
        return self._jump_to(life, to_us, _BY)

    def _jump_to(self, life: Life, to_us: int, by: str) -> Outcome:
        life.ear.mark("jump", by=by)
        life.publisher.batch(on=True)
        life.pace.jump(to_us)
        return self._note(life, "jump", by=by)

    def _reset(self, life: Life, seed: int) -> Outcome:
        if life.no_reset:
            detail = "this demo sends to an InfluxDB, where another past would be mixed with this one"
            return Outcome(accepted=False, detail=detail, why=life.no_reset)
        if self.busy:
            return Outcome(accepted=False, detail="it is being made anew already", why="busy")
        life.renew(seed)
        self.busy = True
        life.ear.mark("reset", seed, by=_BY)
        return self._note(life, "reset", seed)

    def _say(self, life: Life, text: Words) -> Outcome:
        if not (text.en.strip() or text.vi.strip()):
            self._said = None, 0.0
            self._announce()
            return Outcome(accepted=True)
        both = Words(text.en.strip() or text.vi.strip(), text.vi.strip() or text.en.strip())
        self._said = both, asyncio.get_running_loop().time() + _SAID_S
        life.ear.mark(text=both, by=_BY)
        return self._note(life, "", text=both)

    def _note(
        self, life: Life, code: str, value: float | None = None, text: Words | None = None, by: str = _BY
    ) -> Outcome:
        """Show what was done to all of the plant."""
        given = CommandGiven("", "note", by, code, value=value, text=text)
        return self._did(Note(ts_us=life.factory.now_us, path="", asked=given), None)

    def _did(self, note: Note, who: Words | None) -> Outcome:
        """Keep, log and show it."""
        deed = Deed(note, who)
        self._deeds.append(deed)
        self._shown = deed, asyncio.get_running_loop().time() + _SHOWN_S
        asked = note.asked
        told: list[object] = [note.detail]
        if asked.verb == "note":
            told = [asked.code, asked.value, asked.text.en if asked.text else ""]
        parts = ["" if who is None else f"{who.en}:", asked.verb, *(str(one) for one in told if one)]
        refused = "" if note.accepted else " (refused)"
        console.print(f"{asked.by}: {' '.join(filter(None, parts))}{refused}", markup=False)
        self._announce()
        return Outcome(note.accepted, "" if note.accepted else note.detail, note.why, deed)

    def _announce(self) -> None:
        life, (deed, until_s), (said, unsaid_s) = self._life, self._shown, self._said
        if life is None:
            return
        now_s = asyncio.get_running_loop().time()
        story, caption = self._scene or (None, None)
        notice = Notice(
            title=None if story is None else story.title,
            caption=caption,
            stage="" if story is None else story.stage,
            said=said if now_s < unsaid_s else None,
            speed=life.pace.speed,
            jumps=life.pace.jumps,
            did=deed if now_s < until_s else None,
        )
        if notice != self._told:
            self._told = notice
            self._tell(notice)

    # ------------------------------------------------------------------ stories

    async def _play(self, life: Life, name: str) -> Outcome:
        story = self._castable(name) if name else None
        if self._playing is not None and not self._playing.done():
            self._playing.cancel()
            await asyncio.gather(self._playing, return_exceptions=True)  # it says itself that it is over
        if story is None:
            return Outcome(accepted=True)
        life.ear.mark(f"story.{story.name}"[:64], text=story.title, by=_BY)
        self._playing = asyncio.create_task(self._perform(life, story), name=f"story {name}")
        return self._note(life, f"story.{story.name}", text=story.title)

    def _castable(self, name: str) -> Story:
        if name in self._cast:
            return self._cast[name]
        for story in self._stories:
            if story.name == name:
                try:
                    return cast(story, self._lines)
                except StoryError as error:
                    raise Unable("no_story", str(error)) from error
        raise Unable("no_story", f"there is no story {name!r}: {', '.join(one.name for one in self._stories)}")

    async def _perform(self, life: Life, story: Story) -> None:
        """Every step at its time; in the end time and mess are as they were."""
        speed, rates = life.pace.speed, life.mess.rates
        scene: tuple[Story, Words | None] = (story, None)
        self._scene = scene
        try:
            await self._find_time(life, story)
            await self._set_the_stage(life, story)
            watch = self._watch = Stopwatch(time.monotonic)
            for step in story.steps:
                while (left_s := step.at_s - watch.seconds) > 0:  # noqa: ASYNC110 - a watch says nothing when it is held
                    await asyncio.sleep(min(left_s, _LOOK_S))
                if step.caption is not None:
                    scene = self._scene = story, step.caption if step.caption.en else None
                    self._announce()
                await self._step(life, step)
            await asyncio.sleep(_LAST_WORD_S if scene[1] else 0)
        finally:
            self._scene = None
            self._restore(life, story, speed, rates)
            life.ear.mark("story_end", text=story.title, by=_BY_STORY)
            self._note(life, "story_end", text=story.title, by=_BY_STORY)

    async def _find_time(self, life: Life, story: Story) -> None:
        """Jump over a break, the end of the shift or a changeover that would come in the middle of the story."""
        factory, plants = life.factory, life.factory.park.plants
        plant = next((one for one in plants for line in one.lines if one.address(line).path == story.stage), plants[0])
        long_us, latest_us = lasts_us(story, life.pace.speed), factory.now_us + _FAR_US
        while True:
            to_us = quiet_from(plant, factory.now_us, long_us)
            if to_us <= factory.now_us:
                if not story.stage or not factory.is_changing_over(story.stage, long_us):
                    return
                to_us = factory.now_us + _STEP_US
            if to_us > latest_us:
                return
            self._jump_to(life, to_us, _BY_STORY)
            while life.pace.jumps:  # noqa: ASYNC110 - a pace says nothing when it has arrived
                await asyncio.sleep(_LOOK_S)

    async def _set_the_stage(self, life: Life, story: Story) -> None:
        """Repair what stands on the line of the story, so that what is seen there is the story's doing."""
        for path in life.factory.faulty:
            if story.stage and path.startswith(f"{story.stage}/"):
                await self._repair(life, path)

    async def _repair(self, life: Life, path: str) -> None:
        await self._command(life, path, CommandGiven(uuid.uuid4().hex, "repair", _BY_STORY))

    async def _step(self, life: Life, step: Step) -> None:
        try:
            if step.do == "speed":
                self._set_speed(life, step.value, _BY_STORY)
            elif step.do in {"mess_on", "mess_off"}:
                self._switch(life, step.kind, on=step.do == "mess_on", by=_BY_STORY)
            elif step.do:
                if step.do == "break" and step.machine in life.factory.faulty:
                    await self._repair(life, step.machine)  # a small stop of its own must not keep it from its part
                await self._command(life, step.machine or step.line, command_of(step))
        except MesError as error:
            console.print(f"story: {step.do}: {error}", markup=False)

    def _restore(self, life: Life, story: Story, speed: float | None, rates: dict[str, float]) -> None:
        done = {step.do for step in story.steps}
        if "speed" in done and life.pace.speed != speed:
            self._set_speed(life, speed, _BY_STORY)
        life.ear.switch({step.kind: rates.get(step.kind, 0.0) for step in story.steps if step.kind}, _BY_STORY)

    def _require_life(self) -> Life:
        if self._life is None:
            raise Unable("busy", "the plant is being made anew: a moment")
        return self._life
