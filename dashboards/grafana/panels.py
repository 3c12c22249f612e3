"""The kinds of panel the dashboards are made of, each with our look; a maker knows nothing of what it shows."""

from grafana_foundation_sdk.builders import bargauge, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders import text as texts
from grafana_foundation_sdk.builders.common import (
    ReduceDataOptions,
    StackingConfig,
    VizLegendOptions,
    VizTooltipOptions,
)
from grafana_foundation_sdk.builders.dashboard import FieldColor, ThresholdsConfig
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    BarGaugeSizing,
    BigValueColorMode,
    BigValueGraphMode,
    BigValueTextMode,
    GraphDrawStyle,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, FieldColorModeId
from grafana_foundation_sdk.models.text import TextMode

#: A silence of three hours is drawn as a gap; an hour is the widest step of the sums.
_GAP_MS = 3 * 3_600_000
#: 2 d 04:12:00: without a word, so the same in every language.
DURATION = "dtdhms"
#: What stands where there is no number.
ABSENT = "–"
#: A line that holds until its next point: a limit is one sample's own.
STEPS = ("custom.lineInterpolation", "stepAfter")
#: Cells of a table whose letters or whose ground have the colour of what they say.
LETTERS, FILLED = {"type": "color-text"}, {"type": "color-background"}
#: A frame's instants are fields too: whoever asks for all fields shows them as numbers.
_NOT_TIME = "/^(?!Time$)/"
#: A ratio of less time than this jumps, because parts leave one at a time.
_HALF_HOUR = "30m"
#: Of a bar, px: two bars in a panel for twelve would look like more.
_THICKEST = 36


def _legend() -> VizLegendOptions:
    return VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM).show_legend(True)


def _reduced(*, values: bool = False, fields: str = "") -> ReduceDataOptions:
    made = ReduceDataOptions().calcs(["lastNotNull"]).values(values)
    return made.fields(fields) if fields else made


def number(unit: str, thresholds: ThresholdsConfig | None = None, decimals: int | None = None) -> stat.Panel:
    """One big figure; its colour says whether a person is needed."""
    made = stat.Panel().unit(unit).reduce_options(_reduced()).graph_mode(BigValueGraphMode.NONE).no_value(ABSENT)
    made = made.color_mode(BigValueColorMode.VALUE if thresholds else BigValueColorMode.NONE)
    if decimals is not None:
        made = made.decimals(decimals)
    return made.thresholds(thresholds).color_scheme(_by_threshold()) if thresholds else made


def tiles(unit: str = "string") -> stat.Panel:
    """A tile for each series, filled with the colour of what it says: readable at five metres."""
    return (
        stat.Panel()
        .unit(unit)
        .reduce_options(_reduced(fields=_NOT_TIME))
        .color_mode(BigValueColorMode.BACKGROUND_SOLID)
        .graph_mode(BigValueGraphMode.NONE)
        .text_mode(BigValueTextMode.VALUE_AND_NAME)
        .no_value(ABSENT)
    )


def word(field: str) -> stat.Panel:
    """What the newest value of one column says, in plain letters."""
    return (
        stat.Panel()
        .unit("string")
        .reduce_options(_reduced(fields=f"/^{field}$/"))
        .color_mode(BigValueColorMode.NONE)
        .graph_mode(BigValueGraphMode.NONE)
        .text_mode(BigValueTextMode.VALUE)
        .no_value(ABSENT)
    )


def curve(unit: str) -> timeseries.Panel:
    """Lines over time; a gap in the data is a gap in the line."""
    return (
        timeseries.Panel()
        .unit(unit)
        .line_width(2)
        .fill_opacity(0)
        .show_points(VisibilityMode.AUTO)
        .insert_nulls(_GAP_MS)
        .legend(_legend())
        .tooltip(VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
    )


def trend(unit: str) -> timeseries.Panel:
    """A ratio over time, of half an hour or more."""
    return curve(unit).interval(_HALF_HOUR)


def shares() -> timeseries.Panel:
    """OEE and what it is made of over time; the axis ends at 150 %, above which a ratio is of hardly any time."""
    return trend("percentunit").min(0).max(1.5)


def stack(unit: str) -> timeseries.Panel:
    """Bars over time, one upon another: parts of a whole, with the seconds they come from."""
    stacked = StackingConfig().mode(StackingMode.NORMAL).group("A")
    made = trend(unit).draw_style(GraphDrawStyle.BARS).fill_opacity(80).line_width(0).stacking(stacked)
    return made.max_data_points(96)


def states(row_height: float = 0.85) -> statetimeline.Panel:
    """What was when: a row for each series."""
    return (
        statetimeline.Panel()
        .fill_opacity(90)
        .line_width(0)
        .row_height(row_height)
        .show_value(VisibilityMode.NEVER)
        .merge_values(True)
        .legend(_legend())
        .tooltip(VizTooltipOptions().mode(TooltipDisplayMode.SINGLE).sort(SortOrder.NONE))
    )


def _bars(unit: str) -> bargauge.Panel:
    return (
        bargauge.Panel()
        .unit(unit)
        .orientation(VizOrientation.HORIZONTAL)
        .display_mode(BarGaugeDisplayMode.BASIC)
        .sizing(BarGaugeSizing.MANUAL)
        .max_viz_height(_THICKEST)
        .min(0)
    )


def pareto(unit: str, colour: str) -> bargauge.Panel:
    """Bars in the order in which the query returns them: largest first."""
    one = FieldColor().mode(FieldColorModeId.FIXED).fixed_color(colour)
    return _bars(unit).reduce_options(_reduced(values=True, fields="/^value$/")).color_scheme(one)


def staircase(unit: str) -> bargauge.Panel:
    """Planned time at the top, what each loss took of it, good time: a bar for each column, in their order."""
    return _bars(unit).reduce_options(_reduced()).decimals(1)


def rows() -> table.Panel:
    """A table; units and links are said column by column."""
    return table.Panel().filterable(True)


def note(markdown: str) -> texts.Panel:
    """Words, for teaching."""
    return texts.Panel().mode(TextMode.MARKDOWN).content(markdown)


def _by_threshold() -> FieldColor:
    return FieldColor().mode(FieldColorModeId.THRESHOLDS)


def property_(name: str, value: object) -> DynamicConfigValue:
    """One override of a field: ``unit``, ``displayName``, ``color``, ``mappings``, ``links``."""
    return DynamicConfigValue(id_val=name, value=value)


def fixed(colour: str) -> DynamicConfigValue:
    """A field drawn in one colour."""
    return property_("color", {"mode": "fixed", "fixedColor": colour})


def dashed(colour: str) -> list[DynamicConfigValue]:
    """A level line: limits and targets."""
    style = {"fill": "dash", "dash": [8, 8]}
    return [fixed(colour), property_("custom.lineStyle", style), property_("custom.lineWidth", 1)]
