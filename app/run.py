"""The verbs that run until they are stopped or done: demo, simulate, collect, board, broker."""

import asyncio
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from prometheus_client import CollectorRegistry

from answers.store import Store
from app import options
from app.broker import ANYWHERE, LOCAL, EmbeddedBroker, free_port, hold_port
from app.checkpoint import Checkpoint, Resume, check_options, keep, resumed
from app.command import Log as CommandLog
from app.command import Script, commands_of
from app.demo import DemoSettings, run_demo
from app.files import open_to_read, open_to_write, require_apart
from app.influx import checked, sending
from app.live import collect_until, publish_until
from app.mess import Mess as MessOption
from app.mess import mess_of
from app.metrics import MeasuredJournal, Meter, create_metrics_app
from app.progress import console, progress
from app.serve import BoardServer, Server
from app.settings import InfluxOptions, broker_settings, influx_settings
from app.spread import Asked, Processes, publish_spread, record_spread, usable
from app.stopping import run_until_stopped, stop_asked
from collector.intake import Intake
from collector.subscribe import Subscriber
from contract.errors import StoreError, UsageError
from contract.instants import HOUR_US, believable
from contract.truth import encode_record
from simulator.command_log import Commands
from simulator.engine import Factory
from simulator.mess import Mess
from simulator.orders_file import with_orders
from simulator.pacing import wall_us
from simulator.plant import Park
from simulator.plant_file import load_park
from simulator.record import record

For = Annotated[
    int | None,
    typer.Option("--for", parser=options.duration, metavar="SPAN", help="How long, e.g. 90m, 8h, 7d."),
]
Start = Annotated[
    int | None,
    typer.Option("--start", parser=options.instant, metavar="TIME", help="Begin, e.g. 2026-01-05T06:00:00+07:00."),
]
Speed = Annotated[
    float,
    typer.Option("--speed", parser=options.speed, metavar="X", help="1 is real time, 60 a minute in a second; or max."),
]
History = Annotated[
    int, typer.Option("--history", parser=options.duration, metavar="SPAN", help="How much past to make first.")
]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0: any free one.")]
MetricsPort = Annotated[
    int | None,
    typer.Option("--metrics-port", min=1, max=65535, help="Serve /metrics (Prometheus) and /healthz there."),
]
Story = Annotated[
    str | None,
    typer.Option("--story", metavar="NAME", help="Play a story at once: bottleneck, counter, reel, stencil or a file."),
]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the events to this file.")]
Truth = Annotated[Path | None, typer.Option("--truth", metavar="FILE", help="Write what truly happened to this file.")]
MaybeBroker = Annotated[
    str | None, typer.Option("--broker", metavar="URL", help="Publish there: mqtt://[user:password@]host[:port]")
]


def demo(
    plant: options.Plant = options.DEFAULT_PLANT,
    history: History = "8h",  # type: ignore[assignment]  # typer parses defaults too
    speed: Speed = "1",  # type: ignore[assignment]
    port: Port = 8000,
    lan: options.Lan = False,
    mess: MessOption = None,
    command_log: CommandLog = None,
    orders: options.Orders = None,
    story: Story = None,
    influx_url: options.InfluxUrl = None,
    influx_token_file: options.InfluxTokenFile = None,
    influx_org: options.InfluxOrg = None,
    influx_bucket: options.InfluxBucket = None,
) -> None:
    """Switch the factory on: broker, plant, collector, store and board in one go, with a past, then live.

    Example: `mes demo --history 8h`
    """
    asked = InfluxOptions(influx_url, influx_token_file, influx_org, influx_bucket)
    influx = influx_settings(asked, only_if_asked=True)
    run_demo(DemoSettings(_park(plant, orders), history, speed, port, lan, mess, command_log, influx, story))


def simulate(
    context: typer.Context,
    plant: options.Plant = options.DEFAULT_PLANT,
    seed: options.Seed = 1,
    for_: For = None,
    start: Start = None,
    out: Out = None,
    broker: MaybeBroker = None,
    speed: Speed = "1",  # type: ignore[assignment]
    truth: Truth = None,
    mess: MessOption = None,
    commands: Script = None,
    command_log: CommandLog = None,
    orders: options.Orders = None,
    checkpoint: Checkpoint = None,
    resume: Resume = None,
    processes: Processes = 1,
) -> None:
    """Run a plant: into an event file, or over MQTT to a broker, live or faster.

    Example: `mes simulate --plant smt --seed 7 --for 8h --out events.jsonl --truth truth.jsonl`
    """
    if (out is None) == (broker is None):
        raise UsageError("say where the events go: either --out FILE or --broker URL")
    if broker is not None and for_ is None and truth is not None:
        raise UsageError("--truth needs an end: add --for, e.g. --for 8h")
    require_apart({"--out": out, "--truth": truth, "--command-log": command_log, "--checkpoint": checkpoint})
    goes_on = checkpoint is not None
    check_options(context, resume, is_kept=goes_on)
    length_us = for_ or (0 if out is None else 8 * HOUR_US)

    def factory_of() -> Factory:
        if resume is not None:
            return resumed(resume, needs_truth=truth is not None)
        spec = _park(plant, orders)
        # As fast as possible must not run ahead of the clocks of whoever listens: then the run ends now.
        usual_us = spec.default_start_us if out is not None else wall_us() - (0 if speed else length_us)
        return Factory(spec, seed, usual_us if start is None else start, keep_truth=truth is not None)

    factory = factory_of()
    until_us = believable(factory.now_us + length_us, "the end of --for")
    # What a log says for later, the run that goes on is given.
    last_us = until_us if length_us and not goes_on else None
    asked = Asked(broker is not None, mess is not None, command_log is not None, truth is not None, goes_on)
    count = usable(processes, factory, asked)
    with ExitStack() as stack:
        given = stack.enter_context(commands_of(factory, commands, command_log, last_us))
        made = mess_of(factory, mess)
        if out is not None:
            _to_file(factory, until_us, out, truth, made, given, goes_on=goes_on, count=count)
        elif broker is not None and count > 1:
            publish_spread(factory, count, until_us, broker_settings(broker), speed, given)
        elif broker is not None:
            url, truth_out = broker_settings(broker), _opened(stack, truth)
            run_until_stopped(
                lambda stop: publish_until(
                    stop, factory, url, speed, until_us, mess=made, commands=given, goes_on=goes_on
                )
            )
            if truth_out is not None:
                truth_out.writelines(encode_record(line) for line in factory.truth_records())
        keep(factory, checkpoint)


def _park(plant: str, orders: Path | None) -> Park:
    park = load_park(plant)
    return park if orders is None else with_orders(park, str(orders))


def _opened(stack: ExitStack, truth: Path | None) -> BinaryIO | None:
    return None if truth is None else stack.enter_context(open_to_write(truth, "--truth"))


def _to_file(
    factory: Factory,
    until_us: int,
    out: Path,
    truth: Path | None,
    mess: Mess | None,
    commands: Commands,
    *,
    goes_on: bool,
    count: int,
) -> None:
    with ExitStack() as stack:
        events_out, truth_out = stack.enter_context(open_to_write(out, "--out")), _opened(stack, truth)
        is_stopped = stack.enter_context(stop_asked())
        say = stack.enter_context(progress("simulating"))
        files = factory, until_us, events_out, truth_out, say
        if count > 1:
            events = record_spread(*files, count, commands=commands, goes_on=goes_on, is_stopped=is_stopped)
        else:
            events = record(*files, mess=mess, commands=commands, goes_on=goes_on, is_stopped=is_stopped)
    console.print(f"{events} {'events' if mess is None else 'messages'} of {len(factory.paths)} machines in {out}")


def collect(
    broker: options.Broker,
    store: options.Store,
    metrics_port: MetricsPort = None,
    lan: options.Lan = False,
    influx_url: options.InfluxUrl = None,
    influx_token_file: options.InfluxTokenFile = None,
    influx_org: options.InfluxOrg = None,
    influx_bucket: options.InfluxBucket = None,
) -> None:
    """Collect what machines publish into a store, and on to InfluxDB, until Ctrl-C. Nothing acknowledged is ever lost.

    Example: `mes collect --broker mqtt://127.0.0.1:1883 --store mes.db`
    """
    url = broker_settings(broker)
    influx = checked(influx_settings(InfluxOptions(influx_url, influx_token_file, influx_org, influx_bucket)))
    registry = CollectorRegistry()
    meter = Meter(registry)

    async def serve_metrics(stop: asyncio.Event, subscriber: Subscriber) -> None:
        meter.subscriber = subscriber
        if held is not None:
            await Server(create_metrics_app(registry, subscriber), held).run_until(stop)

    is_spooled = influx is not None
    with ExitStack() as stack:
        held = None
        if metrics_port is not None:
            held = stack.enter_context(hold_port(ANYWHERE if lan else LOCAL, metrics_port, "--metrics-port"))
        journal = stack.enter_context(closing(MeasuredJournal.measured(store, meter, spool=is_spooled)))
        sender = stack.enter_context(sending(influx, store))
        meter.sender, intake = sender, Intake(saved=journal.load())
        run_until_stopped(lambda stop: collect_until(stop, url, intake, journal, serve_metrics))


def board(
    store: options.Store,
    port: Port = 8000,
    lan: options.Lan = False,
    truth: Annotated[
        Path | None, typer.Option("--truth", metavar="FILE", help="The truth file of the run: shows the proof.")
    ] = None,
) -> None:
    """Serve the live board of a store, until Ctrl-C. It only reads: the collector may run beside it, or not at all.

    Example: `mes board --store mes.db --port 8000`
    """
    with hold_port(ANYWHERE if lan else LOCAL, port, "--port") as held:
        try:
            Store.open(store).close()
        except StoreError as error:
            console.print(f"{error}; the board waits until then", markup=False, soft_wrap=True)
        if truth is not None:
            open_to_read(truth, "the truth file").close()
        run_until_stopped(lambda stop: BoardServer(store, held, truth=truth).run_until(stop))


def broker(
    port: Port = 1883,
    lan: options.Lan = False,
) -> None:
    """Run the embedded MQTT broker, until Ctrl-C. Not durable: where that matters, run Mosquitto.

    Example: `mes broker --port 1883`
    """
    with EmbeddedBroker(ANYWHERE if lan else LOCAL, port or free_port()) as running:
        console.print(f"broker: {running.url}")
        run_until_stopped(_wait)


async def _wait(stop: asyncio.Event) -> None:
    await stop.wait()
