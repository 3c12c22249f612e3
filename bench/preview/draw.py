"""The inside of each kind of panel, as SVG or HTML of a given size in pixels."""

import math
import re
from html import escape
from itertools import pairwise

import msgspec

from bench.preview.axes import Plot, legend, legend_height, reach, text
from bench.preview.fields import TIME, Field, Json
from bench.preview.units import clock
from dashboards.grafana.interpolate import Scope

FOREGROUND = "#ccccdc"
_EMPTY = '<div class="empty">{}</div>'


class Room(msgspec.Struct, frozen=True):
    """How large the inside of a panel is, px, and over which time it speaks."""

    width: float
    height: float
    scope: Scope


def inside(panel: Json, frames: list[list[Field]], room: Room) -> str:
    """What a panel shows."""
    if panel["type"] == "text":
        return _markdown(panel["options"]["content"])
    if not any(field.values for frame in frames for field in frame) and panel["type"] != "stat":
        said = panel.get("fieldConfig", {}).get("defaults", {}).get("noValue", "No data")
        return _EMPTY.format(escape(said))
    return _KINDS[panel["type"]](panel, frames, room)


def _markdown(content: str) -> str:
    strong = re.sub(r"[*]{2}(.+?)[*]{2}", r"<b>\1</b>", escape(content))
    return f'<div class="note">{strong}</div>'


def _shown(panel: Json, frames: list[list[Field]]) -> list[Field]:
    """The fields that a panel of single values chooses."""
    pattern = panel["options"]["reduceOptions"].get("fields", "")
    fields = [field for frame in frames for field in frame]
    if not pattern:
        return [field for field in fields if field.name != TIME and not field.is_text]
    wanted = re.compile(pattern.strip("/"))
    return [field for field in fields if wanted.search(field.shown_name)]


def _last(field: Field) -> object:
    return next((value for value in reversed(field.values) if value is not None), None)


def _timeseries(panel: Json, frames: list[list[Field]], room: Room) -> str:
    fields = [field for frame in frames for field in frame[1:]]
    custom = panel["fieldConfig"]["defaults"].get("custom", {})
    is_stacked = custom.get("stacking", {}).get("mode") == "normal"
    stacks = (
        _stacked(fields) if is_stacked else [[(at, value, 0.0) for at, value in _points(field)] for field in fields]
    )
    tops = [top for points in stacks for _, top, _ in points if top is not None]
    entries = [(field.shown_name, field.colour(None)) for field in fields]
    low_by = legend_height(entries, room.width)
    low, high = reach([*tops, *([0.0] if is_stacked else [])], fields[0])
    wide = 7 * max(len(fields[0].text(value, 0)) for value in (low, high)) + 18
    plot = Plot(room.scope, wide, 8, room.width - wide - 8, room.height - low_by - 36, low, high)
    marks = [*plot.times(), *plot.values(fields[0], room.scope.to_ms)]
    times = sorted({at for points in stacks for at, _, _ in points})
    step_ms = min((after - before for before, after in pairwise(times)), default=3_600_000)
    drawn = [
        _bars(plot, field, points, step_ms) if is_stacked else _curve(plot, field, points)
        for field, points in zip(fields, stacks, strict=True)
    ]
    clip = f'<clipPath id="c{panel["id"]}"><rect x="{plot.left}" y="{plot.top - 4}" width="{plot.width + 8}"'
    marks += [f'{clip} height="{plot.height + 8}"/></clipPath><g clip-path="url(#c{panel["id"]})">', *drawn, "</g>"]
    return _svg(room.width, room.height - low_by, marks) + legend(entries)


def _points(field: Field) -> list[tuple[float, float | None]]:
    return list(zip(field.times, field.values, strict=True))


def _stacked(fields: list[Field]) -> list[list[tuple[float, float | None, float]]]:
    above: dict[tuple[float, bool], float] = {}
    found = []
    for field in fields:
        points: list[tuple[float, float | None, float]] = []
        for at, value in _points(field):
            if value is not None:
                base = above.get((at, value < 0), 0.0)
                above[at, value < 0] = base + value
                points.append((at, base + value, base))
        found.append(points)
    return found


def _bars(plot: Plot, field: Field, points: list[tuple[float, float | None, float]], step_ms: float) -> str:
    wide = max(1.0, plot.width * step_ms / (plot.scope.to_ms - plot.scope.from_ms) * 0.6)
    colour = field.colour(None)
    made = []
    for at, top, base in points:
        y1, y2 = sorted((plot.y(top or 0.0), plot.y(base)))
        place = f'x="{plot.x(at) - wide / 2:.1f}" y="{y1:.1f}" width="{wide:.1f}" height="{y2 - y1:.1f}"'
        made.append(f'<rect {place} fill="{colour}" fill-opacity="0.8"/>')
    return "".join(made)


def _curve(plot: Plot, field: Field, points: list[tuple[float, float | None, float]]) -> str:
    gap_ms = field.config.get("custom", {}).get("insertNulls") or math.inf
    parts: list[list[str]] = [[]]
    before = None
    is_stepped = field.config.get("custom", {}).get("lineInterpolation") == "stepAfter"
    for at, value, _ in points:
        if value is None or (before is not None and at - before > gap_ms):
            parts.append([])
        if value is not None:
            if is_stepped and parts[-1]:
                parts[-1].append(f"{plot.x(at):.1f},{parts[-1][-1].partition(',')[2]}")
            parts[-1].append(f"{plot.x(at):.1f},{plot.y(value):.1f}")
            before = at
    custom, colour = field.config.get("custom", {}), field.colour(None)
    dash = custom.get("lineStyle", {}).get("dash")
    style = f'stroke-width="{custom.get("lineWidth", 1)}"' + (
        f' stroke-dasharray="{dash[0]} {dash[1]}"' if dash else ""
    )
    style += f' stroke="{colour}"'
    made = [f'<polyline points="{" ".join(part)}" fill="none" {style}/>' for part in parts if len(part) > 1]
    # Grafana's "auto" shows points where there is room between them.
    if sum(map(len, parts)) * 12 < plot.width and not dash:
        made += [f'<circle cx="{one.split(",")[0]}" cy="{one.split(",")[1]}" r="3" fill="{colour}"/>'
                 for part in parts for one in part]  # fmt: skip
    return "".join(made)


def _timeline(panel: Json, frames: list[list[Field]], room: Room) -> str:
    fields = [field for frame in frames for field in frame[1:]]
    told: dict[str, str] = {}
    wide = 7 * max(len(field.shown_name) for field in fields) + 12
    entries_at = 34.0
    plot = Plot(room.scope, wide, 4, room.width - wide - 6, room.height - 28 - entries_at)
    each, marks = plot.height / len(fields), list(plot.times())
    for row, field in enumerate(fields):
        top, high = 4 + row * each, each * panel["options"].get("rowHeight", 0.9)
        marks.append(text(wide - 8, top + each / 2 + 4, field.shown_name, anchor="end"))
        step_ms = min((b - a for a, b in pairwise(field.times)), default=60_000)
        for at, until, value in _merged(field, step_ms):
            told[field.text(value, 0)] = colour = field.colour(value)
            x1, x2 = max(plot.x(at), plot.left), min(plot.x(until), plot.left + plot.width)
            marks.append(
                f'<rect x="{x1:.1f}" y="{top + (each - high) / 2:.1f}" width="{max(0.0, x2 - x1) + 0.3:.1f}"'
                f' height="{high:.1f}" fill="{colour}" fill-opacity="0.9"/>'
            )
    return _svg(room.width, room.height - entries_at, marks) + legend(list(told.items()))


def _merged(field: Field, step_ms: float) -> list[tuple[float, float, object]]:
    """Neighbours that say the same as one: from, to, what."""
    found: list[tuple[float, float, object]] = []
    for at, value in _points(field):
        if value is None:
            continue
        if found and found[-1][1] == at and found[-1][2] == value:
            found[-1] = (found[-1][0], at + step_ms, value)
        else:
            found.append((at, at + step_ms, value))
    return found


def _stat(panel: Json, frames: list[list[Field]], room: Room) -> str:
    fields = _shown(panel, frames)
    if not fields:
        return _EMPTY.format(escape(panel["fieldConfig"]["defaults"].get("noValue", "No data")))
    across = _across(len(fields), room)
    down = math.ceil(len(fields) / across)
    wide, high = (room.width - 8 * (across - 1)) / across, (room.height - 8 * (down - 1)) / down
    cells = [_tile(panel, field, wide, high, is_one=len(fields) == 1, now_ms=room.scope.to_ms) for field in fields]
    return f'<div class="tiles" style="grid-template-columns:repeat({across},{wide:.1f}px)">{"".join(cells)}</div>'


def _across(many: int, room: Room) -> int:
    """How many columns make the tiles largest: as VizRepeater's grid does."""

    def size(across: int) -> float:
        down = math.ceil(many / across)
        return min(room.width / across / 2.5, room.height / down)

    return max(range(1, many + 1), key=size)


def _tile(  # noqa: PLR0913 - a tile is its field, its size and how it is to look
    panel: Json, field: Field, wide: float, high: float, *, is_one: bool, now_ms: int
) -> str:
    value = _last(field)
    said, colour = field.text(value, now_ms), field.colour(value)
    is_filled = panel["options"]["colorMode"].startswith("background")
    mode = panel["options"].get("textMode", "auto")
    name = "" if mode == "value" or (is_one and mode == "auto") else field.shown_name
    room = high - (0 if not name else high * 0.32) - 12
    size = min(room * 0.8, (wide - 20) / max(1, len(said)) / 0.56, 60)
    small = min(high * 0.25, (wide - 16) / max(1, len(name)) / 0.55, 22)
    fore = _readable(colour) if is_filled else colour if panel["options"]["colorMode"] == "value" else FOREGROUND
    back = f"background:{colour};" if is_filled else ""
    return (
        f'<div class="tile" style="{back}height:{high:.1f}px;color:{fore}">'
        f'<div style="font-size:{small:.1f}px">{escape(name)}</div>'
        f'<div class="big" style="font-size:{size:.1f}px">{escape(said)}</div></div>'
    )


def _readable(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#111217" if 0.299 * red + 0.587 * green + 0.114 * blue > 150 else "#ffffff"


def _bargauge(panel: Json, frames: list[list[Field]], room: Room) -> str:
    rows = _rows(panel, frames, room.scope.to_ms)
    least = panel["fieldConfig"]["defaults"].get("min", 0)
    defaults = panel["fieldConfig"]["defaults"]
    top = defaults.get("max") or max((value for _, value, _, _ in rows), default=0) or 1
    thickest = panel["options"].get("maxVizHeight", 300) + 8
    each = min(thickest, room.height / max(1, len(rows)))
    size = min(14.0, each * 0.55)
    left = min(room.width * 0.4, max((len(name) for name, _, _, _ in rows), default=0) * size * 0.56 + 12)
    right = max((len(said) for _, _, said, _ in rows), default=0) * size * 0.58 + 10
    marks = []
    for row, (name, value, said, colour) in enumerate(rows):
        y, high = row * each + 3, each - 6
        wide = room.width - left - right
        bar = max(0.0, wide * (min(max(value, least), top) - least) / (top - least))
        middle = y + high / 2 + size * 0.36
        marks.append(text(left - 8, middle, name, anchor="end", colour=FOREGROUND, size=size))
        marks.append(f'<rect x="{left}" y="{y}" width="{wide:.1f}" height="{high:.1f}" rx="2" fill="#22252b"/>')
        marks.append(f'<rect x="{left}" y="{y}" width="{bar:.1f}" height="{high:.1f}" rx="2" fill="{colour}"'
                     f' fill-opacity="0.7" stroke="{colour}"/>')  # fmt: skip
        marks.append(text(left + wide + 8, middle, said, colour=colour, size=size))
    return _svg(room.width, room.height, marks)


def _rows(panel: Json, frames: list[list[Field]], now_ms: int) -> list[tuple[str, float, str, str]]:
    """Name, value, text and colour of each bar."""
    if not panel["options"]["reduceOptions"].get("values"):
        lasts = [(one, _last(one)) for one in _shown(panel, frames)]
        return [(one.shown_name, float(value), one.text(value, now_ms), one.colour(value))
                for one, value in lasts if isinstance(value, int | float)]  # fmt: skip
    found = []
    for frame in frames:
        for field in _shown(panel, [frame]):
            words = [one for one in frame if one is not field and one.name != TIME]
            for row, value in enumerate(field.values):
                parts = [one.text(one.values[row], now_ms) for one in words if one.values[row]]
                found.append((" ".join(parts) or field.name, value, field.text(value, now_ms), field.colour(value)))
    return found[:25]


def _table(panel: Json, frames: list[list[Field]], room: Room) -> str:
    fields = [one for one in frames[0] if not one.config["custom"].get("hidden")]
    order = list(range(len(frames[0][0].values)))
    for by in panel["options"].get("sortBy", []):
        [column] = [one for one in fields if one.shown_name == by["displayName"]]
        known = [row for row in order if column.values[row] is not None]
        known.sort(key=lambda row: column.values[row], reverse=by.get("desc", False))
        order = known + [row for row in order if column.values[row] is None]
    head = "".join(f'<th class="{_side(one)}" style="{_width(one)}">{escape(one.shown_name)}</th>' for one in fields)
    shown = order[: int((room.height - 36) // 36)]
    body = "".join(
        f"<tr>{''.join(_cell(one, one.values[row], room.scope.to_ms) for one in fields)}</tr>" for row in shown
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _width(field: Field) -> str:
    given = field.config["custom"].get("width")
    return f"width:{given}px" if given else ""


def _side(field: Field) -> str:
    return "" if field.is_text or field.name == TIME else "number"


def _cell(field: Field, value: object, now_ms: int) -> str:
    kind, colour = field.config["custom"].get("cellOptions", {}).get("type"), field.colour(value)
    style = {"color-background": f"background:{colour};color:{_readable(colour)}", "color-text": f"color:{colour}"}
    said = field.text(value, now_ms)
    if field.name == TIME and not field.config.get("unit"):
        said = clock(value, "%Y-%m-%d %H:%M:%S")  # type: ignore[arg-type]
    return f'<td class="{_side(field)}" style="{style.get(kind, "")}">{escape(said)}</td>'


def _svg(width: float, height: float, marks: list[str]) -> str:
    return f'<svg width="{width:.0f}" height="{height:.0f}">{"".join(marks)}</svg>'


_KINDS = {
    "timeseries": _timeseries,
    "state-timeline": _timeline,
    "stat": _stat,
    "bargauge": _bargauge,
    "table": _table,
}
