"""Everything a person reads, in both languages: flat dotted keys → text, one JSON file a language."""

from importlib import resources

import msgspec

#: Every language there is a catalogue of; the first is spoken to whoever asks for none of them.
LANGUAGES = ("en", "vi")


def catalogue(language: str) -> dict[str, str]:
    """All words of one of :data:`LANGUAGES`."""
    return msgspec.json.decode(source(language), type=dict[str, str])


def source(language: str) -> bytes:
    """The catalogue of one of :data:`LANGUAGES` as JSON."""
    return resources.files(__name__).joinpath(f"{language}.json").read_bytes()


def report(language: str) -> dict[str, str]:
    """The words of the shift report; apart, because no browser needs them."""
    file = resources.files(__name__).joinpath(f"report.{language}.json")
    return msgspec.json.decode(file.read_bytes(), type=dict[str, str])


def grafana(language: str) -> dict[str, str]:
    """The words of the Grafana dashboards and alerts; apart, because no browser needs them."""
    file = resources.files(__name__).joinpath(f"grafana.{language}.json")
    return msgspec.json.decode(file.read_bytes(), type=dict[str, str])
