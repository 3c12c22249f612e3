"""Makes in a new InfluxDB 2.x what the collector and Grafana need, and nothing twice: run it at every start.

    influxdb_setup.py [SECRETS]        (/secrets; the address, organisation and bucket come from the environment)

organisation → buckets NAME and NAME_hourly → mappings for InfluxQL → a token that only writes (tokens/collector) and
one that only reads (tokens/grafana). Ends with 0, or with one line that says what is wrong and what to do.
"""

import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

_TIMEOUT_S = 30
_DAY_S = 24 * 3600
#: Token file → what its reader may do with both buckets.
_TOKENS = {"collector": "write", "grafana": "read"}


class SetupError(Exception):
    """What a person has to mend."""


class StrangerError(SetupError):
    """The server does not know the token."""


class Influx:
    """The administrator's view of one server."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url.rstrip("/"), token

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None, **query: str) -> dict[str, Any]:
        """One request and its answer. Raises :class:`SetupError`."""
        address = f"{self._url}{path}?{urlencode(query)}" if query else f"{self._url}{path}"
        request = urllib.request.Request(  # noqa: S310 - the address is the deployment's own
            address,
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Token {self._token}"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - the same
                found: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            raise (StrangerError if error.code == 401 else SetupError)(_refusal(method, path, error)) from error
        except (OSError, ValueError) as error:
            raise SetupError(f"no InfluxDB 2.x answers at {self._url} ({error}): is it running?") from error
        return found

    def knows(self, token: str) -> bool:
        """Whether it is a token of this server. Asked with it: later versions keep only hashes to compare with."""
        try:
            Influx(self._url, token).ask("GET", "/api/v2/buckets", limit="1")
        except StrangerError:
            return False
        return True


def _refusal(method: str, path: str, error: urllib.error.HTTPError) -> str:
    if error.code == 401:
        return (
            "InfluxDB does not know our administrator's token: its data are of another set of secrets. Put the volumes"
            " `secrets` and `influxdb` of the same time back, or remove both to begin anew"
        )
    return f"InfluxDB refused {method} {path}: {error.code} {error.read(500).decode(errors='replace').strip()}"


def set_up(influx: Influx, secrets: Path, org: str, bucket: str, keep_days: int) -> Iterator[str]:
    """Make what is missing; says what it made."""
    if influx.ask("GET", "/api/v2/setup")["allowed"]:
        # What is given here becomes the administrator's; nothing of it is ever a default.
        password, token = (secret(secrets / "influxdb" / name) for name in ("admin_password", "admin_token"))
        first = {"username": "admin", "password": password, "token": token, "org": org, "bucket": bucket}
        influx.ask("POST", "/api/v2/setup", {**first, "retentionPeriodSeconds": keep_days * _DAY_S})
        yield f"organisation {org} and bucket {bucket}"
    org_id = influx.ask("GET", "/api/v2/orgs", org=org)["orgs"][0]["id"]
    ids = []
    for name, days in ((bucket, keep_days), (f"{bucket}_hourly", 0)):
        bucket_id, news = _bucket(influx, org_id, name, days)
        ids.append(bucket_id)
        yield from news
        yield from _mapping(influx, org_id, name, bucket_id)
    for reader, action in _TOKENS.items():
        file = secrets / "tokens" / reader
        if not influx.knows(file.read_text(encoding="utf-8").strip()):
            # Into the file that is there: its owner and mode are the reader's.
            file.write_text(_token(influx, org_id, reader, action, ids) + "\n", encoding="utf-8")
            yield f"a token for {reader} that may {action}"


def _bucket(influx: Influx, org_id: str, name: str, days: int) -> tuple[str, list[str]]:
    # All buckets, for the server answers 404 to the name of one that is not there.
    buckets = influx.ask("GET", "/api/v2/buckets", orgID=org_id, limit="100")["buckets"]
    found = [each["id"] for each in buckets if each["name"] == name]
    if found:
        return found[0], []
    rules = [{"type": "expire", "everySeconds": days * _DAY_S}] if days else []
    made = influx.ask("POST", "/api/v2/buckets", {"orgID": org_id, "name": name, "retentionRules": rules})
    return made["id"], [f"bucket {name}"]


def _mapping(influx: Influx, org_id: str, name: str, bucket_id: str) -> Iterator[str]:
    mappings = influx.ask("GET", "/api/v2/dbrps", orgID=org_id, db=name)["content"]
    if not [each for each in mappings if each["bucketID"] == bucket_id and not each.get("virtual")]:
        wanted = {"orgID": org_id, "bucketID": bucket_id, "database": name, "retention_policy": "autogen"}
        influx.ask("POST", "/api/v2/dbrps", {**wanted, "default": True})
        yield f"database {name} for InfluxQL"


def _token(influx: Influx, org_id: str, reader: str, action: str, buckets: list[str]) -> str:
    resources = [{"type": "buckets", "id": each, "orgID": org_id} for each in buckets]
    permissions = [{"action": action, "resource": resource} for resource in resources]
    wanted = {"orgID": org_id, "description": f"mes {reader}", "permissions": permissions}
    return str(influx.ask("POST", "/api/v2/authorizations", wanted)["token"])


def secret(path: Path) -> str:
    """What is in the file. Raises :class:`SetupError` when there is none."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SetupError(f"{path} cannot be read ({error.strerror}): did secrets.sh run?") from error


def _whole(days: str) -> int:
    if not days.isdecimal():
        raise SetupError(f"MES_INFLUX_KEEP_DAYS is {days!r}: write a whole number of days, or 0 for all")
    return int(days)


def _said(name: str) -> str:
    said = os.environ.get(name)
    if not said:
        raise SetupError(f"{name} is not set: docker-compose.yml shows what it may be")
    return said


def main() -> None:
    """Set up what the environment names."""
    secrets = Path(sys.argv[1] if len(sys.argv) > 1 else "/secrets")
    try:
        url, org, bucket, days = (_said(f"MES_INFLUX_{name}") for name in ("URL", "ORG", "BUCKET", "KEEP_DAYS"))
        influx = Influx(url, secret(secrets / "influxdb" / "admin_token"))
        for news in set_up(influx, secrets, org, bucket, _whole(days)):
            print(f"made {news}", flush=True)  # noqa: T201 - the container's log
    except SetupError as error:
        sys.exit(f"influxdb_setup: {error}")


if __name__ == "__main__":
    main()
