"""What a line says: its name, calendar, order book and orders. Pure.

Line events have a sequence of their own. Each says the whole of what it is about, so only the newest of a kind counts
(of progress, the newest of each order): a gap loses nothing, and an older one that comes later is a duplicate.
"""

from msgspec import Struct, field, msgpack

from collector.planned import Planned
from contract.events import CalendarPublished, LineEvent, LinkChanged, OrderProgressed

#: Orders whose newest progress is remembered; a store tells by the time whether that of others is news.
ORDERS_LIMIT = 64
REASONS = {"bad_calendar": "a window or the validity of the calendar ends before it starts"}


class WindowRows(Struct, frozen=True):
    """Windows that start in [from_us, to_us) are replaced by ``rows`` (the columns of ``windows`` after the path)."""

    from_us: int
    to_us: int
    rows: list[tuple[int, int, str, str, str]]


class LineLedger(Struct, array_like=True):
    """State of the fold of one line."""

    planned: Planned = field(default_factory=Planned)
    newest: dict[str, tuple[int, int]] = {}
    orders: dict[str, tuple[int, int]] = {}
    duplicates: int = 0
    quarantined: int = 0

    def is_new(self, event: LineEvent, *, retained: bool) -> bool:
        """Whether this is the newest of its kind so far; if not it is counted, unless the broker merely repeats it."""
        place = (event.boot, event.seq)
        if isinstance(event, OrderProgressed):
            known, kind = self.orders, event.order
        else:
            known, kind = self.newest, type(event).__name__
        last = known.get(kind, (-1, 0))
        # A link is outside the sequence: inside a boot the order of arrival decides.
        if place > last or (isinstance(event, LinkChanged) and event.boot == last[0]):
            known[kind] = place
            if len(self.orders) > ORDERS_LIMIT:
                del self.orders[min(self.orders, key=self.orders.__getitem__)]
            return True
        self.duplicates += not retained
        return False

    def plan(self, event: LineEvent) -> list[WindowRows]:
        """Take a newer calendar; what is to be stored of it (nothing of other events)."""
        if not isinstance(event, CalendarPublished):
            return []
        from_us = max(event.ts, event.valid_from) if self.planned.segments else event.valid_from
        self.planned.learn(event)
        rows = [
            (w.start, w.end, w.kind, w.name.en, w.name.vi)
            for w in event.windows
            if w.end > from_us and w.start < event.valid_to
        ]
        return [WindowRows(from_us, event.valid_to, rows)]

    def health(self) -> tuple[int, ...]:
        """``series.HEALTH_COLUMNS``; nothing of a line is reordered, lost or late."""
        return (self.duplicates, 0, 0, 0, self.quarantined)

    def freeze(self) -> bytes:
        """The whole state as bytes."""
        return _encoder.encode(self)


def backwards(event: LineEvent) -> str:
    """The first span of a calendar, be it its validity or a window, that ends before it starts; empty for the rest."""
    if not isinstance(event, CalendarPublished):
        return ""
    spans = [(event.valid_from, event.valid_to), *((w.start, w.end) for w in event.windows)]
    return next((f"{start} ≥ {end}" for start, end in spans if start >= end), "")


def thaw(frozen: bytes) -> LineLedger:
    """What :meth:`LineLedger.freeze` gave → the ledger. Raises ``msgspec.DecodeError`` on anything else."""
    return _decoder.decode(frozen)


_encoder = msgpack.Encoder()
_decoder = msgpack.Decoder(LineLedger)
