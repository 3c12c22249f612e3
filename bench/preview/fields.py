"""Answers of the database as fields with names, units and colours: Grafana's InfluxQL frames and field overrides."""

import re
from collections.abc import Iterable
from itertools import count
from typing import Any

import msgspec

from bench.preview.units import written
from dashboards.grafana.check import Series

Json = dict[str, Any]
PALETTE = (
    "#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#5794f2", "#b877d9", "#705da0", "#37872d", "#fade2a",
    "#447ebc", "#c15c17", "#890f02", "#0a437c", "#6d1f62", "#584477", "#b7dbab", "#f4d598", "#70dbed", "#f9ba8f",
)  # fmt: skip
#: Grafana's names of colours, in its dark theme.
NAMED = {"text": "#ccccdc", "green": "#73bf69", "red": "#f2495c"}
#: What Grafana calls the instants of a frame.
TIME = "Time"
_OWN_THRESHOLDS = {"steps": [{"color": "green", "value": None}, {"color": "red", "value": 80}]}


class Field(msgspec.Struct):
    """One column of a frame, or one series: its values at ``times`` (ms), and how they are to be shown."""

    name: str
    times: list[float]
    values: list[Any]
    config: Json
    number: int = 0
    labels: dict[str, str] = {}

    @property
    def shown_name(self) -> str:
        """What a person calls it."""
        given = str(self.config.get("displayName") or self.name)
        return re.sub(r"\$\{__field\.labels\.(\w+)\}", lambda found: self.labels.get(found[1], ""), given)

    @property
    def is_text(self) -> bool:
        """Whether its values are words."""
        return any(isinstance(value, str | bool) for value in self.values)

    def text(self, value: object, now_ms: int) -> str:
        """A value as shown: its word where it has one."""
        mapped = self._mapped(value)
        if mapped and mapped.get("text"):
            return str(mapped["text"])
        if value is None and self.config.get("noValue"):
            return str(self.config["noValue"])
        return written(value, self.config.get("unit", ""), self.config.get("decimals"), now_ms)

    def colour(self, value: object) -> str:
        """Its colour: of its word, its own, that of its thresholds, or the next one of the palette."""
        mapped = self._mapped(value)
        if mapped and mapped.get("color"):
            return named(mapped["color"])
        mode = self.config.get("color", {}).get("mode", "thresholds")
        if mode == "fixed":
            return named(self.config["color"]["fixedColor"])
        if mode == "palette-classic":
            return PALETTE[self.number % len(PALETTE)]
        return named(_step(self.config.get("thresholds", _OWN_THRESHOLDS)["steps"], value))

    def _mapped(self, value: object) -> Json | None:
        key = str(value).lower() if isinstance(value, bool) else str(value)
        for mapping in self.config.get("mappings", []):
            if mapping["type"] == "value" and key in mapping["options"]:
                return mapping["options"][key]  # type: ignore[no-any-return]
        return None


def named(colour: str) -> str:
    """A colour that a browser knows."""
    return NAMED.get(colour, colour)


def _step(steps: list[Json], value: object) -> str:
    found = str(steps[0]["color"])
    if isinstance(value, int | float):
        for step in steps[1:]:
            if value >= step["value"]:
                found = str(step["color"])
    return found


def of_panel(panel: Json, answers: list[tuple[Json, list[Series]]]) -> list[list[Field]]:
    """A frame for each series, or one for each query in the form of a table."""
    frames: list[list[Field]] = []
    for target, series in answers:
        if target["resultFormat"] == "table":
            frames += [_table(series)] if series else []
        else:
            frames += [[_time(each), one] for each in series for one in _of_series(each, target.get("alias", ""))]
    defaults = dict(panel.get("fieldConfig", {}).get("defaults", {}))
    if panel["type"] == "timeseries":
        defaults.setdefault("color", {"mode": "palette-classic"})
    numbers = count()
    for field in (field for frame in frames for field in frame):
        field.config = _overridden(panel, field, defaults)
        field.number = next(numbers) if field.name != TIME else 0
    return frames


def _time(series: Series) -> Field:
    times = [row[0] for row in series.values]
    return Field(TIME, times, times, {})


def _of_series(series: Series, alias: str) -> Iterable[Field]:
    for index, column in enumerate(series.columns[1:], start=1):
        name = alias.replace("$col", column).replace("$m", series.name)
        name = re.sub(r"\$tag_(\w+)", lambda found: series.tags.get(found[1], ""), name)
        rows = series.values
        yield Field(
            name or f"{series.name}.{column}", [row[0] for row in rows], [row[index] for row in rows], {},
            labels=series.tags,
        )  # fmt: skip


def _table(series: list[Series]) -> list[Field]:
    columns = series[0].columns[1:]
    tags = sorted(series[0].tags)
    times = [row[0] for one in series for row in one.values]
    made = [Field(TIME, times, times, {})]
    for tag in tags:
        values: list[Any] = [one.tags[tag] for one in series for _ in one.values]
        made.append(Field(tag, times, values, {}))
    for index, column in enumerate(columns, start=1):
        made.append(Field(column, times, [row[index] for one in series for row in one.values], {}))
    return made


def _overridden(panel: Json, field: Field, defaults: Json) -> Json:
    config = dict(defaults)
    config["custom"] = dict(defaults.get("custom", {}))
    for override in panel.get("fieldConfig", {}).get("overrides", []):
        matcher = override["matcher"]
        if not _matches(matcher["id"], matcher["options"], field.name):
            continue
        for one in override["properties"]:
            name, value = one["id"], one.get("value")
            if name.startswith("custom."):
                config["custom"][name.removeprefix("custom.")] = value
            else:
                config[name] = value
    return config


def _matches(kind: str, options: str, name: str) -> bool:
    if kind == "byName":
        return name == options
    return re.search(options.strip("/"), name) is not None
