"""A plot over time: scales, grid and labels, as Grafana's time series has them."""

import math
from collections.abc import Iterator
from html import escape

import msgspec

from bench.preview.fields import Field
from bench.preview.units import clock
from dashboards.grafana.interpolate import Scope

GRID, FAINT = "rgba(204,204,220,0.10)", "rgba(204,204,220,0.65)"
_STEPS_S = (60, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200, 86_400, 172_800, 432_000)
_DAY_S, _ZONE_S = 86_400, 7 * 3600
_DURATIONS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200, 86_400)


class Plot(msgspec.Struct, frozen=True):
    """Where a plot lies in its panel (px) and what its axes reach."""

    scope: Scope
    left: float
    top: float
    width: float
    height: float
    low: float = 0.0
    high: float = 1.0

    def x(self, at_ms: float) -> float:
        """Pixels from the left of the panel."""
        return self.left + self.width * (at_ms - self.scope.from_ms) / (self.scope.to_ms - self.scope.from_ms)

    def y(self, value: float) -> float:
        """Pixels from its top."""
        return self.top + self.height * (1 - (value - self.low) / (self.high - self.low))

    def times(self) -> Iterator[str]:
        """Vertical lines with the time below."""
        span_s = (self.scope.to_ms - self.scope.from_ms) / 1000
        step_s = next((step for step in _STEPS_S if span_s / step <= self.width / 75), _STEPS_S[-1])
        at_s = math.ceil((self.scope.from_ms / 1000 + _ZONE_S) / step_s) * step_s - _ZONE_S
        form = "%m-%d" if step_s >= _DAY_S else "%m-%d %H:%M" if span_s > _DAY_S * 1.5 else "%H:%M"
        while at_s * 1000 <= self.scope.to_ms:
            x = self.x(at_s * 1000)
            yield line(x, self.top, x, self.top + self.height)
            if self.left <= x <= self.left + self.width - 12:
                yield text(x, self.top + self.height + 16, clock(at_s * 1000, form), anchor="middle")
            at_s += step_s

    def values(self, field: Field, now_ms: int) -> Iterator[str]:
        """Horizontal lines with the value beside them."""
        step = nice_step(self.high - self.low, self.height, field.config.get("unit", ""))
        value = math.ceil(self.low / step - 1e-9) * step
        while value <= self.high + step * 1e-6:
            shown = field.text(0.0 if abs(value) < step * 1e-6 else round(value, 12), now_ms)
            yield line(self.left, self.y(value), self.left + self.width, self.y(value))
            yield text(self.left - 6, self.y(value) + 4, shown, anchor="end")
            value += step


def reach(values: list[float], field: Field) -> tuple[float, float]:
    """From the least to the largest value, with some air; bounds of the field's own where it has them."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    if low == high:
        low, high = (0.0, 2 * high) if high > 0 else (low - 1, high + 1)
    step = nice_step(high - low, 200, field.config.get("unit", ""))
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    return float(field.config.get("min", low)), float(field.config.get("max", high))


def nice_step(reached: float, height: float, unit: str) -> float:
    """A round distance between lines, at least some 35 px."""
    least = reached / max(1, height / 35)
    if unit == "dtdhms":
        return float(next((step for step in _DURATIONS if step >= least), _DURATIONS[-1]))
    power = 10 ** math.floor(math.log10(least)) if least > 0 else 1.0
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= least * (1 - 1e-9))


def line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{GRID}"/>'


def text(  # noqa: PLR0913 - what SVG wants
    x: float, y: float, said: str, *, anchor: str = "start", colour: str = FAINT, size: float = 12
) -> str:
    style = f'text-anchor="{anchor}" fill="{colour}" font-size="{size:.0f}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(said)}</text>'


def legend(entries: list[tuple[str, str]]) -> str:
    """Colour and name side by side, below a plot."""
    each = "".join(f'<span><i style="background:{colour}"></i>{escape(name)}</span>' for name, colour in entries)
    return f'<div class="legend">{each}</div>'


def legend_height(entries: list[tuple[str, str]], width: float) -> float:
    """Pixels that a legend takes, by the room its names want."""
    wanted = sum(34 + 6.4 * len(name) for name, _ in entries)
    return 24 * max(1, math.ceil(wanted / width)) if entries else 0
