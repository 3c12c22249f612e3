"""All dashboards in all languages, as files: path below ``generated`` → JSON. Only this needs the SDK."""

from dashboards.grafana.boards import (
    downtime,
    energy,
    health,
    line,
    machine,
    oee,
    orders,
    park,
    quality,
    trace,
    wall,
)
from dashboards.words import LANGUAGES

#: Every dashboard by name, from the whole to the part.
BOARDS = {
    "park": park.sheet,
    "wall": wall.sheet,
    "line": line.sheet,
    "machine": machine.sheet,
    "downtime": downtime.sheet,
    "quality": quality.sheet,
    "orders": orders.sheet,
    "energy": energy.sheet,
    "trace": trace.sheet,
    "health": health.sheet,
    "oee": oee.sheet,
}


def dashboards() -> dict[str, str]:
    """``en/park.json`` and so on → its text."""
    return {
        f"{language}/{name}.json": make(language).to_json([other for other in BOARDS if other != name])
        for language in LANGUAGES
        for name, make in BOARDS.items()
    }
