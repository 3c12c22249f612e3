"""Where a click leads: every level to the next one down, with the time range and the variables kept."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import DashboardLink as Link

from dashboards.grafana.target import RESOLUTION, SOURCE

#: Spans offered at the top of a dashboard: word → (data source of the sums, from).
SPANS = {"span.day": ("mes-influx", "now-24h"), "span.month": ("mes-influx-hourly", "now-30d")}


def uid(dashboard: str, language: str) -> str:
    """What a dashboard is called in an address; never changes."""
    return f"mes-{dashboard}-{language}"


def address(dashboard: str, language: str, values: dict[str, str], kept: Sequence[str] = ()) -> str:
    """A dashboard over the same time, with ``values`` for its variables and those ``kept`` as they are."""
    given = [f"var-{name}={value}" for name, value in values.items()]
    passed = [f"${{{name}:queryparam}}" for name in (SOURCE, RESOLUTION, *kept)]
    return f"/d/{uid(dashboard, language)}?" + "&".join(["${__url_time_range}", *passed, *given])


def _field(tag: str) -> str:
    return f"${{__data.fields.{tag}:percentencode}}"


def _label(tag: str) -> str:
    return f"${{__field.labels.{tag}:percentencode}}"


def from_row(dashboard: str, language: str, title: str, tags: Sequence[str]) -> Builder[Link]:
    """From a row of a table to what the row is about."""
    return _link(title, address(dashboard, language, {tag: _field(tag) for tag in tags}))


def from_series(dashboard: str, language: str, title: str, tags: Sequence[str]) -> Builder[Link]:
    """From a point of a series to what the series is about."""
    return _link(title, address(dashboard, language, {tag: _label(tag) for tag in tags}))


def _link(title: str, url: str) -> Builder[Link]:
    return DashboardLink(title).url(url)


def span_link(dashboard: str, language: str, title: str, span: str, kept: Sequence[str]) -> Builder[Link]:
    """The dashboard itself over a span of :data:`SPANS`, with the sums that are right for it."""
    data_source, start = SPANS[span]
    passed = [f"${{{name}:queryparam}}" for name in (SOURCE, *kept)]
    query = "&".join([f"from={start}", "to=now", f"var-{RESOLUTION}={data_source}", *passed])
    return _link(title, f"/d/{uid(dashboard, language)}?{query}")
