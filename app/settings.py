"""What options and environment say together; the only reader of the environment.

    option --influx-url       environment MES_INFLUX_URL             http://host:8086
           --influx-token-file            MES_INFLUX_TOKEN_FILE      a file with the token, or MES_INFLUX_TOKEN itself
           --influx-org                   MES_INFLUX_ORG             of 2.x only
           --influx-bucket                MES_INFLUX_BUCKET          a second one, NAME_hourly, is kept beside it
           --broker mqtt://user@host      MES_BROKER_PASSWORD_FILE   a file with the password, or MES_BROKER_PASSWORD

An option goes before the environment. A token is never an option, and a password need not be one: others see the
command lines of a machine.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from stat import S_IROTH
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from app.progress import console
from collector.influx_client import InfluxSettings
from contract.broker_url import BrokerUrl, parse_broker_url
from contract.errors import UsageError

_DEFAULT_BUCKET = "mes"


class InfluxOptions(Struct, frozen=True):
    """What a command line says of InfluxDB."""

    url: str | None = None
    token_file: Path | None = None
    org: str | None = None
    bucket: str | None = None


def influx_settings(
    options: InfluxOptions, environment: Mapping[str, str] | None = None, *, only_if_asked: bool = False
) -> InfluxSettings | None:
    """Where to send to; none where neither says so, or with ``only_if_asked`` the command line names no address.

    Raises :class:`UsageError` for what cannot be meant.
    """
    said = os.environ if environment is None else environment
    url = options.url or ("" if only_if_asked else said.get("MES_INFLUX_URL", ""))
    if not url:
        if options.token_file or options.org or options.bucket:
            raise UsageError("--influx-token-file, --influx-org and --influx-bucket need --influx-url")
        return None
    return InfluxSettings(
        url=_influx_url(url),
        bucket=_bucket(options.bucket or said.get("MES_INFLUX_BUCKET") or _DEFAULT_BUCKET),
        org=options.org or said.get("MES_INFLUX_ORG", ""),
        token=_token(options.token_file, said),
    )


def broker_settings(address: str, environment: Mapping[str, str] | None = None) -> BrokerUrl:
    """Where the broker is, ``mqtt://[user[:password]@]host[:port]``, with the password that the environment has.

    One in the address goes before it. Raises :class:`UsageError` for what cannot be meant.
    """
    said = os.environ if environment is None else environment
    broker = parse_broker_url(address)
    password = "" if broker.password else _broker_password(said)
    if password and broker.user is None:
        raise UsageError(f"there is a password for {broker} but no user: write mqtt://user@{broker.host}:{broker.port}")
    return replace(broker, password=password) if password else broker


def _broker_password(said: Mapping[str, str]) -> str:
    named, password = said.get("MES_BROKER_PASSWORD_FILE"), said.get("MES_BROKER_PASSWORD", "")
    return secret_in(Path(named), "MES_BROKER_PASSWORD_FILE", "password") if named else password


def http_address(text: str, what: str, example: str) -> str:
    """``text`` without a slash at its end, if it can be the address of ``what``; else raises :class:`UsageError`."""
    try:
        parts = urlsplit(text)
        is_right = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_right = False
    if not is_right or parts.query or parts.fragment:
        raise UsageError(f"{text!r} is not the address of {what}: write it like {example}")
    return text.rstrip("/")


def _influx_url(text: str) -> str:
    url = http_address(text, "an InfluxDB", "http://127.0.0.1:8086")
    if urlsplit(url).username is not None:
        raise UsageError("--influx-url has a user in it: put user:password into the file of --influx-token-file")
    return url


def _bucket(text: str) -> str:
    if not text.isprintable() or text != text.strip() or '"' in text or "/" in text or text.startswith("_"):
        raise UsageError(f"{text!r} is not the name of a bucket: write letters, digits, - and _, such as mes")
    return text


def _token(option: Path | None, said: Mapping[str, str]) -> str:
    named = said.get("MES_INFLUX_TOKEN_FILE")
    if option is None and "MES_INFLUX_TOKEN" in said and not named:
        return _one_line(said["MES_INFLUX_TOKEN"], "MES_INFLUX_TOKEN")
    path = option or (Path(named) if named else None)
    return "" if path is None else secret_in(path, "--influx-token-file" if option else "MES_INFLUX_TOKEN_FILE")


def secret_in(path: Path, name: str, what: str = "token") -> str:
    """The ``what`` that is alone in the file at ``path``. Raises :class:`UsageError`, which begins with ``name``."""
    try:
        text, mode = path.read_text(encoding="utf-8"), path.stat().st_mode
    except FileNotFoundError as error:
        raise UsageError(f"{name}: there is no file {path}: write the {what} into it, and nothing else") from error
    except OSError as error:
        raise UsageError(f"{name}: {path} cannot be read ({error.strerror}): let this user read it") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: {path} is no text: write the {what} into it, and nothing else") from error
    if os.name == "posix" and mode & S_IROTH:
        console.print(f"{path} can be read by everybody on this machine: chmod 600 {path}", markup=False)
    return _one_line(text, f"{name}: {path}", what)


def _one_line(text: str, name: str, what: str = "token") -> str:
    secret = text.strip()
    if not secret:
        raise UsageError(f"{name} is empty: write the {what} into it, and nothing else")
    if not secret.isascii() or not secret.isprintable() or len(secret.split()) > 1:
        raise UsageError(f"{name} holds more than a {what}: write the {what} into it, and nothing else")
    return secret
