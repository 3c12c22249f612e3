"""The variables of the dashboards: each offers what the ones above it leave."""

from collections.abc import Iterable

from grafana_foundation_sdk.builders.dashboard import DatasourceVariable, QueryVariable, TextBoxVariable
from grafana_foundation_sdk.models.dashboard import (
    VariableHide,
    VariableModel,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from contract.points import MACHINE_TAGS
from dashboards.grafana.look import Say
from dashboards.grafana.provisioning import SOURCES
from dashboards.grafana.queries import within
from dashboards.grafana.target import RESOLUTION, SOURCE, source

#: Tag → the measurement that has all its values in the database of all but the hourly sums.
_FOUND_IN = {"product": "made_minute", "reason": "downtime", "code": "value"}


def variables(
    say: Say, tags: Iterable[str], single: Iterable[str] = (), texts: Iterable[str] = ()
) -> list[VariableModel]:
    """Both data sources, a variable for each tag (several or all, but for ``single``), and fields to type in."""
    made = [
        _data_source(say, SOURCE, "/^MES minute/", hidden=True),
        _data_source(say, RESOLUTION, "/^MES (minute|hour)/"),
    ]
    above: list[str] = []
    for tag in tags:
        made.append(_tag(say, tag, above, is_single=tag in single))
        above.append(tag)
    return made + [TextBoxVariable(name).label(say(f"variable.{name}")).default_value("").build() for name in texts]


def _data_source(say: Say, name: str, regex: str, *, hidden: bool = False) -> VariableModel:
    first = next(iter(SOURCES))
    made = DatasourceVariable(name).type("influxdb").regex(regex).label(say(f"variable.{name}"))
    made = made.current(VariableOption(selected=True, text=SOURCES[first], value=first))
    return (made.hide(VariableHide.HIDE_VARIABLE) if hidden else made).build()


def query(tag: str, above: Iterable[str]) -> str:
    """The values of a tag under what is chosen of the tags above it."""
    under = within(*(one for one in above if one in MACHINE_TAGS))
    where = f" WHERE {under}" if under else ""
    return f'SHOW TAG VALUES FROM "{_FOUND_IN.get(tag, "machine_minute")}" WITH KEY = "{tag}"{where}'


def _tag(say: Say, tag: str, above: list[str], *, is_single: bool) -> VariableModel:
    asked = query(tag, above)
    made = (
        QueryVariable(tag)
        .label(say(f"variable.{tag}"))
        .datasource(source(SOURCE))
        .query(asked)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
    )
    if is_single:
        return made.build()
    everything = VariableOption(selected=True, text=[say("all")], value=["$__all"])
    return made.multi(True).include_all(True).all_value(".*").current(everything).build()
