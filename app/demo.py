"""``mes demo``: broker, plant, collector, store and board in one go, with a past, then live.

    history ── engine ─▶ intake ─▶ store            as fast as it goes, no broker between
    live    ── engine ─▶ broker ─▶ subscriber ─▶ intake ─▶ store ─▶ board

It is one engine and one ledger throughout, so the live part goes on exactly where the history ends. From the desk it
can be made anew with another seed: another world is made beside this one, and then all parts start again in that.

Plant time may run ahead of the clock on the wall, by speed or by a jump, and then one connection runs ahead of the
others; this intake tolerates as much as they can be apart, where that of a real plant would suspect a broken clock.
"""

import asyncio
import socket
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import msgspec

from app.broker import ANYWHERE, LOCAL, EmbeddedBroker, free_port, hold_port
from app.cast import cast, lines_of_park
from app.command import commands_of
from app.desk import Life, PlantDesk
from app.files import open_to_write
from app.influx import checked, sending
from app.live import collecting, open_ear, watch
from app.onduty import on_duty
from app.progress import console, progress
from app.serve import BoardServer
from app.stopping import run_until_stopped
from app.story import Story, load_story, story_names
from collector.influx_client import InfluxSettings
from collector.intake import Intake, IntakeSettings
from collector.journal import Journal
from contract.broker_url import BrokerUrl, parse_broker_url
from contract.codec import KIND_OF
from contract.errors import MesError, UsageError
from contract.instants import HOUR_US, MINUTE_US, believable, floor_minute
from contract.topics import RETAINED
from dashboards.board.app import Instructor
from dashboards.board.desk import Play
from dashboards.board.guard import Guard, new_pin
from simulator.agenda import Emission
from simulator.command_log import Commands
from simulator.control import Ear
from simulator.engine import Factory
from simulator.mess import Mess, MessSettings
from simulator.pacing import Pace, run_live, wall_us
from simulator.plant import Park
from simulator.publish import PublishSettings
from simulator.publish_mess import MessyPublisher

_MQTT_PORT = 1883
#: The demo is the same factory every day: a class can talk about what happened to the others.
_SEED = 7
_HISTORY_STEP_US = 30 * MINUTE_US
#: A full outbox of a line that says a word a minute is not longer than this.
_AHEAD_US = 12 * HOUR_US


class DemoSettings(msgspec.Struct, frozen=True):
    """What ``mes demo`` was asked for; ``speed`` 0 means as fast as possible. ``story`` is played at once."""

    park: Park
    history_us: int
    speed: float
    port: int
    lan: bool
    mess: MessSettings | None = None
    command_log: Path | None = None
    influx: InfluxSettings | None = None
    story: str | None = None


def run_demo(settings: DemoSettings) -> None:
    """Run until Ctrl-C. Raises :class:`contract.errors.UsageError` when the board's port is busy."""
    if settings.command_log is not None:  # better said before the past is made than after
        open_to_write(settings.command_log, "--command-log").close()
    # Held from the first moment: making the past takes a while, in which another program could take the port.
    with hold_port(ANYWHERE if settings.lan else LOCAL, settings.port, "--port") as held:
        stories = stories_of(settings.story, settings.park)
        _run(_Demo(settings, PlantDesk(stories), Guard(new_pin(), time.monotonic), held))


def _run(demo: "_Demo") -> None:
    settings = demo.settings
    world: _World | None = _new_world(settings, _SEED)
    number = 1
    while world is not None:
        with world.open as opened:
            broker = _open_broker(opened)
            log = settings.command_log
            if log is not None and number > 1:
                log = log.with_name(f"{log.name}.{number}")
            with commands_of(world.past.factory, None, log) as commands:
                live = _Live(demo, world, broker.url, commands, is_first=number == 1)
                run_until_stopped(live.run)
        world, number = live.following, number + 1
    console.print("stopped: plant, collector, board and broker")


def stories_of(asked: str | None, park: Park) -> list[Story]:
    """The stories that come with the program, and the one of ``asked`` (a name or a file) first.

    Raises :class:`app.story.StoryError` for one that cannot be played on ``park``.
    """
    shipped = [load_story(name) for name in story_names()]
    if asked is None:
        return shipped
    story = load_story(asked)
    cast(story, lines_of_park(park))
    return [story, *(one for one in shipped if one.name != story.name)]


def _open_broker(opened: ExitStack) -> EmbeddedBroker:
    """On the usual MQTT port, so that any client finds the demo; on another where that is taken."""
    try:
        return opened.enter_context(EmbeddedBroker(LOCAL, _MQTT_PORT))
    except UsageError:
        return opened.enter_context(EmbeddedBroker(LOCAL, free_port()))


class _Past(msgspec.Struct, frozen=True):
    """What the live part goes on from; ``kept`` is what the broker should still know, by topic or path and kind."""

    factory: Factory
    mess: Mess
    kept: dict[object, Any]


class _World(msgspec.Struct, frozen=True):
    """A plant with its past, and what collects from it; closed by leaving ``open``."""

    store: Path
    past: _Past
    intake: Intake
    journal: Journal
    open: ExitStack


class _Demo(msgspec.Struct, frozen=True):
    """What lasts however often the plant is made anew."""

    settings: DemoSettings
    desk: PlantDesk
    guard: Guard
    held: socket.socket


def _new_world(settings: DemoSettings, seed: int, is_stopped: Callable[[], bool] = lambda: False) -> _World:
    """Run the plant of ``seed`` up to now straight into a new store; what is made may be half when it is stopped."""
    with ExitStack() as stack:
        # On Windows a file that somebody still reads cannot be deleted; the system's own clean-up takes it later.
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="mes-demo-", ignore_cleanup_errors=True))
        store, influx = Path(folder) / "mes.db", checked(settings.influx)
        journal = stack.enter_context(closing(Journal.open(store, spool=influx is not None)))
        stack.enter_context(sending(influx, store, is_kept=False))
        intake = Intake(IntakeSettings(future_tolerance_us=_AHEAD_US))
        past = _make_history(settings, seed, intake, journal, is_stopped)
        return _World(store, past, intake, journal, stack.pop_all())


def _make_history(
    settings: DemoSettings, seed: int, intake: Intake, journal: Journal, is_stopped: Callable[[], bool]
) -> _Past:
    start_us = believable(floor_minute(wall_us() - settings.history_us), "the begin of --history")
    factory = Factory(_called_in(settings.park, wall_us()), seed, start_us, keep_truth=False)
    # The mess is always there, for the desk to switch: mostly at rates of 0.
    past = _Past(factory, Mess(settings.mess or MessSettings({}), seed, factory.paths, start_us), {})
    with progress("making the past") as say:
        while factory.now_us < (now_us := wall_us()) and not is_stopped():
            emissions = factory.run_until(min(factory.now_us + _HISTORY_STEP_US, now_us))
            _feed(past, emissions, intake)
            journal.commit(intake.drain())
            say((factory.now_us - start_us) / (now_us - start_us))
            if now_us - factory.now_us < MINUTE_US:
                break
    return past


def _called_in(park: Park, now_us: int) -> Park:
    """Every plant of ``park`` so that it works now; what had to be changed for that is said."""
    plants = []
    for plant in park.plants:
        working, changed = on_duty(plant, now_us)
        plants.append(working)
        if changed:
            console.print(changed if len(park.plants) == 1 else f"{plant.name.en}: {changed}")
    return msgspec.structs.replace(park, plants=tuple(plants))


def _feed(past: _Past, emissions: list[Emission], intake: Intake) -> None:
    if any(past.mess.rates.values()):
        for wire in past.mess.pass_on(emissions, past.factory.now_us):
            intake.feed(wire.topic, wire.payload, wire.is_kept)
            if wire.retain:
                past.kept[wire.topic] = wire
        return
    past.mess.follow(emissions, past.factory.now_us)
    for emission in emissions:
        path, event = emission
        intake.feed_events(path, (event,))
        if KIND_OF[type(event)] in RETAINED:
            past.kept[path, type(event)] = past.mess.wire(emission)


class _Live:
    """The live part of a world: what takes over when its history is made. ``following``: the world it ends for."""

    def __init__(self, demo: _Demo, world: _World, broker: str, commands: Commands, *, is_first: bool) -> None:
        self._demo, self._world, self._broker, self._commands = demo, world, broker, commands
        self._is_first = is_first
        self.following: _World | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Publish, collect and serve until ``stop`` or a reset; whichever part fails ends the others."""
        settings, past, url = self._demo.settings, self._world.past, parse_broker_url(self._broker)
        publishing = PublishSettings(url, batching=settings.speed != 1)
        async with MessyPublisher(publishing, past.factory.paths, past.factory.start_us, past.mess) as publisher:
            # First what the broker would hold had it been there all along; only then the collector subscribes, for whom
            # it is retained and no news, and only then something new is said.
            await publisher.put(past.kept.values())
            await publisher.drain()
            async with open_ear(url, past.factory, self._commands, past.mess) as ear:
                await self._run_all(stop, url, publisher, ear)

    async def _run_all(self, stop: asyncio.Event, url: BrokerUrl, publisher: MessyPublisher, ear: Ear) -> None:
        settings, desk, world, over = self._demo.settings, self._demo.desk, self._world, asyncio.Event()
        pace, factory = Pace(settings.speed or None), world.past.factory
        with ExitStack() as stack, collecting(url, world.intake, world.journal) as subscriber:
            console.print(f"broker: {self._broker}")
            async with asyncio.TaskGroup() as group:

                def renew(seed: int) -> None:
                    group.create_task(self._renew(seed, over))

                no_reset = "" if settings.influx is None else "influx"
                life = Life(factory, world.past.mess, pace, publisher, url, ear, renew, no_reset)
                stack.enter_context(desk.at(life))
                if not self._is_first:
                    ear.mark("reset", factory.seed, by="desk")
                server = self._server()
                group.create_task(server.run_until(over))
                group.create_task(watch(over, subscriber))
                group.create_task(desk.follow(over))
                group.create_task(_end(stop, over))
                run = run_live(
                    factory, publisher, pace, None, over,
                    anchor_us=wall_us(), commands=self._commands, heard=ear.heard,
                )  # fmt: skip
                group.create_task(run)
                if settings.story is not None and self._is_first:
                    group.create_task(self._begin_story(server, over))

    def _server(self) -> BoardServer:
        demo = self._demo
        instructor = Instructor(demo.desk, demo.guard)
        return BoardServer(self._world.store, demo.held, instructor=instructor)

    async def _begin_story(self, server: BoardServer, over: asyncio.Event) -> None:
        await server.listening.wait()
        if not over.is_set():
            await self._demo.desk.do(Play(self._demo.desk.first_story))

    async def _renew(self, seed: int, over: asyncio.Event) -> None:
        """Make a world with ``seed`` while this one goes on; then end this one."""
        try:
            world = await asyncio.to_thread(_new_world, self._demo.settings, seed, over.is_set)
        except MesError as error:
            console.print(f"desk: the reset failed: {error}", markup=False)
            self._demo.desk.busy = False
            return
        if over.is_set():
            world.open.close()
        else:
            self.following = world
            over.set()


async def _end(stop: asyncio.Event, over: asyncio.Event) -> None:
    """Set ``over`` at ``stop``; return when it is set."""
    asked = asyncio.create_task(stop.wait())
    ended = asyncio.create_task(over.wait())
    await asyncio.wait((asked, ended), return_when=asyncio.FIRST_COMPLETED)
    over.set()
    asked.cancel()
