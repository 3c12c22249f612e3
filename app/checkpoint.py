"""Checkpoints on the command line: a run that is kept to go on another time."""

from pathlib import Path
from typing import Annotated

import typer

from app.files import open_to_read, write_whole
from app.progress import console
from contract.errors import UsageError
from contract.instants import to_iso
from simulator.checkpoint import freeze, thaw
from simulator.engine import Factory

Checkpoint = Annotated[
    Path | None,
    typer.Option("--checkpoint", metavar="FILE", help="Keep the plant as it is at the end, or at Ctrl-C, to go on."),
]
Resume = Annotated[
    Path | None,
    typer.Option("--resume", metavar="FILE", help="Go on from a file of --checkpoint, as if never stopped."),
]
#: What a checkpoint says itself.
_ITS_OWN = {"plant": "--plant", "seed": "--seed", "start": "--start", "orders": "--orders"}


def check_options(context: typer.Context, resume: Path | None, *, is_kept: bool) -> None:
    """Raise :class:`UsageError` for options that contradict ``resume`` or a checkpoint to be made (``is_kept``)."""
    if (resume is not None or is_kept) and _is_given(context, "mess"):
        raise UsageError("a checkpoint keeps the plant, not a mess under way: leave --mess out")
    for name, option in _ITS_OWN.items():
        if resume is not None and _is_given(context, name):
            raise UsageError(
                f"{option} is what the file of --resume says: leave {option} out, or begin without --resume"
            )


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"  # of which click it is differs between versions of typer


def resumed(path: Path, *, needs_truth: bool) -> Factory:
    """The factory that was kept at ``path``; ``needs_truth``: it must have kept its account from the start."""
    with open_to_read(path, "the checkpoint") as file:
        factory = thaw(file.read(), str(path))
    if needs_truth and not factory.keeps_truth:
        raise UsageError(f"{path} is of a run without --truth, whose account is not kept: leave --truth out here too")
    console.print(f"{factory.park.id} goes on from {to_iso(factory.now_us)}")
    return factory


def keep(factory: Factory, path: Path | None) -> None:
    """Write ``factory`` to ``path``, if there is one."""
    if path is not None:
        write_whole(path, freeze(factory), "--checkpoint")
        console.print(f"kept at {to_iso(factory.now_us)}: go on with mes simulate --resume {path}")
