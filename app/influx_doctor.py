"""What ``mes doctor`` says of InfluxDB: whether it takes what we send, and what of a store waits for it."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from answers.store import Store
from app.finding import Finding, wrong
from app.influx_setup import set_up
from collector.influx_client import InfluxSettings
from collector.spool_queue import SpoolQueue
from contract.errors import MesError
from contract.instants import to_iso

_LINE_SHOWN = 80


def check_influx(settings: InfluxSettings) -> Finding:
    """Whether it is an InfluxDB that lets us write to our buckets; what is missing of these is made."""
    try:
        found = set_up(settings, time.time_ns() // 1000)
    except MesError as error:
        return wrong("influx", str(error))
    return Finding("influx", True, found.said) if found.version else wrong("influx", found.said)


def check_sending(path: Path) -> Iterator[Finding]:
    """What waits in the store at ``path``, whether its sender is in trouble, and what was refused for ever."""
    try:
        with Store.open(path) as store:
            if not store.rows("SELECT 1 FROM sqlite_master WHERE name = 'spool'"):
                return
        with closing(SpoolQueue(path)) as queue:
            waiting, status = queue.waiting(), queue.status()
            refused, newest = queue.refused(), queue.newest_refusal()
    except MesError:
        # The check of the store itself says what is wrong with it.
        return
    if status is not None and status.trouble:
        yield wrong("sending", f"{waiting} changes wait, since {to_iso(status.since_us)}: {status.trouble}")
    else:
        yield Finding("sending", True, f"{waiting} changes wait to be sent to {status.url if status else 'InfluxDB'}")
    if newest is not None:
        line = newest.line[:_LINE_SHOWN].decode(errors="replace")
        said = f"{refused} points for ever, kept in table refused of the store; the newest: {newest.reason}: {line}"
        yield Finding("refused", True, said)
