"""``mes doctor``: what must be right before anything runs, one check after the other, each with its mend."""

import contextlib
import platform
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from answers.store import Store
from app import options
from app.broker import LOCAL, require_free
from app.finding import Finding, wrong
from app.influx_doctor import check_influx, check_sending
from app.roundtrip import Roundtrip, round_trip
from app.settings import InfluxOptions, broker_settings, influx_settings
from collector.influx_client import InfluxSettings
from contract.errors import MesError, NoStore, UsageError
from contract.instants import DAY_US, EARLIEST_US, SECOND_US, to_iso
from contract.series import STORE_VERSION

_PYTHON = (3, 11)
#: A store of ten machines grows by about 15 MB a day: this is some days' worth, and room for SQLite's own log.
_FREE_BYTES = 200 * 1024 * 1024
#: How far a clock may be wrong before it matters; the collector refuses what is further ahead than ten times this.
_CLOCK_US = 60 * SECOND_US
#: Written by systemd's clock synchronisation once it has set the clock.
_SYNCED = Path("/run/systemd/timesync/synchronized")
#: No clock that is right shows a time before this program was written: the end of 2025.
_WRITTEN_US = EARLIEST_US + 26 * 365 * DAY_US


def doctor(
    broker: Annotated[str | None, typer.Option("--broker", metavar="URL", help="Check this broker too.")] = None,
    store: Annotated[Path | None, typer.Option("--store", metavar="FILE", help="Check this store too.")] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="Check that this port is free on this machine.")
    ] = None,
    influx_url: options.AskedInfluxUrl = None,
    influx_token_file: options.InfluxTokenFile = None,
    influx_org: options.InfluxOrg = None,
    influx_bucket: options.InfluxBucket = None,
    json: options.Json = False,
) -> None:
    """Find out what is wrong and how to mend it: Python, clock, disk; broker, store, port and InfluxDB if named.

    Example: `mes doctor --broker mqtt://127.0.0.1:1883 --store mes.db --port 8000`
    """
    influx = influx_settings(InfluxOptions(influx_url, influx_token_file, influx_org, influx_bucket))
    findings = list(examine(broker, store, port, influx))
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode(findings), indent=2).decode())
    else:
        for finding in findings:
            typer.echo(f"{'✓' if finding.ok else '✗'} {finding.what:<10} {finding.said}")
            if finding.mend:
                typer.echo(f"  {'':<10} → {finding.mend}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def examine(
    broker: str | None, store: Path | None, port: int | None, influx: InfluxSettings | None = None
) -> Iterator[Finding]:
    """Every check that was asked for, in order. Never raises for what is only wrong with the world."""
    yield check_python()
    yield check_disk(store.absolute().parent if store else Path.cwd())
    heard: list[int] = []
    if store is not None:
        yield from check_store(store, heard)
    if broker is not None:
        yield check_broker(broker, heard)
    yield check_clock(time.time_ns() // 1000, max(heard, default=None))
    if port is not None:
        yield check_port(port)
    if influx is not None:
        yield check_influx(influx)


def check_python() -> Finding:
    """Whether this Python is one the program is made for."""
    ok = sys.version_info >= _PYTHON
    wanted = ".".join(map(str, _PYTHON))
    mend = "" if ok else f"install Python {wanted} or later and set the program up with it"
    return Finding("Python", ok, platform.python_version(), mend)


def check_disk(folder: Path) -> Finding:
    """Whether there is room to write in ``folder``."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding("disk", False, f"{folder}: {error.strerror}", "name a store in a folder that exists")
    ok = free >= _FREE_BYTES
    said = f"{free / 1e9:.1f} GB free at {folder}"
    return Finding("disk", ok, said, "" if ok else "make room, or keep the store on another disk")


def check_store(path: Path, heard: list[int]) -> Iterator[Finding]:
    """Whether the store opens, is whole, can be written and is sent. Its newest event time goes into ``heard``."""
    try:
        with Store.open(path) as store:
            problems = store.problems()
            heard.extend(store.heard().values())
    except MesError as error:
        if isinstance(error, NoStore) and not path.is_dir():
            yield Finding("store", True, f"none at {path} yet: `mes collect` or `mes replay` makes it")
            return
        yield wrong("store", str(error))
        return
    mend = "" if not problems else "replay the event file into a new store, or put a copy of this one in its place"
    yield Finding("store", not problems, problems or f"{path} is whole, version {STORE_VERSION}", mend)
    yield _writable(path)
    yield from check_sending(path)


def _writable(path: Path) -> Finding:
    """A transaction is begun and taken back: that needs all that writing needs."""
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=5, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.Error as error:
        mend = f"let this user write {path} and its folder; a disk that is read-only says so in `mount`"
        return Finding("writing", False, f"{path} cannot be written: {error}", mend)
    return Finding("writing", True, f"{path} can be written")


def check_broker(url: str, heard: list[int]) -> Finding:
    """Whether a message to the broker comes back. The newest event time it holds goes into ``heard``."""
    try:
        broker = broker_settings(url)
        trip: Roundtrip = round_trip(broker)
    except MesError as error:
        return Finding("broker", False, str(error), "start it with `mes broker`, or correct the address")
    if trip.newest_us is not None:
        heard.append(trip.newest_us)
    news = f"; newest event {to_iso(trip.newest_us)}" if trip.newest_us else "; no machine has spoken there yet"
    return Finding("broker", True, f"{broker}: a message comes back after {trip.back_s * 1000:.0f} ms{news}")


def check_clock(now_us: int, newest_us: int | None) -> Finding:
    """Whether the clock can be right: not before this program, and not behind what machines have already said."""
    mend = "set the clock and keep it right: `timedatectl set-ntp true`"
    if now_us < _WRITTEN_US:
        return Finding("clock", False, f"{to_iso(now_us)} is long past", mend)
    if newest_us is not None and newest_us > now_us + _CLOCK_US:
        ahead_s = (newest_us - now_us) // SECOND_US
        mend += "; if it is right, a machine's is wrong or its plant was simulated faster than time goes: "
        mend += "`mes health` names its newest event"
        return Finding("clock", False, f"the newest event is {ahead_s} s ahead of this machine's clock", mend)
    synced = (
        "synchronised" if _SYNCED.exists() else "nothing speaks against it; whether it is synchronised is not known"
    )
    return Finding("clock", True, f"{to_iso(now_us - now_us % SECOND_US)}, {synced}")


def check_port(port: int) -> Finding:
    """Whether a server of ours could listen on ``port`` of this machine."""
    try:
        require_free(LOCAL, port, "--port")
    except UsageError as error:
        return wrong("port", str(error))
    return Finding("port", True, f"{port} is free")
