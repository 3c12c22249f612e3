"""Where the broker is: ``mqtt://[user:password@]host[:port]``."""

from urllib.parse import unquote, urlsplit

import msgspec

from contract.errors import UsageError

_DEFAULT_PORT = 1883


class BrokerUrl(msgspec.Struct, frozen=True):
    """A parsed broker address."""

    host: str
    port: int = _DEFAULT_PORT
    user: str | None = None
    password: str | None = None

    def __str__(self) -> str:
        return f"mqtt://{self.host}:{self.port}"


def parse_broker_url(text: str) -> BrokerUrl:
    """``mqtt://host:port`` → its parts. Raises :class:`UsageError` with the right form."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme != "mqtt" or parts.path not in ("", "/"):
        raise UsageError(f"{text!r} is not the address of a broker: write it like mqtt://127.0.0.1:1883")
    user = None if parts.username is None else unquote(parts.username)
    password = None if parts.password is None else unquote(parts.password)
    return BrokerUrl(host, port or _DEFAULT_PORT, user, password)
