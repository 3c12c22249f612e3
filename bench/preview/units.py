"""Numbers and instants as Grafana writes them, for the units that our dashboards use."""

import math
from datetime import UTC, datetime, timedelta, timezone

#: Grafana draws instants in the browser's zone; the pictures are drawn for Viet Nam.
ZONE = timezone(timedelta(hours=7))
_LONG_S = ((604_800, 31_536_000, " week"), (86_400, 604_800, " day"), (3_600, 86_400, " hour"), (60, 3_600, " min"))


_SCALED = {"kwatth": (" kWh", " MWh", " GWh"), "cps": (" c/s", "K c/s", "M c/s")}


def written(value: object, unit: str, decimals: int | None, now_ms: int) -> str:
    """A value as a person reads it; what is not known is empty."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, int | float):
        return str(value or "")
    if unit in _SCALED:
        return _scaled(value, decimals, _SCALED[unit])
    if unit.startswith("suffix:"):
        return f"{_fixed(value, decimals)} {unit.partition(':')[2]}"
    forms = {
        "dateTimeFromNow": lambda: _ago((now_ms - value) / 1000),
        "dtdhms": lambda: _hms(value),
        "percentunit": lambda: f"{_fixed(value * 100, decimals)}%",
        "s": lambda: _seconds(value, decimals),
        "locale": lambda: f"{value:,.0f}" if decimals is None else f"{value:,.{decimals}f}",
    }
    return forms.get(unit, lambda: _fixed(value, decimals))()


def clock(at_ms: float, form: str = "%H:%M") -> str:
    """An instant in the zone of the pictures."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZONE).strftime(form)


def _fixed(number: float, decimals: int | None) -> str:
    if decimals is not None:
        return f"{number:.{decimals}f}"
    # As getDecimalsForValue does: three figures, none after the point of a whole number.
    places = 0 if number % 1 == 0 else max(0, 2 - math.floor(math.log10(abs(number))))
    return f"{number:.{places}f}"


def _scaled(number: float, decimals: int | None, suffixes: tuple[str, ...]) -> str:
    step = 0
    while abs(number) >= 1000 and step < len(suffixes) - 1:
        number, step = number / 1000, step + 1
    return _fixed(number, decimals) + suffixes[step]


def _seconds(number: float, decimals: int | None) -> str:
    size = abs(number)
    if size == 0:
        return "0 s"
    if size < 1:
        return f"{_fixed(number * 1000, decimals)} ms"
    for least, _, word in _LONG_S:
        if size >= least:
            value = _fixed(number / least, decimals)
            return f"{value}{word}{'' if value == '1' else 's'}"
    return f"{_fixed(number, decimals)} s"


def _hms(number: float) -> str:
    if number < 0:
        return f"{_hms(-number)} ago"
    days, rest = divmod(int(number), 86_400)
    return (f"{days} d " if days else "") + f"{rest // 3600:02}:{rest % 3600 // 60:02}:{rest % 60:02}"


def _ago(seconds: float) -> str:
    for least, word in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 1.5 * least:
            return f"{round(seconds / least)} {word} ago"
    return "a minute ago" if seconds >= 45 else "a few seconds ago"
