"""Queries as Grafana sends them: variables, ``$timeFilter`` and ``$__interval`` put in by its rules.

After grafana/scenes (``formatRegistry.ts``), grafana-data (``escapeRegex``, ``roundInterval``) and the InfluxDB data
source's ``Build``: with ``:regex`` a value is escaped, several become ``(a|b)``, and *All* goes in as it is.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote

from msgspec import Struct

from contract.errors import UsageError

#: A variable's value: one, several, or :class:`Everything`.
Value = "str | list[str] | Everything"
_SPECIAL = re.compile(r"[\\^$*+?.()|\[\]{}/]")
_VARIABLE = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$(__range_s|__range_ms|__range|__from|__to)\b")
#: Up to how many ms a raw interval is rounded to what, in ms.
_ROUNDED = (
    (10, 1), (15, 10), (35, 20), (75, 50), (150, 100), (350, 200), (750, 500), (1_500, 1_000), (3_500, 2_000),
    (7_500, 5_000), (12_500, 10_000), (17_500, 15_000), (25_000, 20_000), (45_000, 30_000), (90_000, 60_000),
    (210_000, 120_000), (450_000, 300_000), (750_000, 600_000), (1_050_000, 900_000), (1_500_000, 1_200_000),
    (2_700_000, 1_800_000), (5_400_000, 3_600_000), (9_000_000, 7_200_000), (16_200_000, 10_800_000),
    (32_400_000, 21_600_000), (64_800_000, 43_200_000), (604_800_000, 86_400_000), (1_814_400_000, 604_800_000),
)  # fmt: skip
_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1))


class Everything(Struct, frozen=True):
    """*All* is chosen: the variable's own value for it, put in without escaping."""

    value: str = ".*"


class Scope(Struct, frozen=True):
    """The time range of a dashboard, ms since the epoch."""

    from_ms: int
    to_ms: int

    @property
    def time_filter(self) -> str:
        """What ``$timeFilter`` becomes."""
        return f"time >= {self.from_ms}ms and time <= {self.to_ms}ms"


def escaped(value: str) -> str:
    """A value in which nothing means anything in a pattern, nor ends it."""
    return _SPECIAL.sub(lambda found: "\\" + found[0], value)


def interval_ms(scope: Scope, points: int, least_ms: int) -> int:
    """Width of a group of time: the range over so many points, rounded as Grafana does, not below ``least_ms``."""
    raw = (scope.to_ms - scope.from_ms) / points
    rounded = next((value for limit, value in _ROUNDED if raw < limit), 2_592_000_000)
    return max(rounded, least_ms)


def duration(ms: int) -> str:
    """120 000 → ``2m``."""
    unit, size = next((unit, size) for unit, size in _UNITS if ms % size == 0)
    return f"{ms // size}{unit}"


def interpolated(text: str, values: Mapping[str, object], scope: Scope, step_ms: int) -> str:
    """A query ready for the database; :class:`UsageError` for a variable that nobody has set."""
    ready = with_variables(text, values, scope)
    for name, value in (
        ("$timeFilter", scope.time_filter),
        ("$__interval_ms", str(step_ms)),
        ("$__interval", duration(step_ms)),
    ):
        ready = ready.replace(name, value)
    return ready


def with_variables(text: str, values: Mapping[str, object], scope: Scope) -> str:
    """A text with its variables put in, those of the range among them."""
    span_ms = scope.to_ms - scope.from_ms
    own = {
        "__from": str(scope.from_ms),
        "__to": str(scope.to_ms),
        "__range_ms": str(span_ms),
        "__range_s": str(span_ms // 1000),
        "__range": f"{span_ms // 1000}s",
        "__url_time_range": f"from={scope.from_ms}&to={scope.to_ms}",
    }

    def put(found: re.Match[str]) -> str:
        name, form = found[1] or found[3], found[2] or ""
        if name in own:
            return own[name]
        if name not in values:
            raise UsageError(f"nobody has set the variable ${name}, in: {text}")
        return _formatted(name, values[name], form)

    return _VARIABLE.sub(put, text)


def _formatted(name: str, value: object, form: str) -> str:
    if isinstance(value, Everything):
        return f"var-{name}=$__all" if form == "queryparam" else value.value
    several = [str(one) for one in value] if isinstance(value, list) else [str(value)]
    if form == "regex":
        return escaped(several[0]) if len(several) == 1 else "(" + "|".join(map(escaped, several)) + ")"
    if form == "queryparam":
        return "&".join(f"var-{name}={quote(one, safe='')}" for one in several)
    if form == "percentencode":
        return quote(several[0], safe="")
    return ",".join(several)
