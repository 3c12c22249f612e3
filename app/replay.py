"""The verb that puts an event file into a store."""

from contextlib import ExitStack, closing
from itertools import chain, islice
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from answers.store import Store
from app import options
from app.files import open_to_read
from app.influx import checked, send_all, sending
from app.progress import console, progress
from app.settings import InfluxOptions, influx_settings
from collector.intake import Intake
from collector.journal import Journal
from collector.replay import replay as replay_lines
from contract.codec import decode_line
from contract.errors import BadPayload, UsageError

#: A file of which none of so many lines at its beginning is an event's is taken for something else.
_LOOKED_AT = 100
_REFUSED_SHOWN = 3


def replay(
    events: Annotated[Path, typer.Argument(metavar="EVENTS.JSONL", help="An event file of `mes simulate --out`.")],
    store: options.Store,
    influx_url: options.InfluxUrl = None,
    influx_token_file: options.InfluxTokenFile = None,
    influx_org: options.InfluxOrg = None,
    influx_bucket: options.InfluxBucket = None,
) -> None:
    """Put an event file into a store, as if it had come over the wire. Doing it twice changes nothing.

    Example: `mes replay events.jsonl --store mes.db`
    """
    asked = InfluxOptions(influx_url, influx_token_file, influx_org, influx_bucket)
    with ExitStack() as stack:
        lines = stack.enter_context(open_to_read(events, "the event file"))
        first = _first_lines(lines, events)
        influx = checked(influx_settings(asked, only_if_asked=True), must_answer=True)
        journal = stack.enter_context(closing(Journal.open(store, spool=influx is not None)))
        sender = stack.enter_context(sending(influx, store))
        intake, size, before = Intake(saved=journal.load()), max(1, events.stat().st_size), _refused(store)
        with progress("replaying") as say:
            heard = (lambda _: say(lines.tell() / size)) if lines.seekable() else (lambda _: None)
            count = replay_lines(chain(first, lines), intake, journal, heard)
        if sender is not None:
            send_all(sender, store)
    console.print(f"{count} events in {store}")
    _tell_quarantine(store, _refused(store) - before)


def _first_lines(lines: BinaryIO, events: Path) -> list[bytes]:
    first = list(islice(lines, _LOOKED_AT))
    if not any(map(_is_event, first)):
        raise UsageError(f"the event file {events} begins without an event: name one of `mes simulate --out`")
    return first


def _is_event(line: bytes) -> bool:
    try:
        decode_line(line)
    except BadPayload:
        return False
    return True


def _refused(path: Path) -> int:
    with Store.open(path) as store:
        return sum(health.quarantined for health in store.health())


def _tell_quarantine(path: Path, refused: int) -> None:
    if refused:
        console.print(f"{refused} of them were refused and are kept in the store's quarantine; the newest:")
        with Store.open(path) as store:
            for record in store.quarantine(min(refused, _REFUSED_SHOWN)):
                console.print(f"  {record.reason}: {record.detail} ({record.topic or 'no topic'})", markup=False)
