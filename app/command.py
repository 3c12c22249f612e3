"""Commands on the command line: the verb that gives one, and the options that play a log and write one."""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from app import options
from app.files import open_to_read, open_to_write
from app.settings import broker_settings
from contract.codec import decode, encode
from contract.errors import BadPayload, UsageError
from contract.events import CommandGiven, Words
from contract.instants import SECOND_US
from contract.states import Mode
from contract.topics import Kind, parse, topic_of
from simulator.command_log import Commands, check_script, read_script
from simulator.control import ask
from simulator.engine import Factory

Script = Annotated[
    Path | None,
    typer.Option("--commands", metavar="FILE", help="Give the commands of this log, each at its time."),
]
Log = Annotated[
    Path | None,
    typer.Option("--command-log", metavar="FILE", help="Write every command given to this file, to be played again."),
]
Order = Annotated[str, typer.Option("--order", metavar="ID", help="The id of the order to add.")]
Product = Annotated[str, typer.Option("--product", metavar="ID", help="What it is an order for.")]
Quantity = Annotated[int | None, typer.Option("--quantity", min=1, help="How many parts that leave the line.")]
Due = Annotated[
    int | None,
    typer.Option("--due", parser=options.instant, metavar="TIME", help="When, e.g. 2026-01-05T14:00:00+07:00."),
]
Code = Annotated[str, typer.Option("--code", help="Which fault, slot or maintenance; else the machine's first.")]
Duration = Annotated[
    int | None,
    typer.Option(
        "--duration", parser=options.duration, metavar="SPAN", help="How long, e.g. 90s or 10m of plant time."
    ),
]
Value = Annotated[float | None, typer.Option("--value", min=0, help="A probability of scrap, or times the speed.")]
Modes = Annotated[Mode | None, typer.Option("--mode", case_sensitive=False, help="The PackML mode to change to.")]
Text = Annotated[str, typer.Option("--text", help="What a note says: it is read on every chart of the line.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who asks; it stands in the record of commands.")]


@contextmanager
def commands_of(
    factory: Factory, script: Path | None, log: Path | None, until_us: int | None = None
) -> Iterator[Commands]:
    """The commands that ``factory`` is to be given until ``until_us`` (µs): those of ``script``; ``log`` gets each."""
    with ExitStack() as stack:
        played = []
        if script is not None:
            played = read_script(stack.enter_context(open_to_read(script, "the command log")), str(script))
            check_script(played, factory.paths, factory.start_us, until_us)
            if factory.now_us > factory.start_us:  # it goes on from a checkpoint: what is past was given then
                played = [timed for timed in played if timed.at_us > factory.now_us]
        yield Commands(played, None if log is None else stack.enter_context(open_to_write(log, "--command-log")))


def command(  # noqa: PLR0913, PLR0917 - one option a field
    broker: options.Broker,
    path: Annotated[str, typer.Argument(metavar="PATH", help="enterprise/site/area/line[/machine]")],
    verb: Annotated[str, typer.Argument(metavar="VERB", help="hold, break, order …: all are in docs/commands.md.")],
    code: Code = "",
    duration: Duration = None,
    value: Value = None,
    mode: Modes = None,
    order: Order = "",
    product: Product = "",
    quantity: Quantity = None,
    due: Due = None,
    text: Text = "",
    by: By = "",
) -> None:
    """Give a machine or a line that is simulated a command, as a SCADA system would, and wait for its answer.

    Example: `mes command --broker mqtt://127.0.0.1 sen-xanh-mobile/yen-phong/phones/smt-a/printer break --duration 5m`
    """
    duration_s = None if duration is None else duration / SECOND_US
    said = Words(text, text) if text else None
    given = CommandGiven(uuid.uuid4().hex, verb, by, code, duration_s, value, mode, order, product, quantity, due, said)
    try:
        parse(topic_of(path, Kind.COMMAND))
        decode(Kind.COMMAND, encode(given))
    except BadPayload as error:
        raise UsageError(f"no command can be made of this: {error.detail}") from error
    answer = asyncio.run(ask(broker_settings(broker), path, given))
    typer.echo(f"{'done' if answer.accepted else 'refused'}: {answer.detail}")
    if not answer.accepted:
        raise typer.Exit(1)
