"""The ``mes`` command: every verb by name."""

from collections.abc import Callable
from typing import Annotated

import typer

from app import ask, ask_plant, ask_report, ask_units, command, dashboards, doctor, mess, new, plants, replay, run
from app.logs import LogFormat, configure

app = typer.Typer(
    name="mes",
    help="The factory you can switch on: simulated production lines, an MES collector with provable OEE, a live board.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="markdown",
)
LogFormatOption = Annotated[LogFormat, typer.Option(help="How what happens is told, on standard error.")]


@app.callback()
def _root(log_format: LogFormatOption = LogFormat.TEXT) -> None:
    configure(log_format)


_VERBS: dict[str, tuple[Callable[..., None], ...]] = {
    "Run": (run.demo, run.simulate, run.collect, replay.replay, run.board, run.broker, command.command, mess.mess),
    "Make": (new.new, plants.plants, plants.check),
    "Ask": (
        ask.kpi,
        ask.explain,
        ask_plant.orders,
        ask_units.quality,
        ask_units.trace,
        ask_units.recall,
        ask_plant.materials,
        ask_plant.energy,
        ask_report.report,
        ask.score,
        ask.health,
        doctor.doctor,
    ),
}
for panel, verbs in _VERBS.items():
    for verb in verbs:
        app.command(rich_help_panel=panel)(verb)
app.add_typer(dashboards.app, rich_help_panel="Make")
