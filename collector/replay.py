"""An event file into the store, as if it had come over the wire.

Replaying a file again, or again after a crash in the middle, changes no row: the ledgers know what they have.
"""

from collections.abc import Callable, Iterable

from collector.intake import NOBODY, Intake
from collector.journal import Journal
from contract.codec import decode_line
from contract.errors import BadPayload

#: Lines a commit: large enough that the commit costs little, small enough that a crash repeats little.
BATCH_LINES = 20_000


def replay(lines: Iterable[bytes], intake: Intake, journal: Journal, progress: Callable[[int], None]) -> int:
    """Feed the lines of an event file, commit as they come; how many events there were.

    ``progress`` is called with the events so far after each commit. Lines that cannot be read are quarantined. At the
    end gaps are not waited for any longer. Raises :class:`contract.errors.StoreError` when the store cannot be written.
    """
    before = intake.events
    for number, line in enumerate(lines, start=1):
        _feed_line(line, intake)
        if number % BATCH_LINES == 0:
            journal.commit(intake.drain())
            progress(intake.events - before)
    intake.close()
    journal.commit(intake.drain())
    progress(intake.events - before)
    return intake.events - before


def _feed_line(line: bytes, intake: Intake) -> None:
    try:
        found = decode_line(line)
    except BadPayload as bad:
        if line.strip():
            intake.refuse(NOBODY, "", bad, line)
        return
    intake.feed(found.topic, found.payload, found.is_retained)
