"""One dashboard being written in one language: places its panels, gives them words and numbers, and turns it to JSON.

Every panel has a key: ``grafana.KEY`` is its title, ``grafana.KEY.about`` says how the number is made.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from grafana_foundation_sdk.builders.common import TableSortByFieldState
from grafana_foundation_sdk.builders.dashboard import AnnotationQuery, Dashboard, DashboardLink
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import AnnotationQuery as AnnotationModel
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, GridPos, RowPanel, VariableModel
from grafana_foundation_sdk.models.dashboard import DashboardLink as Link

from contract.points import LINE_TAGS, MACHINE_TAGS, MEASUREMENTS
from dashboards.grafana import links, queries
from dashboards.grafana.columns import properties
from dashboards.grafana.look import ACCENT, LOSS_COLOURS, WATCH
from dashboards.grafana.panels import ABSENT, fixed, property_, rows
from dashboards.grafana.target import SOURCE, InfluxQL, Marks, source
from dashboards.grafana.variables import variables
from dashboards.words import grafana

_COLUMNS = 24
#: Px of an instant with its date.
_TIME_WIDTH = 170
#: Dashboard of one thing → the tags that say which.
LEVELS = {"line": LINE_TAGS, "machine": MACHINE_TAGS}


class Sheet:
    """Panels flow from left to right and wrap; ``row`` begins a new part with a heading."""

    def __init__(  # noqa: PLR0913, PLR0917 - what every dashboard says of itself, in one place
        self,
        name: str,
        language: str,
        tags: Sequence[str],
        single: Sequence[str] = (),
        texts: Sequence[str] = (),
        start: str = "now-24h",
        refresh: str = "30s",
        marks: str = "",
    ) -> None:
        self.name, self.language, self.tags, self.texts = name, language, tags, texts
        self._words = grafana(language)
        self._single, self._panels = single, list[Any]()
        self._x = self._y = self._tallest = 0
        self._start, self._refresh, self._marks = start, refresh, marks

    def say(self, key: str) -> str:
        """The word ``grafana.KEY``."""
        return self._words[f"grafana.{key}"]

    @property
    def minutes(self) -> str:
        """The unit of what is summed in minutes."""
        return f"suffix:{self.say('unit.minutes')}"

    def row(self, key: str) -> None:
        """A heading."""
        self._wrap()
        place = GridPos(h=1, w=_COLUMNS, x=0, y=self._y)
        row = RowPanel(title=self.say(key), collapsed=False, id_val=len(self._panels) + 1, grid_pos=place, panels=[])
        self._panels.append(row)
        self._y += 1

    def add(self, key: str, panel: Any, several: Iterable[InfluxQL], size: tuple[int, int]) -> None:  # noqa: ANN401
        """A panel of ``size`` (width of 24, height) with its title, its description and its queries."""
        width, height = size
        if self._x + width > _COLUMNS:
            self._wrap()
        asked = list(several)
        for number, one in enumerate(asked):
            one.ref_id = chr(ord("A") + number)
        made = panel.title(self.say(key)).description(self.say(f"{key}.about"))
        if asked:
            made = made.datasource(source(asked[0].variable)).targets(asked)
        built = made.build()
        if built.type_val == "bargauge":
            built.field_config.defaults.no_value = self.say("none")
        built.id_val = len(self._panels) + 1
        built.grid_pos = GridPos(h=height, w=width, x=self._x, y=self._y)
        self._panels.append(built)
        self._x, self._tallest = self._x + width, max(self._tallest, height)

    def _wrap(self) -> None:
        self._y, self._x, self._tallest = self._y + self._tallest, 0, 0

    def table(
        self, named: Iterable[str], *, has_time: bool = False, down: str = "", worst: str = "", rising: bool = False
    ) -> Any:  # noqa: ANN401
        """A table of tags and fields; the time only where a row is of an instant.

        ``down``: the dashboard that a row leads to. ``worst``: the column by which it is sorted, largest first unless
        ``rising``. What it says without a row is ``grafana.none``.
        """
        time = [property_("displayName", self.say("column.time")), property_("custom.width", _TIME_WIDTH)]
        time = time if has_time else [property_("custom.hidden", True)]
        made = rows().no_value(self.say("none")).override_by_regexp("/.*/", [property_("noValue", ABSENT)])
        made = made.override_by_regexp("/^[Tt]ime$/", time)
        for name in named:
            made = made.override_by_name(name, properties(name, self.language, self.say))
        if worst:
            order = TableSortByFieldState().display_name(self.say(f"column.{worst}")).desc(not rising)
            made = made.sort_by([order])
        return made.data_links([self.row_link(down)]) if down else made

    def row_link(self, dashboard: str) -> Builder[Link]:
        """From a row of a table to the dashboard of its line or machine."""
        return links.from_row(dashboard, self.language, self.say(f"to.{dashboard}"), LEVELS[dashboard])

    def series_link(self, dashboard: str) -> Builder[Link]:
        """From a series to the dashboard of its line or machine."""
        return links.from_series(dashboard, self.language, self.say(f"to.{dashboard}"), LEVELS[dashboard])

    def losses(self, panel: Any, named: Iterable[str]) -> Any:  # noqa: ANN401
        """Columns of lost time under their words and in their colours."""
        made = panel
        for name in named:
            word = property_("displayName", self.say(f"loss.{name}"))
            made = made.override_by_name(name, [word, fixed(LOSS_COLOURS[name])])
        return made

    def to_json(self, down: Sequence[str]) -> str:
        """The dashboard, with links to the dashboards ``down`` and to itself over other spans."""
        dashboard = (
            Dashboard(self.say(f"{self.name}.title"))
            .uid(links.uid(self.name, self.language))
            .description(self.say(f"{self.name}.about"))
            .tags(["mes", self.language])
            .timezone("browser")
            .editable()
            .tooltip(DashboardCursorSync.CROSSHAIR)
            .refresh(self._refresh)
            .time(self._start, "now")
            .variables([_Built(one) for one in variables(self.say, self.tags, self._single, self.texts)])
            .links([*self._down(down), *self._spans()])
        )
        if self._marks:
            dashboard = dashboard.annotations(self._annotations(self._marks))
        made = dashboard.build()
        made.panels = self._panels
        return _clean(json.loads(JSONEncoder().encode(made)))

    def _annotations(self, where: str) -> list[Builder[AnnotationModel]]:
        """What was done by hand, and what was refused, of the commands ``where`` it holds."""
        return [
            AnnotationQuery()
            .name(self.say(f"marks.{key}"))
            .datasource(source(SOURCE))
            .icon_color(colour)
            .target(Marks(queries.marks(where, self.language, accepted=accepted)))
            for key, colour, accepted in (("done", ACCENT, True), ("refused", WATCH, False))
        ]

    def _down(self, dashboards: Sequence[str]) -> list[Builder[Link]]:
        return [
            DashboardLink(self.say(f"{one}.title")).url(links.address(one, self.language, {}, LINE_TAGS))
            for one in dashboards
        ]

    def _spans(self) -> list[Builder[Link]]:
        kept = (*self.tags, *self.texts)
        return [links.span_link(self.name, self.language, self.say(span), span, kept) for span in links.SPANS]


class _Built(Builder[VariableModel]):
    """A model where the SDK wants a builder."""

    def __init__(self, model: VariableModel) -> None:
        self._model = model

    def build(self) -> VariableModel:
        """The model."""
        return self._model


def _clean(made: dict[str, Any]) -> str:
    """As it is kept: without what the SDK adds on its own, keys in order, so that a change shows as what it is."""
    for each in (*made["links"], *made["annotations"].get("list", ())):
        each.pop("placement")
    for panel in made["panels"]:
        panel.pop("repeatDirection", None)
        panel.get("options", {}).pop("footer", None)  # of tables before 12.3
        for link in panel.get("fieldConfig", {}).get("defaults", {}).get("links", []):
            link.pop("placement", None)
    for variable in made["templating"]["list"]:
        for extra in ("auto", "auto_min", "auto_count"):
            variable.pop(extra)
    return json.dumps(made, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def of(measurement: str, query: str, *, form: str = "time_series", alias: str = "") -> InfluxQL:
    """A query of ``measurement`` from the data source that has it."""
    is_summed = f"{measurement}_minute" in MEASUREMENTS
    variable = "resolution" if is_summed else SOURCE
    return InfluxQL(query, "table" if form == "table" else "time_series", alias, variable)
