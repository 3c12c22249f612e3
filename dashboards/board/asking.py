"""From what an address asks for to what the store has: which line, which machine, which span of time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from answers.live import this_shift
from answers.plant import constraint, stations
from answers.report import evidence
from answers.shift_report import shift_before
from answers.span import Span, whole
from answers.store import Store, short
from contract.errors import UsageError
from contract.instants import DAY_US, HOUR_US, from_datetime, to_datetime
from contract.topics import address
from dashboards.board.pages import Ask, Picker, Query, Refused, some

#: The longest span that can be asked about.
LONGEST_DAYS = 31


def resolve(store: Store, query: Query, pickers: Sequence[Picker]) -> Ask:
    """What ``query`` means in ``store`` on a page where a reader chooses ``pickers``.

    Raises :class:`Refused` for what is not there or makes no sense.
    """
    lines, now_us = store.lines(), evidence(store).newest_us
    if not lines or not now_us:
        raise Refused("empty")
    line = _line(store, lines, query)
    machine = _machine(store, line, query) if "machine" in pickers else ""
    tz = store.tz(line)
    return Ask(query, line, machine, span_of(store, line, query.span, now_us, tz), now_us, tz)


def _line(store: Store, lines: list[str], query: Query) -> str:
    if query.line:
        return _one(lines, query.line, "line")
    if query.machine:
        return address(_one(store.machines(), query.machine, "machine")).line_path
    return lines[0]


def _machine(store: Store, line: str, query: Query) -> str:
    if query.machine:
        return _one(store.machines(line), query.machine, "machine")
    narrow = constraint(stations(store, line))
    return narrow.path if narrow else store.machines(line)[0]


def _one(paths: list[str], name: str, reason: str) -> str:
    """The one path that ``name`` is, or ends."""
    found = [path for path in paths if path == name] or [path for path in paths if path.endswith(f"/{name}")]
    if len(found) == 1:
        return found[0]
    known = some(found or sorted({short(path) for path in paths}))
    raise Refused(f"several_{reason}s" if found else reason, asked=name, known=known)


def span_of(store: Store, line: str, text: str, now_us: int, tz: str) -> Span:
    """``hour``, ``shift``, ``last-shift``, ``today``, ``7d``, labelled so, or ``from..to``, labelled ``chosen``."""
    until_us = now_us + 1
    if text == "hour":
        return whole(now_us - HOUR_US, until_us, text)
    if text == "shift":
        return _shift(store, line, now_us)
    if text == "last-shift":
        over = shift_before(store, line, now_us)
        if over is None:
            raise Refused("no_shift")
        return whole(over.start_us, over.end_us, text)
    if text == "today":
        midnight = to_datetime(now_us).astimezone(ZoneInfo(tz)).replace(hour=0, minute=0, second=0, microsecond=0)
        return whole(from_datetime(midnight), until_us, text)
    if text == "7d":
        return whole(now_us - 7 * DAY_US, until_us, text)
    return _chosen(text, tz)


def span_on(store: Store, ask: Ask, line: str) -> Span:
    """What was asked for, by the own shifts and clock of ``line``; once chosen it is the same for all lines."""
    if ask.span.label == "chosen":
        return ask.span
    return span_of(store, line, ask.query.span, ask.now_us, store.tz(line))


def _shift(store: Store, line: str, now_us: int) -> Span:
    """The shift that runs, else the last one that ran, else the last hour."""
    shift = this_shift(store, line, now_us) or shift_before(store, line, now_us)
    if shift is None:
        return whole(now_us - HOUR_US, now_us + 1, "hour")
    return whole(shift.start_us, min(shift.end_us, now_us + 1), "shift")


def _chosen(text: str, tz: str) -> Span:
    begin, dots, end = text.partition("..")
    try:
        if not dots:
            raise Refused("span", asked=text)
        span = whole(_instant(begin, tz), _instant(end, tz), "chosen")
    except (ValueError, OverflowError, UsageError) as error:
        raise Refused("span", asked=text) from error
    if span.to_us - span.from_us > LONGEST_DAYS * DAY_US:
        raise Refused("span", asked=text)
    return span


def _instant(text: str, tz: str) -> int:
    when = datetime.fromisoformat(text.strip())
    when = when if when.tzinfo else when.replace(tzinfo=ZoneInfo(tz))
    if not timedelta() <= when - datetime(1970, 1, 2, tzinfo=when.tzinfo) < timedelta(days=365 * 300):
        raise ValueError(text)
    return from_datetime(when)
