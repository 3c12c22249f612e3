"""What must be right before anything is sent: is it an InfluxDB, which, are the buckets there, may we write.

    /ping ─▶ version ─▶ 1.x: SHOW / CREATE DATABASE      ─▶ one line of our own is written: token, bucket and
                        2.x: buckets, DBRP mappings          organisation are right
                        3.x: databases make themselves

What is only not there now is no mistake: the collector starts, and what it collects waits in the store.
"""

from typing import Any
from urllib.parse import urlencode

import msgspec
import urllib3
from msgspec import Struct
from urllib3.exceptions import HTTPError

from collector.influx import SenderStats, own_line
from collector.influx_client import InfluxSettings, InfluxWriter, explain, innermost, said_in
from collector.influx_policy import Answer, Verdict
from contract.errors import InfluxError
from contract.points import HOURLY_SUFFIX

_TIMEOUT_S = 5.0


class Found(Struct, frozen=True):
    """The database as it was found: its ``version``, empty while it does not answer; ``said``: in a line."""

    version: str
    said: str


class _Reply(Struct, frozen=True):
    status: int
    body: bytes
    reason: str
    version: str

    def json(self) -> Any:  # noqa: ANN401 - whatever the server says
        """The body, if it is JSON, else nothing."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            return {}


def set_up(settings: InfluxSettings, now_us: int) -> Found:
    """Look, make what is missing, write one line. Raises :class:`InfluxError` where settings are wrong."""
    try:
        with urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(total=_TIMEOUT_S)) as http:
            return _Setup(settings, http).run(now_us)
    except _NotNowError as error:
        return Found("", str(error))
    except (HTTPError, OSError) as error:
        return Found("", explain(settings, settings.bucket, Answer(None, innermost(error))))


class _NotNowError(Exception):
    """It is there, but answers later."""


class _Setup:
    def __init__(self, settings: InfluxSettings, http: urllib3.PoolManager) -> None:
        self._settings, self._http = settings, http

    def run(self, now_us: int) -> Found:
        version = self._version()
        prepare = {"1": self._databases, "2": self._buckets}.get(version.lstrip("v")[:1])
        if prepare is not None:
            prepare()
        writer = InfluxWriter(self._settings)
        answer = writer.write(self._settings.bucket, own_line(SenderStats(0, 0, 0, "", 0), now_us))
        writer.close()
        if answer.verdict is Verdict.LATER:
            return Found("", explain(self._settings, self._settings.bucket, answer))
        if answer.verdict is not Verdict.WRITTEN:
            raise InfluxError(explain(self._settings, self._settings.bucket, answer))
        return Found(version, f"InfluxDB {version} at {self._settings.url}, bucket {self._settings.bucket}")

    def _version(self) -> str:
        reply = self._ask("GET", "/ping")
        told = reply.json()
        version = reply.version or (str(told.get("version", "")) if isinstance(told, dict) else "")
        if reply.status in {401, 403}:
            raise InfluxError(explain(self._settings, self._settings.bucket, Answer(401, said_in(reply.body, ""))))
        if not version and reply.status < 500:
            raise InfluxError(f"what answers at {self._settings.url} is no InfluxDB: correct --influx-url")
        return version or "of unknown version"

    @property
    def _names(self) -> tuple[str, str]:
        return self._settings.bucket, self._settings.bucket + HOURLY_SUFFIX

    def _databases(self) -> None:
        reply = self._right(self._ask("POST", "/query", {"q": "SHOW DATABASES"}), self._settings.bucket)
        known = {row[0] for result in reply.get("results", ()) for one in result.get("series", ())
                 for row in one.get("values", ())}  # fmt: skip
        for name in self._names:
            if name not in known:
                made = self._right(self._ask("POST", "/query", {"q": f'CREATE DATABASE "{name}"'}), name)
                if wrong := [result["error"] for result in made.get("results", ()) if "error" in result]:
                    raise InfluxError(f"there is no database {name}, and it cannot be made ({wrong[0]}): create it")

    def _buckets(self) -> None:
        if not self._settings.org:
            raise InfluxError(f"InfluxDB at {self._settings.url} is of version 2: say whose bucket with --influx-org")
        for name in self._names:
            asked = {"org": self._settings.org, "name": name}
            reply = self._ask("GET", "/api/v2/buckets", asked)
            # 404: there is no such bucket, or no such organisation.
            is_missing = reply.status == 404
            found = () if is_missing else self._right(reply, name).get("buckets", ())
            bucket = found[0] if found else self._make_bucket(name, is_missing=is_missing)
            if bucket is not None:
                self._map(bucket, name)

    def _make_bucket(self, name: str, *, is_missing: bool) -> Any:  # noqa: ANN401 - as the server says it
        reply = self._ask("GET", "/api/v2/orgs", {"org": self._settings.org})
        hidden = {401, 403} if is_missing else {401, 403, 404}
        orgs = () if reply.status in hidden else self._right(reply, name).get("orgs", ())
        if not orgs:
            # A token that only writes sees neither bucket nor organisation: whether they are there, a write will tell.
            return None
        body = {"orgID": orgs[0]["id"], "name": name, "retentionRules": []}
        made = self._ask("POST", "/api/v2/buckets", body=body)
        if made.status in {401, 403}:
            raise InfluxError(f"there is no bucket {name}, and this token may not make one: create it")
        return self._right(made, name)

    def _map(self, bucket: Any, name: str) -> None:  # noqa: ANN401 - as the server says it
        """InfluxQL asks a database: the bucket under its own name. Newer 2.x have that by themselves."""
        asked = {"orgID": bucket["orgID"], "db": name}
        reply = self._ask("GET", "/api/v2/dbrps", asked)
        if reply.status == 200 and not reply.json().get("content"):
            mapping = {"bucketID": bucket["id"], "database": name, "retention_policy": "autogen", "default": True}
            self._ask("POST", "/api/v2/dbrps", body={**mapping, "orgID": bucket["orgID"]})

    def _right(self, reply: _Reply, bucket: str) -> Any:  # noqa: ANN401 - as the server says it
        if 200 <= reply.status < 300:
            return reply.json()
        answer = Answer(reply.status, said_in(reply.body, reply.reason))
        if answer.verdict is Verdict.LATER:
            raise _NotNowError(explain(self._settings, bucket, answer))
        if reply.status == 404 and self._settings.org:
            raise InfluxError(
                f"InfluxDB at {self._settings.url} does not find it ({answer.said}): correct --influx-org"
            )
        raise InfluxError(explain(self._settings, bucket, answer))

    def _ask(self, method: str, path: str, fields: dict[str, str] | None = None, body: object = None) -> _Reply:
        token = self._settings.token
        headers = {"Authorization": f"Token {token}"} if token else {}
        query = "?" + urlencode(fields) if fields else ""
        data = None
        if body is not None:
            headers["Content-Type"], data = "application/json", msgspec.json.encode(body)
        reply = self._http.request(method, self._settings.url + path + query, headers=headers, body=data)
        return _Reply(reply.status, reply.data, reply.reason or "", reply.headers.get("X-Influxdb-Version", ""))
