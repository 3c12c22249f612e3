"""The instructor's desk of a running demo: what is asked for at the page ``/desk`` is done to the plant, and told.

commands        ─→ MQTT, as `mes command` gives them: answered, stored, written to --command-log
mess            ─→ Mess.switch
speed and jumps ─→ Pace
reset           ─→ whoever runs the demo, which makes another world
stories         ─→ all of these, at their times
"""

import asyncio
import contextlib
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from app.progress import console
from app.story import Step, Story, StoryError, check_cast, command_of, path_of
from contract.broker_url import BrokerUrl
from contract.errors import MesError, UsageError
from contract.events import CommandGiven, Words
from contract.instants import DAY_US, to_iso
from dashboards.board.desk import (
    Action,
    Choice,
    Command,
    Deed,
    DeskLine,
    DeskMachine,
    DeskMess,
    DeskState,
    DeskStory,
    Jump,
    Notice,
    Outcome,
    Play,
    Reset,
    Speed,
)
from simulator import mess as core
from simulator.control import ask
from simulator.engine import Factory
from simulator.mess_kinds import KINDS, check_rate
from simulator.pacing import Pace
from simulator.plant import LineSpec, Park, Plant
from simulator.publish import BasePublisher
from simulator.shifts import windows

#: How long every wall shows what was done at the desk, and how often it is looked whether that is over, s.
_SHOWN_S, _LOOK_S = 60.0, 0.25
_KEPT_DEEDS = 30
_LOOK_AHEAD_US = 8 * DAY_US
#: How long the last caption of a story stays, s.
_LAST_WORD_S = 6.0


class Life(msgspec.Struct, frozen=True):
    """The plant that the desk commands until it is reset. ``renew`` makes another; it says why it does not."""

    factory: Factory
    mess: core.Mess
    pace: Pace
    publisher: BasePublisher[core.Wire]
    broker: BrokerUrl
    renew: Callable[[int], str]


class PlantDesk:
    """See :class:`dashboards.board.desk.Desk`. Outlives the plants: each is its own for the time of :meth:`at`."""

    def __init__(self, stories: list[Story]) -> None:
        self._stories = stories
        self._tell: Callable[[Notice], None] = lambda _: None
        self._told = Notice()
        self._deeds: deque[Deed] = deque(maxlen=_KEPT_DEEDS)
        self._shown: tuple[Deed | None, float] = (None, 0.0)
        self._life: Life | None = None
        self._lines: list[DeskLine] = []
        self._scene: tuple[Story, Words | None] | None = None
        self._playing: asyncio.Task[None] | None = None
        self.busy = False

    @contextmanager
    def at(self, life: Life) -> Iterator[None]:
        """Command the plant of ``life`` while inside."""
        self._life, self._lines, self.busy = life, lines_of_park(life.factory.park), False
        try:
            yield
        finally:
            if self._playing is not None:
                self._playing.cancel()
            self._life, self._scene = None, None

    @property
    def first_story(self) -> str:
        """The name of the story that was asked for, or else of any."""
        return self._stories[0].name

    async def follow(self, over: asyncio.Event) -> None:
        """Keep what the walls show up to date, until ``over``."""
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
            seed=life.factory.seed,
            lines=self._lines,
            mess=[DeskMess(kind, rates.get(kind, 0.0)) for kind in KINDS],
            stories=[DeskStory(one.name, one.title, one.about) for one in self._stories if self._fits(one)],
            story="" if self._scene is None else self._scene[0].name,
            done=[*reversed(self._deeds)],
        )

    def announce_to(self, tell: Callable[[Notice], None]) -> None:
        """See :class:`dashboards.board.desk.Desk`."""
        self._tell = tell
        tell(self._told)

    async def do(self, action: Action) -> Outcome:
        """See :class:`dashboards.board.desk.Desk`; raises :class:`UsageError` for what this plant has not."""
        life = self._require_life()
        if isinstance(action, Command):
            fields = msgspec.structs.asdict(action)
            path = fields.pop("path")
            return await self._command(life, path, CommandGiven(uuid.uuid4().hex, by="desk", **fields))
        if isinstance(action, Speed):
            return self._set_speed(life, action.value)
        if isinstance(action, Jump):
            return self._jump(life)
        if isinstance(action, Reset):
            return self._reset(life, action.seed)
        if isinstance(action, Play):
            return self._play(life, action.name)
        return self._switch(life, action.kind, on=action.on)

    # ------------------------------------------------------------------ doing it

    async def _command(self, life: Life, path: str, given: CommandGiven) -> Outcome:
        names = {line.path: line.name for line in self._lines}
        names |= {machine.path: machine.name for line in self._lines for machine in line.machines}
        if path not in names:
            raise UsageError(f"there is no line or machine {path!r} here")
        answer = await ask(life.broker, path, given)
        self._did(life, given.verb, names[path], answer.detail, accepted=answer.accepted, is_stored=True)
        return Outcome(answer.accepted, answer.detail)

    def _switch(self, life: Life, kind: str, *, on: bool) -> Outcome:
        rate = check_rate(kind) if on else 0.0
        if kind not in KINDS:
            raise UsageError(f"{kind!r} is not a kind of mess: {', '.join(KINDS)}")
        life.mess.switch(kind, rate)
        detail = f"{kind}: {f'{rate:g} {KINDS[kind].unit}' if on else 'off'}"
        return self._did(life, "mess_on" if on else "mess_off", _same(kind), detail)

    def _set_speed(self, life: Life, speed: float | None) -> Outcome:
        life.publisher.batch(speed != 1)
        life.pace.set(speed)
        return self._did(life, "speed" if speed else "pause", _same(f"{speed:g}" if speed else ""))

    def _jump(self, life: Life) -> Outcome:
        to_us = shift_edge(life.factory.park.plants[0], life.factory.now_us)
        if to_us is None:
            return Outcome(accepted=False, detail="this plant has no shifts: it works day and night")
        life.publisher.batch(on=True)
        life.pace.jump(to_us)
        return self._did(life, "jump", _same(""), to_iso(to_us))

    def _reset(self, life: Life, seed: int) -> Outcome:
        if self.busy:
            return Outcome(accepted=False, detail="it is being made anew already")
        refused = life.renew(seed)
        if refused:
            return Outcome(accepted=False, detail=refused)
        self.busy = True
        return self._did(life, "reset", _same(str(seed)))

    def _did(  # noqa: PLR0913 - a deed has that many sides
        self, life: Life, what: str, name: Words, detail: str = "", *, accepted: bool = True, is_stored: bool = False
    ) -> Outcome:
        """Note, log and show it; what is stored the walls show anyway."""
        deed = Deed(life.factory.now_us, what, name, accepted, detail)
        self._deeds.append(deed)
        if not is_stored:
            self._shown = deed, asyncio.get_running_loop().time() + _SHOWN_S
        console.print(f"desk: {what} {name.en} {detail}{'' if accepted else ' (refused)'}", markup=False)
        self._announce()
        return Outcome(accepted, detail)

    def _announce(self) -> None:
        life, (deed, until_s) = self._life, self._shown
        if life is None:
            return
        story, caption = self._scene or (None, None)
        notice = Notice(
            title=None if story is None else story.title,
            caption=caption,
            speed=life.pace.speed,
            jumps=life.pace.jumps,
            did=deed if asyncio.get_running_loop().time() < until_s else None,
        )
        if notice != self._told:
            self._told = notice
            self._tell(notice)

    # ------------------------------------------------------------------ stories

    def _fits(self, story: Story) -> bool:
        try:
            check_cast(story, self._lines)
        except StoryError:
            return False
        return True

    def _play(self, life: Life, name: str) -> Outcome:
        if self._playing is not None and not self._playing.done():
            self._playing.cancel()
        if not name:
            return self._did(life, "story_end", _same(""))
        story = next((one for one in self._stories if one.name == name), None)
        if story is None:
            raise UsageError(f"there is no story {name!r}: {', '.join(one.name for one in self._stories)}")
        check_cast(story, self._lines)
        self._playing = asyncio.create_task(self._perform(life, story), name=f"story {name}")
        return self._did(life, "story", story.title)

    async def _perform(self, life: Life, story: Story) -> None:
        """Every step at its time; in the end time and mess are as they were."""
        clock = asyncio.get_running_loop().time
        began_s, speed, rates = clock(), life.pace.speed, life.mess.rates
        scene: tuple[Story, Words | None] = (story, None)
        self._scene = scene
        try:
            for step in story.steps:
                await asyncio.sleep(began_s + step.at_s - clock())
                if step.caption is not None:
                    scene = self._scene = story, step.caption if step.caption.en else None
                    self._announce()
                await self._step(life, step)
            await asyncio.sleep(_LAST_WORD_S if scene[1] else 0)
        finally:
            if self._scene is scene:
                self._scene = None
            self._restore(life, story, speed, rates)

    async def _step(self, life: Life, step: Step) -> None:
        try:
            if step.do == "speed":
                self._set_speed(life, step.value)
            elif step.do in {"mess_on", "mess_off"}:
                self._switch(life, step.kind, on=step.do == "mess_on")
            elif step.do:
                await self._command(life, path_of(step, self._lines), command_of(step))
        except MesError as error:
            # The broker was too slow, say: the story goes on, and the desk tells what was not done.
            self._did(life, step.do, _same(step.machine or step.line), str(error), accepted=False)

    def _restore(self, life: Life, story: Story, speed: float | None, rates: dict[str, float]) -> None:
        done = {step.do for step in story.steps}
        if "speed" in done and life.pace.speed != speed:
            self._set_speed(life, speed)
        for kind in {step.kind for step in story.steps if step.kind}:
            life.mess.switch(kind, rates.get(kind, 0.0))
        self._announce()

    def _require_life(self) -> Life:
        if self._life is None:
            raise UsageError("the plant is being made anew: a moment")
        return self._life


def _same(text: str) -> Words:
    return Words(text, text)


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
    return DeskLine(plant.address(line).path, line.name, products, machines)


def shift_edge(plant: Plant, now_us: int) -> int | None:
    """When the shift of ``now_us`` ends, or the next begins; µs. None for a plant without shifts."""
    shifts = [window for window in windows(plant, now_us, now_us + _LOOK_AHEAD_US) if window.kind == "shift"]
    edges = [window.end if window.start <= now_us else window.start for window in shifts if window.end > now_us]
    return min(edges, default=None)
