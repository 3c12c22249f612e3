"""An InfluxQL query as Grafana keeps it: the foundation SDK has builders for panels, but no model of this one."""

from typing import Literal

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import DataSourceRef

Format = Literal["time_series", "table"]
#: What the data source variables are called; ``resolution`` has the sums by minute or by hour, ``source`` all else.
SOURCE, RESOLUTION = "source", "resolution"


def source(variable: str = RESOLUTION) -> DataSourceRef:
    """The data source that a variable has chosen."""
    return DataSourceRef(type_val="influxdb", uid=f"${{{variable}}}")


class InfluxQL(Dataquery, Builder["InfluxQL"]):
    """One query; ``alias`` names its series (``$tag_line``, ``$col``), for a ``time_series`` only."""

    def __init__(self, query: str, form: Format = "time_series", alias: str = "", variable: str = RESOLUTION) -> None:
        self.query, self.form, self.alias, self.variable = query, form, alias, variable
        self.ref_id = "A"

    def build(self) -> "InfluxQL":
        """Itself: it is built as soon as it is written."""
        return self

    def to_json(self) -> dict[str, object]:
        """As it stands in a dashboard."""
        return {
            "refId": self.ref_id,
            "datasource": source(self.variable),
            "query": self.query,
            "rawQuery": True,
            "resultFormat": self.form,
            "alias": self.alias,
        }


class Marks(Dataquery, Builder["Marks"]):
    """The query of marks over time: its columns are ``text`` and ``title``, what each says and who did it.

    After the InfluxDB data source's ``transformAnnotationResponse``: it takes the instant for a column that is missing.
    """

    def __init__(self, query: str) -> None:
        self.query = query

    def build(self) -> "Marks":
        """Itself: it is built as soon as it is written."""
        return self

    def to_json(self) -> dict[str, object]:
        """As it stands in a dashboard."""
        return {
            "refId": "Anno",
            "query": self.query,
            "rawQuery": True,
            "fromAnnotations": True,
            "textColumn": "text",
            "titleColumn": "title",
            "textEditor": True,
        }
