"""The health checks of the containers that run ``mes``: exit code 0 is healthy, 1 is not, with the reason.

healthy.py http://127.0.0.1:8000/healthz     that page answers, and says that it is well
healthy.py mqtt://user@broker:1883           a connection to that port is open (Linux; whatever runs in this container)
"""

import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

_TIMEOUT_S = 3
_ESTABLISHED = "01"
_BROKER_PORT = 1883


def trouble(url: str) -> str:
    """What is wrong; empty when all is well."""
    if url.startswith("http://"):
        return _answers(url)
    port = urlsplit(url).port or _BROKER_PORT
    return "" if port in connected_ports() else f"nothing here is connected to port {port}"


def _answers(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S):  # noqa: S310 - http only, see trouble()
            return ""
    except OSError as error:
        return f"{url}: {error}"


def connected_ports(tables: tuple[str, ...] = ("/proc/net/tcp", "/proc/net/tcp6")) -> set[int]:
    """The far ports of all open TCP connections of this network namespace: a container has its own."""
    rows = [line.split() for table in tables if Path(table).exists() for line in Path(table).read_text().splitlines()]
    return {int(row[2].rpartition(":")[2], 16) for row in rows if row[3] == _ESTABLISHED}


if __name__ == "__main__":
    sys.exit(trouble(sys.argv[1]) or 0)
