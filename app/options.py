"""The options that several verbs share, so that one name means one thing everywhere."""

from pathlib import Path
from typing import Annotated

import typer

from contract.errors import UsageError
from contract.instants import parse_duration, parse_instant


def _mended(error: UsageError) -> typer.BadParameter:
    return typer.BadParameter(str(error))


def instant(text: str) -> int:
    """ISO 8601 → µs since the epoch, for typer."""
    try:
        return parse_instant(text)
    except UsageError as error:
        raise _mended(error) from error


def duration(text: str) -> int:
    """``8h`` → µs, for typer."""
    try:
        return parse_duration(text)
    except UsageError as error:
        raise _mended(error) from error


def speed(text: str) -> float:
    """``1``, ``60`` or ``max`` (0: as fast as possible), for typer."""
    if text.strip().lower() == "max":
        return 0.0
    try:
        value = float(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a speed: write a number such as 60, or max") from error
    if not 0.01 <= value <= 100_000:
        raise typer.BadParameter(f"{text} is not a speed between 0.01 and 100000: write max for as fast as possible")
    return value


Store = Annotated[Path, typer.Option("--store", help="The store, a SQLite file.", show_default=False)]
#: What runs when nobody names a plant.
DEFAULT_PLANT = "phone"
Plant = Annotated[str, typer.Option("--plant", help="A plant of `mes plants`, or a plant file of your own.")]
Orders = Annotated[
    Path | None, typer.Option("--orders", metavar="FILE", help="Work orders (CSV or TOML) in place of the plant's own.")
]
Broker = Annotated[str, typer.Option("--broker", metavar="URL", help="mqtt://[user:password@]host[:port]")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same plant and seed make the same run, to the byte.")]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]
Lan = Annotated[bool, typer.Option("--lan", help="Let other machines of this network in (else only this one).")]
InfluxUrl = Annotated[
    str | None,
    typer.Option("--influx-url", "--influx", metavar="URL", help="Send to this InfluxDB too: http[s]://host[:port]."),
]
AskedInfluxUrl = Annotated[
    str | None,
    typer.Option("--influx-url", "--influx", metavar="URL", help="The InfluxDB to ask: http[s]://host[:port]."),
]
GrafanasInfluxUrl = Annotated[
    str | None,
    typer.Option("--influx-url", "--influx", metavar="URL", help="Where Grafana reaches InfluxDB; sets data sources."),
]
InfluxTokenFile = Annotated[
    Path | None, typer.Option("--influx-token-file", metavar="FILE", help="Its token; of 1.x, user:password.")
]
InfluxOrg = Annotated[str | None, typer.Option("--influx-org", metavar="NAME", help="Its organisation (2.x).")]
InfluxBucket = Annotated[
    str | None,
    typer.Option("--influx-bucket", metavar="NAME", help="Bucket, mes if not said; NAME_hourly is kept beside it."),
]
From = Annotated[
    int | None,
    typer.Option("--from", parser=instant, metavar="TIME", help="Begin, e.g. 2026-01-05T06:00:00+07:00. Else: all."),
]
To = Annotated[
    int | None,
    typer.Option("--to", parser=instant, metavar="TIME", help="End, e.g. 2026-01-05T14:00:00+07:00. Else: all."),
]
