"""Time as one integer: microseconds since 1970-01-01T00:00:00Z. Sums of integers are exact; that is the whole point.

A person reads and writes ISO 8601; this file is the only place that turns one into the other.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from contract.errors import UsageError

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US

# Outside these an instant is a broken clock, not a late machine: 2000-01-01 and 2100-01-01, both UTC.
EARLIEST_US = 946_684_800 * SECOND_US
LATEST_US = 4_102_444_800 * SECOND_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_UNITS_US = {"ms": 1_000, "s": SECOND_US, "m": MINUTE_US, "min": MINUTE_US, "h": HOUR_US, "d": DAY_US, "w": 7 * DAY_US}


def floor_minute(ts_us: int) -> int:
    """Start of the minute that holds ``ts_us``; a boundary belongs to the minute it starts."""
    return ts_us - ts_us % MINUTE_US


def to_datetime(ts_us: int) -> datetime:
    """Microseconds since the epoch → aware UTC datetime, exactly."""
    return _EPOCH + ts_us * _MICROSECOND


def from_datetime(when: datetime) -> int:
    """Aware datetime → microseconds since the epoch, exactly. A naive one raises :class:`UsageError`."""
    if when.tzinfo is None:
        raise UsageError(f"{when.isoformat()} has no time zone: add Z or an offset such as +07:00")
    return (when - _EPOCH) // _MICROSECOND


def to_iso(ts_us: int) -> str:
    """Microseconds since the epoch → ``2026-01-05T06:00:00Z``, with fractions only where there are any."""
    return to_datetime(ts_us).isoformat().replace("+00:00", "Z")


def to_local(ts_us: int, tz: str) -> str:
    """Microseconds since the epoch → ``2026-01-05 06:00:00`` as people in the IANA zone ``tz`` read it."""
    return f"{to_datetime(ts_us).astimezone(ZoneInfo(tz)):%Y-%m-%d %H:%M:%S}"


def parse_instant(text: str) -> int:
    """ISO 8601 with an offset → microseconds since the epoch; :class:`UsageError` says what is wrong."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a time: write it like 2026-01-05T06:00:00+07:00") from error
    return believable(from_datetime(when), repr(text))


def believable(ts_us: int, what: str) -> int:
    """``ts_us`` (µs since the epoch) if a clock that is right can show it; else raises :class:`UsageError`."""
    if not EARLIEST_US <= ts_us <= LATEST_US:
        raise UsageError(f"{what} is outside the years 2000 to 2100")
    return ts_us


def parse_duration(text: str) -> int:
    """``90s``, ``45m``, ``8h``, ``1.5d`` or a sum such as ``1h30m`` → microseconds, greater than 0.

    Raises :class:`UsageError` for anything else, and for more than a hundred years.
    """
    total_us, number, unit = 0.0, "", ""
    parts: list[tuple[str, str]] = []
    for char in f"{text.strip().lower()} ":
        if unit and (char.isdigit() or char in ". "):
            parts.append((number, unit))
            number, unit = "", ""
        if char.isdigit() or char == ".":
            number += char
        elif char != " ":
            unit += char
    try:
        for amount, name in parts:
            total_us += float(amount) * _UNITS_US[name]
    except (KeyError, ValueError):
        parts = []
    if number or not parts or total_us < 1:
        raise UsageError(f"{text!r} is not a duration: write it like 90s, 45m, 8h, 7d or 1h30m")
    if total_us > LATEST_US - EARLIEST_US:
        raise UsageError(f"{text!r} is longer than 100 years: write a shorter time, such as 7d")
    return round(total_us)
