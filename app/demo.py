"""``mes demo``: broker, plant, collector, store and board in one go, with a past, then live.

    history ── engine ─▶ intake ─▶ store            as fast as it goes, no broker between
    live    ── engine ─▶ broker ─▶ subscriber ─▶ intake ─▶ store ─▶ board

It is one engine and one ledger throughout, so the live part goes on exactly where the history ends.
"""

import asyncio
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from app.broker import ANYWHERE, LOCAL, EmbeddedBroker, free_port, require_free
from app.command import commands_of
from app.influx import checked, sending
from app.live import collecting, open_ear, open_publisher, watch
from app.mess import mess_of
from app.onduty import on_duty
from app.progress import console, progress
from app.serve import BoardServer
from app.stopping import run_until_stopped
from collector.influx_client import InfluxSettings
from collector.intake import Intake
from collector.journal import Journal
from contract.broker_url import BrokerUrl, parse_broker_url
from contract.codec import KIND_OF
from contract.errors import UsageError
from contract.instants import MINUTE_US, floor_minute
from contract.topics import RETAINED
from simulator.agenda import Emission
from simulator.command_log import Commands
from simulator.engine import Factory
from simulator.mess import Mess, MessSettings
from simulator.pacing import run_live, wall_us
from simulator.plant import Park
from simulator.publish import BasePublisher, PublishSettings

_MQTT_PORT = 1883
#: The demo is the same factory every day: a class can talk about what happened to the others.
_SEED = 7
_HISTORY_STEP_US = 30 * MINUTE_US


class DemoSettings(msgspec.Struct, frozen=True):
    """What ``mes demo`` was asked for; ``speed`` 0 means as fast as possible."""

    park: Park
    history_us: int
    speed: float
    port: int
    lan: bool
    mess: MessSettings | None = None
    command_log: Path | None = None
    influx: InfluxSettings | None = None


def run_demo(settings: DemoSettings) -> None:
    """Run until Ctrl-C. Raises :class:`contract.errors.UsageError` when the board's port is busy."""
    require_free(ANYWHERE if settings.lan else LOCAL, settings.port, "--port")
    # On Windows a file that somebody still reads cannot be deleted; the system's own clean-up takes it later.
    with tempfile.TemporaryDirectory(prefix="mes-demo-", ignore_cleanup_errors=True) as folder:
        store, influx = Path(folder) / "mes.db", checked(settings.influx)
        with (
            closing(Journal.open(store, spool=influx is not None)) as journal,
            sending(influx, store),
            EmbeddedBroker(LOCAL, _broker_port()) as broker,
        ):
            intake = Intake()
            past = _make_history(settings, intake, journal)
            with commands_of(past.factory, None, settings.command_log) as commands:
                live = _Live(settings, store, broker.url, past, intake, journal, commands)
                run_until_stopped(live.run)
    console.print("stopped: plant, collector, board and broker")


def _broker_port() -> int:
    """The usual MQTT port, so that any client finds the demo; another where that is taken."""
    try:
        require_free(LOCAL, _MQTT_PORT, "--port")
    except UsageError:
        return free_port()
    return _MQTT_PORT


class _Past(msgspec.Struct, frozen=True):
    """What the live part goes on from; ``kept`` is what the broker should still know, by topic or path and kind."""

    factory: Factory
    mess: Mess | None
    kept: dict[object, Any]


def _make_history(settings: DemoSettings, intake: Intake, journal: Journal) -> _Past:
    """Run the plant up to now straight into the store."""
    start_us = floor_minute(wall_us() - settings.history_us)
    factory = Factory(_called_in(settings.park, wall_us()), _SEED, start_us, keep_truth=False)
    past = _Past(factory, mess_of(factory, settings.mess), {})
    with progress("making the past") as say:
        while factory.now_us < (now_us := wall_us()):
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
    if past.mess is not None:
        for wire in past.mess.pass_on(emissions, past.factory.now_us):
            intake.feed(wire.topic, wire.payload, wire.is_kept)
            if wire.retain:
                past.kept[wire.topic] = wire
        return
    for emission in emissions:
        path, event = emission
        intake.feed_events(path, (event,))
        kind = KIND_OF[type(event)]
        if kind in RETAINED:
            past.kept[path, kind] = emission


class _Live(msgspec.Struct, frozen=True):
    """The live part: what takes over when the history is made."""

    settings: DemoSettings
    store: Path
    broker: str
    past: _Past
    intake: Intake
    journal: Journal
    commands: Commands

    async def run(self, stop: asyncio.Event) -> None:
        """Publish, collect and serve until ``stop``; whichever part fails ends the others."""
        settings, url = self.settings, parse_broker_url(self.broker)
        publishing = PublishSettings(url, batching=settings.speed != 1)
        factory = self.past.factory
        async with open_publisher(publishing, factory, self.past.mess) as publisher:
            # First what the broker would hold had it been there all along; only then the collector subscribes, for whom
            # it is retained and no news, and only then something new is said.
            await publisher.put(self.past.kept.values())
            await publisher.drain()
            async with open_ear(url, factory, self.commands) as ear:
                await self._run_all(stop, url, publisher, ear.heard)

    async def _run_all(
        self, stop: asyncio.Event, url: BrokerUrl, publisher: BasePublisher[Any], heard: asyncio.Event
    ) -> None:
        settings, factory, commands = self.settings, self.past.factory, self.commands
        with collecting(url, self.intake, self.journal) as subscriber:
            server = BoardServer(self.store, settings.port, settings.lan)
            console.print(f"broker: {self.broker}")
            speed, now_us = settings.speed or None, wall_us()
            async with asyncio.TaskGroup() as group:
                group.create_task(server.run_until(stop))
                group.create_task(watch(stop, subscriber))
                live = run_live(factory, publisher, speed, None, stop, anchor_us=now_us, commands=commands, heard=heard)
                group.create_task(live)
