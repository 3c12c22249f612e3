"""Colours, words for codes, and thresholds the right way round: grey first, colour only for what needs a person."""

from collections.abc import Callable

from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models.dashboard import (
    RangeMap,
    RegexMap,
    SpecialValueMap,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMappingResult,
)

from contract.states import REASONS, Category, State
from dashboards.words import catalogue

#: The states' colours, told apart by people who do not see red or green as others do.
COLOURS: dict[str, str] = {
    "execute": "#5b6670",
    "setup": "#f5f5f5",
    "breakdown": "#d32f2f",
    "minor_stop": "#f2b134",
    "starved": "#56b4e9",
    "blocked": "#7a4fd0",
    "waiting": "#f2b134",
    "planned": "#c9d0d6",
    "unknown": "#1d2023",
}
ACCENT = "#56b4e9"
#: The four ratios wherever they are drawn together.
APQ_COLOURS = {"oee": "#f5f5f5", "a": ACCENT, "p": "#f2b134", "q": "#b07aa1"}
#: What time is lost to: the categories, good parts, and losses that leave no interval behind.
LOSS_COLOURS = COLOURS | {
    "planned": ACCENT,
    "good_time": "#5b6670",
    "speed": "#b07aa1",
    "startup": "#e07b39",
    "defects": "#9c2f5a",
    "in_process": "#8a949e",
}
#: ``CALM`` is what fine looks like as the ground of a tile, where the colour of text would glare.
FINE, CALM, WATCH, ACT = "text", COLOURS["execute"], "#f2b134", "#d32f2f"
#: From fine to bad, for whoever checks thresholds.
SEVERITY = {FINE: 0, CALM: 0, WATCH: 1, ACT: 2}
#: PackML states by what they ask of a person: it works, it waits for others, it is being helped, it is at rest.
_STATE_COLOURS = {
    State.EXECUTE: COLOURS["execute"],
    State.COMPLETING: COLOURS["execute"],
    **dict.fromkeys((State.SUSPENDED, State.SUSPENDING, State.UNSUSPENDING), COLOURS["starved"]),
    **dict.fromkeys((State.HELD, State.HOLDING, State.UNHOLDING), COLOURS["minor_stop"]),
    **dict.fromkeys((State.ABORTED, State.ABORTING, State.CLEARING), COLOURS["breakdown"]),
    **dict.fromkeys((State.RESETTING, State.STARTING), COLOURS["setup"]),
    **dict.fromkeys((State.IDLE, State.STOPPED, State.STOPPING, State.COMPLETE), COLOURS["planned"]),
}

Say = Callable[[str], str]
#: What the SDK lists mappings as.
Mapped = ValueMap | RangeMap | RegexMap | SpecialValueMap


def high_is_good(watch: float, act: float, fine: str = FINE) -> ThresholdsConfig:
    """Fine from ``watch`` up, bad below ``act``."""
    return _steps((None, ACT), (act, WATCH), (watch, fine))


def low_is_good(watch: float, act: float) -> ThresholdsConfig:
    """Fine below ``watch``, bad from ``act`` up."""
    return _steps((None, FINE), (watch, WATCH), (act, ACT))


def _steps(*steps: tuple[float | None, str]) -> ThresholdsConfig:
    made = [Threshold(value=value, color=colour) for value, colour in steps]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(made)


def _mapped(results: dict[str, ValueMappingResult]) -> Mapped:
    return ValueMap(options=results)


def categories(language: str) -> Mapped:
    """Category code → its word and its colour."""
    words = catalogue(language)
    return _mapped(
        {
            category: ValueMappingResult(text=words[f"category.{category}"], color=COLOURS[category], index=index)
            for index, category in enumerate(Category)
        }
    )


def reasons(language: str) -> Mapped:
    """Reserved reason → its word. A fault of a machine's own keeps the code that the plant gave it."""
    words = catalogue(language)
    return _mapped({reason: ValueMappingResult(text=words[f"reason.{reason}"]) for reason in REASONS})


def states(say: Say) -> Mapped:
    """PackML state → its word and colour."""
    return _mapped(
        {
            state: ValueMappingResult(text=say(f"state.{state.lower()}"), color=_STATE_COLOURS[state], index=index)
            for index, state in enumerate(State)
        }
    )


def results(say: Say) -> Mapped:
    """What became of a unit → its word and colour."""
    colours = {"pass": FINE, "rework": WATCH, "scrap": ACT}
    return _mapped({one: ValueMappingResult(text=say(f"result.{one}"), color=colours[one]) for one in colours})


def yes_no(say: Say) -> Mapped:
    """A truth value → its word."""
    return _mapped({"true": ValueMappingResult(text=say("yes")), "false": ValueMappingResult(text=say("no"))})
