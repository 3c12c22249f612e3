"""What a column of a table is called and how its values are written: the same wherever it appears."""

from collections.abc import Callable

from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from dashboards.grafana import look
from dashboards.grafana.look import Mapped, Say
from dashboards.grafana.panels import DURATION, property_

#: Tags that a row has for its links; a person reads the others.
HIDDEN = ("enterprise", "area")
#: Column → unit, and decimals where they are fixed.
_UNITS: dict[str, tuple[str, int | None]] = {
    **dict.fromkeys(("oee", "a", "p", "q", "coverage", "idle_share"), ("percentunit", 1)),
    **dict.fromkeys(("fpy", "scrap_share"), ("percentunit", 2)),
    **dict.fromkeys(("mtbf", "mttr", "breakdown", "duration_s", "for_s"), (DURATION, None)),
    **dict.fromkeys(("energy", "idle_energy"), ("kwatth", None)),
    "kwh_part": ("kwatth", 4),
    "late_s": ("s", None),
    **dict.fromkeys(("ppu", "ppl"), ("none", 2)),
}
_YES_NO = ("is_active", "accepted", "is_complete")
_MAPPED: dict[str, Callable[[str, Say], Mapped]] = {
    "category": lambda language, _: look.categories(language),
    "reason": lambda language, _: look.reasons(language),
    "state": lambda _, say: look.states(say),
    "result": lambda _, say: look.results(say),
    **dict.fromkeys(_YES_NO, lambda _, say: look.yes_no(say)),
}


def properties(name: str, language: str, say: Say) -> list[DynamicConfigValue]:
    """The overrides of one column."""
    made = [property_("displayName", say(f"column.{name}"))]
    if name in HIDDEN:
        made.append(property_("custom.hidden", True))
    if name in _UNITS:
        unit, decimals = _UNITS[name]
        made.append(property_("unit", unit))
        if decimals is not None:
            made.append(property_("decimals", decimals))
    if name in _MAPPED:
        made.append(property_("mappings", [_MAPPED[name](language, say)]))
    return made
