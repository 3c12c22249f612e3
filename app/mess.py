"""The mess on the command line: the option that switches it on, and the verb that changes it while it runs."""

import asyncio
from typing import Annotated

import typer

from app import options
from app.progress import console
from app.settings import broker_settings
from contract.errors import UsageError
from simulator import mess as core
from simulator.control import wish
from simulator.engine import Factory
from simulator.mess import KINDS, MessSettings, parse_mess

_KINDS = ", ".join(KINDS)


def _parsed(text: str) -> MessSettings:
    try:
        return parse_mess(text)
    except UsageError as error:
        raise typer.BadParameter(str(error)) from error


Mess = Annotated[
    MessSettings | None,
    typer.Option(
        "--mess",
        parser=_parsed,
        metavar="KINDS",
        help=f"What network and devices do to the events: all, or kinds such as lost=0.02,offline. Kinds: {_KINDS}.",
    ),
]


def mess_of(factory: Factory, settings: MessSettings | None) -> core.Mess | None:
    """The mess of ``settings`` for the machines of ``factory``: its luck is that of the factory's seed."""
    return None if settings is None else core.Mess(settings, factory.seed, factory.paths, factory.start_us)


def mess(
    broker: options.Broker,
    kinds: Annotated[list[str], typer.Argument(metavar="KIND[=RATE]...", help=f"all, or any of {_KINDS}.")],
) -> None:
    """Change the mess of a simulator or demo that runs with `--mess`: what network and devices do to its events.

    Example: `mes mess --broker mqtt://127.0.0.1:1883 duplicates=0.05 lost=off`
    """
    url, rates = broker_settings(broker), parse_mess(",".join(kinds)).rates
    asyncio.run(wish(url, rates))
    for kind, rate in rates.items():
        console.print(f"{kind}: {f'{rate:g} {KINDS[kind].unit}' if rate else 'off'}", highlight=False)
    console.print(f"asked for at {url}: whoever simulates there with --mess does it from now on")
